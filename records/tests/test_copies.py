"""A copy of everything held about a patient: complete, the owner's alone, on record, made by a worker."""

import io
import json
import re
from datetime import date, timedelta
from zipfile import ZipFile

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from accounts import audit, consents
from accounts.models import AuditEvent, ConsentKind, How, Message, MessagePreference, Role
from accounts.services import answer
from accounts.tests.factories import MessageFactory, UserFactory
from clinic.models import Patient, Scope
from clinic.services import ask_guardian, close_patient, merge
from clinic.services.duplicates import _note
from clinic.tests.factories import ClaimFactory, GuardianshipFactory, PatientFactory
from records import services
from records.errors import RecordRefused
from records.models import ClinicalGrant, Export
from records.mydata import archive
from records.mydata.sections import SECTIONS
from records.services import amend_encounter, request_export, run_export
from records.tests.factories import (
    AllergyFactory,
    DiagnosisFactory,
    EncounterFactory,
    MedicalHistoryFactory,
    PrescriptionLineFactory,
    VitalsFactory,
)
from scheduling.models import Appointment, Status
from scheduling.services import annotate, cancel
from scheduling.tests.factories import AppointmentFactory

ASK, PAGE = reverse("records:copy-create"), reverse("records:my-data")
EVERYTHING = Export.Kind.EVERYTHING


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.EXPORT_ROOT = tmp_path / "exports"
    return settings.EXPORT_ROOT


def download_of(export, part=""):
    return reverse("records:export-download", args=[export.pk]) + (f"?part={part}" if part else "")


def made(patient):
    export = request_export(patient, by=patient.user, kind=EVERYTHING)
    assert run_export(export.pk)
    export.refresh_from_db()
    return export


def content(answer):
    return b"".join(answer.streaming_content)


def document(client, patient):
    return json.loads(content(client.get(download_of(made(patient), "json"))))


def record(patient, doctor, days=9):
    """A completed visit of this patient, so many days ago, with everything in it."""
    visit = AppointmentFactory(
        patient=patient,
        doctor=doctor,
        status=Status.COMPLETED,
        starts_at=timezone.now() - timedelta(days=days),
        reason="Headache",
    )
    encounter = EncounterFactory(appointment=visit, complaint="صداع", notes="मुझे बुखार है")
    DiagnosisFactory(encounter=encounter, code="R51", words="Headache found")
    PrescriptionLineFactory(encounter=encounter, medicine="Ibuprofen", override_reason="Mild")
    VitalsFactory(encounter=encounter, patient=patient, number=71)
    return encounter


def test_who_acts_who_may_read_what_was_agreed_and_where_one_is_signed_in(as_patient, patient):
    guardian = GuardianshipFactory(patient=patient, guardian__name="Gerda Guard").guardian
    GuardianshipFactory(guardian=patient.user, patient__name="Wilma Ward")
    ask_guardian(patient, email="aunt@example.org", scope=Scope.BOOK, by=patient.user)
    answer({consents.current(ConsentKind.DATA_USE): False}, how=How.PAGE, by=patient.user, user=patient.user)
    first, second, officer = (UserFactory(role=role) for role in (Role.ADMIN, Role.ADMIN, Role.RECEPTION))
    times = {"starts_at": timezone.now(), "until": timezone.now() + timedelta(days=3)}
    about = {"user": officer, "scope": ClinicalGrant.Scope.PATIENT, "patient": patient, **times}
    services.confirm_grant(services.ask_grant(reason="Insurer asks", by=first, **about), by=second)
    services.ask_grant(reason="Curiosity", by=first, **about)
    twin = PatientFactory(user=None, name=patient.name)
    merge(_note(patient, twin, ["name"]), keep=patient, by=second, reason="Same papers")
    Authenticator.objects.create(user=patient.user, type="totp", data={"secret": "hush"})
    MessagePreference.objects.create(user=patient.user, chosen={"bookings": ["sms"], "records": []}, chat_address="ada")
    told = document(as_patient, patient)
    [preference] = told["message_preferences"]
    assert (preference["chosen"]["bookings"], preference["chat_address"]) == (["sms"], "ada")
    acting = {(row["guardian"], row["patient"]) for row in told["guardianships"]}
    assert acting == {(guardian.name, patient.name), (patient.user.name, "Wilma Ward")}
    assert [row["address"] for row in told["guardian_requests"]] == ["aunt@example.org"]
    assert ("data_use", False) in {(row["kind"], row["given"]) for row in told["consents"]}
    assert [(row["for"], row["reason"]) for row in told["grants"]] == [(officer.name, "Insurer asks")]
    assert [(row["merged"], row["reason"]) for row in told["merges"]] == [(twin.number, "Same papers")]
    assert len(told["sessions"]) == 1
    assert [row["type"] for row in told["second_factors"]] == ["totp"]
    assert "hush" not in json.dumps(told)


def test_a_patient_asks_watches_and_fetches_three_ways(as_patient, patient):
    assert "Get a copy of everything" in as_patient.get(PAGE).text
    export_page = as_patient.post(ASK).url
    export = Export.objects.get()
    assert (export.kind, export.owner, export.patient) == (EVERYTHING, patient.user, patient)
    assert as_patient.get(download_of(export)).status_code == 302
    run_export(export.pk)
    page = as_patient.get(export_page).text
    assert all(download_of(export, part) in page for part in ("pdf", "json", ""))
    pdf = as_patient.get(download_of(export, "pdf"))
    assert (pdf.headers["Content-Type"], pdf.headers["Cache-Control"]) == ("application/pdf", "no-store, private")
    assert f"my-data-{patient.number}" in pdf.headers["Content-Disposition"]
    assert content(pdf).startswith(b"%PDF-")
    assert json.loads(content(as_patient.get(download_of(export, "json"))))["format"] == archive.FORMAT
    both = ZipFile(io.BytesIO(content(as_patient.get(download_of(export)))))
    assert both.namelist() == ["data.json", "data.pdf"]
    assert both.testzip() is None


def test_the_document_holds_everything(as_patient, patient, doctor):
    patient.phone, patient.address, patient.emergency_name = "+442079460301", "Street 1", "Ann"
    patient.save()
    encounter = record(patient, doctor)
    amend_encounter(
        encounter, by=doctor.user, seen=encounter.saves, reason="Typing error", complaint="New complaint", notes="",
        diagnoses=[], prescriptions=[], vitals=[], next_visit_on=None,
    )  # fmt: skip
    VitalsFactory(patient=patient, number=88)
    AllergyFactory(patient=patient, substance="Penicillin")
    MedicalHistoryFactory(patient=patient, illnesses="Asthma")
    MessageFactory(recipient=patient.user, subject="Your visit", text="Tuesday")
    ClaimFactory(patient=patient, used_at=timezone.now(), account=patient.user, email="a@example.org")
    services.open_chart(patient, by=doctor.user)
    audit.record(patient.user, "account.signed_in", patient.user)
    told = document(as_patient, patient)
    assert (told["format"], told["version"]) == (archive.FORMAT, archive.VERSION)
    assert (told["account"]["email"], told["account"]["email_confirmed"]) == (patient.user.email, True)
    assert told["patient"]["number"] == patient.number
    assert (told["patient"]["phone"], told["patient"]["emergency_name"]) == ("+44 20 7946 0301", "Ann")
    assert told["treating_doctors"][0]["doctor"] == doctor.name
    assert {visit["reason"] for visit in told["visits"]} == {"", "Headache"}
    version = told["encounters"][0]["earlier_versions"][0]
    assert told["encounters"][0]["complaint"] == "New complaint"
    assert (version["reason"], version["content"]["complaint"]) == ("Typing error", "صداع")
    assert version["content"]["diagnoses"][0]["words"] == "Headache found"
    assert [row["number"] for row in told["measurements"]] == ["88.000000"]
    assert told["allergies"][0]["substance"] == "Penicillin"
    assert told["histories"][0]["illnesses"] == "Asthma"
    assert "Tuesday" in told["messages"][0]["text"]
    assert told["links"][0]["email"] == "a@example.org"
    assert doctor.name in {row["who"] for row in told["openings"]}
    assert told["account_events"][0]["action"] == "account.signed_in"
    assert told["downloads"][0]["kind"] == "everything"


def test_diagnoses_prescriptions_and_events_stand_with_their_visit(as_patient, patient, doctor):
    record(patient, doctor)
    visit = Appointment.objects.get(reason="Headache")
    visit.events.create(kind="booked", status="booked", starts_at=visit.starts_at, by_name="Reception", reason="Phone")
    told = document(as_patient, patient)
    encounter = told["encounters"][0]
    assert encounter["visit"] == visit.reference
    assert (encounter["diagnoses"][0]["code"], encounter["prescriptions"][0]["medicine"]) == ("R51", "Ibuprofen")
    assert encounter["prescriptions"][0]["override_reason"] == "Mild"
    assert encounter["measurements"][0]["code"] == "8867-4"
    events = next(row["events"] for row in told["visits"] if row["reason"] == "Headache")
    assert (events[0]["by_name"], events[0]["reason"]) == ("Reception", "Phone")


def test_nothing_of_anybody_else_and_no_draft_is_in_it(as_patient, patient, doctor):
    other = AppointmentFactory(doctor=doctor, reason="strangerword").patient
    AllergyFactory(patient=other, substance="strangerword")
    MessageFactory(recipient=other.user, text="strangerword")
    EncounterFactory(appointment=AppointmentFactory(patient=patient, doctor=doctor), signed_at=None, notes="draftword")
    text = json.dumps(document(as_patient, patient), ensure_ascii=False)
    assert "strangerword" not in text
    assert other.name not in text
    assert "draftword" not in text


def test_links_that_sign_in_are_in_no_copy(as_patient, patient):
    MessageFactory(recipient=patient.user, text="https://secretlink", secret=True)
    assert "secretlink" not in json.dumps(document(as_patient, patient))


def test_what_staff_note_for_each_other_is_named_and_not_shown(as_patient, patient, visit, doctor):
    assert document(as_patient, patient)["not_in_this_copy"] == []
    annotate(visit, notes="pays-in-cash", by=doctor.user)
    told = document(as_patient, patient)
    assert "Staff have written notes" in told["not_in_this_copy"][0]
    assert "pays-in-cash" not in json.dumps(told)


def test_the_document_is_described_key_by_key(as_patient, patient, settings):
    page = (settings.BASE_DIR / "docs/copy-of-my-data.md").read_text(encoding="utf-8")
    described = set(re.findall(r"`([a-z_]+)`", page))
    told = document(as_patient, patient)
    assert set(told) - described == set()
    assert {section.name for section in SECTIONS} <= set(told)
    assert f"version {archive.VERSION}" in page


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_however_much_is_held(as_patient, patient, doctor, rows, django_assert_max_num_queries):
    for number in range(rows):
        record(patient, doctor, days=number + 5)
    with django_assert_max_num_queries(30):
        assert as_patient.get(PAGE).status_code == 200


@pytest.mark.parametrize("rows", [1, 3])
def test_a_copy_costs_the_same_however_much_is_in_it(patient, doctor, rows, django_assert_max_num_queries):
    for number in range(rows):
        AllergyFactory(patient=patient)
        EncounterFactory(appointment__patient=patient, appointment__doctor=doctor, complaint=f"{number}")
    export = request_export(patient, by=patient.user, kind=EVERYTHING)
    with django_assert_max_num_queries(82):
        assert run_export(export.pk)


def test_the_paper_is_a_sheaf_and_says_what_it_leaves_out(patient):
    for number in range(archive.ON_PAPER + 2):
        MessageFactory(recipient=patient.user, subject=f"Message {number}")
    copy = archive.Copy(patient.user, patient)
    copy.write(io.BytesIO())
    paper = next(section for section in copy.paper if section["title"] == "Messages sent to you")
    assert len(paper["entries"]) == archive.ON_PAPER
    assert f"newest {archive.ON_PAPER} of {archive.ON_PAPER + 2}" in paper["note"]


def test_only_the_owner_fetches_it(as_patient, as_stranger, as_doctor, as_reception, as_admin, patient):
    export = made(patient)
    for part in ("", "pdf", "json"):
        others = (as_stranger, as_doctor, as_reception, as_admin)
        assert [client.get(download_of(export, part)).status_code for client in others] == [404] * 4
    odd = as_patient.get(download_of(export, "odd"))
    assert (odd.headers["Content-Type"], content(odd)[:2]) == ("application/zip", b"PK")


def test_doctors_and_staff_have_no_such_page(as_doctor, as_reception, as_admin):
    for client in (as_doctor, as_reception, as_admin):
        assert client.get(PAGE).status_code == 403
        assert client.post(ASK).status_code == 403


def test_nobody_asks_for_a_copy_about_somebody_else(patient, doctor):
    for person in (doctor.user, PatientFactory().user):
        with pytest.raises(RecordRefused):
            request_export(patient, by=person, kind=EVERYTHING)
    with pytest.raises(RecordRefused):
        request_export(PatientFactory(user=None), by=patient.user, kind=EVERYTHING)


def test_a_double_click_is_one_copy_beside_a_table_of_the_history(as_patient, patient):
    first, second = as_patient.post(ASK).url, as_patient.post(ASK).url
    assert first == second
    request_export(patient, by=patient.user)
    assert Export.objects.count() == 2


def test_asking_making_and_fetching_are_on_record_as_own_acts(as_patient, patient):
    export = made(patient)
    assert content(as_patient.get(download_of(export, "pdf")))
    actions = AuditEvent.objects.filter(patient_id=patient.pk).order_by("pk").values_list("action", "actor_id")
    own = patient.user_id
    assert list(actions) == [("copy.requested", own), ("copy.made", None), ("copy.downloaded", own)]
    openings = reverse("records:opening-list", args=[patient.pk])
    assert "copy of everything" not in as_patient.get(openings).text
    assert "Downloaded a copy of everything held" in as_patient.get(openings, {"own": "1"}).text


def test_a_copy_expires_after_a_day_and_its_file_goes(as_patient, patient, folder):
    export = made(patient)
    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1)):
        as_patient.force_login(patient.user)
        assert as_patient.get(download_of(export, "pdf")).status_code == 302
        call_command("purge_exports")
        assert list(folder.iterdir()) == []


def test_whose_account_is_not_the_patients_any_more_gets_no_file(patient):
    export = request_export(patient, by=patient.user, kind=EVERYTHING)
    Patient.objects.filter(pk=patient.pk).update(user=None)
    assert not run_export(export.pk)
    export.refresh_from_db()
    assert export.file_name == ""


def test_odd_texts_stay_what_they_are(as_patient, patient):
    AllergyFactory(patient=patient, substance='#panic() $x "<script>" \u202e🙂 \\u0000', noted_on=date(2020, 2, 29))
    patient.address = "Line 1\r\nLine 2\x07"
    patient.save()
    told = document(as_patient, patient)
    assert told["allergies"][0]["substance"] == '#panic() $x "<script>" \u202e🙂 \\u0000'
    assert told["allergies"][0]["noted_on"] == "2020-02-29"
    assert told["patient"]["address"] == "Line 1\r\nLine 2\x07"


def test_messages_about_visits_from_before_there_was_an_account_are_in_it(as_patient, patient, visit):
    about = {"about_type": Appointment._meta.label_lower, "about_id": visit.pk}
    MessageFactory(recipient=None, address="old@example.org", text="earlier", **about)
    assert Message.objects.count() == 1
    assert document(as_patient, patient)["messages"][0]["address"] == "old@example.org"


def test_who_does_not_agree_to_the_notice_takes_their_data_along_and_leaves(as_patient):
    as_patient.post("/consents/privacy/withdraw/")
    assert PAGE in as_patient.get("/consents/ask/").text
    assert as_patient.get(PAGE).status_code == 200
    assert as_patient.get(as_patient.post(ASK).url).status_code == 200
    assert as_patient.get("/profile/close/").status_code == 200
    assert as_patient.get("/appointments/").url.startswith("/consents/ask/")


def test_files_of_somebody_who_leaves_go(patient, visit, folder, doctor):
    ready, waiting = made(patient), request_export(patient, by=patient.user)
    theirs = request_export(patient, by=doctor.user)
    cancel(visit, by=None)
    close_patient(patient, by=patient.user)
    assert not run_export(waiting.pk)
    call_command("purge_exports")
    assert list(folder.iterdir()) == []
    assert {export.state for export in Export.objects.filter(pk__in=[ready.pk, waiting.pk])} == {"expired"}
    theirs.refresh_from_db()
    assert theirs.state == "waiting"
