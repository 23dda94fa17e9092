"""A signed record is amended, never overwritten; reading and listing records."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, Message
from clinic.models import CareRelationship
from records.errors import RecordConflict, RecordRefused
from records.models import EncounterVersion
from records.services import amend_encounter, sign_encounter
from records.services.chart import stop_prescription
from records.tests.factories import (
    AllergyFactory,
    DiagnosisFactory,
    EncounterFactory,
    ImportedEncounterFactory,
    PrescriptionLineFactory,
)
from records.tests.test_encounters import typed
from scheduling.tests.factories import AppointmentFactory


@pytest.fixture
def encounter(visit, doctor):
    """A signed record with one of everything."""
    return sign_encounter(
        visit,
        by=doctor.user,
        complaint="Cough",
        notes="Rest",
        diagnoses=[{"words": "Bronchitis", "code": "J20.9"}],
        prescriptions=[{"medicine": "Salbutamol", "dose": "100 µg"}],
        vitals=[{"code": "8867-4", "number": 72}],
        next_visit_on=timezone.localdate() + timedelta(days=7),
    )


def page_of(encounter):
    return reverse("records:encounter-detail", args=[encounter.pk])


def amend_page(encounter):
    return reverse("records:encounter-amend", args=[encounter.pk])


def test_an_amendment_keeps_how_it_read_before_whole(as_doctor, encounter, doctor):
    data = typed(seen=1, notes="Rest and tea", reason="Forgot the tea", pulse="72")
    assert as_doctor.post(amend_page(encounter), data).url == page_of(encounter)
    version = EncounterVersion.objects.get(encounter=encounter)
    assert version.content == {
        "complaint": "Cough",
        "notes": "Rest",
        "next_visit_on": (timezone.localdate() + timedelta(days=7)).isoformat(),
        "diagnoses": [{"words": "Bronchitis", "code": "J20.9", "system": "icd10"}],
        "prescriptions": [
            {"medicine": "Salbutamol", "dose": "100 µg", "route": "", "frequency": "", "duration": "",
             "instructions": "", "override_reason": ""}
        ],
        "vitals": [{"code": "8867-4", "number": "72"}],
    }  # fmt: skip
    assert (version.number, version.replaced_by, version.reason) == (1, doctor.user, "Forgot the tea")
    encounter.refresh_from_db()
    assert (encounter.version, encounter.notes, encounter.diagnoses.count()) == (2, "Rest and tea", 0)


def test_patient_reads_the_amended_record_the_earlier_one_and_why(as_doctor, as_patient, encounter):
    as_doctor.post(amend_page(encounter), typed(seen=1, notes="Rest and tea", reason="Forgot the tea"))
    page = as_patient.get(page_of(encounter))
    for words in ("Rest and tea", "Forgot the tea", "Salbutamol", encounter.doctor.name):
        assert words in page.text
    assert [entry["content"]["notes"] for entry in page.context["versions"]] == ["Rest"]
    assert Message.objects.filter(kind="summary.amended", key__endswith=":2").count() == 1


def test_an_amendment_needs_a_reason(as_doctor, encounter):
    page = as_doctor.post(amend_page(encounter), typed(seen=1, notes="Rest and tea", reason=" "))
    assert page.status_code == 422
    assert "Rest and tea" in page.text
    assert list(page.context["forms"].form.errors) == ["reason"]
    assert not EncounterVersion.objects.exists()


def test_amending_twice_with_one_form_amends_once(as_doctor, encounter):
    data = typed(seen=1, notes="Rest and tea", reason="Forgot the tea")
    answers = [as_doctor.post(amend_page(encounter), data) for _press in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert EncounterVersion.objects.count() == 1


def test_two_windows_do_not_amend_over_each_other(as_doctor, encounter):
    as_doctor.post(amend_page(encounter), typed(seen=1, notes="First window", reason="x"))
    page = as_doctor.post(amend_page(encounter), typed(seen=1, notes="Second window", reason="y"))
    assert page.status_code == 409
    assert "Second window" in page.text
    assert [(one.theirs, one.mine) for one in page.context["differences"]] == [("First window", "Second window")]
    encounter.refresh_from_db()
    assert encounter.notes == "First window"
    again = typed(seen=page.context["forms"].form["seen"].value(), notes="Second window", reason="y")
    assert as_doctor.post(amend_page(encounter), again).status_code == 302
    assert [version.content["notes"] for version in EncounterVersion.objects.all()] == ["Rest", "First window"]


def test_an_amendment_that_changes_nothing_is_refused(encounter, doctor):
    same = {
        "complaint": "Cough",
        "notes": "Rest",
        "diagnoses": [{"words": "Bronchitis", "code": "J20.9"}],
        "prescriptions": [{"medicine": "Salbutamol", "dose": "100 µg"}],
        "vitals": [{"code": "8867-4", "number": "72.0"}],
        "next_visit_on": encounter.next_visit_on,
    }
    with pytest.raises(RecordRefused):
        amend_encounter(encounter, by=doctor.user, reason="x", **same)


def test_an_amended_prescription_is_checked_against_allergies_too(as_doctor, encounter):
    AllergyFactory(patient=encounter.patient, substance="Penicillin")
    data = typed(seen=1, reason="x", prescriptions=[{"medicine": "Penicillin"}])
    assert as_doctor.post(amend_page(encounter), data).status_code == 422
    assert not EncounterVersion.objects.exists()


def test_a_row_can_be_added_while_amending(as_doctor, encounter):
    page = as_doctor.get(amend_page(encounter))
    assert 'value="Salbutamol"' in page.text
    data = typed(seen=1, diagnoses=[{"words": "Typed"}], reason="") | {"add": "diagnoses"}
    page = as_doctor.post(amend_page(encounter), data)
    assert (page.status_code, len(page.context["forms"].diagnoses)) == (200, 3)
    assert 'value="Typed"' in page.text


def test_only_the_author_amends(as_other_doctor, as_patient, as_admin, encounter, patient):
    colleague = AppointmentFactory(patient=patient).doctor
    assert as_other_doctor.get(amend_page(encounter)).status_code == 404
    assert as_patient.post(amend_page(encounter), {"reason": "x"}).status_code == 403
    assert as_admin.get(amend_page(encounter)).status_code == 403
    with pytest.raises(PermissionDenied):
        amend_encounter(encounter, by=colleague.user, reason="x", complaint="y")


def test_what_came_from_another_system_and_what_is_not_signed_cannot_be_amended(as_doctor, doctor, patient):
    imported = ImportedEncounterFactory(doctor=doctor, patient=patient)
    draft = EncounterFactory(appointment__doctor=doctor, signed_at=None)
    for encounter in (imported, draft):
        assert as_doctor.get(amend_page(encounter)).status_code == 409
        with pytest.raises(RecordRefused):
            amend_encounter(encounter, by=doctor.user, reason="x", complaint="y")


def test_a_stopped_medicine_stays_stopped_when_something_else_is_amended(encounter, doctor):
    stop_prescription(encounter.prescriptions.get(), by=doctor.user, reason="Trembling")
    amend_encounter(
        encounter, by=doctor.user, reason="x", complaint="Dry cough",
        prescriptions=[{"medicine": "Salbutamol", "dose": "100 µg"}, {"medicine": "Tea"}],
    )  # fmt: skip
    stopped = {line.medicine: line.stopped_reason for line in encounter.prescriptions.all()}
    assert stopped == {"Salbutamol": "Trembling", "Tea": ""}


def test_a_stale_service_call_is_a_conflict(encounter, doctor):
    amend_encounter(encounter, by=doctor.user, reason="x", seen=1, complaint="One")
    with pytest.raises(RecordConflict):
        amend_encounter(encounter, by=doctor.user, reason="x", seen=1, complaint="Two")


def test_who_may_read_a_signed_record(
    as_patient, as_doctor, as_stranger, as_other_doctor, as_reception, as_admin, encounter
):
    clients = (as_patient, as_doctor, as_stranger, as_other_doctor, as_reception, as_admin)
    assert [client.get(page_of(encounter)).status_code for client in clients] == [200, 200, 404, 404, 403, 403]
    opened = AuditEvent.objects.filter(action="encounter.opened", target_id=encounter.pk)
    assert opened.count() == 2


def test_a_doctor_keeps_what_they_wrote_when_the_care_has_ended(as_doctor, encounter, doctor):
    CareRelationship.objects.filter(doctor=doctor).update(until=timezone.now() - timedelta(days=1))
    page = as_doctor.get(page_of(encounter))
    assert page.status_code == 200
    assert reverse("records:chart-detail", args=[encounter.patient_id]) not in page.text
    assert as_doctor.get(reverse("records:chart-detail", args=[encounter.patient_id])).status_code == 404


def test_patients_read_plain_words(as_patient, as_doctor, encounter):
    assert "Why you came" in as_patient.get(page_of(encounter)).text
    assert "Complaint" in as_doctor.get(page_of(encounter)).text


def found_by(client, **query):
    page = client.get(reverse("records:encounter-list"), query)
    return [row.patient.name for row in page.context["page_obj"]]


def test_doctor_finds_own_records_by_anything_they_say(as_doctor, doctor):
    first = EncounterFactory(appointment__doctor=doctor, appointment__patient__name="Zoë Müller", complaint="Schwindel")
    DiagnosisFactory(encounter=first, words="Ménière's disease", code="H81.0")
    second = EncounterFactory(appointment__doctor=doctor, appointment__patient__name="Bo Li", complaint="Cough")
    PrescriptionLineFactory(encounter=second, medicine="Salbutamol")
    EncounterFactory(complaint="Schwindel")
    for words, names in (
        ("muller", ["Zoë Müller"]),
        ("MENIERE", ["Zoë Müller"]),
        ("h81.0", ["Zoë Müller"]),
        ("schwindel", ["Zoë Müller"]),
        ("salbutamol cough", ["Bo Li"]),
        (second.patient.number, ["Bo Li"]),
        ("nothing like it", []),
        ("%", []),
    ):
        assert found_by(as_doctor, q=words) == names


def test_doctor_narrows_records_by_day_and_state(as_doctor, doctor):
    now = timezone.now()
    EncounterFactory(
        appointment__doctor=doctor, appointment__patient__name="Old", appointment__starts_at=now - timedelta(days=90)
    )
    EncounterFactory(
        appointment__doctor=doctor,
        appointment__patient__name="Draft",
        appointment__starts_at=now - timedelta(days=1),
        signed_at=None,
    )
    month_ago = (now - timedelta(days=30)).date().isoformat()
    assert found_by(as_doctor, until=month_ago) == ["Old"]
    assert found_by(as_doctor, since=month_ago) == ["Draft"]
    assert found_by(as_doctor, state="draft") == ["Draft"]
    assert found_by(as_doctor, state="signed") == ["Old"]
    for wrong in ({"since": "not a day"}, {"until": "9999-12-31"}, {"state": "?"}):
        assert found_by(as_doctor, **wrong) == []


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_of_records_costs_the_same_however_long(rows, as_doctor, doctor, django_assert_max_num_queries):
    for _number in range(rows):
        encounter = EncounterFactory(appointment__doctor=doctor)
        DiagnosisFactory(encounter=encounter)
        PrescriptionLineFactory(encounter=encounter)
    with django_assert_max_num_queries(14):
        as_doctor.get(reverse("records:encounter-list"), {"q": "e"})


def test_the_list_of_records_is_for_doctors(as_patient, as_reception, as_admin):
    for client in (as_patient, as_reception, as_admin):
        assert client.get(reverse("records:encounter-list")).status_code == 403
