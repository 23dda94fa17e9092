"""Telephone numbers as people write them."""

import pytest
from django.core.exceptions import ValidationError

from clinic.models import Hospital
from clinic.phones import PhoneField, example, parse, region_of


@pytest.mark.parametrize(
    ("typed", "region", "kept"),
    [
        ("030 12345678", "DE", "+493012345678"),
        ("030/123 456-78", "DE", "+493012345678"),
        ("(030) 123.456.78", "DE", "+493012345678"),
        ("+49 (0) 30 12345678", None, "+493012345678"),
        ("0049 30 12345678", None, "+493012345678"),
        ("0049 30 12345678", "US", "+493012345678"),
        ("+91 98765 43210", "DE", "+919876543210"),
        ("(201) 555-0123", "US", "+12015550123"),
        ("٠٣٠ ١٢٣٤٥٦٧٨", "DE", "+493012345678"),
        ("  030   12345678 ", "DE", "+493012345678"),
    ],
)
def test_what_people_type_is_understood(typed, region, kept):
    assert parse(typed, region).as_e164 == kept


@pytest.mark.parametrize(
    ("typed", "region"), [("030 12345678", None), ("12", "DE"), ("call me", "DE"), ("+999 12345", "DE"), ("+", None)]
)
def test_what_is_no_number_is_not_taken_for_one(typed, region):
    assert parse(typed, region) is None


@pytest.mark.parametrize(
    ("phone", "zone", "country"),
    [
        ("", "Europe/Berlin", "DE"),
        ("", "Asia/Kolkata", "IN"),
        ("", "UTC", None),
        ("+919876543210", "Europe/Berlin", "IN"),
        ("nonsense", "Europe/Berlin", "DE"),
    ],
)
def test_local_numbers_belong_to_the_hospitals_country(phone, zone, country):
    assert region_of(Hospital(phone=phone, time_zone=zone)) == country


def test_the_message_shows_a_number_to_imitate():
    field = PhoneField(required=False)
    field.bind_to(Hospital(time_zone="Europe/Berlin"))
    with pytest.raises(ValidationError) as refusal:
        field.clean("12")
    assert example("DE") in refusal.value.messages[0]
    assert "+49 30 123456" in refusal.value.messages[0]
    assert example(None).startswith("+")


def test_an_empty_number_is_none_at_all():
    assert PhoneField(required=False).clean("  ") == ""
