"""Clinical grants: two administrators let a third person read charts, for a time, and nothing but a grant does."""

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, Message, Role
from accounts.services import set_groups
from accounts.tests.factories import UserFactory
from clinic.numbers import new_number
from clinic.tests.factories import DepartmentFactory, PatientFactory
from records.errors import RecordConflict, RecordRefused
from records.models import ClinicalGrant, charts_of
from records.services import ask_grant, confirm_grant, revoke_grant, run_export
from records.tests.conftest import client_of
from records.tests.factories import AllergyFactory, EncounterFactory
from scheduling.tests.factories import AppointmentFactory

pytestmark = pytest.mark.django_db
Scope = ClinicalGrant.Scope
DAY = timedelta(days=1)


@pytest.fixture
def asker():
    return UserFactory(role=Role.ADMIN)


@pytest.fixture
def second():
    return UserFactory(role=Role.ADMIN)


@pytest.fixture
def officer():
    return UserFactory(role=Role.RECEPTION, name="Rosa Records")


@pytest.fixture
def theirs():
    patient = PatientFactory(number=new_number())
    AllergyFactory(patient=patient, substance="Latex")
    return patient


def asked(officer, asker, *, days=7, scope=Scope.HOSPITAL, **more):
    now = timezone.now()
    what = {"reason": "Audit of 2026", "starts_at": now, "until": now + days * DAY, "scope": scope}
    return ask_grant(user=officer, by=asker, **what | more)


@pytest.fixture
def granted(officer, asker, second, theirs):
    return confirm_grant(asked(officer, asker, scope=Scope.PATIENT, patient=theirs), by=second)


def chart_of(patient):
    return reverse("records:chart-detail", args=[patient.pk])


def test_a_grant_opens_nothing_before_another_administrator_confirms_it(officer, asker, second, theirs):
    client = client_of(officer)
    assert client.get(chart_of(theirs)).status_code == 403
    grant = asked(officer, asker)
    assert client.get(chart_of(theirs)).status_code == 403
    with pytest.raises(RecordRefused, match="You asked for this grant"):
        confirm_grant(grant, by=asker)
    confirm_grant(grant, by=second)
    page = client.get(chart_of(theirs))
    assert (page.status_code, "Latex" in page.text, "by a grant" in page.text) == (200, True, True)


def test_nobody_grants_anything_to_themselves(officer, asker, second):
    with pytest.raises(RecordRefused, match="themselves"):
        asked(asker, asker)
    grant = asked(second, asker)
    with pytest.raises(RecordRefused, match="for you"):
        confirm_grant(grant, by=second)


@pytest.mark.parametrize("change", ["asked_by", "confirmed_by_asker", "confirmed_by_user", "half"])
def test_the_database_refuses_what_one_person_alone_made(change, officer, asker, second):
    grant = asked(officer, asker)
    now = timezone.now()
    changes = {
        "asked_by": {"asked_by": officer},
        "confirmed_by_asker": {"confirmed_by": asker, "confirmed_at": now},
        "confirmed_by_user": {"confirmed_by": officer, "confirmed_at": now},
        "half": {"confirmed_at": now},
    }
    with pytest.raises(IntegrityError), transaction.atomic():
        ClinicalGrant.objects.filter(pk=grant.pk).update(**changes[change])


def test_the_end_is_exact(officer, asker, second, theirs, time_machine):
    begins = datetime.fromisoformat("2026-12-01T08:00:00+00:00")
    time_machine.move_to(begins - DAY, tick=False)
    what = {"starts_at": begins, "until": begins + 2 * DAY, "reason": "x", "scope": Scope.HOSPITAL}
    confirm_grant(ask_grant(user=officer, by=asker, **what), by=second)
    seen = []
    for at in (begins - timedelta(seconds=1), begins, begins + 2 * DAY - timedelta(seconds=1), begins + 2 * DAY):
        time_machine.move_to(at, tick=False)
        seen.append(charts_of(officer).filter(pk=theirs.pk).exists())
    assert seen == [False, True, True, False]


def test_a_grant_for_one_patient_or_department_opens_no_other_chart(officer, asker, second, theirs):
    inside, outside = AppointmentFactory(), AppointmentFactory()
    confirm_grant(asked(officer, asker, scope=Scope.DEPARTMENT, department=inside.department), by=second)
    assert set(charts_of(officer)) == {inside.patient}
    confirm_grant(asked(officer, asker, scope=Scope.PATIENT, patient=theirs), by=second)
    assert set(charts_of(officer)) == {inside.patient, theirs}
    client = client_of(officer)
    assert client.get(chart_of(outside.patient)).status_code == 404
    listed = client.get("/granted/").context["page_obj"].object_list
    assert set(listed) == {inside.patient, theirs}


def test_a_grant_only_reads(granted, officer, theirs, asker):
    encounter = EncounterFactory(patient=theirs, appointment__patient=theirs)
    group = Group.objects.create(name="Writers")
    wanted = ["write_allergy", "write_encounter", "write_history", "review_history", "export_history"]
    group.permissions.set(Permission.objects.filter(codename__in=wanted))
    set_groups(officer, groups=[group], by=asker)
    client = client_of(officer)
    assert client.get(reverse("records:encounter-detail", args=[encounter.pk])).status_code == 200
    page = client.get(chart_of(theirs))
    assert "Record another" not in page.text
    assert "Download as a table" not in page.text
    for name in ("allergy-create", "history-edit"):
        assert client.get(reverse(f"records:{name}", args=[theirs.pk])).status_code == 404
    assert client.post(reverse("records:export-create"), {"patient": theirs.pk}).status_code == 404


def test_downloading_is_part_of_some_grants_and_ends_with_them(officer, asker, second, theirs, settings, tmp_path):
    settings.EXPORT_ROOT = tmp_path
    grant = confirm_grant(asked(officer, asker, may_export=True), by=second)
    client = client_of(officer)
    answer = client.post(reverse("records:export-create"), {"patient": theirs.pk})
    assert answer.status_code == 302
    pk = officer.exports.get().pk
    assert run_export(pk)
    download = reverse("records:export-download", args=[pk])
    assert b"Latex" in b"".join(client.get(download).streaming_content)
    revoke_grant(grant, by=asker, reason="Done")
    assert client.get(download).status_code == 404


def test_what_is_taken_back_closes_at_once(granted, officer, second, theirs):
    client = client_of(officer)
    assert client.get(chart_of(theirs)).status_code == 200
    revoke_grant(granted, by=second, reason="Not needed any more")
    assert client.get(chart_of(theirs)).status_code == 403
    with pytest.raises(RecordConflict):
        revoke_grant(granted, by=second, reason="Again")
    assert {message.kind for message in Message.objects.filter(recipient=officer)} == {
        "grant.confirmed", "grant.revoked"
    }  # fmt: skip


def test_the_patient_sees_by_which_permission_and_why(granted, officer, theirs):
    client_of(officer).get(chart_of(theirs))
    page = client_of(theirs.user).get(reverse("records:opening-list", args=[theirs.pk]))
    (opening,) = page.context["openings"]
    why = "with a permission that two administrators gave: Audit of 2026"
    assert (opening.who, opening.role, opening.why) == ("Rosa Records", "Reception", why)
    event = AuditEvent.objects.get(action="chart.opened")
    assert event.detail == {"because": "grant", "number": granted.pk}


def test_permissions_alone_open_no_chart(officer, second, asker, theirs):
    """Groups refine what a role may do; what rows one sees follows the role."""
    group = Group.objects.create(name="Everything clinical")
    group.permissions.set(Permission.objects.filter(content_type__app_label="records"))
    encounter = EncounterFactory(patient=theirs, appointment__patient=theirs)
    for user in (officer, second):
        set_groups(user, groups=[group], by=asker)
        client = client_of(user)
        for address in (
            chart_of(theirs),
            reverse("records:encounter-detail", args=[encounter.pk]),
            reverse("records:history-edit", args=[theirs.pk]),
            reverse("records:allergy-create", args=[theirs.pk]),
            reverse("records:opening-list", args=[theirs.pk]),
        ):
            assert (address, client.get(address).status_code) == (address, 404)
        assert client.post(reverse("records:export-create"), {"patient": theirs.pk}).status_code == 404


def test_a_composed_group_makes_nobody_an_administrator(officer, asker):
    group = Group.objects.create(name="Grants")
    group.permissions.set(Permission.objects.filter(codename__endswith="clinicalgrant"))
    set_groups(officer, groups=[group], by=asker)
    with pytest.raises(PermissionDenied):
        asked(UserFactory(role=Role.RECEPTION), officer)
    grant = asked(UserFactory(role=Role.RECEPTION), asker)
    assert client_of(officer).post(reverse("records:grant-confirm", args=[grant.pk])).status_code == 404


@pytest.mark.parametrize(
    ("days", "match"), [(91, "90 days"), (0, "ends after it begins"), (-1, "ends after it begins")]
)
def test_no_grant_is_longer_than_ninety_days_or_over_already(days, match, officer, asker):
    with pytest.raises(RecordRefused, match=match):
        asked(officer, asker, days=days)


def test_patients_and_blocked_people_get_no_grant(asker):
    for user in (UserFactory(role=Role.PATIENT), UserFactory(role=Role.RECEPTION, is_active=False)):
        with pytest.raises(RecordRefused):
            asked(user, asker)


# The pages


def test_the_pages_from_asking_to_taking_back(asker, second, officer, theirs):
    first, other = client_of(asker), client_of(second)
    today = timezone.localdate()
    data = {"user": officer.pk, "scope": "patient", "patient": theirs.number, "reason": "A complaint",
            "from_day": today.isoformat(), "until_day": (today + 6 * DAY).isoformat()}  # fmt: skip
    answer = first.post("/grants/new/", data)
    grant = ClinicalGrant.objects.get()
    assert answer.headers["Location"] == reverse("records:grant-detail", args=[grant.pk])
    assert first.post("/grants/new/", data).status_code == 302
    assert ClinicalGrant.objects.count() == 1
    confirm = reverse("records:grant-confirm", args=[grant.pk])
    assert confirm not in first.get(answer.headers["Location"]).text
    assert first.post(confirm).status_code == 422
    assert "1 clinical grant waits for a second administrator." in other.get("/").text
    assert confirm in other.get(answer.headers["Location"]).text
    assert other.post(confirm).status_code == 302
    assert other.post(confirm).status_code == 409
    mine = client_of(officer)
    assert "Granted records" in mine.get("/").text
    assert theirs.name in mine.get("/granted/").text
    assert mine.get(reverse("records:grant-detail", args=[grant.pk])).status_code == 200
    revoke = reverse("records:grant-revoke", args=[grant.pk])
    assert mine.get(revoke).status_code == 403
    assert other.post(revoke, {"reason": ""}).status_code == 422
    assert other.post(revoke, {"reason": "Over"}).status_code == 302
    assert mine.get("/granted/").status_code == 403
    assert mine.get("/grants/?state=all").status_code == 200
    assert [event.action for event in AuditEvent.objects.filter(action__startswith="grant.").order_by("pk")] == [
        "grant.asked", "grant.confirmed", "grant.revoked"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("patient", "K7M-2QX-94B"),
        ("patient", ""),
        ("scope", "everything"),
        ("user", "999999"),
        ("until_day", "2030-01-01"),
        ("from_day", "2020-01-01"),
        ("reason", ""),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(field, value, asker, officer, theirs):
    today = timezone.localdate()
    data = {"user": officer.pk, "scope": "patient", "patient": theirs.number, "reason": "A complaint",
            "from_day": today.isoformat(), "until_day": today.isoformat()}  # fmt: skip
    answer = client_of(asker).post("/grants/new/", data | {field: value})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])


def test_who_has_no_grant_sees_neither_the_place_nor_the_pages(as_reception, as_patient, as_doctor):
    assert "Granted records" not in as_reception.get("/").text
    for client in (as_reception, as_patient, as_doctor):
        assert [client.get(path).status_code for path in ("/grants/", "/granted/", "/grants/new/")] == [403, 403, 403]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_lists_cost_the_same_however_long(rows, asker, second, officer, django_assert_max_num_queries):
    for _number in range(rows):
        department = DepartmentFactory()
        AppointmentFactory(department=department)
        confirm_grant(asked(officer, asker, scope=Scope.DEPARTMENT, department=department), by=second)
    administrator, mine = client_of(asker), client_of(officer)
    for client, path, most in ((administrator, "/grants/", 11), (mine, "/granted/", 12)):
        client.get(path)
        with django_assert_max_num_queries(most):
            client.get(path)
