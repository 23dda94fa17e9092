"""Telephone numbers as people write them: which country a number without +… belongs to, and an example of one."""

from functools import cache
from importlib.resources import files

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from phonenumber_field.phonenumber import PhoneNumber
from phonenumbers.phonenumberutil import region_code_for_number

ANYWHERE = "GB"  # whose example number is shown when the hospital's country is unknown


@cache
def countries_by_zone():
    """The country of each time zone, from the IANA table."""
    lines = (files("tzdata") / "zoneinfo" / "zone.tab").read_text().splitlines()
    rows = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return {zone: country for country, _place, zone, *_comment in rows}


def region_of(hospital):
    """The country (ISO 3166) of local numbers: that of the hospital's own number, else of its zone, else None."""
    if hospital.phone and hospital.phone.is_valid():
        return region_code_for_number(hospital.phone)
    return countries_by_zone().get(hospital.time_zone)


def example(region):
    """A number to imitate, local form first where there is one."""
    number = phonenumbers.example_number(region or ANYWHERE)
    abroad = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    if region is None:
        return abroad
    local = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    return _("%(local)s or %(abroad)s") % {"local": local, "abroad": abroad}


def parse(text, region):
    """A PhoneNumber from what somebody typed: 00 for +, slashes, dots, brackets. None when it is not a number."""
    text = " ".join(text.split())
    if text.startswith("00"):
        text = "+" + text[2:]
    try:
        number = PhoneNumber.from_string(text.replace("/", " "), region=region)
    except phonenumbers.NumberParseException:
        return None
    return number if number.is_valid() else None


class PhoneField(forms.CharField):
    """A telephone number: of the hospital's country without a prefix, of any country with one."""

    widget = forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel"})

    def __init__(self, **kwargs):
        kwargs.pop("region", None)
        kwargs.setdefault("max_length", 40)
        super().__init__(**kwargs)
        self.region = None

    def bind_to(self, hospital):
        """Read local numbers as those of this hospital's country."""
        self.region = region_of(hospital)

    def prepare_value(self, value):
        return value.as_international if isinstance(value, PhoneNumber) and value.is_valid() else value

    def clean(self, value):
        text = super().clean(value)
        if not text:
            return ""
        number = parse(text, self.region)
        if number is None:
            problem = _("This is not a telephone number. Write it like %(example)s.")
            raise ValidationError(problem % {"example": example(self.region)}, code="invalid")
        return number
