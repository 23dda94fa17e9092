"""What records refuses, worded for the person at the screen."""

from django.utils.translation import gettext as _

from hms.lib.errors import Refused


class RecordRefused(Refused):
    """An act on a record that the rules do not allow."""


class RecordConflict(RecordRefused):
    """Somebody else, or the same person in another window, was faster. Nothing was written."""


class TooManyTries(RecordRefused):
    """Charts that are not one's own were asked for too often. `seconds` until the next try."""

    def __init__(self, seconds):
        super().__init__(
            _("Too many tries. For the patients' safety this is limited; in %(minutes)d minutes you can try again.")
            % {"minutes": -(-seconds // 60)}
        )
        self.seconds = seconds


class AllergyConflict(RecordRefused):
    """A medicine meets an allergy. `lines` maps the index of a prescription line to the substances it meets."""

    def __init__(self, lines):
        super().__init__(_("A medicine meets an allergy of this patient."))
        self.lines = lines


class NotOnRecord(Exception):
    """The opening of a chart could not be written down, so the chart stays closed."""
