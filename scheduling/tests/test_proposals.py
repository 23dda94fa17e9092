"""Leave over booked visits: the patients are asked for another time, and none is forgotten."""

import re
from datetime import time

import pytest
from django.urls import reverse

from accounts.models import AuditEvent, ConsentKind, Message, MessageState
from accounts.services import delivery
from clinic.models import CareRelationship, Hospital
from clinic.tests.factories import DoctorFactory, GuardianshipFactory, PatientFactory
from scheduling import alternatives, services, unsettled
from scheduling.models import AppointmentEvent, Proposal, Status, VisitLink
from scheduling.services import BookingConflict, hours, proposals
from scheduling.tests.conftest import MONDAY_MORNING, berlin
from scheduling.tests.factories import AppointmentFactory, TimeOffFactory, open_all_week

AGREES = [ConsentKind.PRIVACY, ConsentKind.REMINDERS_EMAIL]
NONSENSE = [{}, {"time": "1-x"}, {"time": "x"}, {"time": f"{2**70}-20260606T080000Z"}, {"answer": "\0"}]


@pytest.fixture
def visit(doctor):
    """Wednesday at ten."""
    return AppointmentFactory(
        doctor=doctor,
        patient=PatientFactory(name="Mina Quillfeather", user__email="mina@example.org", user__consents=AGREES),
        starts_at=berlin(3, 10),
        ends_at=berlin(3, 10, 30),
    )


@pytest.fixture
def colleague(doctor):
    other = DoctorFactory(name="Dr Bo Lind", department=doctor.department)
    open_all_week(other, time(9), time(17), 30)
    return other


@pytest.fixture
def leave(doctor, visit):
    """Wednesday to Friday."""
    return TimeOffFactory(doctor=doctor, starts_at=berlin(3, 0), ends_at=berlin(6, 0))


@pytest.fixture
def asked(visit, leave, receptionist):
    return proposals.ask(visit, by=receptionist)


def link_of(kind="appointment.another_time"):
    (message,) = Message.objects.filter(kind=kind)
    return re.search(r"/another-time/\S+", message.text)[0]


def value(doctor, at):
    return f"{doctor.pk}-{at:%Y%m%dT%H%M%SZ}"


class TestWhatIsProposed:
    def test_the_same_doctor_later_and_the_department_sooner(self, visit, leave, colleague, doctor, hospital):
        found = alternatives.for_visit(visit, hospital, MONDAY_MORNING)
        own = [one.slot.starts for one in found if one.doctor == doctor]
        others = [one.slot.starts for one in found if one.doctor == colleague]
        assert own == [berlin(6, 10), berlin(7, 10), berlin(8, 10)]
        assert sorted(others) == [berlin(3, 9, 30), berlin(3, 10), berlin(3, 10, 30)]

    def test_no_time_at_which_the_patient_has_another_visit(self, visit, leave, doctor, hospital):
        AppointmentFactory(patient=visit.patient, starts_at=berlin(6, 10), ends_at=berlin(6, 10, 30))
        found = alternatives.for_visit(visit, hospital, MONDAY_MORNING)
        assert berlin(6, 10) not in [one.slot.starts for one in found]

    def test_two_visits_are_not_proposed_the_same_first_time(self, visit, leave, doctor, hospital):
        other = AppointmentFactory(doctor=doctor, starts_at=berlin(3, 10, 30), ends_at=berlin(3, 11))
        found = alternatives.for_visits([visit, other], hospital, MONDAY_MORNING)
        assert found[visit.pk][0] not in found[other.pk]

    def test_a_colleague_who_takes_nobody_new_is_not_proposed(self, visit, leave, colleague, hospital):
        type(colleague).objects.filter(pk=colleague.pk).update(accepting_patients=False)
        found = alternatives.for_visit(visit, hospital, MONDAY_MORNING)
        assert {one.doctor for one in found} == {visit.doctor}

    @pytest.mark.parametrize("rows", [1, 3])
    def test_it_costs_the_same_however_many(self, rows, doctor, colleague, hospital, django_assert_num_queries):
        visits = [
            AppointmentFactory(doctor=doctor, starts_at=berlin(3, 10 + n), ends_at=berlin(3, 10 + n, 30))
            for n in range(rows)
        ]
        with django_assert_num_queries(6):
            alternatives.for_visits(visits, hospital, MONDAY_MORNING)


class TestAsking:
    def test_who_is_asked_gets_a_link_and_keeps_the_visit(self, asked, visit):
        visit.refresh_from_db()
        assert visit.status == Status.BOOKED
        message = Message.objects.get(kind="appointment.another_time")
        assert (message.recipient, message.secret) == (visit.patient.user, True)
        assert "Please do not come at the time above" in message.text
        assert AppointmentEvent.objects.get().kind == AppointmentEvent.Kind.ASKED
        assert AuditEvent.objects.get(action="appointment.asked").patient_id == visit.patient_id

    def test_asking_twice_is_asking_once(self, asked, visit, receptionist):
        assert proposals.ask(visit, by=receptionist) == asked
        assert Message.objects.filter(kind="appointment.another_time").count() == 1

    def test_nobody_is_asked_whose_doctor_is_there(self, visit, receptionist):
        with pytest.raises(BookingConflict):
            proposals.ask(visit, by=receptionist)

    def test_each_guardian_of_a_child_gets_a_link(self, visit, leave, receptionist):
        child = PatientFactory(user=None)
        type(visit).objects.update(patient=child)
        visit.patient = child
        for _guardian in range(2):
            GuardianshipFactory(patient=child)
        proposals.ask(visit, by=receptionist)
        assert VisitLink.objects.exclude(proposal=None).count() == 2

    def test_no_reminder_goes_out_as_if_nothing_had_happened(self, visit, leave, clock):
        clock.move_to(berlin(2, 17, 5))
        assert services.rehearse_reminders()["visits due"] == 0
        leave.delete()
        assert services.rehearse_reminders()["visits due"] == 1

    def test_a_reminder_under_way_is_stopped(self, visit, clock, doctor):
        clock.move_to(berlin(2, 17, 5))
        services.send_reminders()
        message = Message.objects.get(kind="appointment.reminder")
        TimeOffFactory(doctor=doctor, starts_at=berlin(3, 0), ends_at=berlin(6, 0))
        assert delivery.deliver(message.pk) == MessageState.OBSOLETE

    def test_what_was_asked_is_not_sent_once_it_is_settled(self, asked, visit, leave, doctor):
        hours.remove_time_off(leave, by=None)
        message = Message.objects.get(kind="appointment.another_time")
        assert delivery.deliver(message.pk) == MessageState.OBSOLETE


class TestAnsweringByLink:
    def test_opening_it_changes_nothing_and_says_little(self, asked, visit, client, colleague):
        page = client.get(link_of())
        body = page.content.decode()
        assert page.status_code == 200
        assert "no-store" in page.headers["Cache-Control"]
        assert 'value="decline"' in body
        assert value(visit.doctor, berlin(6, 10)) in body
        assert value(colleague, berlin(3, 10)) in body
        for words in ("Quillfeather", visit.patient.number, "mina@example.org"):
            assert words not in body, words
        assert Proposal.objects.open().count() == 1

    def test_taking_a_time_moves_the_visit_once(self, asked, visit, client, doctor):
        link = link_of()
        for _twice in range(2):
            assert client.post(link, {"time": value(doctor, berlin(6, 10))}).status_code == 302
        visit.refresh_from_db()
        assert (visit.status, visit.starts_at, visit.moved_count) == (Status.BOOKED, berlin(6, 10), 1)
        asked.refresh_from_db()
        assert asked.outcome == Proposal.Outcome.MOVED
        assert Message.objects.filter(kind="appointment.moved").count() == 1
        event = AppointmentEvent.objects.get(kind="moved")
        assert event.by_name == "By a link sent to Mina Quillfeather"
        assert AuditEvent.objects.get(action="appointment.moved").detail["sent_to"] == "mina@example.org"
        body = client.get(link).content.decode()
        assert "Your visit is booked" in body
        assert "Sat 6 Jun, 10:00" in body

    def test_a_colleague_takes_over_with_fee_and_care(self, asked, visit, client, colleague, doctor):
        type(colleague).objects.filter(pk=colleague.pk).update(fee=77)
        assert client.post(link_of(), {"time": value(colleague, berlin(3, 10))}).status_code == 302
        visit.refresh_from_db()
        assert (visit.doctor, visit.starts_at, visit.fee) == (colleague, berlin(3, 10), 77)
        cares = CareRelationship.objects.filter(patient=visit.patient)
        assert cares.get(doctor=colleague).until is None
        assert cares.get(doctor=doctor).until == MONDAY_MORNING
        assert AppointmentEvent.objects.get(kind="moved").reason == "From Dr Ada Okafor to Dr Bo Lind."
        assert "Dr Ada Okafor" in Message.objects.get(kind="appointment.moved").text

    def test_the_limits_for_patients_do_not_hold(self, asked, visit, client, doctor):
        Hospital.objects.update(booking_window_days=1, cancellation_cutoff_minutes=60 * 24 * 20)
        assert client.post(link_of(), {"time": value(doctor, berlin(8, 10))}).status_code == 302

    def test_a_time_that_is_gone_is_a_conflict_with_fresh_ones(self, asked, visit, client, doctor):
        AppointmentFactory(doctor=doctor, starts_at=berlin(6, 10), ends_at=berlin(6, 10, 30))
        page = client.post(link_of(), {"time": value(doctor, berlin(6, 10))})
        assert page.status_code == 409
        assert value(doctor, berlin(6, 9, 30)) in page.content.decode()
        visit.refresh_from_db()
        assert visit.starts_at == berlin(3, 10)

    def test_a_doctor_of_another_department_is_not_to_be_had(self, asked, client):
        stranger = DoctorFactory()
        open_all_week(stranger)
        assert client.post(link_of(), {"time": value(stranger, berlin(6, 10))}).status_code == 409

    def test_asking_to_be_called_puts_it_on_the_list(self, asked, visit, client, receptionist):
        for _twice in range(2):
            assert client.post(link_of(), {"answer": "call"}).status_code == 302
        assert "We will call you" in client.get(link_of()).content.decode()
        assert AppointmentEvent.objects.filter(kind="call_me").count() == 1
        client.force_login(receptionist)
        assert "Asks to be called" in client.get(reverse("scheduling:proposal-list")).content.decode()

    def test_declining_cancels_whatever_the_cut_off(self, asked, visit, client):
        Hospital.objects.update(cancellation_cutoff_minutes=60 * 24 * 20)
        link = link_of()
        assert client.post(link, {"answer": "decline"}).status_code == 302
        visit.refresh_from_db()
        asked.refresh_from_db()
        assert (visit.status, asked.outcome) == (Status.CANCELLED, "cancelled")
        assert "The visit is cancelled" in client.get(link).content.decode()
        assert client.post(link, {"time": value(visit.doctor, berlin(6, 10))}).status_code == 409

    def test_once_moved_again_the_link_says_nothing_of_the_new_time(self, asked, visit, client, receptionist, doctor):
        link = link_of()
        client.post(link, {"time": value(doctor, berlin(6, 10))})
        visit.refresh_from_db()
        services.reschedule(visit, starts_at=berlin(7, 9), by=receptionist)
        page = client.get(link)
        assert (page.status_code, "7 Jun" in page.content.decode()) == (409, False)

    @pytest.mark.parametrize(
        "data", [{}, {"time": "1-x"}, {"time": "x"}, {"time": f"{2**70}-20260606T080000Z"}, {"answer": "\0"}]
    )
    def test_nonsense_is_asked_again(self, asked, client, data):
        assert client.post(link_of(), data).status_code in {400, 422}

    def test_a_forged_or_expired_link_says_so(self, asked, visit, client, clock):
        assert client.get(reverse("scheduling:proposal-answer", args=["nothing"])).status_code == 404
        link = link_of()
        clock.move_to(visit.starts_at)
        assert client.get(link).status_code == client.post(link, {"answer": "call"}).status_code == 404

    def test_a_reminders_link_is_no_link_to_other_times(self, asked, client):
        token = link_of().split("/")[2]
        assert client.get(reverse("scheduling:reminder-answer", args=[token])).status_code == 404


class TestLeaveThatIsTakenBack:
    def test_it_closes_what_was_asked_and_tells_the_patient(self, asked, visit, leave, client):
        link = link_of()
        hours.remove_time_off(leave, by=None)
        asked.refresh_from_db()
        assert asked.outcome == Proposal.Outcome.STANDS
        assert "takes place as booked" in Message.objects.get(kind="appointment.stands").subject
        assert AppointmentEvent.objects.filter(kind="stands").count() == 1
        assert client.post(link, {"time": value(visit.doctor, berlin(8, 10))}).status_code == 409
        assert "Your visit is booked" in client.get(link).content.decode()

    def test_leave_that_still_covers_the_visit_changes_nothing(self, asked, leave):
        hours.change_time_off(leave, by=None, ends_at=berlin(4, 0))
        asked.refresh_from_db()
        assert asked.ended_at is None


class TestPages:
    def test_saving_leave_leads_to_the_visits_affected(self, visit, doctor, client):
        client.force_login(doctor.user)
        fields = {"from_day": "2026-06-03", "until_day": "2026-06-05", "reason": "", "seen": visit.pk}
        answer = client.post(reverse("scheduling:timeoff-create", args=[doctor.pk]), fields)
        assert answer.headers["Location"] == reverse("scheduling:proposal-create", args=[doctor.pk])
        body = client.get(answer.headers["Location"]).content.decode()
        assert "Mina Quillfeather" in body
        assert "Sat 6 Jun, 10:00" in body
        answer = client.post(answer.headers["Location"], {"visits": visit.pk}, follow=True)
        assert "1 patient is asked." in answer.content.decode()
        assert "No answer yet" in answer.content.decode()

    def test_nobody_ticked_is_said_and_asks_nobody(self, visit, leave, doctor, client, receptionist):
        client.force_login(receptionist)
        assert client.post(reverse("scheduling:proposal-create", args=[doctor.pk])).status_code == 422
        assert not Proposal.objects.exists()

    def test_a_doctor_sees_and_asks_only_their_own(self, visit, leave, doctor, client):
        client.force_login(DoctorFactory().user)
        assert client.get(reverse("scheduling:proposal-create", args=[doctor.pk])).status_code == 404
        assert "Quillfeather" not in client.get(reverse("scheduling:proposal-list")).content.decode()
        client.force_login(doctor.user)
        assert "Quillfeather" in client.get(reverse("scheduling:proposal-list")).content.decode()

    def test_the_list_has_who_was_not_asked_and_who_let_the_day_pass(self, visit, leave, client, receptionist, clock):
        client.force_login(receptionist)
        assert "Not asked yet" in client.get(reverse("scheduling:proposal-list")).content.decode()
        assert "1 visit needs another time" in client.get(reverse("home")).content.decode()
        proposals.ask(visit, by=receptionist)
        clock.move_to(berlin(5, 9))
        client.force_login(receptionist)
        assert "No answer yet" in client.get(reverse("scheduling:proposal-list")).content.decode()

    def test_a_patient_chooses_signed_in_once_asked(self, visit, leave, client, receptionist, doctor):
        client.force_login(visit.patient.user)
        page, here = reverse("scheduling:appointment-times", args=[visit.pk]), {"time": value(doctor, berlin(6, 10))}
        assert client.post(page, here).status_code == 409
        proposals.ask(visit, by=receptionist)
        assert (
            "Another time is needed"
            in client.get(reverse("scheduling:appointment-detail", args=[visit.pk])).content.decode()
        )
        assert client.get(page).status_code == 200
        assert client.post(page, here | {"seen": 0}).status_code == 302
        visit.refresh_from_db()
        assert visit.starts_at == berlin(6, 10)

    def test_staff_choose_for_somebody_who_was_not_asked(self, visit, leave, client, receptionist, doctor):
        client.force_login(receptionist)
        page = reverse("scheduling:appointment-times", args=[visit.pk])
        assert "Choose another time" in client.get(page).content.decode()
        assert client.post(page, {"time": value(doctor, berlin(6, 10)), "seen": 0}).status_code == 302

    def test_a_stranger_gets_nothing(self, visit, leave, asked, client):
        client.force_login(PatientFactory().user)
        assert client.get(reverse("scheduling:appointment-times", args=[visit.pk])).status_code == 404
        assert client.get(reverse("scheduling:proposal-list")).status_code == 403

    @pytest.mark.parametrize("rows", [1, 3])
    def test_lists_cost_the_same_however_long(
        self, rows, doctor, leave, client, receptionist, django_assert_num_queries
    ):
        for n in range(rows - 1):
            AppointmentFactory(doctor=doctor, starts_at=berlin(3, 12 + n), ends_at=berlin(3, 12 + n, 30))
        for visit in doctor.appointments.all():
            proposals.ask(visit, by=receptionist)
        client.force_login(receptionist)
        client.get(reverse("scheduling:proposal-list"))
        with django_assert_num_queries(15):
            client.get(reverse("scheduling:proposal-list"))
        with django_assert_num_queries(21):
            client.get(reverse("scheduling:proposal-create", args=[doctor.pk]))


def test_the_list_follows_the_visit(visit, leave, receptionist):
    assert list(unsettled.visits(receptionist, MONDAY_MORNING)) == [visit]
    services.cancel(visit, by=receptionist)
    assert list(unsettled.visits(receptionist, MONDAY_MORNING)) == []
