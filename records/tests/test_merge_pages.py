"""The pages of a merge: the comparison, what will happen, undoing it, and where old addresses lead."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import AuditEvent, Role
from accounts.tests.factories import UserFactory
from clinic import services
from clinic.models import DuplicatePair, Patient, PatientMerge
from clinic.services.duplicates import _note
from clinic.tests.factories import CareRelationshipFactory, PatientFactory
from records.tests.conftest import client_of
from scheduling.models import Appointment
from scheduling.tests.factories import AppointmentFactory

State = DuplicatePair.State
REASON = {"reason": "Same papers"}


def url(name, *args):
    return reverse(f"clinic:{name}", args=args)


@pytest.fixture
def admin(db):
    return UserFactory(role=Role.ADMIN)


@pytest.fixture
def as_admin(admin):
    return client_of(admin)


@pytest.fixture
def pair(db):
    one = PatientFactory(name="Mina Alvarez", user=None, phone="+493012345678", address="1 Lane")
    other = PatientFactory(name="Mina Álvares", gender="female", user__email="mina@example.org")
    return _note(one, other, ["similar"])


@pytest.fixture
def merged(pair, admin):
    return services.merge(pair, keep=pair.first, by=admin, reason="Same papers")


def test_the_comparison_offers_what_differs_and_chooses_what_is_likely(as_admin, pair):
    AppointmentFactory(patient=pair.first)
    page = as_admin.get(url("duplicate-detail", pair.pk))
    chosen = page.context["chosen"]
    assert chosen["keep"] == "second"
    assert (chosen["phone"], chosen["address"], chosen["name"]) == ("first", "first", "second")
    assert "birth_date" not in chosen
    text = page.content.decode()
    for words in (pair.first.number, pair.second.number, "1 Lane", "mina@example.org, never signed in", "First visit"):
        assert words in text


def test_the_next_page_names_what_will_happen_and_changes_nothing(as_admin, pair):
    visit = AppointmentFactory(patient=pair.second)
    page = as_admin.get(url("duplicate-merge", pair.pk), {"keep": "first", "gender": "second"}).content.decode()
    for words in ("Stays", pair.first.number, visit.reference, "1 visit", "Female", "can be undone"):
        assert words in page
    assert not PatientMerge.objects.exists()


def test_merging_does_what_was_chosen(as_admin, admin, pair):
    choices = {"keep": "first", "name": "second", "gender": "second", "phone": "first", "address": "second"}
    answer = as_admin.post(url("duplicate-merge", pair.pk), choices | REASON)
    assert (answer.status_code, answer.headers["Location"]) == (302, url("duplicate-detail", pair.pk))
    patient = Patient.objects.get(pk=pair.first_id)
    assert (patient.name, patient.gender, patient.address) == ("Mina Álvares", "female", "")
    assert (patient.phone.as_e164, patient.user.email) == ("+493012345678", "mina@example.org")
    assert AuditEvent.objects.get(action="patient.merged").actor_id == admin.pk
    again = as_admin.post(url("duplicate-merge", pair.pk), choices | REASON)
    assert again.status_code == 409
    assert "meanwhile" in again.content.decode()


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"reason": ""},
        {"reason": "x" * 5000},
        {"reason": "a\0b"},
        {"keep": "third", **REASON},
        {"name": "9", **REASON},
    ],
)
def test_nonsense_is_said_and_changes_nothing(data, as_admin, pair):
    page = as_admin.post(url("duplicate-merge", pair.pk), data)
    assert page.status_code == 422
    assert "alert" in page.content.decode()
    assert not PatientMerge.objects.exists()


def test_visits_at_the_same_time_are_a_409_with_links_to_both(as_admin, pair):
    one = AppointmentFactory(patient=pair.first)
    other = AppointmentFactory(patient=pair.second, starts_at=one.starts_at + timedelta(minutes=10))
    page = as_admin.post(url("duplicate-merge", pair.pk), REASON)
    assert page.status_code == 409
    for visit in (one, other):
        assert reverse("scheduling:appointment-detail", args=[visit.pk]) in page.content.decode()
    assert Appointment.objects.filter(patient=pair.first).count() == 1


def test_undoing_shows_what_goes_back_and_what_stays_and_why(as_admin, pair, admin):
    theirs = AppointmentFactory(patient=pair.second)
    services.merge(pair, keep=pair.first, taken=["gender", "address"], by=admin, reason="Same papers")
    services.update_patient(Patient.objects.get(pk=pair.first_id), by=admin, address="2 Lane")
    since = AppointmentFactory(patient=pair.first, starts_at=theirs.starts_at + timedelta(days=1))
    page = as_admin.get(url("duplicate-undo", pair.pk))
    assert [entry[2] for entry in page.context["back"] if entry[2]] == [[theirs.reference]]
    assert [entry[2] for entry in page.context["staying"] if entry[2]] == [[since.reference]]
    assert (page.context["restored"], page.context["kept"]) == (["gender"], ["address"])
    assert as_admin.post(url("duplicate-undo", pair.pk), {}).status_code == 422
    answer = as_admin.post(url("duplicate-undo", pair.pk), {"reason": "Two people"})
    assert answer.status_code == 302
    assert as_admin.post(url("duplicate-undo", pair.pk), {"reason": "Two people"}).status_code == 409
    text = as_admin.get(url("duplicate-detail", pair.pk)).content.decode()
    for words in ("Merge undone", "Two people", "Same papers"):
        assert words in text


def test_a_pair_that_was_never_merged_cannot_be_undone(as_admin, pair):
    assert as_admin.get(url("duplicate-undo", pair.pk)).status_code == 409


def test_old_addresses_lead_to_who_stands_for_them(merged, as_admin, as_reception):
    survivor, gone = merged.survivor_id, merged.absorbed_id
    for name in ("detail", "edit", "duplicate"):
        answer = as_reception.get(url(f"patient-{name}", gone), {"a": "1"})
        assert (answer.status_code, answer.headers["Location"]) == (302, url(f"patient-{name}", survivor) + "?a=1")
    assert as_admin.head(url("patient-detail", gone)).status_code == 302


def test_a_form_that_was_open_meanwhile_is_a_409_with_the_way_on(merged, as_reception):
    page = as_reception.post(url("patient-edit", merged.absorbed_id), {"name": "X", "birth_date": "1980-05-17"})
    assert page.status_code == 409
    assert url("patient-detail", merged.survivor_id) in page.content.decode()
    assert Patient.objects.get(pk=merged.absorbed_id).name == "Mina Álvares"


def test_for_who_may_not_see_the_one_who_stays_it_is_a_404_like_any_other(
    merged, as_doctor, doctor, as_patient, client
):
    chart = reverse("records:chart-detail", args=[merged.absorbed_id])
    missing = reverse("records:chart-detail", args=[2**40])
    for somebody in (as_doctor, as_patient):
        theirs, nobodys = somebody.get(chart), somebody.get(missing)
        assert (theirs.status_code, theirs.content) == (404, nobodys.content)
    assert client.get(chart).headers["Location"].startswith(reverse("account_login"))
    CareRelationshipFactory(doctor=doctor, patient=merged.survivor)
    assert as_doctor.get(chart).headers["Location"] == reverse("records:chart-detail", args=[merged.survivor_id])


def test_booking_for_the_old_number_goes_on_for_the_one_who_stays(merged, as_reception):
    page = as_reception.get(reverse("scheduling:booking-departments"), {"patient": merged.absorbed_id})
    assert page.context["journey"].patient == merged.survivor


def test_the_visits_of_the_old_number_are_those_of_the_one_who_stays(merged, as_reception):
    visit = AppointmentFactory(patient=merged.survivor)
    page = as_reception.get(reverse("scheduling:appointment-list"), {"patient": merged.absorbed_id})
    assert [row for row, _actions in page.context["rows"]] == [visit]


def test_who_was_merged_is_in_no_list_and_no_search(merged, as_admin, as_reception):
    for somebody in (as_admin, as_reception):
        listed = somebody.get(url("patient-list"), {"q": "mina"}).context["page_obj"]
        assert list(listed) == [merged.survivor]
    found = as_reception.get(url("patient-list"), {"q": merged.absorbed.name}).context["page_obj"]
    assert merged.absorbed not in found.object_list


def test_somebody_merged_elsewhere_leaves_nothing_to_decide(as_admin, admin, pair):
    third = PatientFactory(name="Mina Alvarez", user=None)
    other = _note(pair.first, third, ["name"])
    services.merge(pair, keep=pair.second, by=admin, reason="Same papers")
    page = as_admin.get(url("duplicate-detail", other.pk)).content.decode()
    assert "nothing to decide" in page
    assert as_admin.get(url("duplicate-merge", other.pk)).status_code == 302
    assert as_admin.post(url("duplicate-merge", other.pk), REASON).status_code == 409


def test_the_comparison_costs_the_same_however_much_there_is(as_admin, pair, django_assert_max_num_queries):
    AppointmentFactory.create_batch(5, patient=pair.first)
    with django_assert_max_num_queries(37):
        as_admin.get(url("duplicate-detail", pair.pk))


def test_the_administration_site_shows_both_and_changes_neither(merged, as_admin, as_reception):
    for model, row in (("duplicatepair", merged.pair_id), ("patientmerge", merged.pk)):
        listed = as_admin.get(reverse(f"admin:clinic_{model}_changelist"), {"q": "mina"})
        assert listed.status_code == 200
        assert str(merged.survivor.name) in listed.content.decode()
        assert as_admin.get(reverse(f"admin:clinic_{model}_change", args=[row])).status_code == 200
        assert as_admin.post(reverse(f"admin:clinic_{model}_change", args=[row]), {"state": "open"}).status_code == 403
        assert as_admin.get(reverse(f"admin:clinic_{model}_add")).status_code == 403
