"""Family, as people press through it: adding a child, asking and answering, ending; and what the desk records."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, Message, Role
from accounts.tests.factories import UserFactory
from clinic import services
from clinic.models import Answer, GuardianRequest, Guardianship, Kind, Patient, Scope
from clinic.tests.conftest import signed_in
from clinic.tests.factories import GuardianshipFactory, PatientFactory

FAMILY = "/family/"

pytestmark = pytest.mark.django_db


def text(response):
    return response.content.decode()


def born(years):
    return (timezone.localdate() - timedelta(days=366 * years)).isoformat()


@pytest.fixture
def aunt():
    return PatientFactory(name="Aunt Olga").user


@pytest.fixture
def wanted(patient, aunt):
    return services.ask_guardian(patient, email=aunt.email, scope=Scope.BOOK, by=patient.user)


class TestChild:
    def test_is_added_and_stands_on_the_page(self, as_patient, patient):
        response = as_patient.post(FAMILY + "children/new/", {"name": "Maya", "birth_date": born(6)}, follow=True)
        assert "Maya is registered under the number" in text(response)
        made = Guardianship.objects.get()
        assert (made.guardian, made.kind, made.scope) == (patient.user, Kind.PARENT, Scope.READ)
        assert "until the 18th birthday" in text(as_patient.get(FAMILY))
        assert reverse("clinic:guardianship-give-up", args=[made.pk]) in text(as_patient.get(FAMILY))

    def test_of_age_is_refused_beside_the_birth_date_and_nothing_typed_is_lost(self, as_patient):
        page = as_patient.post(FAMILY + "children/new/", {"name": "Grown Up", "birth_date": born(19)})
        assert page.status_code == 200
        assert "This person is of age" in str(page.context["form"].errors["birth_date"])
        assert 'value="Grown Up"' in text(page)
        assert not Patient.objects.filter(name="Grown Up").exists()

    @pytest.mark.parametrize(
        "wrong",
        [{"birth_date": "2026-02-30"}, {"birth_date": "9999-12-31"}, {"name": "a\0b"}, {"name": "x" * 5000}, {}],
    )
    def test_nonsense_is_said_beside_the_field(self, wrong, as_patient):
        data = {"name": "Maya", "birth_date": born(6), **wrong} if wrong else {}
        page = as_patient.post(FAMILY + "children/new/", data)
        assert page.status_code in {200, 400}
        assert not Guardianship.objects.exists()


class TestAsking:
    def test_the_answer_is_the_same_whether_or_not_the_address_is_known(self, as_patient, aunt):
        pages = []
        for address in (aunt.email, "nobody@example.org"):
            page = as_patient.post(FAMILY + "ask/", {"email": address, "scope": "book"}, follow=True)
            pages.append(text(page).replace(address, "…"))
        assert "A request is on its way to …" in pages[0]
        assert "A request is on its way to …" in pages[1]

    def test_a_last_day_is_kept_to_its_end(self, as_patient, patient, hospital):
        day = timezone.localdate() + timedelta(days=10)
        as_patient.post(FAMILY + "ask/", {"email": "a@example.org", "scope": "read", "last_day": day.isoformat()})
        wanted = GuardianRequest.objects.get()
        assert wanted.last_day == day
        assert wanted.until.astimezone(hospital.zone).date() == day + timedelta(days=1)

    @pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2020-01-01", "2026-02-30", "x"])
    def test_an_impossible_last_day_is_refused_beside_the_field(self, day, as_patient):
        page = as_patient.post(FAMILY + "ask/", {"email": "a@example.org", "scope": "read", "last_day": day})
        assert page.context["form"].errors["last_day"]
        assert not GuardianRequest.objects.exists()

    def test_without_a_profile_one_completes_it_first(self):
        client = signed_in(UserFactory(role=Role.PATIENT))
        assert client.get(FAMILY + "ask/").url == reverse("clinic:profile-edit")

    def test_a_request_to_an_account_of_staff_reaches_nobody_inside(self, as_patient, doctor):
        as_patient.post(FAMILY + "ask/", {"email": doctor.user.email, "scope": "read"})
        wanted = GuardianRequest.objects.get()
        assert signed_in(doctor.user).get(f"{FAMILY}requests/{wanted.pk}/").status_code == 403


class TestAnswering:
    def test_who_has_the_address_finds_it_at_home_and_accepts(self, wanted, aunt, patient):
        client, url = signed_in(aunt), reverse("clinic:guardian-request", args=[wanted.pk])
        assert url in text(client.get("/"))
        assert url in text(client.get(FAMILY))
        assert patient.name in text(client.get(url))
        response = client.post(url, {"answer": "accept"}, follow=True)
        assert f"you can book visits for {patient.name} now" in text(response)
        assert Guardianship.objects.get().guardian == aunt
        again = client.post(url, {"answer": "accept"})
        assert (again.status_code, Guardianship.objects.count()) == (409, 1)

    def test_declining_and_taking_back(self, wanted, aunt, as_patient):
        url = reverse("clinic:guardian-request", args=[wanted.pk])
        assert as_patient.post(url, {"answer": "accept"}).status_code == 422
        as_patient.post(url, {"answer": "withdraw"})
        assert signed_in(aunt).post(url, {"answer": "decline"}).status_code == 409
        wanted.refresh_from_db()
        assert wanted.answer == Answer.WITHDRAWN

    def test_looks_to_anybody_else_like_what_is_not_there(self, wanted):
        client = signed_in(PatientFactory().user)
        theirs, missing = (client.get(f"{FAMILY}requests/{pk}/") for pk in (wanted.pk, 10**9))
        assert (theirs.status_code, theirs.content) == (404, missing.content)

    def test_nobody_withdraws_anothers_request(self, wanted, aunt):
        url = reverse("clinic:guardian-request", args=[wanted.pk])
        assert signed_in(aunt).post(url, {"answer": "withdraw"}).status_code == 422
        wanted.refresh_from_db()
        assert wanted.is_waiting

    def test_the_link_in_the_mail_leads_there_over_signing_in(self, wanted):
        url = reverse("clinic:guardian-request", args=[wanted.pk])
        assert url in Message.objects.get(kind="guardianship.asked").text
        assert Client().get(url).url.endswith(f"?next={url}")


class TestEnding:
    def test_the_patient_ends_it_after_being_asked(self, as_patient, patient):
        row = GuardianshipFactory(patient=patient, guardian__name="Rita Reader")
        url = reverse("clinic:guardianship-give-up", args=[row.pk])
        assert "Rita Reader" in text(as_patient.get(url))
        as_patient.post(url)
        assert not Guardianship.objects.current().exists()
        assert as_patient.get(url).status_code == 200
        assert "ended already" in text(as_patient.get(url))

    def test_an_administrator_says_why_and_reception_does_not_end(self, as_admin, as_reception):
        row = GuardianshipFactory()
        url = reverse("clinic:guardianship-end", args=[row.pk])
        assert as_reception.post(url, {"reason": "x"}).status_code == 403
        as_admin.post(url, {"reason": ""})
        assert Guardianship.objects.current().exists()
        assert as_admin.post(url, {"reason": "Court order"}).status_code == 302
        assert AuditEvent.objects.get(action="guardianship.ended").detail["reason"] == "Court order"


class TestContactData:
    def test_a_guardian_keeps_it_up_to_date_for_who_has_no_account(self):
        row = GuardianshipFactory(scope=Scope.BOOK)
        client, url = signed_in(row.guardian), reverse("clinic:ward-edit", args=[row.pk])
        client.post(url, {"address": "2 New Road", "name": "Hidden", "birth_date": "2000-01-01"})
        fresh = Patient.objects.get(pk=row.patient_id)
        assert (fresh.address, fresh.name, fresh.birth_date) == ("2 New Road", row.patient.name, row.patient.birth_date)

    def test_not_for_who_has_an_account_nor_for_the_other_side(self, as_patient, patient):
        row = GuardianshipFactory(patient=patient)
        url = reverse("clinic:ward-edit", args=[row.pk])
        assert signed_in(row.guardian).get(url).status_code == 404
        assert as_patient.get(url).status_code == 404


class TestDesk:
    def test_reception_records_a_guardian_with_the_paper_that_was_seen(self, as_reception, aunt):
        child = PatientFactory(user=None, name="Maya", birth_date=timezone.localdate() - timedelta(days=2000))
        url = reverse("clinic:guardian-create", args=[child.pk])
        data = {"email": aunt.email, "kind": "parent", "scope": "read", "note": "Birth certificate"}
        assert as_reception.post(url, data).status_code == 302
        page = text(as_reception.get(reverse("clinic:patient-detail", args=[child.pk])))
        assert "Aunt Olga" in page
        assert "Birth certificate" in page
        again = as_reception.post(url, data)
        assert "acts for Maya already" in str(again.context["form"].errors["email"])

    def test_an_adult_has_no_parent_to_choose(self, as_reception, patient):
        page = text(as_reception.get(reverse("clinic:guardian-create", args=[patient.pk])))
        assert 'value="relative"' in page
        assert 'value="parent"' not in page

    def test_an_address_of_nobody_is_said_beside_the_field_and_all_is_kept(self, as_reception, patient):
        data = {"email": "nobody@example.org", "kind": "relative", "scope": "book", "note": "Power of attorney"}
        page = as_reception.post(reverse("clinic:guardian-create", args=[patient.pk]), data)
        assert "No patient signs in with this address" in str(page.context["form"].errors["email"])
        assert 'value="Power of attorney"' in text(page)

    def test_the_administration_site_shows_them_read_only(self, as_admin):
        row = GuardianshipFactory(guardian__name="Rita Reader")
        found = as_admin.get("/admin/clinic/guardianship/?q=rita")
        assert "Rita Reader" in text(found)
        assert as_admin.get("/admin/clinic/guardianship/add/").status_code == 403
        assert as_admin.post(f"/admin/clinic/guardianship/{row.pk}/change/", {}).status_code == 403


def test_the_job_has_a_command(capsys, monkeypatch):
    monkeypatch.setattr("clinic.services.endings.FROM", 0)
    monkeypatch.setattr("clinic.services.endings.TO", 24)
    GuardianshipFactory(until=timezone.now() + timedelta(days=3))
    call_command("announce_guardianship_endings")
    assert capsys.readouterr().out == "Told: 1\n"
    assert "as it was agreed" in Message.objects.get(kind="guardianship.ends_soon").text
