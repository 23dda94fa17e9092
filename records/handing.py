"""What stands against a visit going to another doctor: what its own doctor has written."""

from django.utils.translation import gettext as _

from records.models import Encounter
from scheduling.services import before_handing_over


def begun_record(visit):
    """A sentence when the record of the visit has been begun: its author alone can go on with it."""
    if not Encounter.objects.filter(appointment=visit).exists():
        return ""
    return _("The doctor has begun to write the record of this visit. Choose a time with the same doctor, please.")


def register():
    """For AppConfig.ready()."""
    before_handing_over.append(begun_record)
