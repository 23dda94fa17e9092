"""Merging while others merge, book, write and read: real threads on the real database."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Role
from accounts.tests.factories import UserFactory
from clinic import merging
from clinic.models import DuplicatePair, Patient, PatientMerge
from clinic.services import merge, undo_merge
from clinic.services.duplicates import _note
from clinic.tests.factories import DoctorFactory, PatientFactory
from hms.lib.errors import Refused
from records.models import Allergy, Encounter, Export, Vitals
from records.services import amend_encounter, record_allergy, request_export, sign_encounter
from scheduling import services as scheduling
from scheduling.models import Appointment, Status
from scheduling.tests.factories import AppointmentFactory, open_all_week
from scheduling.tests.test_care import recomputed, stored

pytestmark = pytest.mark.slow
ROUNDS = 4
PULSE = [{"code": "8867-4", "number": 72}]


def at_once(*acts):
    """Run acts in threads of their own, let go together: their answers; a refusal is an answer too."""
    gate = Barrier(len(acts))

    def run(act):
        gate.wait()
        try:
            return act()
        except Refused as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def won(answers):
    return [answer for answer in answers if not isinstance(answer, Refused)]


@pytest.fixture
def admins(transactional_db):
    return UserFactory.create_batch(2, role=Role.ADMIN)


def twice_registered():
    one, other = (PatientFactory(name="Mina Alvarez") for _number in range(2))
    return _note(one, other, ["name"])


def seen_again(pair):
    """The pair as a request of its own loads it."""
    return DuplicatePair.objects.select_related("first", "second").get(pk=pair.pk)


def strays():
    """Rows that point to a patient who was merged into another one; none may be left behind."""
    return [
        f"{entry.path} {row.pk}"
        for entry in merging.moving()
        if not entry.per and entry.path != "clinic.Patient.merged_into"
        for row in entry.rows(**{f"{entry.name}__merged_into__isnull": False})
    ]


def test_of_many_merges_of_one_pair_one_counts_whichever_way_round(admins):
    pair = twice_registered()
    pairs = [seen_again(pair) for _number in range(6)]
    answers = at_once(
        *(
            lambda one=one, number=number: merge(
                one, keep=(one.first, one.second)[number % 2], by=admins[number % 2], reason="Same papers"
            )
            for number, one in enumerate(pairs)
        )
    )
    assert len(won(answers)) == PatientMerge.objects.count() == 1
    assert Patient.objects.filter(merged_into=None).count() == 1


def test_of_merges_in_a_ring_none_closes_it(admins):
    people = PatientFactory.create_batch(3, name="Mina Alvarez")
    ring = [(people[number], people[(number + 1) % 3]) for number in range(3)]
    pairs = [(_note(one, other, ["name"]), one) for one, other in ring]
    at_once(
        *(
            lambda pair=pair, keep=keep: merge(pair, keep=keep, by=admins[0], reason="One person")
            for pair, keep in pairs
        )
    )
    standing = Patient.objects.filter(merged_into=None)
    assert standing.count() >= 1
    assert set(Patient.objects.exclude(merged_into=None).values_list("merged_into", flat=True)) <= set(
        standing.values_list("pk", flat=True)
    )


def test_undoing_many_times_at_once_is_undoing_once(admins):
    pair = twice_registered()
    merge(pair, keep=pair.first, by=admins[0], reason="Same papers")
    mades = [PatientMerge.objects.get() for _number in range(6)]
    answers = at_once(*(lambda made=made: undo_merge(made, by=admins[1], reason="Two people") for made in mades))
    assert len(won(answers)) == 1
    assert Patient.objects.filter(merged_into=None).count() == 2


@pytest.mark.parametrize("number", range(ROUNDS))
def test_a_booking_for_who_is_being_merged_moves_along_or_is_refused(number, admins):
    pair, doctor = twice_registered(), DoctorFactory()
    open_all_week(doctor)
    starts_at = (timezone.now() + timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
    wish = {"doctor": doctor, "patient": pair.second, "starts_at": starts_at, "overbook_reason": "Urgent"}
    answers = at_once(
        lambda: merge(seen_again(pair), keep=pair.first, by=admins[0], reason="Same papers"),
        lambda: scheduling.book(by=admins[1], **wish),
    )
    assert isinstance(answers[0], PatientMerge)
    assert Appointment.objects.filter(patient=pair.first).count() == len(won(answers[1:]))
    assert strays() == []
    assert stored() == recomputed(timezone.now())


@pytest.mark.parametrize("number", range(ROUNDS))
def test_what_doctors_and_patients_write_meanwhile_moves_along_or_is_refused(number, admins, settings, tmp_path):
    settings.EXPORT_ROOT = tmp_path
    pair = twice_registered()
    begun = timezone.now() - timedelta(minutes=10)
    visit = AppointmentFactory(patient=pair.second, starts_at=begun, status=Status.IN_CONSULTATION)
    earlier = AppointmentFactory(
        patient=pair.second, doctor=visit.doctor, starts_at=begun - timedelta(days=1), status=Status.IN_CONSULTATION
    )
    doctor = visit.doctor.user
    signed = sign_encounter(earlier, by=doctor, complaint="Cough", vitals=PULSE)
    answers = at_once(
        lambda: merge(seen_again(pair), keep=pair.first, by=admins[0], reason="Same papers"),
        lambda: sign_encounter(visit, by=doctor, complaint="Fever", vitals=PULSE),
        lambda: amend_encounter(signed, by=doctor, reason="More", complaint="Cough, cold", vitals=PULSE),
        lambda: record_allergy(pair.second, by=doctor, substance="Latex"),
        lambda: request_export(pair.second, by=pair.second.user),
    )
    assert isinstance(answers[0], PatientMerge)
    assert strays() == []
    assert Encounter.objects.filter(patient=pair.first).count() == 1 + len(won(answers[1:2]))
    assert Vitals.objects.filter(patient=pair.first).count() == 1 + len(won(answers[1:2]))
    assert Allergy.objects.count() == len(won(answers[3:4]))
    assert Export.objects.count() == len(won(answers[4:5]))
    assert stored() == recomputed(timezone.now())
