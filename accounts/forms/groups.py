"""Groups and the groups of accounts in the administration site: two who choose from one list do not undo each other."""

from django.contrib.auth.models import Group
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.services.people import locked_beside_administrators
from hms.lib.seen import FIELD, SeenAdminForm, read


class ChoicesForm(SeenAdminForm):
    """Of the many-to-many field `many` the form takes over, and tells, what somebody else has added or taken away."""

    many = ""
    words = ()  # a sentence on what was added, one on what was taken away

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.chooses:
            self.fields[FIELD].initial += self._mark(self._held())

    @property
    def chooses(self):
        return self.many in self.fields and FIELD in self.fields and bool(self.instance.pk)

    def _held(self):
        """The ids of what the row holds of the choices offered."""
        offered = self.fields[self.many].queryset.values("pk")
        return set(getattr(self.instance, self.many).filter(pk__in=offered).values_list("pk", flat=True))

    def _mark(self, ids):
        return f" {self.many}.{'-'.join(map(str, sorted(ids))) or 'none'}"

    def clean(self):
        seen = self.data.get(self.add_prefix(FIELD))
        data = super().clean()
        if not self.chooses or self.many in self.errors or (self.errors and not self.differences):
            return data
        mine, now = {one.pk for one in data[self.many]}, self._held()
        then = {int(pk) for pk in read(seen).get(self.many, "").split("-") if pk.isascii() and pk.isdecimal()}
        both = (mine | (now - then)) - (then - now) if self.many in read(seen) else mine
        if both != mine:
            self.data = self.data.copy()
            self.data.setlist(self.add_prefix(self.many), sorted(both))
            changed = _("Somebody else has changed this since you opened it. Nothing of yours is saved yet.")
            over = _("The form has taken that over.")
            self.add_error(self.many, [changed, *self._changes(now - then, then - now), over])
        if self.errors:
            self.data[self.add_prefix(FIELD)] = f"{self.data.get(self.add_prefix(FIELD))}{self._mark(now)}"
        return data

    def _changes(self, added, gone):
        chosen = self.fields[self.many].queryset
        for words, ids in zip(self.words, (added, gone), strict=True):
            if found := chosen.filter(pk__in=ids):
                yield str(words) % ", ".join(sorted(one.name for one in found))


class RoleGroupForm(ChoicesForm):
    """A group with its permissions."""

    many = "permissions"
    words = (gettext_lazy("May now: %s."), gettext_lazy("May no longer: %s."))

    class Meta:
        model = Group
        fields = ["name", "permissions"]


class AccountForm(ChoicesForm):
    """An account with its groups beyond the role."""

    many = "groups"
    words = (gettext_lazy("Now in: %s."), gettext_lazy("No longer in: %s."))

    class Meta:
        model = User
        fields = ["name", "role", "groups"]

    def locked(self):
        return locked_beside_administrators(self.instance)
