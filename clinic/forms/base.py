"""What the forms of clinic share."""

from clinic.phones import PhoneField
from hms.lib.errors import Refused
from hms.lib.forms import PageForm


class ClinicForm(PageForm):
    """A form whose act is done by a service, in `write()`; what the service refuses stands in the form."""

    def __init__(self, *args, by, hospital, **kwargs):
        super().__init__(*args, **kwargs)
        self.by = by
        bind_phones(self, hospital)

    def act(self):
        """Do what the form is for. The row, or None when it was refused: the form says why."""
        try:
            return self.write()
        except Refused as refusal:
            self.refuse(refusal, self.field_of(refusal))
        return None

    def field_of(self, refusal):
        """The field beside which a refusal stands; empty for above the form."""
        return ""


def bind_phones(form, hospital):
    """Read local telephone numbers as those of the hospital's country."""
    for field in form.fields.values():
        if isinstance(field, PhoneField):
            field.bind_to(hospital)
