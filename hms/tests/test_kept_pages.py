"""A patient's first page and own chart, partly from Redis: for nobody else, true after a change, always on record."""

import pickle
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.cache import caches
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import audit
from accounts.models import AuditEvent, Role
from accounts.tests.factories import UserFactory
from clinic.models import CareRelationship, Guardianship, Hospital
from clinic.services import merge, note_by_hand, undo_merge, update_doctor
from clinic.tests.factories import DoctorFactory, GuardianshipFactory, PatientFactory
from hms.lib import cached
from records import services as records
from records.tests.factories import (
    AllergyFactory,
    DiagnosisFactory,
    EncounterFactory,
    MedicalHistoryFactory,
    PrescriptionLineFactory,
    VitalsFactory,
)
from scheduling import services
from scheduling.models import Status
from scheduling.tests.factories import AppointmentFactory

HOME = reverse("home")
CLINICAL = ("Narcolepsy", "Ramipril", "Penicillin", "Tiredness", "Okafor", "Alvarez")


def page_of(patient):
    return reverse("records:chart-detail", args=[patient.pk])


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def shown(client, url):
    page = client.get(url)
    assert page.status_code == 200
    return page.text


def cost(client, url):
    with CaptureQueriesContext(connection) as queries:
        shown(client, url)
    return len(queries)


def openings(action):
    return AuditEvent.objects.filter(action=action).count()


@pytest.fixture
def doctor(transactional_db, broker):
    Hospital.objects.update(time_zone="UTC")
    return DoctorFactory(name="Dr Ada Okafor")


@pytest.fixture
def patient(doctor):
    """Somebody with one record of one of everything, and a visit to come."""
    patient = PatientFactory(name="Mina Alvarez")
    CareRelationship.objects.get_or_create(doctor=doctor, patient=patient)
    record = EncounterFactory(
        appointment__doctor=doctor, appointment__patient=patient, complaint="Tiredness",
        next_visit_on=timezone.localdate() + timedelta(days=30),
    )  # fmt: skip
    DiagnosisFactory(encounter=record, words="Narcolepsy")
    PrescriptionLineFactory(encounter=record, medicine="Ramipril")
    AllergyFactory(patient=patient, substance="Penicillin")
    VitalsFactory(patient=patient, encounter=record)
    MedicalHistoryFactory(patient=patient, illnesses="Migraine")
    return patient


@pytest.fixture
def own(patient):
    return signed_in(patient.user)


def test_the_second_look_costs_fewer_queries_and_reads_the_same(own, patient):
    assert [cost(own, HOME), cost(own, HOME)] == [22, 14]
    assert [cost(own, page_of(patient)), cost(own, page_of(patient))] == [26, 14]
    caches["redis"].clear()
    fresh = [own.get(HOME).context, own.get(page_of(patient)).context]
    again = [own.get(HOME).context, own.get(page_of(patient)).context]
    for name in ("past", "record_count", "medication", "proposed"):
        assert fresh[0][name] == again[0][name]
        assert fresh[0][name]
    assert [row.cells for row in fresh[0]["chart"].rows] == [row.cells for row in again[0]["chart"].rows]
    assert fresh[1]["body"] == again[1]["body"]
    assert "csrf" not in again[1]["body"]


def test_every_look_is_on_record_before_anything_is_taken(own, patient, monkeypatch):
    for number in (1, 2, 3):
        shown(own, HOME)
        shown(own, page_of(patient))
        assert (openings("medicines.opened"), openings("chart.opened")) == (number, number)
    original = audit.record

    def broken(by, action, *args, **kwargs):
        if action.endswith(".opened"):
            raise DatabaseError
        return original(by, action, *args, **kwargs)

    monkeypatch.setattr(audit, "record", broken)
    assert "Ramipril" not in shown(own, HOME)
    page = own.get(page_of(patient))
    assert (page.status_code, "Narcolepsy" in page.text) == (503, False)


def acts(patient, doctor):
    """[(what is done, page, what stands there afterwards)]: nothing of it stood there before."""
    line = records.chart.PrescriptionLine.objects.get()
    allergy = records.chart.Allergy.objects.get()
    begun = timezone.now() - timedelta(minutes=5)
    visit = AppointmentFactory(doctor=doctor, patient=patient, starts_at=begun, status=Status.IN_CONSULTATION)
    history = {"by": patient.user, "illnesses": "Sprue"}
    return [
        (lambda: records.save_history(patient, **history), page_of(patient), "Sprue"),
        (lambda: records.record_allergy(patient, by=doctor.user, substance="Latex"), page_of(patient), "Latex"),
        (lambda: records.correct_allergy(allergy, by=doctor.user, substance="Ampicillin"), page_of(patient), "Ampici"),
        (lambda: records.stop_prescription(line, by=doctor.user), page_of(patient), "1 earlier medicine"),
        (lambda: sign(visit, doctor), page_of(patient), "Pneumonia"),
        (lambda: rename(doctor), page_of(patient), "Dr Ada Obi"),
    ]


def sign(visit, doctor):
    records.sign_encounter(
        visit, by=doctor.user, complaint="Cough", notes="", diagnoses=[{"words": "Pneumonia"}],
        prescriptions=[{"medicine": "Doxycycline"}], vitals=[], next_visit_on=None,
    )  # fmt: skip


def rename(doctor):
    update_doctor(doctor, by=UserFactory(role=Role.ADMIN), name="Dr Ada Obi")


def test_what_is_written_stands_in_the_own_chart_at_once(own, patient, doctor):
    for act, url, words in acts(patient, doctor):
        shown(own, url)
        assert words not in shown(own, url)
        act()
        assert words in shown(own, url), words


def test_what_is_written_stands_on_the_first_page_at_once(own, patient, doctor):
    begun = timezone.now() - timedelta(minutes=5)
    visit = AppointmentFactory(doctor=doctor, patient=patient, starts_at=begun, status=Status.IN_CONSULTATION)
    before = own.get(HOME).context
    assert (before["record_count"], visit in before["past"], bool(before["proposed"])) == (1, False, False)
    sign(visit, doctor)
    after = own.get(HOME).context
    assert (after["record_count"], after["past"][0]) == (2, visit)
    assert "Doxycycline" in [line.medicine for line in after["medication"]]
    coming = AppointmentFactory(doctor=doctor, patient=patient, starts_at=timezone.now() + timedelta(days=3))
    assert own.get(HOME).context["next"] == coming
    services.cancel(coming, by=UserFactory(role=Role.RECEPTION))
    assert own.get(HOME).context["next"] is None


def test_a_merge_and_its_undoing_show_in_the_own_chart_at_once(own, patient):
    other, admin = PatientFactory(user=None), UserFactory(role=Role.ADMIN)
    AllergyFactory(patient=other, substance="Latex")
    pair = note_by_hand(patient, other, by=admin)
    assert "Latex" not in shown(own, page_of(patient))
    made = merge(pair, keep=patient, by=admin, reason="Same papers")
    assert "Latex" in shown(own, page_of(patient))
    undo_merge(made, by=admin, reason="Not one")
    assert "Latex" not in shown(own, page_of(patient))


def test_a_doctor_and_a_guardian_read_the_database_and_never_what_is_kept_for_the_patient(own, patient, doctor):
    guardian = UserFactory(role=Role.PATIENT)
    GuardianshipFactory(guardian=guardian, patient=patient)
    for reader in (signed_in(doctor.user), signed_in(guardian)):
        before = cost(reader, page_of(patient))
        shown(own, page_of(patient))
        assert cost(reader, page_of(patient)) == before
        page = reader.get(page_of(patient))
        assert ("body" in page.context, "chart" in page.context, "Narcolepsy" in page.text) == (False, True, True)
    CareRelationship.objects.filter(doctor=doctor).update(until=timezone.now() - timedelta(seconds=1))
    Guardianship.objects.filter(guardian=guardian).update(ended_at=timezone.now())
    for user in (doctor.user, guardian):
        assert signed_in(user).get(page_of(patient)).status_code == 404


def test_only_the_plain_first_page_of_the_chart_is_kept(own, patient):
    shown(own, page_of(patient))
    for query in ("?page=1", "?anything=else"):
        assert "body" not in own.get(page_of(patient) + query).context


def test_visits_of_somebody_one_acts_for_no_more_are_gone_at_once(own, patient, doctor):
    guardianship = GuardianshipFactory(guardian=patient.user, patient__name="Theo Alvarez")
    theirs = AppointmentFactory(
        doctor=DoctorFactory(), patient=guardianship.patient, status=Status.COMPLETED,
        starts_at=timezone.now() - timedelta(days=2),
    )  # fmt: skip
    for _round in range(2):
        assert theirs in own.get(HOME).context["past"]
    Guardianship.objects.filter(pk=guardianship.pk).update(ended_at=timezone.now())
    assert theirs not in own.get(HOME).context["past"]
    assert "Theo" not in shown(own, HOME)


def test_another_role_of_the_same_account_gets_nothing_of_it(own, patient):
    shown(own, HOME)
    shown(own, page_of(patient))
    patient.user.role = Role.RECEPTION
    patient.user.save()
    desk = signed_in(patient.user)
    assert "medication" not in desk.get(HOME).context
    page = desk.get(page_of(patient))
    assert (page.status_code, "Narcolepsy" in page.text) == (404, False)


def everything_in_redis():
    """Every key and raw value."""
    client = caches["redis"].client.get_client(write=False)
    return {key: client.get(key) for key in client.scan_iter("*") if client.type(key) == b"string"}


def test_redis_holds_no_readable_word_of_a_person(own, patient):
    shown(own, HOME)
    shown(own, page_of(patient))
    found = everything_in_redis()
    assert {b"chart", b"home-behind", b"home-medicines"} <= {key.split(b":")[2] for key in found}
    for key, value in found.items():
        for word in (*CLINICAL, patient.number, patient.user.email):
            assert word.encode() not in key + value, (key, word)


def test_what_is_kept_for_one_does_not_open_for_another(own, patient):
    other = PatientFactory(name="Noor Haddad")
    MedicalHistoryFactory(patient=other, illnesses="Scurvy")
    shown(own, page_of(patient))
    shown(signed_in(other.user), page_of(other))
    client = caches["redis"].client.get_client(write=True)
    keys = [key for key in everything_in_redis() if b":chart:" in key]
    mine, theirs = sorted(keys, key=lambda key: f":{other.user.pk}:".encode() in key)
    client.set(mine, client.get(theirs))
    text = shown(own, page_of(patient))
    assert ("Scurvy" in text, "Narcolepsy" in text) == (False, True)


@pytest.mark.parametrize("spoilt", ["key", "value"])
def test_what_cannot_be_opened_is_made_again(own, patient, settings, spoilt):
    shown(own, HOME)
    shown(own, page_of(patient))
    if spoilt == "key":
        settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another key " * 6
        shown(own, reverse("clinic:profile-edit"))  # the session is signed anew
        assert [cost(own, HOME), cost(own, page_of(patient))] == [14, 14]  # the former key still opens
        settings.SECRET_KEY_FALLBACKS = []
        own = signed_in(patient.user)
    else:
        client = caches["redis"].client.get_client(write=True)
        for key in everything_in_redis():
            if b":chart:" in key or b":home-" in key:
                client.set(key, pickle.dumps(b"gAAAA" + b"x" * 300), ex=60)
    assert "Narcolepsy" in shown(own, page_of(patient))
    assert "Ramipril" in shown(own, HOME)
    assert [cost(own, HOME), cost(own, page_of(patient))] == [14, 14]


def test_pages_come_from_the_database_while_redis_is_gone(own, patient, broker):
    shown(own, page_of(patient))
    broker.kill()
    assert "Narcolepsy" in shown(own, page_of(patient))
    assert "Ramipril" in shown(own, HOME)
    records.record_allergy(patient, by=patient.user, substance="Latex")
    assert "Latex" in shown(own, page_of(patient))
    broker.start()
    cached._silent_until = 0.0
    assert "Latex" in shown(own, page_of(patient))


def test_a_medicine_that_ends_today_is_not_to_be_taken_tomorrow(doctor):
    evening = datetime(2026, 11, 24, 23, 59, 30, tzinfo=UTC)
    with time_machine.travel(evening, tick=False):
        patient = PatientFactory()
        record = EncounterFactory(appointment__doctor=doctor, appointment__patient=patient)
        PrescriptionLineFactory(encounter=record, medicine="Ramipril", ends_on=evening.date())
        client = signed_in(patient.user)
        for _round in range(2):
            assert [line.medicine for line in client.get(HOME).context["medication"]] == ["Ramipril"]
            assert "earlier medicine" not in shown(client, page_of(patient))
    with time_machine.travel(evening + timedelta(minutes=1), tick=False):
        assert client.get(HOME).context["medication"] == []
        assert "1 earlier medicine" in shown(client, page_of(patient))


def test_a_visit_that_ends_is_behind_at_once(own, patient, doctor):
    begun = timezone.now() - timedelta(minutes=29)
    visit = AppointmentFactory(doctor=doctor, patient=patient, starts_at=begun)
    context = own.get(HOME).context
    assert (context["next"], visit in context["past"]) == (visit, False)
    with time_machine.travel(timezone.now() + timedelta(seconds=90)):
        context = own.get(HOME).context
    assert (context["next"], visit in context["past"]) == (None, True)
