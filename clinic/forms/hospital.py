"""The hospital's own data and rules."""

from base64 import b64encode
from itertools import groupby

from django import forms
from django.core.files.base import ContentFile
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from clinic import services
from clinic.consequences import consequences
from clinic.forms.base import ClinicForm
from clinic.images import PictureField
from clinic.models import Hospital
from clinic.phones import PhoneField, countries_by_zone
from hms.lib.seen import SeenForm


def zone_choices(present):
    """Every time zone of the IANA table under its continent; UTC; and the one that is set."""
    zones = sorted({*countries_by_zone(), present, "UTC"})
    for continent, names in groupby(zones, key=lambda zone: zone.partition("/")[0]):
        yield continent, [(name, name.partition("/")[2].replace("_", " ") or name) for name in names]


class HospitalForm(SeenForm, ClinicForm, forms.ModelForm):
    phone = PhoneField(
        label=_("Phone"),
        required=False,
        help_text=_("Its country is that of telephone numbers written without a prefix."),
    )
    logo = PictureField(label=_("Logo"), required=False, transparent=True)

    verb = _("Save")
    preview = _("Show what it does")
    units = {
        "booking_window_days": _("days"),
        "shortest_notice_minutes": _("minutes"),
        "cancellation_cutoff_minutes": _("minutes"),
        "default_slot_minutes": _("minutes"),
        "reminder_catch_up_hours": _("hours"),
        "offer_hold_minutes": _("minutes"),
    }
    sections = (
        (_("The hospital"), ["name", "address", "phone", "email", "logo"]),
        (_("Place and money"), ["time_zone", "currency", "default_fee"]),
        (
            _("Visits"),
            [
                "booking_window_days",
                "shortest_notice_minutes",
                "cancellation_cutoff_minutes",
                "default_slot_minutes",
                "offer_hold_minutes",
            ],
        ),
        (_("Reminders"), ["reminder_hour", "reminder_same_day_hour", "reminder_catch_up_hours"]),
    )

    class Meta:
        model = Hospital
        fields = [
            "name",
            "address",
            "phone",
            "email",
            "logo",
            "time_zone",
            "currency",
            "default_fee",
            "booking_window_days",
            "shortest_notice_minutes",
            "cancellation_cutoff_minutes",
            "default_slot_minutes",
            "reminder_hour",
            "reminder_same_day_hour",
            "reminder_catch_up_hours",
            "offer_hold_minutes",
        ]
        widgets = {"address": forms.Textarea(attrs={"rows": 3})}
        help_texts = {
            "time_zone": _("Booked visits stay at their instant when the zone changes; working hours move with it."),
            "default_slot_minutes": _("What new working hours begin with."),
        }

    def __init__(self, *args, hospital, **kwargs):
        self.units = {**self.units, "default_fee": hospital.currency}
        super().__init__(*args, hospital=hospital, **kwargs)
        if "offer_hold_minutes" in self.fields:
            self.fields["offer_hold_minutes"].required = False
        self.fields["time_zone"].widget = forms.Select(choices=list(zone_choices(self.instance.time_zone)))
        self.fields["currency"].validators.append(RegexValidator("^[A-Z]{3}$", _("Three letters, like EUR.")))

    def clean_offer_hold_minutes(self):
        """Left empty, also by a program that does not know it yet, it stays as it is."""
        given = self.cleaned_data["offer_hold_minutes"]
        return self.instance.offer_hold_minutes if given is None else given

    def effects(self, before, now):
        """[(what, sentence now, sentence after saving, whether they differ)] of what was typed, or of what is saved."""
        was = consequences(before, now)
        will = consequences(self.instance, now) if self.is_bound and self.is_valid() else was
        return [(what, old, new, old != new) for (what, old), (_what, new) in zip(was, will, strict=True)]

    def new_logo(self):
        """The picture as it would be stored, as an address of its own; empty where no other one was chosen."""
        logo = self.cleaned_data.get("logo") if self.is_bound and self.is_valid() else None
        if not isinstance(logo, ContentFile):
            return ""
        logo.seek(0)
        return f"data:image/png;base64,{b64encode(logo.read()).decode()}"

    def write(self):
        return services.update_hospital(self.instance, by=self.by, **self.cleaned_data)
