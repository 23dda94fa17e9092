"""Allergies: recorded, corrected and ended by who treats the patient. Medicines stopped."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent
from records.models import Allergy, PrescriptionLine
from records.tests.factories import AllergyFactory, EncounterFactory, PrescriptionLineFactory


def new_page(patient):
    return reverse("records:allergy-create", args=[patient.pk])


def edit_page(allergy):
    return reverse("records:allergy-edit", args=[allergy.pk])


def chart(patient):
    return reverse("records:chart-detail", args=[patient.pk])


def test_doctor_records_an_allergy_and_the_patient_sees_it(as_doctor, as_patient, doctor, patient):
    data = {"substance": "Penicillin", "reaction": "Hives", "severity": "severe", "noted_on": "2019-05-01"}
    assert as_doctor.post(new_page(patient), data).url == chart(patient)
    allergy = Allergy.objects.get(patient=patient)
    assert (allergy.recorded_by_name, allergy.noted_on) == (doctor.name, date(2019, 5, 1))
    assert "Penicillin" in as_patient.get(chart(patient)).text


def test_the_audit_trail_does_not_name_the_substance(as_doctor, patient):
    as_doctor.post(new_page(patient), {"substance": "Penicillin", "severity": "mild"})
    event = AuditEvent.objects.get(action="allergy.recorded")
    assert "Penicillin" not in f"{event.target_label} {event.detail}"


@pytest.mark.parametrize("again", ["Penicillin", "  PENICILLIN "])
def test_the_same_allergy_is_recorded_once(again, as_doctor, patient):
    AllergyFactory(patient=patient, substance="Penicillin")
    page = as_doctor.post(new_page(patient), {"substance": again, "severity": "mild", "reaction": "Kept words"})
    assert page.status_code == 422
    assert "Kept words" in page.text
    assert Allergy.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"substance": " "}, "substance"),
        ({"substance": "x" * 301}, "substance"),
        ({"severity": "deadly"}, "severity"),
        ({"noted_on": "2999-01-01"}, "noted_on"),
        ({"noted_on": "1850-01-01"}, "noted_on"),
        ({"noted_on": "yesterday"}, "noted_on"),
    ],
)
def test_what_cannot_be_is_said_beside_the_field(wrong, field, as_doctor, patient):
    page = as_doctor.post(new_page(patient), {"substance": "Latex", "severity": "mild"} | wrong)
    assert (page.status_code, list(page.context["form"].errors)) == (422, [field])
    assert not Allergy.objects.exists()


def test_a_correction_is_a_new_row_and_keeps_the_old_one(as_doctor, patient):
    old = AllergyFactory(patient=patient, substance="Penicilin", severity="mild")
    assert as_doctor.post(edit_page(old), {"substance": "Penicillin", "severity": "severe"}).url == chart(patient)
    old.refresh_from_db()
    assert (old.substance, old.corrected_by.substance, old.corrected_by.severity) == (
        "Penicilin",
        "Penicillin",
        "severe",
    )
    assert [row.substance for row in as_doctor.get(chart(patient)).context["chart"].allergies] == ["Penicillin"]
    assert as_doctor.get(edit_page(old)).status_code == 404


def test_correcting_twice_with_one_form_corrects_once(as_doctor, patient):
    old = AllergyFactory(patient=patient, substance="Latex", severity="mild")
    as_doctor.post(edit_page(old), {"substance": "Latex", "severity": "severe"})
    as_doctor.post(edit_page(old), {"substance": "Latex", "severity": "severe"})
    assert Allergy.objects.count() == 2


def test_an_ended_allergy_leaves_the_warning_and_stays_in_the_chart(as_doctor, patient):
    allergy = AllergyFactory(patient=patient, substance="Penicillin", noted_on=date(2019, 5, 1))
    today = timezone.localdate()
    assert as_doctor.post(edit_page(allergy), {"end": "1", "ended_on": today.isoformat()}).url == chart(patient)
    shown = as_doctor.get(chart(patient)).context["chart"]
    assert (shown.allergies, [row.substance for row in shown.ended_allergies]) == ([], ["Penicillin"])


@pytest.mark.parametrize("day", ["2018-01-01", "2999-01-01", "", "x"])
def test_an_allergy_ends_neither_before_it_began_nor_in_the_future(day, as_doctor, patient):
    allergy = AllergyFactory(patient=patient, noted_on=date(2019, 5, 1))
    assert as_doctor.post(edit_page(allergy), {"end": "1", "ended_on": day}).status_code == 422
    allergy.refresh_from_db()
    assert allergy.ended_on is None


def test_only_who_treats_the_patient_touches_allergies(as_other_doctor, as_patient, as_reception, as_admin, patient):
    allergy = AllergyFactory(patient=patient)
    for client, status in ((as_other_doctor, 404), (as_patient, 403), (as_reception, 403), (as_admin, 403)):
        for page in (new_page(patient), edit_page(allergy)):
            assert client.get(page).status_code == status
            assert client.post(page, {"substance": "x", "severity": "mild"}).status_code == status
    assert Allergy.objects.count() == 1


def test_stopping_a_medicine_takes_it_off_the_current_ones(as_doctor, as_patient, doctor, patient):
    encounter = EncounterFactory(appointment__doctor=doctor, appointment__patient=patient)
    line = PrescriptionLineFactory(encounter=encounter, medicine="Ramipril")
    page = reverse("records:prescription-stop", args=[line.pk])
    assert "Ramipril" in as_doctor.get(page).text
    for _press in range(2):
        assert as_doctor.post(page, {"reason": "Cough"}).url == chart(patient)
    line.refresh_from_db()
    assert (line.stopped_by_name, line.stopped_reason) == (doctor.name, "Cough")
    shown = as_patient.get(chart(patient)).context["chart"]
    assert (shown.medication, [row.medicine for row in shown.earlier_medication]) == ([], ["Ramipril"])
    assert AuditEvent.objects.filter(action="prescription.stopped").count() == 1


def test_only_who_treats_the_patient_stops_medicines(as_other_doctor, as_patient, as_admin, doctor, patient):
    line = PrescriptionLineFactory(encounter=EncounterFactory(appointment__doctor=doctor, appointment__patient=patient))
    page = reverse("records:prescription-stop", args=[line.pk])
    assert [client.post(page).status_code for client in (as_other_doctor, as_patient, as_admin)] == [404, 403, 403]
    assert PrescriptionLine.objects.get().stopped_on is None


def test_a_medicine_that_ran_out_is_not_current(doctor):
    line = PrescriptionLineFactory(ends_on=date(2026, 3, 7))
    assert [line.is_current(date(2026, 3, 7) + timedelta(days=more)) for more in (0, 1)] == [True, False]
