"""What the forms of clinic share."""

import copy

from django.utils.translation import gettext_lazy as _

from accounts import audit
from clinic.models import BloodGroup
from clinic.phones import PhoneField
from hms.lib.errors import Refused
from hms.lib.forms import PageForm
from hms.lib.seen import ChangedMeanwhile


class ClinicForm(PageForm):
    """A form whose act is done by a service, in `write()`; what the service refuses stands in the form."""

    def __init__(self, *args, by, hospital, instance=None, **kwargs):
        # A copy: what was typed in vain must not show up elsewhere on the page as if it were saved.
        super().__init__(*args, instance=copy.copy(instance), **kwargs)
        self.by = by
        bind_phones(self, hospital)
        if "blood_group" in self.fields:
            self.fields["blood_group"].choices = [("", _("Not known")), *BloodGroup.choices]
        if "gender" in self.fields:
            self.fields["gender"].required = False

    def clean_gender(self):
        """What was there before, when nothing was sent; for somebody new that is "not stated"."""
        return self.cleaned_data["gender"] or self.instance.gender

    def act(self):
        """Do what the form is for. The row, or None when it was refused: the form says why."""
        try:
            return self.write()
        except ChangedMeanwhile as changed:
            self.show_both(changed, audit.last_change(changed.row))
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
