"""Forms of records: they guard the boundary and leave the acts to the services."""

from records.forms.chart import AllergyForm, EndAllergyForm, HistoryForm, StopForm
from records.forms.encounters import AmendForm, EncounterForm, EncounterForms
from records.forms.filters import EncounterFilter, VisitFilter

__all__ = [
    "AllergyForm",
    "AmendForm",
    "EncounterFilter",
    "EncounterForm",
    "EncounterForms",
    "EndAllergyForm",
    "HistoryForm",
    "StopForm",
    "VisitFilter",
]
