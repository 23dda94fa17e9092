"""What people fill in to do one thing to many visits: which ones, and why or what to write."""

import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

from hms.lib.forms import PageForm
from hms.lib.many import ticked
from scheduling.filters import ALL, VisitFilter
from scheduling.forms.booking import WHY
from scheduling.models import Appointment

SUBJECT, TEXT = 120, 2000  # letters


class CancelManyForm(PageForm, forms.Form):
    """Why, and whether the times may be booked again: asked of who may enter time off."""

    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=WHY, help_text=_("For colleagues. Patients do not read it.")
    )
    close = forms.BooleanField(
        label=_("Nobody books these days any more"),
        required=False,
        help_text=_("Enters time off for each of these doctors. Without it, the times become free for others at once."),
    )

    def __init__(self, *args, may_close, **kwargs):
        super().__init__(*args, **kwargs)
        if not may_close:
            del self.fields["close"]


class LetterForm(PageForm, forms.Form):
    """Words to many patients. `press` tells one page from another; `seen` holds what the preview showed."""

    subject = forms.CharField(label=_("Subject"), max_length=SUBJECT)
    text = forms.CharField(
        label=_("Text"),
        max_length=TEXT,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_(
            "Plain words, nothing clinical: this goes by ordinary mail. Greeting, visit and the hospital's name are "
            "added by themselves."
        ),
    )
    press = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)


class ChosenVisits:
    """The visits an act is about: those ticked in a list, or else those that the filters of the address find.

    The filters are those of the list of visits; one day alone is from that day to that day. Without a day or a tick
    nothing is chosen, so that nobody cancels the hospital.
    """

    def __init__(self, request, now):
        data = request.GET.copy()
        if data.get("from_day") and not data.get("to_day"):
            data["to_day"] = data["from_day"]
        data["when"] = ALL
        self.user = request.user
        self.ids = ticked(data.pop("visit", []))
        self.filter = VisitFilter(data, user=request.user, zone=request.hospital.zone, now=now)

    @property
    def days(self):
        """(first day, last day), or None."""
        found = self.filter.form.cleaned_data if self.filter.form.is_valid() else {}
        first, last = found.get("from_day"), found.get("to_day")
        return (first, last) if first and last else None

    @property
    def visits(self):
        """What is chosen, in order."""
        if self.ids:
            return self.named(self.ids)
        if self.days is None:
            return Appointment.objects.none()
        return self.named(self.filter.found(ALL).values("pk")).order_by("starts_at", "doctor__name", "pk")

    def named(self, ids):
        """The visits of these ids that this person may see, with all that they are told about."""
        visible = Appointment.objects.visible_to(self.user).filter(pk__in=ids)
        return visible.with_people().select_related("patient__user", "doctor__user").order_by("starts_at", "pk")
