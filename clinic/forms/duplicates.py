"""Possible duplicates: the list's search, what to keep of two patients, and why."""

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic import comparing, services
from clinic.comparing import FIRST, SECOND
from clinic.models import DuplicatePair, Patient
from clinic.numbers import as_number
from clinic.services import ClinicRefused
from hms.lib.forms import PageForm
from hms.lib.lists import NarrowedList, choice_field, column, search_field

WHY = DuplicatePair._meta.get_field("note").max_length


class DuplicateFilter(NarrowedList):
    """Search and filter of the list of possible duplicates; they live in the URL."""

    q = search_field(_("Name or number"))
    state = choice_field(
        _("State"), [("", _("To be decided")), *list(DuplicatePair.State.choices)[1:], ("all", _("All"))]
    )
    columns = (
        column("patients", _("Patients"), "first__name", "second__name"),
        column("born", _("Date of birth"), "first__birth_date", "first__name"),
        column("score", _("Score"), "score", "found_at"),
    )
    first = "-score"


class ChoiceForm(PageForm, forms.Form):
    """Which of two patients stays, and whose value of each column. What is not said is the likely choice."""

    def __init__(self, data=None, *, pair, **kwargs):
        super().__init__(data, **kwargs)
        self.pair = pair
        survivor = comparing.likely_survivor(pair)
        self.likely = {"keep": survivor}
        self.likely |= {name: comparing.likely_source(pair, name, survivor) for name in comparing.differing(pair)}
        if pair.first.user_id and pair.second.user_id:
            self.likely["account"] = survivor
        for name in self.likely:
            self.fields[name] = forms.ChoiceField(
                choices=[(FIRST, pair.first.number), (SECOND, pair.second.number)],
                required=False,
                widget=forms.HiddenInput,
            )
            self.initial.setdefault(name, self.likely[name])

    @property
    def chosen(self):
        """{name: FIRST or SECOND} of what was chosen, or is likely."""
        given = getattr(self, "cleaned_data", {})
        return {name: given.get(name) or likely for name, likely in self.likely.items()}

    def side(self, name):
        return self.pair.first if self.chosen[name] == FIRST else self.pair.second

    @property
    def survivor(self):
        return self.side("keep")

    @property
    def absorbed(self):
        return self.pair.second if self.survivor == self.pair.first else self.pair.first

    @property
    def taken(self):
        """The columns in which the one who stays gets the other's value."""
        return [name for name in comparing.differing(self.pair) if self.chosen[name] != self.chosen["keep"]]

    @property
    def changes(self):
        """[(label, value now, value afterwards)] of the one who stays."""
        said = comparing.said
        return [
            (Patient._meta.get_field(name).verbose_name, said(self.survivor, name), said(self.absorbed, name))
            for name in self.taken
        ]

    @property
    def account(self):
        """The account that signs in afterwards, where both have one."""
        return self.side("account").user if "account" in self.likely else None

    @property
    def closed(self):
        """The account that is closed, where both have one."""
        if self.account is None:
            return None
        return self.pair.second.user if self.account == self.pair.first.user else self.pair.first.user


class MergeForm(ChoiceForm):
    """The choices again, hidden, and the reason."""

    reason = forms.CharField(
        label=_("Reason"), max_length=WHY, help_text=_("How you know that it is one person. Kept with the merge.")
    )
    field_order = ["reason"]

    def merge(self, *, by):
        return services.merge(
            self.pair,
            keep=self.survivor,
            taken=self.taken,
            account=self.account,
            reason=self.cleaned_data["reason"],
            by=by,
        )


class UndoForm(PageForm, forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=WHY, help_text=_("Kept with the merge."))


class DismissForm(PageForm, forms.Form):
    reason = forms.CharField(label=_("Reason"), required=False, max_length=WHY)


class NoteForm(PageForm, forms.Form):
    """The number of the other record of one person."""

    verb = _("Tell the administrators")
    number = forms.CharField(
        label=_("Number of the other record"), max_length=40, help_text=_("It stands on the other patient's page.")
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=WHY)

    def __init__(self, *args, patient, by, **kwargs):
        super().__init__(*args, **kwargs)
        self.patient, self.by = patient, by

    def act(self):
        """Note the pair; None when that was refused: the form says why."""
        text = self.cleaned_data["number"].strip().upper()
        other = Patient.objects.visible_to(self.by).standing_for(number=as_number(text) or text).first()
        try:
            if other is None:
                raise ClinicRefused(_("No patient has this number."))
            return services.note_by_hand(self.patient, other, by=self.by, note=self.cleaned_data["note"])
        except ClinicRefused as refusal:
            self.refuse(refusal, "number")
        return None
