"""A chart opens only to those who may read it, and every opening is on record."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent
from clinic.models import CareRelationship
from records.models import CodeSystem
from records.tests.factories import (
    AllergyFactory,
    DiagnosisFactory,
    EncounterFactory,
    MedicalHistoryFactory,
    PrescriptionLineFactory,
    VitalsFactory,
)
from scheduling.tests.factories import AppointmentFactory


def chart_of(patient):
    return reverse("records:chart-detail", args=[patient.pk])


def openings(patient):
    return list(
        AuditEvent.objects.filter(patient_id=patient.pk, action="chart.opened").values_list("actor_id", "address")
    )


def test_doctor_reads_the_chart_of_a_patient_in_care_and_it_is_on_record(as_doctor, doctor, patient):
    AllergyFactory(patient=patient, substance="Penicillin")
    page = as_doctor.get(chart_of(patient))
    assert page.status_code == 200
    assert "Penicillin" in page.text
    assert openings(patient) == [(doctor.user.pk, "127.0.0.1")]


def test_patient_reads_the_own_chart_and_it_is_on_record(as_patient, patient):
    assert as_patient.get(chart_of(patient)).status_code == 200
    assert openings(patient) == [(patient.user.pk, "127.0.0.1")]


def test_strangers_find_nothing_and_leave_no_opening(as_stranger, as_other_doctor, patient):
    missing = reverse("records:chart-detail", args=[patient.pk + 100000])
    for client in (as_stranger, as_other_doctor):
        assert client.get(chart_of(patient)).status_code == client.get(missing).status_code == 404
    assert openings(patient) == []


def test_reception_and_administration_are_refused(as_reception, as_admin, patient):
    for client in (as_reception, as_admin):
        assert client.get(chart_of(patient)).status_code == 403
    assert openings(patient) == []


def test_the_chart_closes_when_the_care_has_ended(as_doctor, doctor, patient):
    CareRelationship.objects.filter(doctor=doctor).update(until=timezone.now() - timedelta(seconds=1))
    assert as_doctor.get(chart_of(patient)).status_code == 404


def seal_off_the_trail():
    """Make the database refuse every new row of the audit trail, as a full disk or a broken table would."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "CREATE TRIGGER no_audit BEFORE INSERT ON accounts_auditevent BEGIN SELECT RAISE(ABORT, 'full'); END"
            )
        else:
            cursor.execute("ALTER TABLE accounts_auditevent ADD CONSTRAINT no_audit CHECK (false) NOT VALID")


@pytest.mark.parametrize("name", ["chart-detail", "history-edit"])
def test_without_a_row_in_the_audit_trail_nothing_is_shown_to_the_patient(name, as_patient, patient):
    MedicalHistoryFactory(patient=patient, illnesses="Narcolepsy")
    seal_off_the_trail()
    page = as_patient.get(reverse(f"records:{name}", args=[patient.pk]))
    assert (page.status_code, page.headers["Retry-After"].isdecimal()) == (503, True)
    assert "Narcolepsy" not in page.text


def test_without_a_row_in_the_audit_trail_nothing_is_shown_to_the_doctor(as_doctor, visit, patient):
    encounter = EncounterFactory(appointment__doctor=visit.doctor, appointment__patient=patient, complaint="Narcolepsy")
    MedicalHistoryFactory(patient=patient, illnesses="Narcolepsy")
    seal_off_the_trail()
    for url in (
        chart_of(patient),
        reverse("records:encounter-detail", args=[encounter.pk]),
        reverse("records:encounter-amend", args=[encounter.pk]),
        reverse("records:encounter-write", args=[visit.pk]),
        reverse("records:allergy-create", args=[patient.pk]),
    ):
        page = as_doctor.get(url)
        assert (url, page.status_code) == (url, 503)
        assert "Narcolepsy" not in page.text


def test_chart_tells_allergies_medication_diagnoses_and_measurements(as_doctor, doctor, patient):
    encounter = EncounterFactory(appointment__doctor=doctor, appointment__patient=patient, complaint="Headache")
    DiagnosisFactory(encounter=encounter, words="Migraine", code="G43.9")
    PrescriptionLineFactory(encounter=encounter, medicine="Sumatriptan")
    PrescriptionLineFactory(encounter=encounter, medicine="Ibuprofen", ends_on=date(2020, 1, 1))
    AllergyFactory(patient=patient, substance="Latex")
    AllergyFactory(patient=patient, substance="Cat hair", ended_on=date(2020, 1, 1))
    VitalsFactory(patient=patient, number=64, measured_at=timezone.now() - timedelta(days=300))
    VitalsFactory(patient=patient, number=72)
    chart = as_doctor.get(chart_of(patient)).context["chart"]
    assert [row.substance for row in chart.allergies] == ["Latex"]
    assert [row.substance for row in chart.ended_allergies] == ["Cat hair"]
    assert [line.medicine for line in chart.medication] == ["Sumatriptan"]
    assert [line.medicine for line in chart.earlier_medication] == ["Ibuprofen"]
    assert [condition["row"].words for condition in chart.conditions] == ["Migraine"]
    (pulse,) = chart.vitals
    assert (pulse["latest"].number, [row.number for row in pulse["earlier"]]) == (72, [64])


def test_a_condition_noted_often_stands_once(as_doctor, doctor, patient):
    for _number in range(3):
        encounter = EncounterFactory(appointment__doctor=doctor, appointment__patient=patient)
        DiagnosisFactory(encounter=encounter, words="Stress", code="73595000", system=CodeSystem.SNOMED)
    (condition,) = as_doctor.get(chart_of(patient)).context["chart"].conditions
    assert condition["times"] == 3


def test_a_colleagues_draft_stands_in_no_chart(as_doctor, as_patient, patient):
    draft = EncounterFactory(
        appointment=AppointmentFactory(patient=patient), signed_at=None, complaint="Unfinishedthought"
    )
    DiagnosisFactory(encounter=draft, words="Unfinishedthought")
    PrescriptionLineFactory(encounter=draft, medicine="Unfinishedthought")
    VitalsFactory(patient=patient, encounter=draft, label="Unfinishedthought", code="x")
    for client in (as_doctor, as_patient):
        assert "Unfinishedthought" not in client.get(chart_of(patient)).text
        assert client.get(reverse("records:encounter-detail", args=[draft.pk])).status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_the_chart_costs_the_same_however_long(rows, as_doctor, doctor, patient, django_assert_max_num_queries):
    for _number in range(rows):
        encounter = EncounterFactory(appointment__doctor=doctor, appointment__patient=patient)
        DiagnosisFactory(encounter=encounter)
        PrescriptionLineFactory(encounter=encounter)
        VitalsFactory(patient=patient, encounter=encounter)
        AllergyFactory(patient=patient)
        MedicalHistoryFactory(patient=patient)
    as_doctor.get(chart_of(patient))
    with django_assert_max_num_queries(29):
        as_doctor.get(chart_of(patient))


def test_patient_sees_who_opened_the_record_and_what_they_did(as_doctor, as_patient, doctor, patient):
    encounter = EncounterFactory(appointment__doctor=doctor, appointment__patient=patient)
    as_doctor.get(chart_of(patient))
    as_doctor.get(reverse("records:encounter-detail", args=[encounter.pk]))
    as_patient.get(chart_of(patient))
    address = reverse("records:opening-list", args=[patient.pk])
    page = as_patient.get(address)
    told = [(opening.who, opening.role, opening.what, opening.visit_at) for opening in page.context["openings"]]
    assert told == [
        (doctor.name, "Doctor", "Opened the record of a visit", encounter.started_at),
        (doctor.name, "Doctor", "Opened the medical record", None),
    ]
    everybody = as_patient.get(address, {"own": "1"}).context["openings"]
    assert [opening.is_own for opening in everybody] == [True, False, False]


def test_openings_are_the_patients_alone(as_stranger, as_doctor, as_reception, as_admin, patient):
    address = reverse("records:opening-list", args=[patient.pk])
    assert as_stranger.get(address).status_code == 404
    assert [client.get(address).status_code for client in (as_doctor, as_reception, as_admin)] == [403, 403, 403]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_of_openings_costs_the_same_however_long(
    rows, as_doctor, as_patient, patient, django_assert_max_num_queries
):
    for _number in range(rows):
        as_doctor.get(chart_of(patient))
    with django_assert_max_num_queries(15):
        as_patient.get(reverse("records:opening-list", args=[patient.pk]))
