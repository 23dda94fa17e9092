"""People registered twice: found at the desk, noted behind the back of who registers, found by the daily look."""

from datetime import date

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_celery_beat.models import PeriodicTask

from accounts.models import AuditEvent
from clinic import services, tasks
from clinic.models import DuplicatePair, Patient
from clinic.models.merging import ordered
from clinic.services.duplicates import CROWD, known_pairs
from clinic.tests.factories import PatientFactory

State = DuplicatePair.State
BORN = date(1980, 5, 17)


def url(name, *args):
    return reverse(f"clinic:{name}", args=args)


def filled(**more):
    return {"name": "Mina Alvarez", "birth_date": "1980-05-17", "gender": "female"} | more


def twins(**more):
    """Two records of one person."""
    return [PatientFactory(name=name, user=None, **more) for name in ("Mina Alvarez", "Álvarez Mina")]


def pairs():
    return [(pair.first, pair.second, pair.state) for pair in DuplicatePair.objects.order_by("pk")]


class TestAtTheDesk:
    def test_candidates_are_shown_with_what_tells_them_apart(self, as_reception):
        there = PatientFactory(name="Alvares Mina", phone="+493012345678")
        page = as_reception.post(url("patient-create"), filled()).content.decode()
        for words in (there.name, there.number, "17 May 1980", "46 years", "+493012345678", "Similar name"):
            assert words in page or words.replace("+4930", "+49 30 ") in page
        assert url("patient-detail", there.pk) in page
        assert not DuplicatePair.objects.exists()

    def test_another_person_is_recorded_and_not_asked_again(self, as_reception, receptionist):
        there = PatientFactory(name="Mina Alvarez")
        page = as_reception.post(url("patient-create"), filled())
        seen = page.context["form"].data["seen"]
        assert seen == str(there.pk)
        as_reception.post(url("patient-create"), filled(different="on", seen=seen))
        new = Patient.objects.latest("pk")
        pair = DuplicatePair.objects.get()
        assert (pair.first, pair.second, pair.state) == (there, new, State.DISMISSED)
        assert pair.decided_by_name == receptionist.name
        assert AuditEvent.objects.get(action="duplicate.dismissed").actor_id == receptionist.pk
        assert services.find_duplicates() == 0
        as_reception.post(url("patient-edit", new.pk), filled(phone="+49 30 12345678"))
        assert pairs() == [(there, new, State.DISMISSED)]

    def test_somebody_who_came_while_the_page_was_open_is_left_to_administrators(self, as_reception):
        seen = PatientFactory(name="Mina Alvarez")
        unseen = PatientFactory(name="Mina Alvarez")
        as_reception.post(url("patient-create"), filled(different="on", seen=str(seen.pk)))
        new = Patient.objects.latest("pk")
        assert set(pairs()) == {(seen, new, State.DISMISSED), (unseen, new, State.OPEN)}

    def test_a_correction_that_makes_two_people_alike_is_noted(self, as_reception):
        there, other = PatientFactory(name="Mina Alvarez"), PatientFactory(name="Somebody Else")
        as_reception.post(url("patient-edit", other.pk), filled())
        assert pairs() == [(there, other, State.OPEN)]

    @pytest.mark.parametrize("seen", ["x" * 500, "\x00", "1 2 3", "9" * 40])
    def test_a_forged_list_of_who_was_seen_breaks_nothing(self, seen, as_reception):
        PatientFactory(name="Mina Alvarez")
        assert as_reception.post(url("patient-create"), filled(different="on", seen=seen)).status_code in {200, 302}


class TestRegisteringOneself:
    def fields(self, **more):
        password = "correct horse battery staple"
        return filled(email="mina@example.org", password1=password, password2=password, accept_privacy="on") | more

    def test_nothing_is_shown_and_the_pair_is_noted(self, client, db):
        there = PatientFactory(name="Mina Alvarez", user=None, email="mina@example.org")
        alone = client.post(
            reverse("account_signup"), self.fields(name="Karl Weber", birth_date="1990-01-01", email="k@example.org")
        )
        answer = client.post(reverse("account_signup"), self.fields(), follow=True)
        assert answer.redirect_chain[0] == (alone.headers["Location"], alone.status_code)
        assert there.number not in answer.content.decode()
        new = Patient.objects.get(user__email="mina@example.org")
        pair = DuplicatePair.objects.get()
        assert (pair.first, pair.second, pair.state) == (there, new, State.OPEN)
        assert pair.why == ["Same name and date of birth", "Same e-mail address"]


class TestTheDailyLook:
    def test_it_finds_each_pair_once(self, db):
        one, other = twins()
        PatientFactory(name="Karl Weber", birth_date=date(1970, 1, 1))
        assert [services.find_duplicates(), services.find_duplicates()] == [1, 0]
        assert pairs() == [(one, other, State.OPEN)]
        event = AuditEvent.objects.get(action="duplicates.found")
        assert (event.actor_name, event.detail) == ("HMS", {"pairs": 1})

    def test_by_phone_and_by_the_address_of_an_account(self, db):
        walk_in = PatientFactory(name="W. Alvarez", user=None, phone="+493012345678", email="Mina@Example.org")
        account = PatientFactory(name="Mina Alvarez", birth_date=date(1981, 1, 1), user__email="mina@example.org")
        phone = PatientFactory(name="Wilhelmine", user=None, phone="+493012345678")
        services.find_duplicates()
        assert {frozenset((pair.first, pair.second)): pair.why for pair in DuplicatePair.objects.all()} == {
            frozenset((walk_in, account)): ["Same e-mail address"],
            frozenset((walk_in, phone)): ["Same phone and date of birth"],
        }

    def test_an_address_of_a_crowd_says_nothing(self, db):
        for number in range(CROWD):
            PatientFactory(
                user=None, email="desk@example.org", birth_date=date(1950 + number, 1, 1), name=f"N{number}" * 5
            )
        assert services.find_duplicates() == 0

    def test_many_of_one_birth_date_are_compared_where_they_share_a_word(self, db):
        letters = "abcdefghijklmnopqrstuvwxyz"
        Patient.objects.bulk_create(
            Patient(
                number=f"U{one}{other}",
                name=f"{one}{other}{other}{one}{one} {other}{one}xx{other}{other}",
                birth_date=date(1900, 1, 1),
            )
            for one in letters
            for other in letters[:6]
        )
        there, again = (
            PatientFactory(name=name, birth_date=date(1900, 1, 1)) for name in ("Quentin Zwirner", "Quentin Zwiner")
        )
        services.find_duplicates()
        assert DuplicatePair.objects.of(there, again).exists()

    def test_who_was_merged_is_not_asked_about_and_a_no_counts_for_who_stands_for_them(self, admin):
        one, other = twins()
        third = PatientFactory(name="Mina Alvarez", user=None)
        services.find_duplicates()
        assert DuplicatePair.objects.count() == 3
        services.dismiss(DuplicatePair.objects.of(other, third).get(), by=admin)
        DuplicatePair.objects.of(one, third).delete()
        services.merge(DuplicatePair.objects.of(one, other).get(), keep=one, by=admin, reason="Same papers")
        assert frozenset((one.pk, third.pk)) in known_pairs()
        assert services.find_duplicates() == 0

    def test_an_open_question_about_who_was_merged_is_asked_of_who_stands_for_them(self, admin):
        one, other = twins()
        services.find_duplicates()
        third = services.register_patient(name="Mina Alvarez", birth_date=BORN, by=None)
        DuplicatePair.objects.of(one, third).delete()
        services.merge(DuplicatePair.objects.of(one, other).get(), keep=one, by=admin, reason="Same papers")
        assert list(DuplicatePair.objects.open()) == []
        assert services.find_duplicates() == 1
        assert [(pair.first, pair.second) for pair in DuplicatePair.objects.open()] == [tuple(ordered(one, third))]

    def test_task_command_and_schedule_are_doors_to_it(self, db, capsys):
        twins()
        call_command("find_duplicates")
        assert capsys.readouterr().out == "1 new pairs\n"
        tasks.find_duplicates()
        assert DuplicatePair.objects.count() == 1
        scheduled = PeriodicTask.objects.get(task="clinic.tasks.find_duplicates")
        assert (scheduled.interval.every, scheduled.interval.period, scheduled.enabled) == (1, "days", True)

    def test_it_costs_the_same_queries_for_six_pairs_as_for_one(self, db):
        def queries(number):
            DuplicatePair.objects.all().delete()
            PatientFactory.create_batch(
                number, name=f"Person {number}", birth_date=date(1960 + number, 1, 1), user=None
            )
            with CaptureQueriesContext(connection) as caught:
                services.find_duplicates()
            return len(caught)

        assert queries(2) == queries(4)


class TestNotedByStaff:
    def test_reception_names_the_other_number(self, as_reception, receptionist):
        one, other = (
            PatientFactory(name="Mina Alvarez"),
            PatientFactory(name="Quite Different", birth_date=date(1990, 1, 1)),
        )
        answer = as_reception.post(
            url("patient-duplicate", one.pk), {"number": other.number, "note": "Her maiden name"}
        )
        assert (answer.status_code, answer.headers["Location"]) == (302, url("patient-detail", one.pk))
        pair = DuplicatePair.objects.get()
        assert (pair.state, pair.why, pair.note, pair.noted_by_name) == (
            State.OPEN, ["Noted by staff"], "Her maiden name", receptionist.name,
        )  # fmt: skip
        again = as_reception.post(url("patient-duplicate", other.pk), {"number": one.number})
        assert again.status_code == 302
        assert DuplicatePair.objects.count() == 1

    @pytest.mark.parametrize("number", ["", "nobody", "K7M-2QX-94B", "\x00", "9" * 39, "مرحبا", "x" * 5000])
    def test_a_number_nobody_has_is_said_beside_the_field(self, number, as_reception):
        patient = PatientFactory()
        page = as_reception.post(url("patient-duplicate", patient.pk), {"number": number})
        assert page.status_code == 422
        assert page.context["form"].errors["number"]

    def test_the_same_patient_is_no_pair_and_a_decision_stays(self, as_reception, admin):
        one, other = twins()
        page = as_reception.post(url("patient-duplicate", one.pk), {"number": one.number})
        assert "same patient" in str(page.context["form"].errors["number"])
        services.find_duplicates()
        services.dismiss(DuplicatePair.objects.get(), by=admin)
        page = as_reception.post(url("patient-duplicate", one.pk), {"number": other.number})
        assert "decided about these two already" in str(page.context["form"].errors["number"])
        assert DuplicatePair.objects.get().state == State.DISMISSED

    def test_an_administrator_goes_on_to_the_comparison(self, as_admin):
        one, other = twins()
        answer = as_admin.post(url("patient-duplicate", one.pk), {"number": other.number})
        assert answer.headers["Location"] == url("duplicate-detail", DuplicatePair.objects.get().pk)


class TestTheList:
    def test_it_shows_what_is_to_be_decided_with_reasons_and_is_searched(self, as_admin, admin):
        one, _other = twins(phone="+493012345678")
        karl = PatientFactory(name="Karl Weber", birth_date=date(1990, 1, 1))
        carl = PatientFactory(name="Carl Weber", birth_date=date(1990, 1, 1))
        services.find_duplicates()
        listed = as_admin.get(url("duplicate-list"))
        assert [pair.score for pair in listed.context["page_obj"]] == [100, 40]
        assert "2 pairs" in listed.content.decode()
        assert "Same phone and date of birth" in listed.content.decode()
        for query, number in (({"q": "álvar"}, 1), ({"q": karl.number}, 1), ({"q": "zzz"}, 0), ({"state": "all"}, 2)):
            assert len(as_admin.get(url("duplicate-list"), query).context["page_obj"]) == number
        services.dismiss(DuplicatePair.objects.of(karl, carl).get(), by=admin)
        assert [pair.first for pair in as_admin.get(url("duplicate-list")).context["page_obj"]] == [one]
        dismissed = as_admin.get(url("duplicate-list"), {"state": "dismissed"}).context["page_obj"]
        assert [pair.first for pair in dismissed] == [karl]

    def test_nobody_else_sees_it(self, as_reception, as_doctor, as_patient, client, admin):
        twins()
        services.find_duplicates()
        pair = DuplicatePair.objects.get()
        pages = [
            url("duplicate-list"),
            *(url(f"duplicate-{name}", pair.pk) for name in ("detail", "merge", "dismiss", "undo")),
        ]
        for page in pages:
            assert {somebody.get(page).status_code for somebody in (as_reception, as_doctor, as_patient)} == {403}
            assert client.get(page).status_code == 302
        for user in (None, *(Patient.objects.none())):
            assert not DuplicatePair.objects.visible_to(user).exists()

    @pytest.mark.parametrize("rows", [1, 3])
    def test_it_costs_the_same_however_long(self, rows, as_admin, django_assert_num_queries):
        PatientFactory.create_batch(rows + 1, name="Mina Alvarez", user=None)
        services.find_duplicates()
        with django_assert_num_queries(8):
            as_admin.get(url("duplicate-list"), {"q": "mina"})

    def test_dismissing_says_why_and_happens_once(self, as_admin):
        twins()
        services.find_duplicates()
        pair = DuplicatePair.objects.get()
        page = url("duplicate-dismiss", pair.pk)
        assert as_admin.get(page).status_code == 200
        assert as_admin.post(page, {"reason": "Twins"}).status_code == 302
        pair.refresh_from_db()
        assert (pair.state, pair.decided_reason) == (State.DISMISSED, "Twins")
        assert as_admin.post(page, {"reason": "Again"}).status_code == 409
        assert AuditEvent.objects.filter(action="duplicate.dismissed").count() == 1
