"""Groups in the administration site: which permissions they hold."""

from django import forms
from django.contrib.auth.models import Group, Permission
from django.utils.translation import gettext as _


class RoleGroupForm(forms.ModelForm):
    """A group with its permissions; refused where somebody else has changed them since it was opened."""

    seen = forms.CharField(required=False, max_length=4000, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["seen"] = permissions_of(self.instance)

    def clean(self):
        data = super().clean()
        seen, now = set((data.get("seen") or "").split()), set(permissions_of(locked_group(self.instance)).split())
        mine = {str(permission.pk) for permission in data.get("permissions", ())}
        if seen and seen != now != mine:
            self.data = self.data.copy()
            self.data["seen"] = " ".join(sorted(now))
            changed = _("Somebody else has changed this since you opened it. Nothing of yours is saved yet.")
            self.add_error("permissions", [changed, *told(now - seen, seen - now)])
        return data


def locked_group(group):
    """The group as it is now, locked until the transaction ends; itself while it is new."""
    return Group.objects.select_for_update().get(pk=group.pk) if group.pk else group


def permissions_of(group):
    """The ids of a group's permissions, as the hidden field carries them."""
    return " ".join(map(str, sorted(group.permissions.values_list("pk", flat=True)))) if group.pk else ""


def told(granted, withdrawn):
    """Sentences about what somebody else has given to a group and taken from it, by ids."""
    for words, ids in ((_("May now: %s."), granted), (_("May no longer: %s."), withdrawn)):
        if names := Permission.objects.filter(pk__in=ids).order_by("name").values_list("name", flat=True):
            yield words % ", ".join(names)
