"""Who acts for whom: how it begins, what it opens, how it ends."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import outbox
from accounts.models import AuditEvent, Message, Role
from accounts.services import block, unblock
from accounts.tests.factories import UserFactory
from clinic import services
from clinic.majority import comes_of_age, moment_of_majority
from clinic.models import GuardianRequest, Guardianship, Kind, Origin, Patient, Scope
from clinic.services import FamilyRefused
from clinic.tests.factories import CareRelationshipFactory, GuardianshipFactory, PatientFactory

BERLIN = ZoneInfo("Europe/Berlin")

pytestmark = pytest.mark.django_db


@pytest.fixture
def parent(patient):
    return patient.user


def years_ago(years, days=0):
    return timezone.localdate() - timedelta(days=round(365.25 * years) + days)


def add_child(parent, **fields):
    return services.add_child(by=parent, **{"name": "Maya Weber", "birth_date": years_ago(7), **fields})


def seen_by(user):
    return set(Patient.objects.visible_to(user))


class TestAddingAChild:
    def test_makes_a_patient_without_account_and_a_guardianship_until_the_child_is_of_age(self, parent, hospital):
        made = add_child(parent, gender="female")
        child = made.patient
        assert (child.user, child.name, child.gender) == (None, "Maya Weber", "female")
        assert (made.kind, made.scope, made.origin) == (Kind.PARENT, Scope.READ, Origin.ADDED)
        assert made.until == moment_of_majority(child.birth_date, hospital.zone)
        assert seen_by(parent) == {parent.patient, child}

    def test_never_opens_a_patient_who_is_there_already(self, parent):
        there = PatientFactory(user=None, name="Maya Weber", birth_date=years_ago(7))
        made = add_child(parent)
        assert made.patient != there
        assert there not in seen_by(parent)

    def test_a_double_click_adds_one_child(self, parent):
        assert add_child(parent) == add_child(parent)
        assert Patient.objects.filter(name="Maya Weber").count() == 1

    def test_two_parents_who_type_the_same_get_two_children(self, parent):
        other = PatientFactory().user
        assert add_child(parent).patient != add_child(other).patient

    def test_somebody_of_age_is_refused_and_told_the_way(self, parent):
        with pytest.raises(FamilyRefused, match="Ask somebody") as refusal:
            add_child(parent, birth_date=years_ago(18, 1))
        assert refusal.value.field == "birth_date"
        assert not Patient.objects.filter(name="Maya Weber").exists()

    def test_has_a_limit(self, parent, monkeypatch):
        monkeypatch.setattr("clinic.services.family.MOST_CHILDREN", 2)
        add_child(parent, name="One")
        add_child(parent, name="Two")
        with pytest.raises(FamilyRefused, match="many children"):
            add_child(parent, name="Three")
        assert not Patient.objects.filter(name="Three").exists()


class TestEnding:
    def test_the_birthday_ends_it_at_the_hospitals_midnight(self, parent, hospital):
        hospital.time_zone = "Europe/Berlin"
        hospital.save()
        with time_machine.travel(datetime(2026, 2, 1, tzinfo=UTC), tick=False) as clock:
            child = add_child(parent, birth_date=date(2008, 2, 29)).patient
            clock.move_to(datetime(2026, 2, 28, 22, 59, 59, tzinfo=UTC))
            assert child in seen_by(parent)
            clock.move_to(datetime(2026, 2, 28, 23, 0, tzinfo=UTC))  # 1 March, 00:00 in Berlin
            assert child not in seen_by(parent)
            assert Patient.objects.filter(pk=child.pk).exists()

    @pytest.mark.parametrize("side", ["guardian", "patient", "administrator"])
    def test_each_side_and_an_administrator_end_it_at_once_and_the_others_are_told(self, side, admin):
        row = GuardianshipFactory(patient=PatientFactory())
        by = {"guardian": row.guardian, "patient": row.patient.user, "administrator": admin}[side]
        services.end_guardianship(row, by=by, reason="No longer wanted")
        assert seen_by(row.guardian) == set()
        row.refresh_from_db()
        assert (row.ended_by, row.ended_reason) == (by, "No longer wanted")
        told = set(Message.objects.filter(kind="guardianship.ended").values_list("recipient", flat=True))
        assert told == {row.guardian_id, row.patient.user_id} - {by.pk}

    def test_ending_twice_is_ending_once(self):
        row = GuardianshipFactory()
        services.end_guardianship(row, by=row.guardian)
        services.end_guardianship(row, by=row.guardian)
        assert AuditEvent.objects.filter(action="guardianship.ended").count() == 1

    def test_strangers_and_reception_do_not_end_it(self, receptionist):
        row = GuardianshipFactory(patient=PatientFactory())
        for other in (receptionist, PatientFactory().user):
            with pytest.raises(PermissionDenied):
                services.end_guardianship(row, by=other, reason="Because")
        assert Guardianship.objects.current().filter(pk=row.pk).exists()

    def test_an_administrator_says_why(self, admin):
        with pytest.raises(FamilyRefused) as refusal:
            services.end_guardianship(GuardianshipFactory(), by=admin, reason="  ")
        assert refusal.value.field == "reason"

    def test_after_it_has_ended_by_its_date_the_same_pair_can_begin_again(self, receptionist):
        past = timezone.now() - timedelta(days=2)
        row = GuardianshipFactory(since=past, until=past + timedelta(days=1))
        again = services.record_guardianship(
            row.patient, email=row.guardian.email, kind=Kind.RELATIVE, scope=Scope.BOOK, note="Paper", by=receptionist
        )
        row.refresh_from_db()
        assert (row.ended_at, again.is_current) == (row.until, True)

    def test_a_corrected_birth_date_moves_the_end_and_a_grown_up_ends_it(self, parent, admin):
        made = add_child(parent)
        born = years_ago(9)
        services.update_patient(made.patient, by=admin, birth_date=born)
        made.refresh_from_db()
        assert timezone.localdate(made.until) == comes_of_age(born)
        services.update_patient(made.patient, by=admin, birth_date=years_ago(30))
        assert seen_by(parent) == {parent.patient}
        assert not Guardianship.objects.current().exists()

    def test_another_time_zone_of_the_hospital_moves_birthdays_along(self, parent, hospital, admin):
        made = add_child(parent)
        services.update_hospital(hospital, by=admin, time_zone="Pacific/Auckland")
        made.refresh_from_db()
        assert made.until == moment_of_majority(made.patient.birth_date, ZoneInfo("Pacific/Auckland"))


class TestWhoActs:
    def test_both_parents_act_at_once(self, parent, receptionist):
        child, other = add_child(parent).patient, PatientFactory().user
        services.record_guardianship(
            child, email=other.email, kind=Kind.PARENT, scope=Scope.READ, note="Birth certificate", by=receptionist
        )
        assert child in seen_by(parent)
        assert child in seen_by(other)

    def test_a_blocked_guardian_does_not_act_and_does_again_afterwards(self, admin):
        row = GuardianshipFactory()
        block(row.guardian, reason="Lost phone", by=admin)
        assert not Guardianship.objects.acting().exists()
        unblock(row.guardian, reason="Found", by=admin)
        assert seen_by(row.guardian) == {row.patient}

    def test_nobody_acts_for_the_dead(self, admin):
        row = GuardianshipFactory()
        services.update_patient(row.patient, by=admin, died_on=timezone.localdate())
        assert seen_by(row.guardian) == set()

    def test_acting_is_not_handed_on(self):
        first = GuardianshipFactory()
        own = PatientFactory(user=first.guardian)
        second = GuardianshipFactory(patient=own)
        assert seen_by(second.guardian) == {own}

    def test_a_doctor_sees_the_guardians_of_patients_they_treat_and_no_others(self):
        care, other = CareRelationshipFactory(), GuardianshipFactory()
        mine = GuardianshipFactory(patient=care.patient)
        assert set(Guardianship.objects.visible_to(care.doctor.user)) == {mine}
        assert other not in Guardianship.objects.visible_to(care.doctor.user)

    def test_a_sixteen_year_old_with_an_account_keeps_the_parent_until_eighteen(self, receptionist, parent):
        young = PatientFactory(birth_date=years_ago(16))
        row = services.record_guardianship(
            young, email=parent.email, kind=Kind.PARENT, scope=Scope.READ, note="Passport", by=receptionist
        )
        assert young in seen_by(parent)
        assert timezone.localdate(row.until) == comes_of_age(young.birth_date)


class TestAtTheDesk:
    @pytest.mark.parametrize("role", [Role.DOCTOR, Role.RECEPTION, Role.ADMIN])
    def test_a_guardian_needs_a_patients_account(self, role, receptionist):
        staff = UserFactory(role=role)
        with pytest.raises(FamilyRefused, match="second one") as refusal:
            services.record_guardianship(
                PatientFactory(), email=staff.email, kind=Kind.RELATIVE, scope=Scope.BOOK, note="x", by=receptionist
            )
        assert refusal.value.field == "email"

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"note": " "}, "which paper"),
            ({"kind": Kind.PARENT}, "is of age"),
            ({"until": timezone.now() - timedelta(days=1)}, "is over"),
        ],
    )
    def test_what_does_not_fit_is_refused(self, change, words, receptionist, parent):
        fields = {"email": parent.email, "kind": Kind.RELATIVE, "scope": Scope.BOOK, "note": "Paper", **change}
        with pytest.raises(FamilyRefused, match=words):
            services.record_guardianship(PatientFactory(), by=receptionist, **fields)
        assert not Guardianship.objects.exists()

    def test_oneself_somebody_under_age_and_a_pair_twice_are_refused(self, receptionist, parent):
        young, ward = PatientFactory(birth_date=years_ago(15)), PatientFactory()
        paper = {"kind": Kind.RELATIVE, "scope": Scope.BOOK, "note": "Paper", "by": receptionist}
        for patient, user, words in (
            (parent.patient, parent, "their own guardian"),
            (ward, young.user, "must be of age"),
        ):
            with pytest.raises(FamilyRefused, match=words):
                services.record_guardianship(patient, email=user.email, **paper)
        services.record_guardianship(ward, email=parent.email, **paper)
        with pytest.raises(FamilyRefused, match="already"):
            services.record_guardianship(ward, email=parent.email, **paper)

    def test_the_patient_and_the_guardian_are_told(self, receptionist, parent):
        ward = PatientFactory()
        services.record_guardianship(
            ward, email=parent.email, kind=Kind.RELATIVE, scope=Scope.BOOK, note="Power of attorney", by=receptionist
        )
        told = Message.objects.filter(kind="guardianship.recorded")
        assert set(told.values_list("recipient", flat=True)) == {ward.user_id, parent.pk}
        assert "Power of attorney" not in "".join(told.values_list("text", flat=True))

    def test_a_relative_of_a_child_ends_with_its_childhood_at_the_latest(self, receptionist, parent):
        child = PatientFactory(user=None, birth_date=years_ago(10))
        row = services.record_guardianship(
            child, email=parent.email, kind=Kind.RELATIVE, scope=Scope.BOOK, note="Paper", by=receptionist
        )
        assert timezone.localdate(row.until) == comes_of_age(child.birth_date)


class TestRequests:
    def ask(self, patient, email="aunt@example.org", scope=Scope.READ, **fields):
        return services.ask_guardian(patient, email=email, scope=scope, by=patient.user, **fields)

    def test_the_address_gets_the_same_mail_whether_or_not_it_has_an_account(self, patient):
        known = PatientFactory().user
        texts = []
        for address in (known.email, "nobody@example.org"):
            request = self.ask(patient, address)
            message = Message.objects.get(kind="guardianship.asked", about_id=request.pk)
            assert (message.address, message.recipient) == (address, None)
            texts.append(message.text.replace(f"/requests/{request.pk}/", "/"))
        assert texts[0] == texts[1]

    def test_who_has_the_address_accepts_once(self, patient):
        aunt = PatientFactory().user
        request = self.ask(patient, aunt.email.upper())
        row = services.accept_request(request, by=aunt)
        assert (row.guardian, row.scope, row.kind, row.origin) == (aunt, Scope.READ, Kind.RELATIVE, Origin.AGREED)
        assert patient in seen_by(aunt)
        with pytest.raises(FamilyRefused, match="has been answered"):
            services.accept_request(request, by=aunt)
        assert Message.objects.filter(kind="guardianship.accepted", recipient=patient.user).count() == 1

    def test_nobody_else_accepts_not_even_with_the_link(self, patient):
        request = self.ask(patient)
        for other in (PatientFactory().user, patient.user, UserFactory(role=Role.DOCTOR, email="aunt@example.org")):
            with pytest.raises(PermissionDenied):
                services.accept_request(request, by=other)
        assert not Guardianship.objects.exists()

    def test_declining_tells_the_patient_and_opens_nothing(self, patient):
        aunt = PatientFactory().user
        services.decline_request(self.ask(patient, aunt.email), by=aunt)
        assert seen_by(aunt) == {aunt.patient}
        assert Message.objects.get(kind="guardianship.declined").recipient == patient.user

    def test_it_runs_out_and_its_mail_with_it(self, patient):
        aunt = PatientFactory().user
        request = self.ask(patient, aunt.email)
        with time_machine.travel(timezone.now() + timedelta(days=15)):
            with pytest.raises(FamilyRefused, match="run out"):
                services.accept_request(request, by=aunt)
            assert not outbox.is_still_true(Message.objects.get(kind="guardianship.asked"))
            assert self.ask(patient, aunt.email) != request

    def test_taken_back_it_cannot_be_accepted(self, patient):
        aunt = PatientFactory().user
        request = self.ask(patient, aunt.email)
        services.withdraw_request(request, by=patient.user)
        services.withdraw_request(request, by=patient.user)
        with pytest.raises(FamilyRefused):
            services.accept_request(request, by=aunt)

    def test_asking_twice_is_asking_once_and_asking_many_is_refused(self, patient):
        assert self.ask(patient) == self.ask(patient)
        for number in range(4):
            self.ask(patient, f"friend{number}@example.org")
        with pytest.raises(FamilyRefused, match="not answered yet"):
            self.ask(patient, "one.more@example.org")
        assert GuardianRequest.objects.count() == 5

    def test_a_day_has_a_limit_also_for_requests_that_are_taken_back(self, patient):
        for number in range(10):
            services.withdraw_request(self.ask(patient, f"friend{number}@example.org"), by=patient.user)
        with pytest.raises(FamilyRefused):
            self.ask(patient)

    def test_oneself_minors_and_who_acts_already_are_refused(self, patient):
        young = PatientFactory(birth_date=years_ago(16))
        row = GuardianshipFactory(patient=patient)
        for asking, address, words in (
            (patient, patient.user.email, "your own"),
            (young, "aunt@example.org", "Until you are of age"),
            (patient, row.guardian.email, "already"),
        ):
            with pytest.raises(FamilyRefused, match=words):
                self.ask(asking, address)


class TestAMonthAhead:
    @pytest.fixture
    def clock(self, hospital):
        hospital.time_zone = "Europe/Berlin"
        hospital.save()
        with time_machine.travel(datetime(2026, 5, 1, 10, tzinfo=UTC), tick=False) as clock:
            yield clock

    def test_the_guardian_is_told_once_how_the_young_person_gets_an_account(self, clock, parent):
        row = add_child(parent, birth_date=date(2008, 6, 15))
        assert services.announce_endings() == 0
        clock.move_to(datetime(2026, 5, 16, 9, tzinfo=UTC))
        assert [services.announce_endings(), services.announce_endings()] == [1, 0]
        message = Message.objects.get(kind="guardianship.ends_soon")
        assert message.recipient == parent
        assert "Mon 15 Jun 2026" in message.subject
        assert "gets an account for this record at our reception" in message.text
        assert outbox.is_still_true(message)
        services.end_guardianship(row, by=parent)
        assert not outbox.is_still_true(message)

    def test_nobody_is_told_at_night(self, clock, parent):
        add_child(parent, birth_date=date(2008, 5, 20))
        clock.move_to(datetime(2026, 5, 2, 1, tzinfo=UTC))
        assert services.announce_endings() == 0

    def test_what_has_ended_is_not_announced(self, clock, parent):
        services.end_guardianship(add_child(parent, birth_date=date(2008, 5, 20)), by=parent)
        assert services.announce_endings() == 0


class TestTheDatabase:
    @pytest.mark.parametrize(
        "wrong",
        [
            {"kind": "boss"},
            {"scope": "all"},
            {"origin": "air"},
            {"origin": Origin.DESK},
            {"kind": Kind.PARENT},
            {"until": datetime(2020, 1, 1, tzinfo=UTC)},
            {"ended_at": datetime(2020, 1, 1, tzinfo=UTC)},
            {"ended_reason": "Ended, but when?"},
        ],
    )
    def test_refuses_nonsense_whoever_writes(self, wrong):
        people = {"guardian": UserFactory(), "patient": PatientFactory(user=None)}
        with pytest.raises(IntegrityError), transaction.atomic():
            GuardianshipFactory(**people, **wrong)
        GuardianshipFactory(**people)

    def test_refuses_a_second_current_row_of_a_pair(self):
        row = GuardianshipFactory()
        with pytest.raises(IntegrityError), transaction.atomic():
            GuardianshipFactory(guardian=row.guardian, patient=row.patient)
        services.end_guardianship(row, by=row.guardian)
        GuardianshipFactory(guardian=row.guardian, patient=row.patient)
