"""Addresses nobody should type: the end of time, ids no row has, filters full of nonsense. Nobody gets a 500."""

import re

import pytest
from django.test import Client

from accounts.models import Role
from accounts.tests.factories import UserFactory
from clinic.tests.factories import DoctorFactory, PatientFactory
from hms.access import declared
from scheduling.tests.factories import open_all_week

NASTY = {
    "id": ["1", str(2**63 - 1)],
    "date": ["0001-01-01", "9999-12-31", "2026-03-29", "2026-02-30"],
    "instant": ["00010101T000000Z", "99991231T235959Z", "20260329T013000Z", "20261399T000000Z"],
}
TEXTS = ["x", "%ED%A0%80", "' OR 1=1 --", "../..", "\U0001f642" * 50]
VALUES = ["-1", "9" * 40, "0001-01-01", "9999-12-31", "x" * 5000, "مرحبا"]
FIELDS = [
    *["q", "page", "status", "day", "date", "doctor", "patient", "department", "after", "before", "since", "until"],
    *[
        "from",
        "to",
        "sort",
        "order",
        "free_on",
        "language",
        "role",
        "kind",
        "state",
        "week",
        "next",
        "on",
        "who",
        "what",
    ],
]
ROLES = [None, *Role]


def somebody(role):
    """A client signed in as a person of that role, in a hospital where something can be found."""
    client = Client(raise_request_exception=False)
    doctor, patient = DoctorFactory(pk=1), PatientFactory(pk=1)
    open_all_week(doctor)
    users = {None: None, Role.DOCTOR: doctor.user, Role.PATIENT: patient.user}
    user = users[role] if role in users else UserFactory(role=role)
    if user:
        client.force_login(user)
    return client


def addresses(url):
    """The route with each nasty value in the place of its last parameter, and 1 (or what is valid) for the others."""
    options = [NASTY.get(converter, TEXTS) for _name, converter in url.parameters]
    for number in range(max(map(len, options), default=1)):
        filled = iter([values[min(number, len(values) - 1)] for values in options])
        yield re.sub(r"<[^>]+>", lambda _match, filled=filled: next(filled), url.route)


def is_page(url):
    return "GET" in url.methods and not url.route.startswith("/admin/")


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
def test_no_address_at_the_edge_of_what_can_be_written_is_a_500(role):
    client = somebody(role)
    broken = [
        where for url in declared() if is_page(url) for where in addresses(url) if client.get(where).status_code >= 500
    ]
    assert broken == []


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
def test_no_filter_with_nonsense_in_it_is_a_500(role):
    client = somebody(role)
    pages = [url.route for url in declared() if is_page(url) and not url.parameters]
    broken = []
    for page in pages:
        for value in VALUES:
            answer = client.get(page, dict.fromkeys(FIELDS, value))
            if answer.status_code >= 500:
                broken.append((page, value[:20]))
    assert broken == []
