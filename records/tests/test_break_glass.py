"""Break-glass: the chart of somebody one does not treat opens for half an hour, and all concerned learn of it."""

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, Message, MessageState, Role
from accounts.tests.factories import UserFactory
from clinic.numbers import new_number
from clinic.tests.factories import DoctorFactory, PatientFactory
from records.models import BreakGlass, Verdict
from records.services import break_glass, request_export, review_break_glass
from records.services.breakglass import find_one
from records.tests.conftest import client_of
from records.tests.factories import AllergyFactory, EncounterFactory, MedicalHistoryFactory, PrescriptionLineFactory

pytestmark = pytest.mark.django_db
NEW = "/break-glass/new/"
SAID = {"kind": "emergency", "reason": "Fainted in the corridor"}


@pytest.fixture
def stranger():
    """A patient whom the doctor does not treat, with something in the chart."""
    patient = PatientFactory(name="Maria Anna Schmidt", birth_date=date(1971, 3, 4), number=new_number(),
                             emergency_name="Josef Schmidt", emergency_phone="+4930901820")  # fmt: skip
    AllergyFactory(patient=patient, substance="Penicillin")
    return patient


@pytest.fixture
def chart(stranger):
    return reverse("records:chart-detail", args=[stranger.pk])


@pytest.fixture
def administrator():
    return UserFactory(role=Role.ADMIN)


def opened(client, stranger, **more):
    answer = client.post(NEW, SAID | {"number": stranger.number} | more)
    assert answer.status_code == 302, answer.text
    return BreakGlass.objects.get(patient=stranger)


def test_the_chart_opens_for_half_an_hour_with_a_banner_and_then_closes(as_doctor, stranger, chart, time_machine):
    now = datetime.fromisoformat("2026-11-25T10:00:00+00:00")
    time_machine.move_to(now, tick=False)
    assert as_doctor.get(chart).status_code == 404
    answer = as_doctor.post(NEW, SAID | {"number": stranger.number.lower().replace("-", " ")})
    assert answer.headers["Location"] == chart
    page = as_doctor.get(chart)
    assert page.status_code == 200
    for words in ("You do not treat this patient", "End now", "Penicillin", "Josef Schmidt", "in 30 minutes"):
        assert words in page.text
    assert page.headers["Refresh"] == "1801; url=/break-glass/"
    time_machine.move_to(now + timedelta(minutes=29, seconds=59), tick=False)
    assert as_doctor.get(chart).status_code == 200
    time_machine.move_to(now + timedelta(minutes=30), tick=False)
    for headers in ({}, {"HX-Request": "true"}):
        closed = as_doctor.get(chart, headers=headers)
        assert (closed.status_code, "Penicillin" in closed.text) == (404, False)


def test_name_and_birth_date_open_it_too(as_doctor, stranger, chart):
    answer = as_doctor.post(NEW, SAID | {"name": "maria schmidt", "birth_date": "1971-03-04"})
    assert answer.headers["Location"] == chart


@pytest.mark.parametrize("name", ["Maria", "Mari Schm", "Maria Smith", "Schmidt", "a", "%", "Maria Anna Schmidt Meier"])
def test_a_part_of_a_name_finds_nobody(name, stranger):
    assert find_one(name=name, birth_date=stranger.birth_date) is None


def test_what_finds_nobody_several_or_another_day_looks_the_same(as_doctor, stranger):
    PatientFactory.create_batch(2, name="Jan Novak", birth_date=date(1980, 1, 1))
    tries = [
        {"number": new_number()},
        {"number": "nonsense"},
        {"name": "Jan Novak", "birth_date": "1980-01-01"},
        {"name": "Nobody Atall", "birth_date": "1980-01-01"},
        {"name": stranger.name, "birth_date": "1971-03-05"},
    ]
    said = set()
    for typed in tries:
        answer = as_doctor.post(NEW, SAID | typed)
        said.add((answer.status_code, tuple(answer.context["form"].non_field_errors())))
    assert said == {
        (422, ("That is not one patient of this hospital. Check what you typed, or use the patient number.",))
    }
    assert AuditEvent.objects.filter(action="break_glass.refused").count() == len(tries)
    assert not BreakGlass.objects.exists()


def test_too_many_wrong_tries_are_not_even_looked_up(as_doctor, stranger, time_machine):
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    for _try in range(5):
        assert as_doctor.post(NEW, SAID | {"number": new_number()}).status_code == 422
    answer = as_doctor.post(NEW, SAID | {"number": stranger.number})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "901")
    assert "Fainted in the corridor" in answer.text
    assert AuditEvent.objects.filter(action="break_glass.throttled").count() == 1
    time_machine.move_to(now + timedelta(seconds=901), tick=False)
    opened(as_doctor, stranger)


def test_no_form_without_who_and_why(as_doctor, stranger):
    for typed in ({}, {"name": stranger.name}, {"birth_date": "1971-03-04"}):
        assert as_doctor.post(NEW, SAID | typed).status_code == 422
    for left_out in SAID:
        data = {name: value for name, value in SAID.items() if name != left_out} | {"number": stranger.number}
        assert as_doctor.post(NEW, data).status_code == 422
    assert not BreakGlass.objects.exists()


def test_a_second_press_opens_nothing_twice_and_does_not_lengthen(as_doctor, stranger):
    first = opened(as_doctor, stranger)
    assert opened(as_doctor, stranger, reason="Again") == first
    assert Message.objects.filter(kind="break_glass.opened").count() == 1


def test_a_patient_one_treats_needs_no_glass_broken(as_doctor, patient):
    patient.number = new_number()
    patient.save()
    answer = as_doctor.post(NEW, SAID | {"number": patient.number})
    assert answer.headers["Location"] == reverse("records:chart-detail", args=[patient.pk])
    assert not BreakGlass.objects.exists()


def test_only_reading_is_open(as_doctor, doctor, stranger, chart):
    encounter = EncounterFactory(patient=stranger, appointment__patient=stranger)
    line = PrescriptionLineFactory(encounter=encounter)
    history = MedicalHistoryFactory(patient=stranger)
    opened(as_doctor, stranger)
    page = as_doctor.get(chart)
    assert as_doctor.get(reverse("records:encounter-detail", args=[encounter.pk])).status_code == 200
    for words in ("Record an allergy", "Record another", "I have read this", "Download as a table", ">Stop<"):
        assert words not in page.text
    refused = {
        reverse("records:allergy-create", args=[stranger.pk]): {"substance": "X", "severity": "mild"},
        reverse("records:allergy-edit", args=[stranger.allergies.get().pk]): {"substance": "X", "severity": "mild"},
        reverse("records:history-review", args=[stranger.pk]): {"history": history.pk},
        reverse("records:prescription-stop", args=[line.pk]): {},
        reverse("records:encounter-write", args=[encounter.appointment_id]): {"complaint": "x"},
        reverse("records:encounter-amend", args=[encounter.pk]): {"complaint": "x"},
        reverse("records:export-create"): {"patient": stranger.pk},
        reverse("clinic:patient-edit", args=[stranger.pk]): {},
    }
    answers = {url: as_doctor.post(url, data).status_code for url, data in refused.items()}
    assert set(answers.values()) <= {403, 404}, answers
    assert as_doctor.get(reverse("clinic:patient-detail", args=[stranger.pk])).status_code == 404


def test_a_file_asked_for_by_other_ways_is_not_made(as_doctor, doctor, stranger, settings, tmp_path):
    from records.services import run_export

    settings.EXPORT_ROOT = tmp_path
    opened(as_doctor, stranger)
    assert run_export(request_export(stranger, by=doctor.user).pk) is False


def test_the_doctor_ends_it_early(as_doctor, stranger, chart):
    glass = opened(as_doctor, stranger)
    assert as_doctor.post(reverse("records:break-glass-end", args=[glass.pk])).status_code == 302
    assert as_doctor.get(chart).status_code == 404
    as_doctor.post(reverse("records:break-glass-end", args=[glass.pk]))
    assert AuditEvent.objects.filter(action="break_glass.ended").count() == 1


def test_nobody_else_gets_in_by_it(as_doctor, as_other_doctor, as_admin, as_reception, stranger, chart):
    glass = opened(as_doctor, stranger)
    assert [client.get(chart).status_code for client in (as_other_doctor, as_admin, as_reception)] == [404, 403, 403]
    assert as_other_doctor.post(reverse("records:break-glass-end", args=[glass.pk])).status_code == 404


def test_the_patient_is_told_by_mail_without_anything_clinical(as_doctor, doctor, stranger):
    opened(as_doctor, stranger)
    message = Message.objects.get(kind="break_glass.opened")
    assert (message.recipient, message.state) == (stranger.user, MessageState.DUE)
    assert doctor.name in message.text
    assert "An emergency" in message.text
    assert "corridor" not in message.text
    assert "Penicillin" not in message.text


def test_who_has_no_address_is_on_the_list_of_what_was_not_delivered(as_doctor, as_reception):
    walk_in = PatientFactory(user=None, number=new_number())
    opened(as_doctor, walk_in)
    assert Message.objects.get(kind="break_glass.opened").state == MessageState.NOT_SENDABLE
    assert walk_in.name in as_reception.get(reverse("accounts:message-list")).text


def test_the_patient_sees_who_when_and_why(as_doctor, doctor, stranger, chart):
    opened(as_doctor, stranger)
    as_doctor.get(chart)
    page = client_of(stranger.user).get(reverse("records:opening-list", args=[stranger.pk]))
    told = [(one.who, one.what, one.why, one.is_unusual) for one in page.context["openings"]]
    why = "in an emergency, without treating you"
    assert told == [
        (doctor.name, "Opened the medical record", why, True),
        (doctor.name, "Unlocked the medical record for 30 minutes", why, True),
    ]
    assert why in page.text
    assert "corridor" not in page.text


def test_every_opening_says_in_the_trail_that_it_was_by_break_glass(as_doctor, stranger, chart):
    glass = opened(as_doctor, stranger)
    as_doctor.get(chart)
    event = AuditEvent.objects.get(action="chart.opened", patient_id=stranger.pk)
    assert event.detail == {"because": "break_glass", "number": glass.pk, "kind": "emergency"}


def test_what_cannot_be_written_down_opens_nothing(as_doctor, stranger, chart):
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "CREATE TRIGGER no_audit BEFORE INSERT ON accounts_auditevent BEGIN SELECT RAISE(ABORT, 'full'); END"
            )
        else:
            cursor.execute("ALTER TABLE accounts_auditevent ADD CONSTRAINT no_audit CHECK (false) NOT VALID")
    assert as_doctor.post(NEW, SAID | {"number": stranger.number}).status_code == 503
    assert not BreakGlass.objects.exists()
    assert not Message.objects.filter(kind="break_glass.opened").exists()


# The review


@pytest.fixture
def glass(doctor, stranger):
    return break_glass(by=doctor.user, number=stranger.number, **SAID)


def review(client, glass, **data):
    return client.post(reverse("records:break-glass-review", args=[glass.pk]), data)


def test_an_administrator_sees_what_was_looked_at_and_gives_a_verdict(as_doctor, administrator, glass, chart):
    as_doctor.get(chart)
    client = client_of(administrator)
    assert glass.patient.name in client.get("/break-glass/").text
    page = client.get(reverse("records:break-glass-review", args=[glass.pk]))
    assert [act.what for act in page.context["acts"]] == [
        "Unlocked the medical record for 30 minutes", "Opened the medical record"
    ]  # fmt: skip
    assert "Penicillin" not in page.text
    assert review(client, glass, verdict="justified", seen="").status_code == 302
    glass.refresh_from_db()
    assert (glass.verdict, glass.reviewed_by) == (Verdict.JUSTIFIED, administrator)
    assert glass.patient.name not in client.get("/break-glass/").text
    assert glass.patient.name in client.get("/break-glass/?state=reviewed").text
    assert "Justified" in as_doctor.get("/break-glass/").text


def test_the_second_administrator_meets_a_conflict(administrator, as_admin, glass):
    assert review(as_admin, glass, verdict="justified", seen="").status_code == 302
    late = review(client_of(administrator), glass, verdict="not_justified", note="No", seen="")
    assert late.status_code == 409
    glass.refresh_from_db()
    assert glass.verdict == Verdict.JUSTIFIED


def test_what_is_to_be_talked_about_stays_on_the_list_until_it_is_decided(as_admin, glass):
    assert review(as_admin, glass, verdict="to_discuss", seen="").status_code == 422  # a note is needed
    assert review(as_admin, glass, verdict="to_discuss", note="Please call me", seen="").status_code == 302
    assert glass.patient.name in as_admin.get("/break-glass/").text
    assert review(as_admin, glass, verdict="justified", note="Talked", seen="").status_code == 409
    assert review(as_admin, glass, verdict="justified", note="Talked", seen="to_discuss").status_code == 302


def test_the_doctor_is_told_of_a_verdict_that_is_not_good(as_admin, as_doctor, doctor, glass):
    review(as_admin, glass, verdict="not_justified", note="No reason to", seen="")
    message = Message.objects.get(kind="break_glass.questioned")
    assert message.recipient == doctor.user
    assert glass.patient.name not in f"{message.subject}{message.text}"
    assert "No reason to" in as_doctor.get("/break-glass/").text


def test_nobody_reviews_their_own(glass, administrator):
    glass.doctor.user = administrator
    glass.doctor.save()
    answer = review(client_of(administrator), glass, verdict="justified", seen="")
    assert (answer.status_code, BreakGlass.objects.get().verdict) == (422, "")


def test_only_administrators_review_even_with_the_permission(glass, doctor):
    from django.core.exceptions import PermissionDenied

    with pytest.raises(PermissionDenied):
        review_break_glass(glass, by=doctor.user, verdict=Verdict.JUSTIFIED)


def test_what_waits_for_more_than_three_days_is_red_on_the_first_page(as_admin, glass, time_machine):
    page = as_admin.get("/")
    assert "1 opening of a record without treating waits for your review." in page.text
    assert "more than 3 days" not in page.text
    time_machine.move_to(glass.opened_at + timedelta(days=3, minutes=1), tick=False)
    assert "1 has waited for more than 3 days." in client_of(UserFactory(role=Role.ADMIN)).get("/").text


def test_doctors_see_their_own_alone(glass, as_doctor, as_other_doctor):
    assert glass.patient.name in as_doctor.get("/break-glass/").text
    assert glass.patient.name not in as_other_doctor.get("/break-glass/").text
    assert Client().get("/break-glass/").status_code == 302


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_however_long(rows, as_admin, django_assert_max_num_queries):
    for _number in range(rows):
        break_glass(by=DoctorFactory().user, number=PatientFactory(number=new_number()).number, **SAID)
    as_admin.get("/break-glass/")
    with django_assert_max_num_queries(9):
        as_admin.get("/break-glass/")
