"""A patient's first page: what is due, the medicines of now, visits by month or year."""

import re
from datetime import time, timedelta

import pytest
import time_machine
from django.db import DatabaseError
from django.urls import reverse

from accounts import audit
from accounts.models import AuditEvent, ConsentKind
from clinic.family import acting_for, seen_by
from clinic.models import Guardianship, Hospital, Patient
from clinic.tests.factories import DoctorFactory, GuardianshipFactory, PatientFactory
from hms.tests.dashboards import DAY, NOW, TODAY, client_of, leads_to_its_rows, made_past, visit
from records.tests.factories import EncounterFactory, PrescriptionLineFactory
from scheduling.models import Appointment, FreedTime, Proposal, Status, WaitlistEntry, WaitlistOffer
from scheduling.tests.factories import open_all_week


@pytest.fixture(autouse=True)
def berlin(db):
    Hospital.objects.update(time_zone="Europe/Berlin", address="1 Lane")
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def doctor():
    doctor = DoctorFactory(name="Dr Ada Okafor")
    open_all_week(doctor)
    return doctor


@pytest.fixture
def patient():
    return PatientFactory(name="Mina Alvarez")


@pytest.mark.parametrize(("asked", "bars"), [("12m", 12), ("5y", 5)])
@pytest.mark.parametrize("family", [False, True])
def test_visits_by_month_or_year_lead_to_their_rows(patient, doctor, asked, bars, family):
    made_past(doctor, patient)
    visit(doctor, TODAY - 800 * DAY, patient=patient, status=Status.COMPLETED)
    if family:
        child = GuardianshipFactory(guardian=patient.user).patient
        visit(DoctorFactory(), TODAY - DAY, patient=child, status=Status.COMPLETED)
    client = client_of(patient.user)
    chart = client.get(reverse("home"), {"range": asked}).context["chart"]
    total = [sum(row.cells[column].value for row in chart.rows) for column in (0, 1)]
    assert total == ([11, 9] if asked == "12m" else [12, 9])
    assert leads_to_its_rows(client, chart)[0] == 2 * bars


def test_the_medicines_of_now_are_those_of_the_chart_and_looking_at_them_is_on_record(patient, doctor):
    record = EncounterFactory(appointment=visit(doctor, TODAY - 9 * DAY, patient=patient, status=Status.COMPLETED))
    draft = EncounterFactory(appointment=visit(doctor, TODAY, time(9), patient=patient), signed_at=None)
    taken = PrescriptionLineFactory(encounter=record, medicine="Ramipril")
    PrescriptionLineFactory(encounter=record, medicine="Amoxicillin", ends_on=TODAY - DAY)
    PrescriptionLineFactory(encounter=record, medicine="Ibuprofen", stopped_on=TODAY, stopped_by_name="Dr")
    PrescriptionLineFactory(encounter=draft, medicine="Secretol")
    PrescriptionLineFactory(medicine="Strangerol")
    client = client_of(patient.user)
    page = client.get(reverse("home"))
    assert page.context["medication"] == [taken]
    assert "Ramipril" in page.text
    for other in ("Amoxicillin", "Ibuprofen", "Secretol", "Strangerol"):
        assert other not in page.text
    event = AuditEvent.objects.get(action="medicines.opened")
    assert (event.actor_id, event.patient_id, event.detail) == (patient.user.pk, patient.pk, {"because": "own"})
    chart = client.get(reverse("records:chart-detail", args=[patient.pk]))
    assert chart.context["chart"].medication == [taken]
    openings = client.get(reverse("records:opening-list", args=[patient.pk]), {"own": 1})
    assert "Looked at the current medicines" in openings.text


def test_without_anything_on_record_nothing_is_opened(patient):
    page = client_of(patient.user).get(reverse("home"))
    assert "medication" not in page.context
    assert not AuditEvent.objects.filter(action="medicines.opened").exists()


def test_what_cannot_be_put_on_record_is_not_shown(patient, monkeypatch):
    record = signed(DoctorFactory(), patient, 9)
    PrescriptionLineFactory(encounter=record, medicine="Ramipril")
    coming = visit(DoctorFactory(), TODAY + DAY, patient=patient)
    client = client_of(patient.user)
    original = audit.record

    def broken(by, action, *args, **kwargs):
        if action == "medicines.opened":
            raise DatabaseError
        return original(by, action, *args, **kwargs)

    monkeypatch.setattr(audit, "record", broken)
    page = client.get(reverse("home"))
    assert page.status_code == 200
    assert page.context["next"] == coming
    assert "Ramipril" not in page.text
    assert "Your record stays closed for the moment" in page.text


def test_a_guardian_sees_no_medicines_but_their_own(patient):
    child = GuardianshipFactory(guardian=patient.user).patient
    record = signed(DoctorFactory(), child, 9)
    PrescriptionLineFactory(encounter=record, medicine="Childrol")
    page = client_of(patient.user).get(reverse("home"))
    assert "Childrol" not in page.text
    assert reverse("records:chart-detail", args=[child.pk]) in page.text
    assert not AuditEvent.objects.filter(action="medicines.opened").exists()


def signed(doctor, patient, days_ago, next_visit=None):
    at = visit(doctor, TODAY - days_ago * DAY, patient=patient, status=Status.COMPLETED)
    return EncounterFactory(appointment=at, next_visit_on=next_visit)


def test_the_next_visit_that_a_doctor_wants_is_due_until_it_is_booked(patient, doctor):
    wanted = signed(doctor, patient, 20, TODAY + 10 * DAY)
    signed(doctor, PatientFactory(), 21, TODAY + 10 * DAY)
    client = client_of(patient.user)
    page = client.get(reverse("home"))
    assert page.context["proposed"] == [wanted]
    assert "Dr Ada Okafor would like to see you again" in page.text
    assert reverse("scheduling:booking-dates", args=[doctor.pk]) in page.text
    cancelled = visit(doctor, TODAY + 9 * DAY, patient=patient, status=Status.CANCELLED)
    visit(DoctorFactory(), TODAY + 9 * DAY, time(15), patient=patient)
    assert client.get(reverse("home")).context["proposed"] == [wanted]
    Appointment.objects.filter(pk=cancelled.pk).update(status=Status.BOOKED)
    assert client.get(reverse("home")).context["proposed"] == []


def test_what_the_doctor_said_last_counts_and_what_is_long_past_is_dropped(patient, doctor):
    signed(doctor, patient, 60, TODAY + 5 * DAY)
    signed(doctor, patient, 20)
    signed(DoctorFactory(), patient, 500, TODAY - 400 * DAY)
    gone = DoctorFactory(name="Dr Gone", retired_at=NOW)
    wanted = signed(gone, patient, 30, TODAY - 3 * DAY)
    page = client_of(patient.user).get(reverse("home"))
    assert page.context["proposed"] == [wanted]
    assert reverse("scheduling:booking-dates", args=[gone.pk]) not in page.text


def test_who_comes_today_or_tomorrow_is_asked_to_say_so_and_says_so(patient, doctor):
    tomorrow = visit(doctor, TODAY + DAY, time(23), patient=patient)
    visit(doctor, TODAY + 2 * DAY, time(0, 30), patient=patient)
    visit(DoctorFactory(), TODAY, time(11), patient=patient, confirmed_at=NOW)
    client = client_of(patient.user)
    page = client.get(reverse("home"))
    assert page.context["to_confirm"] == [tomorrow]
    url = reverse("scheduling:appointment-confirm", args=[tomorrow.pk])
    assert re.search(rf'<form method="post" action="{url}">', page.text)
    answer = client.post(url, {"seen": "0", "next": reverse("home")})
    assert (answer.status_code, answer.url) == (302, reverse("home"))
    assert client.get(reverse("home")).context["to_confirm"] == []
    assert client.post(url, {"seen": "0"}).status_code == 302
    event = AuditEvent.objects.get(action="appointment.confirmed")
    assert (event.actor_id, event.patient_id) == (patient.user.pk, patient.pk)


def test_a_visit_that_has_changed_is_not_confirmed(patient, doctor):
    moved = visit(doctor, TODAY + DAY, patient=patient, moved_count=1)
    begun = visit(DoctorFactory(), TODAY, time(10), patient=patient)
    theirs = visit(DoctorFactory(), TODAY + DAY)
    client = client_of(patient.user)
    assert client.post(reverse("scheduling:appointment-confirm", args=[moved.pk]), {"seen": "0"}).status_code == 409
    assert client.post(reverse("scheduling:appointment-confirm", args=[begun.pk])).status_code == 409
    assert client.post(reverse("scheduling:appointment-confirm", args=[theirs.pk])).status_code == 404
    assert client_of(doctor.user).post(reverse("scheduling:appointment-confirm", args=[moved.pk])).status_code == 403
    assert not Appointment.objects.exclude(confirmed_at=None).exists()
    assert client.post(reverse("scheduling:appointment-confirm", args=[moved.pk]), {"seen": "1"}).status_code == 302


def test_questions_that_were_not_answered_are_due_until_they_are_also_by_a_no(patient):
    client = client_of(patient.user)
    unanswered = client.get(reverse("home")).context["unanswered"]
    assert ConsentKind.DATA_USE in {one.kind for one in unanswered}
    page = client.get(reverse("accounts:consent-list"))
    assert sum(one.given is None for one in page.context["standings"]) == len(unanswered)
    client.post(reverse("accounts:consent-withdraw", args=[ConsentKind.DATA_USE]))
    left = client.get(reverse("home")).context["unanswered"]
    assert {one.kind for one in unanswered} - {one.kind for one in left} == {ConsentKind.DATA_USE}
    assert AuditEvent.objects.filter(action="consent.refused").count() == 1


def offered(doctor, patient, day=TODAY + 9 * DAY, held_for=timedelta(hours=2)):
    """A freed time, held for this patient from the waiting list."""
    held = visit(doctor, day, patient=patient, status=Status.HELD, held_until=NOW + held_for)
    who = {"patient": patient, "department": doctor.department, "doctor": doctor}
    return WaitlistOffer.objects.create(
        entry=WaitlistEntry.objects.create(until=TODAY + 30 * DAY, **who),
        freed=FreedTime.objects.create(doctor=doctor, starts_at=held.starts_at),
        appointment=held,
        expires_at=held.held_until,
    )


def asked_for_another(doctor, patient, day, **more):
    """A visit whose patient is asked for another time."""
    moving = visit(doctor, day, patient=patient)
    Proposal.objects.create(appointment=moving, moved_count=0, **more)
    return moving


def due(page):
    """What is due, as the page shows it."""
    return re.search(r'<section aria-labelledby="due">.*?</section>', page.text, re.DOTALL)[0]


def test_a_time_on_offer_is_due_first_with_its_deadline_and_is_no_visit_yet(patient, doctor):
    child = GuardianshipFactory(guardian=patient.user, patient__name="Lea Alvarez").patient
    theirs = offered(DoctorFactory(), child, TODAY + 8 * DAY, timedelta(hours=3))
    own = offered(doctor, patient)
    stranger = offered(DoctorFactory(), PatientFactory(name="Zoe Stranger"))
    over = offered(DoctorFactory(), patient, TODAY + 7 * DAY, -timedelta(minutes=1))
    tomorrow = visit(DoctorFactory(), TODAY + DAY, patient=patient)
    page = client_of(patient.user).get(reverse("home"))
    assert page.context["offers"] == [own, theirs]
    assert (page.context["next"], page.context["later"]) == (tomorrow, [])
    links = re.findall(r'row-main"><a href="([^"]+)', due(page))
    answers = [reverse("scheduling:waitlist-offer", args=[offer.pk]) for offer in (own, theirs)]
    assert links[:3] == [*answers, reverse("scheduling:appointment-detail", args=[tomorrow.pk])]
    assert "Held until Tue 24 Nov, 12:10" in due(page)
    assert due(page).count("for Lea Alvarez") == 1
    assert "Zoe Stranger" not in page.text
    for offer in (stranger, over):
        assert reverse("scheduling:waitlist-offer", args=[offer.pk]) not in page.text
    for offer in (own, theirs, stranger, over):
        assert reverse("scheduling:appointment-detail", args=[offer.appointment_id]) not in page.text


def test_offers_to_a_child_are_gone_when_one_acts_for_it_no_more(patient, doctor):
    guardianship = GuardianshipFactory(guardian=patient.user)
    offer = offered(doctor, guardianship.patient)
    client = client_of(patient.user)
    assert client.get(reverse("home")).context["offers"] == [offer]
    guardianship.delete()
    assert client.get(reverse("home")).context["offers"] == []


def test_an_answered_offer_is_due_no_more(patient, doctor):
    offer = offered(doctor, patient)
    client = client_of(patient.user)
    assert client.get(reverse("home")).context["offers"] == [offer]
    client.post(reverse("scheduling:waitlist-offer", args=[offer.pk]), {"answer": "decline"})
    assert client.get(reverse("home")).context["offers"] == []


def test_a_visit_that_needs_another_time_is_due_however_far_ahead(patient, doctor):
    for number in range(1, 6):
        visit(DoctorFactory(), TODAY + number * DAY, patient=patient)
    sixth = asked_for_another(doctor, patient, TODAY + 20 * DAY)
    child = GuardianshipFactory(guardian=patient.user, patient__name="Lea Alvarez").patient
    theirs = asked_for_another(DoctorFactory(), child, TODAY + 21 * DAY, call_wanted_at=NOW)
    settled = {"ended_at": NOW, "outcome": Proposal.Outcome.STANDS}
    stands = asked_for_another(DoctorFactory(), patient, TODAY + 22 * DAY, **settled)
    stranger = asked_for_another(DoctorFactory(), PatientFactory(), TODAY + 20 * DAY)
    page = client_of(patient.user).get(reverse("home"))
    assert page.context["to_choose"] == [sixth, theirs]
    assert sixth not in page.context["later"]
    url = reverse("scheduling:appointment-times", args=[sixth.pk])
    assert due(page).count(f'href="{url}"') == 2
    assert due(page).count("We will call you") == due(page).count("for Lea Alvarez") == 1
    for other in (stands, stranger):
        assert reverse("scheduling:appointment-times", args=[other.pk]) not in page.text


def test_what_needs_another_time_is_not_to_be_confirmed_and_says_so_where_it_stands(patient, doctor):
    visit(DoctorFactory(), TODAY, patient=patient, confirmed_at=NOW)
    moving = asked_for_another(doctor, patient, TODAY + DAY)
    page = client_of(patient.user).get(reverse("home"))
    assert (page.context["to_choose"], page.context["later"], page.context["to_confirm"]) == ([moving], [moving], [])
    assert page.text.count("Another time is needed") == 2


@pytest.mark.parametrize("rows", [1, 3])
def test_a_patients_figures_cost_the_same_however_much_there_is(rows, patient, django_assert_num_queries):
    for number in range(rows):
        doctor = DoctorFactory()
        record = signed(doctor, patient, 30 + number, TODAY + (20 + number) * DAY)
        PrescriptionLineFactory.create_batch(rows, encounter=record)
        visit(DoctorFactory(), TODAY + DAY, time(8 + number), patient=patient)
        asked_for_another(DoctorFactory(), patient, TODAY + (30 + number) * DAY)
        offered(DoctorFactory(), GuardianshipFactory(guardian=patient.user).patient)
    client = client_of(patient.user)
    with django_assert_num_queries(23):
        client.get(reverse("home"), {"range": "5y"})


def test_whose_data_the_page_shows_are_those_whom_one_sees(patient):
    def seen():
        return seen_by(Patient.objects.get(pk=patient.pk), acting_for(patient.user))

    user = patient.user
    child, ended, dead, merged = (GuardianshipFactory(guardian=user) for _number in range(4))
    GuardianshipFactory()
    Guardianship.objects.filter(pk=ended.pk).update(ended_at=NOW, ended_by=user)
    Patient.objects.filter(pk=dead.patient_id).update(died_on=TODAY)
    Patient.objects.filter(pk=merged.patient_id).update(merged_into=PatientFactory())
    assert seen() == sorted(Patient.objects.visible_to(user).values_list("pk", flat=True))
    assert seen() == sorted([patient.pk, child.patient_id])
    Patient.objects.filter(pk=patient.pk).update(merged_into=PatientFactory())
    assert seen() == sorted(Patient.objects.visible_to(user).values_list("pk", flat=True)) == [child.patient_id]
    assert seen_by(None, []) == []
