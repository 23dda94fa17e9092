"""The patient's page of all visits with what was found and prescribed."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent
from clinic.tests.factories import DoctorFactory
from records.tests.factories import (
    DiagnosisFactory,
    EncounterFactory,
    ImportedEncounterFactory,
    PrescriptionLineFactory,
    VitalsFactory,
)
from scheduling.models import Status
from scheduling.tests.factories import AppointmentFactory

PAGE = reverse("records:visit-list")


def shown(client, **query):
    """What stands for each visit on the page: the complaint, or the status of a visit without a record."""
    page = client.get(PAGE, query)
    assert page.status_code == 200
    return [
        visit.encounter.complaint if visit.encounter else visit.appointment.status for visit in page.context["page_obj"]
    ]


def test_all_visits_stand_there_the_latest_first_with_their_details(as_patient, doctor, patient):
    encounter = EncounterFactory(appointment__doctor=doctor, appointment__patient=patient, complaint="Headache")
    DiagnosisFactory(encounter=encounter, words="Migraine")
    PrescriptionLineFactory(encounter=encounter, medicine="Sumatriptan", instructions="Lie down")
    VitalsFactory(patient=patient, encounter=encounter, number=72)
    ImportedEncounterFactory(patient=patient, complaint="Long ago, elsewhere")
    AppointmentFactory(doctor=doctor, patient=patient, status=Status.CANCELLED)
    assert shown(as_patient) == ["cancelled", "checked_in", "Headache", "Long ago, elsewhere"]
    page = as_patient.get(PAGE)
    for words in ("Migraine", "Sumatriptan", "Lie down", "72 per minute", encounter.notes, doctor.name):
        assert words in page.text


def test_opening_the_page_is_on_record(as_patient, patient):
    as_patient.get(PAGE)
    assert AuditEvent.objects.filter(action="visits.opened", patient_id=patient.pk).count() == 1


def test_visits_are_narrowed_by_words_status_and_day(as_patient, doctor, patient):
    encounter = EncounterFactory(appointment__doctor=doctor, appointment__patient=patient, complaint="Headache")
    DiagnosisFactory(encounter=encounter, words="Migräne")
    imported = ImportedEncounterFactory(patient=patient, complaint="Elsewhere", doctor=DoctorFactory(name="Dr Żółć"))
    draft = EncounterFactory(appointment__doctor=doctor, appointment__patient=patient, signed_at=None, complaint="Hush")
    assert shown(as_patient, q="migrane") == ["Headache"]
    assert shown(as_patient, q="zolc") == ["Elsewhere"]
    assert shown(as_patient, q=draft.complaint) == []
    assert shown(as_patient, status="completed") == ["Headache", "completed", "Elsewhere"]
    assert shown(as_patient, status="checked_in") == ["checked_in"]
    long_ago = (imported.started_at + timedelta(days=1)).date().isoformat()
    assert shown(as_patient, until=long_ago) == ["Elsewhere"]
    assert shown(as_patient, since=timezone.localdate().isoformat()) == ["checked_in"]
    assert len(shown(as_patient, page="-3", size="x")) == 4
    assert shown(as_patient, status="nonsense", since="x") == []


def test_nobody_elses_visits_are_there(as_patient, as_stranger, patient):
    other = EncounterFactory(complaint="Somebody else's")
    EncounterFactory(appointment__patient=patient, complaint="Mine")
    assert other.complaint not in shown(as_patient)
    assert shown(as_stranger) == ["booked"]


def test_the_page_is_for_patients(as_doctor, as_reception, as_admin):
    assert [client.get(PAGE).status_code for client in (as_doctor, as_reception, as_admin)] == [403, 403, 403]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_however_long(rows, as_patient, doctor, patient, django_assert_max_num_queries):
    for _number in range(rows):
        encounter = EncounterFactory(appointment__doctor=doctor, appointment__patient=patient)
        DiagnosisFactory(encounter=encounter)
        PrescriptionLineFactory(encounter=encounter)
        ImportedEncounterFactory(patient=patient)
    with django_assert_max_num_queries(19):
        as_patient.get(PAGE)


def test_many_visits_come_page_by_page(as_patient, doctor, patient):
    for _number in range(22):
        EncounterFactory(appointment__doctor=doctor, appointment__patient=patient)
    first, second = as_patient.get(PAGE), as_patient.get(PAGE, {"page": 2})
    assert [len(page.context["page_obj"].object_list) for page in (first, second)] == [20, 3]
    assert "Page 2 of 2" in second.text
