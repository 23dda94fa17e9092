"""Forms of records: they guard the boundary and leave the acts to the services."""

from records.forms.breakglass import BreakGlassFilter, BreakGlassForm, ReviewForm
from records.forms.chart import AllergyForm, EndAllergyForm, HistoryForm, StopForm
from records.forms.encounters import AmendForm, EncounterForm, EncounterForms
from records.forms.filters import EncounterFilter, VisitFilter
from records.forms.grants import GrantedFilter, GrantFilter, GrantForm, RevokeForm
from records.forms.reports import ReportFilter, ReportForm

__all__ = [
    "AllergyForm",
    "AmendForm",
    "BreakGlassFilter",
    "BreakGlassForm",
    "EncounterFilter",
    "EncounterForm",
    "EncounterForms",
    "EndAllergyForm",
    "GrantFilter",
    "GrantForm",
    "GrantedFilter",
    "HistoryForm",
    "ReportFilter",
    "ReportForm",
    "ReviewForm",
    "RevokeForm",
    "StopForm",
    "VisitFilter",
]
