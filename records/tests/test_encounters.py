"""Writing and signing the record of a visit."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, Message
from records.errors import AllergyConflict, RecordConflict
from records.models import Diagnosis, Encounter, PrescriptionLine, Vitals
from records.services import save_draft, sign_encounter
from records.tests.factories import AllergyFactory, EncounterFactory, MedicalHistoryFactory
from scheduling.models import Status
from scheduling.services import BookingRefused
from scheduling.tests.factories import AppointmentFactory


def address(visit):
    return reverse("records:encounter-write", args=[visit.pk])


def typed(*, diagnoses=(), prescriptions=(), seen=0, action="sign", **more):
    """What a browser sends for the form, with one empty row at the end of each list."""
    data = {"seen": seen, "complaint": "Cough", "action": action} | more
    for name, rows in (("diagnoses", diagnoses), ("prescriptions", prescriptions)):
        data |= {f"{name}-TOTAL_FORMS": len(rows) + 1, f"{name}-INITIAL_FORMS": 0}
        for number, row in enumerate(rows):
            data |= {f"{name}-{number}-{field}": value for field, value in row.items()}
    data |= {f"diagnoses-{number}-system": "icd10" for number in range(len(diagnoses) + 1)} | data
    return data


FULL = typed(
    diagnoses=[{"words": "Acute bronchitis", "code": "j20.9"}, {"words": "Tiredness"}],
    prescriptions=[
        {"medicine": "Salbutamol", "dose": "100 µg", "route": "inhaled", "frequency": "twice a day",
         "duration": "7 days", "instructions": "Shake before use"},
    ],
    systolic="120", diastolic="80", temperature="38.4", notes="Rest.\r\nFluids.",
)  # fmt: skip


def test_opening_a_visit_shows_the_patients_history_beside(as_doctor, visit, patient):
    MedicalHistoryFactory(patient=patient, illnesses="Asthma as a child")
    page = as_doctor.get(address(visit))
    assert page.status_code == 200
    assert "Asthma as a child" in page.text
    visit.refresh_from_db()
    assert visit.status == Status.CHECKED_IN
    assert AuditEvent.objects.filter(action="chart.opened", patient_id=patient.pk).count() == 1


def test_signing_records_everything_and_completes_the_visit(as_doctor, visit, patient):
    answer = as_doctor.post(address(visit), FULL)
    encounter = Encounter.objects.get(appointment=visit)
    assert answer.url == reverse("records:encounter-detail", args=[encounter.pk])
    visit.refresh_from_db()
    assert visit.status == Status.COMPLETED
    assert (encounter.complaint, encounter.notes, encounter.patient) == ("Cough", "Rest.\nFluids.", patient)
    assert list(encounter.diagnoses.values_list("system", "code", "words")) == [
        ("icd10", "J20.9", "Acute bronchitis"),
        ("none", "", "Tiredness"),
    ]
    line = encounter.prescriptions.get()
    assert (line.medicine, line.instructions) == ("Salbutamol", "Shake before use")
    assert line.ends_on - line.starts_on == timedelta(days=6)
    measured = list(encounter.vitals.order_by("code").values_list("code", "number", "unit"))
    assert measured == [("8310-5", Decimal("38.4"), "Cel"), ("8462-4", 80, "mm[Hg]"), ("8480-6", 120, "mm[Hg]")]


def test_patient_is_told_by_mail_without_a_clinical_word(as_doctor, visit, patient):
    as_doctor.post(address(visit), FULL)
    message = Message.objects.get(kind="summary.ready")
    encounter = Encounter.objects.get(appointment=visit)
    assert message.recipient == patient.user
    assert reverse("records:encounter-detail", args=[encounter.pk]) in message.text
    for word in ("Cough", "bronchitis", "Salbutamol", "Fluids", visit.department.name):
        assert word not in message.text + message.subject


def test_a_patient_without_account_gets_no_mail(as_doctor, doctor):
    visit = AppointmentFactory(doctor=doctor, patient__user=None, starts_at=timezone.now() - timedelta(hours=3))
    assert as_doctor.post(address(visit), typed()).status_code == 302
    assert not Message.objects.filter(kind="summary.ready").exists()


def test_pressing_sign_twice_signs_once(as_doctor, visit):
    answers = [as_doctor.post(address(visit), FULL) for _press in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert answers[0].url == answers[1].url
    assert Message.objects.filter(kind="summary.ready").count() == 1
    assert AuditEvent.objects.filter(action="encounter.signed").count() == 1
    assert PrescriptionLine.objects.count() == 1


def test_a_draft_is_kept_for_its_author_alone_and_completes_nothing(as_doctor, as_patient, visit):
    data = typed(action="save", complaint="", diagnoses=[{"words": "Suspicion"}])
    assert as_doctor.post(address(visit), data).url == address(visit)
    visit.refresh_from_db()
    assert visit.status == Status.CHECKED_IN
    assert "Suspicion" in as_doctor.get(address(visit)).text
    encounter = Encounter.objects.get(appointment=visit)
    assert as_patient.get(reverse("records:encounter-detail", args=[encounter.pk])).status_code == 404
    assert not Message.objects.filter(kind="summary.ready").exists()


def test_a_draft_can_be_emptied_again(as_doctor, visit):
    as_doctor.post(address(visit), FULL | {"action": "save"})
    emptied = typed(action="save", seen=1, diagnoses=[{"words": ""}], prescriptions=[{"medicine": ""}])
    assert as_doctor.post(address(visit), emptied).status_code == 302
    assert [model.objects.count() for model in (Diagnosis, PrescriptionLine, Vitals)] == [0, 0, 0]


def test_a_removed_row_is_not_recorded(as_doctor, visit):
    rows = [{"words": "Wrong one", "DELETE": "on"}, {"words": "Right one"}]
    assert as_doctor.post(address(visit), typed(diagnoses=rows)).status_code == 302
    assert [row.words for row in Diagnosis.objects.all()] == ["Right one"]


WRONG = [
    ({"complaint": ""}, "complaint"),
    ({"complaint": "x" * 5001}, "complaint"),
    ({"notes": "x" * 20001}, "notes"),
    ({"systolic": "12"}, "systolic"),
    ({"systolic": "120"}, "diastolic"),
    ({"systolic": "80", "diastolic": "120"}, "diastolic"),
    ({"temperature": "99"}, "temperature"),
    ({"temperature": "warm"}, "temperature"),
    ({"temperature": "1e400"}, "temperature"),
    ({"weight": "NaN"}, "weight"),
    ({"next_visit_on": "2026-02-30"}, "next_visit_on"),
    ({"next_visit_on": "2001-01-01"}, "next_visit_on"),
    ({"next_visit_on": "9999-12-31"}, "next_visit_on"),
]


@pytest.mark.parametrize(("wrong", "field"), WRONG)
def test_what_cannot_be_is_said_beside_the_field_and_everything_typed_stays(wrong, field, as_doctor, visit):
    data = typed(
        diagnoses=[{"words": "Kept diagnosis 🙂"}, {"words": "שלום"}], prescriptions=[{"medicine": "Kept medicine"}]
    )
    page = as_doctor.post(address(visit), data | wrong)
    assert page.status_code == 422
    forms = page.context["forms"]
    assert [name for form in forms.all() for name in form.errors] == [field]
    for word in ("Kept diagnosis 🙂", "שלום", "Kept medicine", str(next(iter(wrong.values())))):
        assert word in page.text
    assert not Encounter.objects.filter(appointment=visit).exists()


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"code": "J20.9"}, "words"),
        ({"words": "x", "code": "bronchitis"}, "code"),
        ({"words": "x", "code": "12", "system": "snomed"}, "code"),
        ({"words": "x" * 301}, "words"),
        ({"words": "x", "system": "astrology"}, "system"),
    ],
)
def test_a_wrong_diagnosis_is_said_beside_its_row(row, field, as_doctor, visit):
    page = as_doctor.post(address(visit), typed(diagnoses=[{"words": "Fine"}, row]))
    assert page.status_code == 422
    assert [list(form.errors) for form in page.context["forms"].diagnoses] == [[], [field], []]


def test_a_medicine_line_without_a_medicine_is_refused(as_doctor, visit):
    page = as_doctor.post(address(visit), typed(prescriptions=[{"dose": "500 mg"}]))
    assert page.status_code == 422
    assert list(page.context["forms"].prescriptions[0].errors) == ["medicine"]


def test_a_form_sent_by_hand_needs_neither_counts_nor_code_systems(as_doctor, visit):
    data = {"action": "sign", "complaint": "Cough", "diagnoses-0-words": "Bronchitis", "diagnoses-1-words": "Fever",
            "diagnoses-1-code": "R50.9", "prescriptions-11-medicine": "Tea"}  # fmt: skip
    assert as_doctor.post(address(visit), data).status_code == 302
    rows = Diagnosis.objects.values_list("words", "system", "code")
    assert list(rows) == [("Bronchitis", "none", ""), ("Fever", "icd10", "R50.9")]
    assert PrescriptionLine.objects.get().medicine == "Tea"


@pytest.mark.parametrize("name", ["diagnoses", "prescriptions"])
def test_a_row_is_added_without_a_script_and_nothing_typed_is_lost_or_judged(name, as_doctor, visit):
    data = typed(complaint="", systolic="9", diagnoses=[{"words": "One"}], prescriptions=[{"medicine": "Two"}])
    page = as_doctor.post(address(visit), data | {"add": name})
    assert page.status_code == 200
    forms = page.context["forms"]
    assert {"diagnoses": len(forms.diagnoses), "prescriptions": len(forms.prescriptions)}[name] == 3
    assert not forms.has_errors
    for word in ('value="9"', 'value="One"', 'value="Two"'):
        assert word in page.text
    assert not Encounter.objects.filter(appointment=visit).exists()


@pytest.mark.parametrize("total", ["", "x", "1000000000", "²"])
def test_a_count_of_rows_that_makes_no_sense_breaks_nothing(total, as_doctor, visit):
    for more in ({}, {"add": "diagnoses"}, {"add": "nonsense"}):
        page = as_doctor.post(address(visit), typed() | {"diagnoses-TOTAL_FORMS": total} | more)
        assert page.status_code in {200, 422}
    assert not Encounter.objects.filter(appointment=visit).exists()


def test_more_rows_than_allowed_are_refused_with_everything_kept(as_doctor, visit):
    page = as_doctor.post(address(visit), typed(diagnoses=[{"words": f"Diagnosis {n}"} for n in range(31)]))
    assert page.status_code == 422
    assert "Diagnosis 30" in page.text


def test_another_window_does_not_overwrite_a_draft_unread(as_doctor, visit):
    as_doctor.post(address(visit), typed(action="save", notes="First window"))
    page = as_doctor.post(address(visit), typed(action="save", notes="Second window"))
    assert page.status_code == 409
    assert "Second window" in page.text
    assert Encounter.objects.get(appointment=visit).notes == "First window"
    seen = page.context["forms"].form["seen"].value()
    assert as_doctor.post(address(visit), typed(action="save", notes="Second window", seen=seen)).status_code == 302
    assert Encounter.objects.get(appointment=visit).notes == "Second window"


def test_both_windows_words_stand_beside_each_other_where_they_differ(as_doctor, visit):
    tea, salt = {"medicine": "Tea", "dose": "1 cup"}, {"medicine": "Salt"}
    asthma = [{"words": "Asthma", "code": "J45"}]
    as_doctor.post(address(visit), typed(action="save", notes="First window", prescriptions=[tea], pulse=72))
    page = as_doctor.post(
        address(visit), typed(action="save", prescriptions=[salt], diagnoses=asthma, next_visit_on="")
    )
    assert [(str(one.label), one.theirs, one.mine) for one in page.context["differences"]] == [
        ("Measurements", "Pulse: 72 per minute", "nothing"),
        ("Diagnoses", "nothing", "Asthma · J45"),
        ("Prescription", "Tea · 1 cup", "Salt"),
        ("Notes", "First window", "nothing"),
    ]
    assert "Tea · 1 cup" in page.text
    assert page.context["forms"].content()["prescriptions"][0]["medicine"] == "Salt"


def test_no_other_window_no_difference(as_doctor, visit):
    """A visit that is cancelled while one writes refuses the record, and nobody else has saved it."""
    as_doctor.post(address(visit), typed(action="save", notes="Saved"))
    visit.status = Status.CANCELLED
    visit.save(update_fields=["status"])
    page = as_doctor.post(address(visit), typed(action="save", notes="Typed", seen=1))
    assert page.status_code == 409
    assert list(page.context["differences"]) == []


def test_who_signs_second_gets_the_typed_text_back_as_an_amendment(as_doctor, visit):
    as_doctor.post(address(visit), typed(notes="First window"))
    page = as_doctor.post(address(visit), typed(notes="Second window"))
    encounter = Encounter.objects.get(appointment=visit)
    assert page.status_code == 409
    assert "Second window" in page.text
    assert f'action="{reverse("records:encounter-amend", args=[encounter.pk])}"' in page.text
    assert encounter.notes == "First window"
    assert [(one.theirs, one.mine) for one in page.context["differences"]] == [("First window", "Second window")]


def test_a_medicine_that_meets_an_allergy_needs_a_reason(as_doctor, visit, patient):
    AllergyFactory(patient=patient, substance="Penicillin")
    line = {"medicine": "Penicillin V 250 mg"}
    page = as_doctor.post(address(visit), typed(prescriptions=[{"medicine": "Paracetamol"}, line]))
    assert page.status_code == 422
    assert [bool(form.errors) for form in page.context["forms"].prescriptions] == [False, True, False]
    assert 'name="prescriptions-1-override_reason"' in page.text
    assert not Encounter.objects.filter(appointment=visit).exists()
    line["override_reason"] = "Tolerated twice, watched here"
    assert as_doctor.post(address(visit), typed(prescriptions=[line])).status_code == 302
    assert PrescriptionLine.objects.get().override_reason == "Tolerated twice, watched here"


def test_the_service_itself_checks_allergies_and_leaves_nothing_behind(visit, doctor, patient):
    AllergyFactory(patient=patient, substance="Penicillin")
    with pytest.raises(AllergyConflict) as refusal:
        sign_encounter(visit, by=doctor.user, complaint="x", prescriptions=[{"medicine": "Penicillin"}])
    assert refusal.value.lines == {0: ["Penicillin"]}
    assert not Encounter.objects.exists()


def test_a_draft_with_a_dangerous_medicine_is_kept_with_a_warning(as_doctor, visit, patient):
    AllergyFactory(patient=patient, substance="Penicillin")
    data = typed(action="save", prescriptions=[{"medicine": "Penicillin V"}])
    page = as_doctor.post(address(visit), data, follow=True)
    assert "A medicine meets an allergy of this patient: Penicillin." in page.text
    assert PrescriptionLine.objects.get().medicine == "Penicillin V"


def test_a_visit_far_ahead_can_be_prepared_but_not_signed(as_doctor, doctor):
    visit = AppointmentFactory(doctor=doctor, starts_at=timezone.now() + timedelta(days=3))
    assert as_doctor.post(address(visit), typed(action="save")).status_code == 302
    page = as_doctor.post(address(visit), typed(seen=1, notes="Too early"))
    assert page.status_code == 409
    assert "Too early" in page.text
    visit.refresh_from_db()
    assert visit.status == Status.BOOKED
    assert Encounter.objects.get(appointment=visit).signed_at is None


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.NO_SHOW])
def test_a_visit_that_did_not_take_place_gets_no_record_but_the_text_stays_on_the_page(status, as_doctor, visit):
    type(visit).objects.update(status=status)
    assert as_doctor.get(address(visit)).status_code == 409
    page = as_doctor.post(address(visit), typed(notes="Typed before it was cancelled"))
    assert page.status_code == 409
    assert "Typed before it was cancelled" in page.text
    assert not Encounter.objects.filter(appointment=visit).exists()


def test_a_visit_completed_without_a_record_can_still_get_one(as_doctor, visit):
    type(visit).objects.update(status=Status.COMPLETED)
    assert as_doctor.get(address(visit)).status_code == 200
    assert as_doctor.post(address(visit), typed()).status_code == 302
    assert Encounter.objects.get(appointment=visit).is_signed


def test_a_signed_record_opens_instead_of_its_form(as_doctor, doctor):
    encounter = EncounterFactory(appointment__doctor=doctor)
    answer = as_doctor.get(address(encounter.appointment))
    assert answer.url == reverse("records:encounter-detail", args=[encounter.pk])


def test_only_the_visits_doctor_writes(as_other_doctor, as_patient, as_reception, as_admin, visit):
    for client, status in ((as_other_doctor, 404), (as_patient, 403), (as_reception, 403), (as_admin, 403)):
        assert client.get(address(visit)).status_code == status
        assert client.post(address(visit), FULL).status_code == status
    assert not Encounter.objects.filter(appointment=visit).exists()


def test_services_refuse_who_is_not_the_author(visit, doctor):
    other = AppointmentFactory().doctor
    for write in (save_draft, sign_encounter):
        with pytest.raises(PermissionDenied):
            write(visit, by=other.user, complaint="x")


def test_signing_and_completing_are_one(visit, doctor):
    """When the visit cannot be completed, nothing of the record is there either."""
    visit = AppointmentFactory(doctor=doctor, starts_at=timezone.now() + timedelta(days=2))
    with pytest.raises(BookingRefused):
        sign_encounter(visit, by=doctor.user, complaint="x", diagnoses=[{"words": "y"}])
    assert not Encounter.objects.filter(appointment=visit).exists()


def test_a_form_that_knows_of_fewer_savings_is_refused(visit, doctor):
    save_draft(visit, by=doctor.user, seen=0, complaint="One")
    with pytest.raises(RecordConflict):
        save_draft(visit, by=doctor.user, seen=0, complaint="Two")
    with pytest.raises(RecordConflict):
        sign_encounter(visit, by=doctor.user, seen=0, complaint="Two")
    assert sign_encounter(visit, by=doctor.user, seen=1, complaint="Two").saves == 2
