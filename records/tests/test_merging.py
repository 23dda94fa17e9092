"""Two records of one person become one, with nothing lost and nothing mixed; and two again, exactly as before."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import consents
from accounts.models import AuditEvent, ConsentKind, How, Message, User
from accounts.services import answer, block
from accounts.tests.factories import UserFactory
from clinic import family, merging
from clinic.models import CareRelationship, DuplicatePair, Patient, PatientMerge
from clinic.numbers import new_number
from clinic.services import (
    DuplicateConflict,
    MergeObjection,
    end_guardianship,
    merge,
    undo_merge,
    update_patient,
)
from clinic.services.duplicates import _note
from clinic.tests.factories import DoctorFactory, GuardianshipFactory, PatientFactory
from hms.lib.errors import Refused
from records import openings
from records.charts import Chart
from records.models import Encounter
from records.services import (
    break_glass,
    open_chart,
    review_history,
    save_history,
)
from records.tests.factories import (
    MedicalHistoryFactory,
)
from records.tests.pairs import chart_of, everything
from scheduling import services as scheduling
from scheduling.models import Appointment, Lane, Status
from scheduling.tests.factories import AppointmentFactory
from scheduling.tests.test_care import recomputed, stored

EMAIL = ConsentKind.REMINDERS_EMAIL

pytestmark = pytest.mark.django_db


class TestMerging:
    def test_everything_of_both_stands_under_one_number(self, pair, desk, own, admin):
        doctor = DoctorFactory()
        charts = [chart_of(desk, doctor), chart_of(own, DoctorFactory())]
        made = merge(pair, keep=desk, taken=["gender"], by=admin, reason="Same papers")
        desk.refresh_from_db()
        own.refresh_from_db()
        assert own.merged_into == desk
        for chart in charts:
            for row in chart.values():
                row.refresh_from_db()
                assert row.patient == desk
        assert (desk.gender, desk.phone.as_e164, desk.user.email) == ("female", "+493012345678", "mina@example.org")
        assert own.user is None
        assert list(Patient.objects.visible_to(desk.user)) == [desk]
        assert set(Encounter.objects.visible_to(desk.user)) == {chart["encounter"] for chart in charts}
        assert list(Patient.objects.visible_to(doctor.user)) == [desk]
        assert list(Patient.objects.visible_to(admin)) == [desk]
        pair.refresh_from_db()
        assert (pair.state, pair.decided_reason) == (DuplicatePair.State.MERGED, "Same papers")
        assert sum(map(len, made.rows.values())) == 6

    def test_the_number_that_was_given_up_finds_who_stands_for_it(self, pair, desk, own, admin):
        number = new_number()
        Patient.objects.filter(pk=own.pk).update(number=number)
        merge(pair, keep=desk, by=admin, reason="Same papers")
        assert list(Patient.objects.visible_to(admin).matching(number)) == [desk]

    def test_in_an_emergency_either_number_and_the_name_open_the_one_record(self, pair, desk, own, admin):
        Patient.objects.filter(pk=desk.pk).update(name=own.name, birth_date=own.birth_date)
        merge(pair, keep=own, by=admin, reason="Same papers")
        who = {"kind": "emergency", "reason": "Fainted"}
        for found in (
            {"number": desk.number},
            {"number": own.number},
            {"name": own.name, "birth_date": own.birth_date},
        ):
            assert break_glass(by=DoctorFactory().user, **who, **found).patient == own

    def test_the_page_tells_the_number_that_was_given_up(self, pair, desk, own, admin, client):
        merge(pair, keep=own, by=admin, reason="Same papers")
        client.force_login(admin)
        assert desk.number in client.get(f"/patients/{own.pk}/").text

    def test_it_is_on_record_with_numbers_and_reason(self, pair, desk, own, admin):
        merge(pair, keep=desk, by=admin, reason="  Same\npapers ")
        event = AuditEvent.objects.get(action="patient.merged")
        assert (event.actor_id, event.target_id, event.patient_id) == (admin.pk, own.pk, desk.pk)
        assert event.detail == {"into": desk.number, "rows": 0, "reason": "Same papers"}

    @pytest.mark.parametrize("reason", ["", "  ", "x" * 301])
    def test_without_a_good_reason_nothing_happens(self, reason, pair, desk, admin):
        with pytest.raises(Refused):
            merge(pair, keep=desk, by=admin, reason=reason)
        assert not PatientMerge.objects.exists()

    def test_a_second_press_is_a_conflict(self, pair, desk, own, admin):
        merge(pair, keep=desk, by=admin, reason="Same papers")
        for keep in (desk, own):
            with pytest.raises(DuplicateConflict):
                merge(DuplicatePair.objects.get(), keep=keep, by=admin, reason="Same papers")
        assert PatientMerge.objects.count() == 1

    def test_a_pair_of_one_patient_cannot_be_noted(self, desk):
        with pytest.raises(IntegrityError), transaction.atomic():
            DuplicatePair.objects.create(first=desk, second=desk)
        with pytest.raises(IntegrityError), transaction.atomic():
            Patient.objects.filter(pk=desk.pk).update(merged_into=desk.pk)

    def test_the_dead_can_be_merged(self, pair, desk, own, admin):
        update_patient(own, by=admin, died_on=timezone.localdate())
        pair.refresh_from_db()
        merge(pair, keep=desk, taken=["died_on"], by=admin, reason="Same papers")
        desk.refresh_from_db()
        assert desk.died_on == timezone.localdate()


class TestVisitsThatOverlap:
    @pytest.fixture
    def clash(self, desk, own):
        first = AppointmentFactory(patient=desk)
        return first, AppointmentFactory(patient=own, starts_at=first.starts_at + timedelta(minutes=10))

    def test_are_listed_and_nothing_is_changed(self, clash, pair, desk, own, admin):
        before = everything(desk, own)
        with pytest.raises(MergeObjection) as refused:
            merge(pair, keep=own, by=admin, reason="Same papers")
        [objection] = refused.value.objections
        assert {url for _words, url in objection.links} == {f"/appointments/{visit.pk}/" for visit in clash}
        assert everything(desk, own) == before
        assert DuplicatePair.objects.get().state == DuplicatePair.State.OPEN

    def test_settled_they_stand_in_the_way_no_more(self, clash, pair, desk, admin):
        scheduling.cancel(clash[1], by=admin)
        merge(pair, keep=desk, by=admin, reason="Same papers")
        assert Appointment.objects.filter(patient=desk).count() == 2

    def test_the_database_has_the_last_word(self, clash, pair, desk, admin, monkeypatch):
        asked = []

        def blind(survivor, absorbed):
            asked.append(1)
            return [] if len(asked) == 1 else before[0](survivor, absorbed)

        before = list(merging.objections)
        monkeypatch.setattr(merging, "objections", [blind])
        with pytest.raises(MergeObjection):
            merge(pair, keep=desk, by=admin, reason="Same papers")
        assert not PatientMerge.objects.exists()

    def test_imported_history_overlaps_freely(self, pair, desk, own, admin):
        past = timezone.now() - timedelta(days=100)
        for patient in (desk, own):
            AppointmentFactory(patient=patient, starts_at=past, status=Status.COMPLETED, lane=Lane.HISTORY)
        merge(pair, keep=desk, by=admin, reason="Same papers")
        assert Appointment.objects.filter(patient=desk).count() == 2


class TestWhoTreats:
    def test_one_doctor_of_both_treats_the_one_since_the_earlier_day(self, pair, desk, own, admin):
        doctor = DoctorFactory()
        chart_of(desk, doctor)
        AppointmentFactory(patient=own, doctor=doctor)
        since = timezone.now() - timedelta(days=400)
        CareRelationship.objects.filter(patient=own).update(since=since)
        before = everything(desk, own)
        made = merge(pair, keep=desk, by=admin, reason="Same papers")
        care = CareRelationship.objects.get(doctor=doctor, patient=desk)
        assert (care.since, care.until) == (since, None)
        assert stored() == recomputed(timezone.now())
        undo_merge(made, by=admin, reason="Two people")
        assert everything(desk, own) == before
        assert stored() == recomputed(timezone.now())

    def test_undoing_takes_into_account_what_happened_since(self, pair, desk, own, admin):
        visit = AppointmentFactory(patient=own)
        made = merge(pair, keep=desk, by=admin, reason="Same papers")
        later = AppointmentFactory(patient=desk, starts_at=visit.starts_at + timedelta(days=1))
        visit.refresh_from_db()
        scheduling.cancel(visit, by=admin)
        undo_merge(made, by=admin, reason="Two people")
        assert stored() == recomputed(timezone.now()) == {(later.doctor_id, desk.pk): None}


class TestAccounts:
    @pytest.fixture
    def both(self):
        """Two accounts of one person."""
        people = [PatientFactory(name="Mina Alvarez", user__email=f"mina{number}@example.org") for number in (1, 2)]
        return _note(*people, ["name"])

    @pytest.mark.parametrize("which", ["first", "second"])
    def test_one_signs_in_and_the_other_is_closed_and_told(self, which, both, admin, client):
        kept = getattr(both, which).user
        closed = (both.second if which == "first" else both.first).user
        before = everything(both.first, both.second)
        made = merge(both, keep=both.first, account=kept, by=admin, reason="Same papers")
        kept.refresh_from_db()
        closed.refresh_from_db()
        assert (kept.is_active, closed.is_active) == (True, False)
        assert both.first.number in closed.blocked_reason
        assert list(Patient.objects.visible_to(kept)) == [both.first]
        assert not Patient.objects.visible_to(closed).exists()
        texts = {message.address: message.text for message in Message.objects.filter(kind="patient.merged")}
        assert set(texts) == {kept.email, closed.email}
        assert "is closed" in texts[closed.email]
        assert kept.email not in texts[closed.email]
        assert "is closed" not in texts[kept.email]
        undo_merge(made, by=admin, reason="Two people")
        closed.refresh_from_db()
        assert closed.is_active
        assert everything(both.first, both.second) == before
        assert Message.objects.filter(kind="patient.unmerged").count() == 2

    def test_who_was_signed_in_with_the_closed_one_is_out_at_once(self, both, admin, client):
        client.force_login(both.second.user)
        merge(both, keep=both.first, by=admin, reason="Same papers")
        assert client.get("/profile/").status_code == 302

    def test_one_blocked_for_another_reason_stays_blocked_after_undoing(self, both, admin):
        block(both.second.user, reason="Threats", by=admin)
        both = DuplicatePair.objects.get(pk=both.pk)
        made = merge(both, keep=both.first, by=admin, reason="Same papers")
        undo_merge(made, by=admin, reason="Two people")
        assert User.objects.get(pk=both.second.user_id).blocked_reason == "Threats"

    def test_the_account_goes_by_the_name_that_was_kept(self, pair, desk, own, admin):
        made = merge(pair, keep=desk, by=admin, reason="Same papers")
        assert User.objects.get(email="mina@example.org").name == "Mina Alvarez"
        undo_merge(made, by=admin, reason="Two people")
        assert User.objects.get(email="mina@example.org").name == "Mina Álvares"

    def test_for_whom_the_closed_one_acted_the_kept_one_acts(self, both, admin):
        kept, closed = both.first.user, both.second.user
        ward = GuardianshipFactory(guardian=closed).patient
        shared = GuardianshipFactory(guardian=closed).patient
        GuardianshipFactory(guardian=kept, patient=shared)
        made = merge(both, keep=both.first, by=admin, reason="Same papers")
        assert set(family.members(kept)) == {both.first, ward, shared}
        assert AuditEvent.objects.get(action="guardianship.handed_on").patient_id == ward.pk
        undo_merge(made, by=admin, reason="Two people")
        assert set(family.members(kept)) == {both.first, shared}
        assert set(family.members(User.objects.get(pk=closed.pk))) == {both.second, ward, shared}

    def test_nobody_becomes_their_own_guardian(self, both, admin):
        acting = GuardianshipFactory(guardian=both.first.user, patient=both.second)
        with pytest.raises(MergeObjection, match="acts for the other"):
            merge(both, keep=both.first, by=admin, reason="Same papers")
        end_guardianship(acting, by=admin, reason="One person")
        merge(both, keep=both.first, by=admin, reason="Same papers")

    def test_what_either_answered_last_is_obeyed_while_they_are_one(self, both, admin):
        text, person = consents.current(EMAIL), {"user_id": both.first.user_id, "patient_id": both.first.pk}
        answer({text: True}, how=How.PAGE, by=both.first.user, user=both.first.user)
        answer({text: False}, how=How.DESK, by=admin, user=both.second.user, patient=both.second)
        assert consents.holds(EMAIL, **person)
        made = merge(both, keep=both.first, by=admin, reason="Same papers")
        assert not consents.holds(EMAIL, **person)
        undo_merge(made, by=admin, reason="Two people")
        assert consents.holds(EMAIL, **person)

    def test_a_no_on_paper_is_obeyed_too(self, pair, desk, own, admin):
        text, person = consents.current(EMAIL), {"user_id": own.user_id, "patient_id": own.pk}
        answer({text: True}, how=How.PAGE, by=own.user, user=own.user)
        answer({text: False}, how=How.DESK, by=admin, patient=desk)
        merge(pair, keep=own, by=admin, reason="Same papers")
        assert not consents.holds(EMAIL, **person)
        assert [row.given for row in consents.answers_of(**person).filter(text__kind=EMAIL)] == [False, True]

    def test_an_account_made_since_stays_with_who_was_kept(self, admin):
        one, other = (PatientFactory(name="Mina Alvarez", user=None) for _number in range(2))
        made = merge(_note(one, other, ["name"]), keep=one, by=admin, reason="Same papers")
        account = UserFactory()
        Patient.objects.filter(pk=one.pk).update(user=account)
        undo_merge(made, by=admin, reason="Two people")
        assert Patient.objects.get(pk=one.pk).user == account


class TestTheHistoryInOwnWords:
    def test_the_other_one_stays_in_sight_until_a_newer_one_is_reviewed(self, pair, desk, own, admin):
        doctor = AppointmentFactory(patient=desk).doctor
        MedicalHistoryFactory(patient=desk, illnesses="Diabetes", written_at=timezone.now() - timedelta(days=900))
        current = MedicalHistoryFactory(patient=own, illnesses="None")
        merge(pair, keep=desk, by=admin, reason="Same papers")
        desk = Patient.objects.get(pk=desk.pk)
        chart = Chart(doctor.user, desk)
        assert chart.history == current
        assert [(number, row.illnesses) for number, row in chart.histories_of_merged] == [(desk.number, "Diabetes")]
        newer = save_history(desk, by=desk.user, illnesses="Diabetes")
        assert len(Chart(doctor.user, desk).histories_of_merged) == 2
        review_history(newer, by=doctor.user)
        assert Chart(doctor.user, desk).histories_of_merged == []

    def test_a_chart_that_was_never_merged_shows_one(self, desk):
        doctor = AppointmentFactory(patient=desk).doctor
        MedicalHistoryFactory.create_batch(2, patient=desk)
        assert Chart(doctor.user, desk).histories_of_merged == []

    def test_it_stands_on_the_page_of_the_chart(self, pair, desk, own, admin, client):
        doctor = AppointmentFactory(patient=desk).doctor
        MedicalHistoryFactory(patient=desk, illnesses="Diabetes", written_at=timezone.now() - timedelta(days=900))
        MedicalHistoryFactory(patient=own, illnesses="None")
        merge(pair, keep=desk, by=admin, reason="Same papers")
        client.force_login(doctor.user)
        page = client.get(f"/patients/{own.pk}/chart/", follow=True)
        assert "Diabetes" in page.content.decode()
        assert f"under the number {desk.number}" in page.content.decode()


class TestWhoOpened:
    def test_openings_of_both_are_told_and_after_undoing_those_of_the_time_between(self, pair, desk, own, admin):
        doctor = DoctorFactory()
        open_chart(own, by=doctor.user)
        user = own.user
        open_chart(own, by=user)
        made = merge(pair, keep=desk, by=admin, reason="Same papers")
        desk.refresh_from_db()
        open_chart(desk, by=doctor.user, action="history.opened")
        assert [event.action for event in openings.of_patient(desk)] == ["history.opened", "chart.opened"]
        assert openings.of_patient(desk, own=True).count() == 3
        undo_merge(made, by=admin, reason="Two people")
        open_chart(Patient.objects.get(pk=desk.pk), by=doctor.user, action="encounter.opened")
        own, desk = Patient.objects.get(pk=own.pk), Patient.objects.get(pk=desk.pk)
        assert [event.action for event in openings.of_patient(own)] == ["history.opened", "chart.opened"]
        assert [event.action for event in openings.of_patient(desk)] == ["encounter.opened", "history.opened"]
        assert AuditEvent.objects.filter(patient_id=own.pk, action="chart.opened").count() == 2
