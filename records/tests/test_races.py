"""Two windows of one doctor at the same instant, with real threads on the real database."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Message
from hms.lib.errors import Refused
from records.models import Allergy, Encounter, EncounterVersion, Export, MedicalHistory
from records.services import (
    amend_encounter,
    record_allergy,
    request_export,
    run_export,
    save_history,
    sign_encounter,
)
from scheduling.models import AppointmentEvent, Status
from scheduling.tests.factories import AppointmentFactory

WINDOWS = 6


@pytest.fixture
def seen(transactional_db, settings, tmp_path):
    """A visit whose patient is in consultation."""
    settings.EXPORT_ROOT = tmp_path
    begun = timezone.now() - timedelta(minutes=10)
    return AppointmentFactory(starts_at=begun, status=Status.IN_CONSULTATION)


def at_once(act):
    """Call `act(number)` in WINDOWS threads at the same instant: the answers; a refusal is an answer too."""
    gate = Barrier(WINDOWS)

    def window(number):
        gate.wait()
        try:
            return act(number)
        except Refused as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(WINDOWS) as pool:
        return list(pool.map(window, range(WINDOWS)))


def won(answers):
    return [answer for answer in answers if not isinstance(answer, Refused)]


def test_one_of_many_different_signatures_counts(seen):
    def sign(number):
        return sign_encounter(seen, by=seen.doctor.user, seen=0, complaint=f"From window {number}")

    answers = at_once(sign)
    assert len(won(answers)) == 1
    assert Encounter.objects.get(appointment=seen).complaint == won(answers)[0].complaint
    assert AppointmentEvent.objects.filter(appointment=seen, status=Status.COMPLETED).count() == 1
    assert Message.objects.filter(kind="summary.ready").count() == 1


def test_the_same_signature_many_times_is_one(seen):
    answers = at_once(
        lambda number: sign_encounter(
            seen, by=seen.doctor.user, seen=0, complaint="Cough", prescriptions=[{"medicine": "Tea"}]
        )
    )
    assert {answer.pk for answer in won(answers)} == {Encounter.objects.get(appointment=seen).pk}
    assert len(won(answers)) == WINDOWS
    assert Encounter.objects.get().prescriptions.count() == 1


def test_one_of_many_amendments_counts(seen):
    encounter = sign_encounter(seen, by=seen.doctor.user, complaint="Cough")

    def amend(number):
        return amend_encounter(encounter, by=seen.doctor.user, reason="x", seen=1, complaint=f"Window {number}")

    assert len(won(at_once(amend))) == 1
    assert EncounterVersion.objects.count() == 1


def test_one_of_many_histories_counts(seen):
    patient = seen.patient
    answers = at_once(lambda number: save_history(patient, by=patient.user, seen=0, illnesses=f"Window {number}"))
    assert len(won(answers)) == 1
    assert MedicalHistory.objects.count() == 1


def test_an_allergy_recorded_many_times_at_once_stands_once(seen):
    answers = at_once(lambda number: record_allergy(seen.patient, by=seen.doctor.user, substance="Latex"))
    assert len(won(answers)) == 1
    assert Allergy.objects.count() == 1


def test_a_file_asked_for_and_made_many_times_at_once_is_one(seen):
    patient = seen.patient
    asked = at_once(lambda number: request_export(patient, by=patient.user).pk)
    assert len(set(asked)) == 1
    assert sorted(at_once(lambda number: run_export(asked[0]))) == [False] * (WINDOWS - 1) + [True]
    assert Export.objects.get().attempts == 1
