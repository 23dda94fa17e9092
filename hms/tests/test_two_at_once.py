"""Two administrators edit one thing: the second is told what the first has changed, and nothing typed is lost."""

import re
from datetime import time, timedelta
from html import unescape

import pytest
from django import forms
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse
from django.utils.timezone import localdate

from accounts.models import ConsentDraft, Role, SignInRule, User
from accounts.roles import GROUPS
from accounts.tests.factories import UserFactory
from clinic.models import Department, Doctor, Hospital
from clinic.services import update_doctor, update_hospital
from clinic.tests.factories import DepartmentFactory, DoctorFactory, PatientFactory
from hms.lib.seen import ChangedMeanwhile, edition, read, require_unchanged
from scheduling.tests.factories import ExtraHoursFactory, TimeOffFactory, WorkingHoursFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_admin():
    client = Client()
    client.force_login(UserFactory(role=Role.ADMIN, name="The Second"))
    return client


@pytest.fixture
def as_other():
    client = Client()
    client.force_login(UserFactory(role=Role.ADMIN, name="The First"))
    return client


def fields(page):
    """{name: value} of the page's form as a browser would send it; in the administration site, too."""
    form = page.context["adminform"].form if "adminform" in page.context else page.context["form"]
    found = {}
    for bound in form:
        value = bound.value()
        if isinstance(bound.field.widget, forms.CheckboxInput):
            found |= {bound.name: "on"} if value else {}
        elif isinstance(bound.field.widget, forms.MultiWidget):
            parts = bound.value() if isinstance(bound.value(), list) else bound.field.widget.decompress(bound.value())
            found |= {f"{bound.name}_{number}": str(part) for number, part in enumerate(parts)}
        elif not isinstance(bound.field, forms.FileField):
            found[bound.name] = "" if value is None else str(getattr(value, "as_e164", value))
    return found


def hospital():
    return "/hospital/", Hospital.current(), "name", "address"


def department():
    row = DepartmentFactory(description="Before")
    return reverse("clinic:department-edit", args=[row.pk]), row, "description", "location"


def doctor():
    row = DoctorFactory(qualification="Before")
    return reverse("clinic:doctor-edit", args=[row.pk]), row, "qualification", "languages"


def rule():
    row = SignInRule.objects.get(role=Role.DOCTOR)
    return reverse("accounts:rule-edit", args=[row.pk]), row, "idle_minutes", "absolute_hours"


def patient():
    row = PatientFactory(address="Before")
    return reverse("clinic:patient-edit", args=[row.pk]), row, "address", "emergency_name"


@pytest.mark.parametrize("thing", [hospital, department, doctor, patient, rule])
def test_the_second_is_told_sees_both_and_may_save_over_it(thing, as_admin, as_other):
    address, row, mine, theirs = thing()
    values = {"name": ("First words", "Second words"), "idle_minutes": ("20", "25"), "absolute_hours": ("9",)}
    first, second = values.get(mine, ("First words", "Second words"))
    beside = values.get(theirs, ("Beside",))[0]
    begun = fields(as_admin.get(address))
    assert as_other.post(address, begun | {mine: first, theirs: beside}).status_code == 302
    page = as_admin.post(address, begun | {mine: second})
    assert page.status_code == 409
    row.refresh_from_db()
    assert str(getattr(row, mine)) == first  # not written over
    shown = {one.label: (one.theirs, one.mine) for one in page.context["form"].differences}
    assert {(first, second), (beside, None)} == set(shown.values())
    assert "The First has changed this" in page.text
    again = fields(page)
    assert (again[mine], again[theirs]) == (second, beside)  # mine as typed; what I left alone is taken over
    assert as_admin.post(address, again).status_code == 302
    row.refresh_from_db()
    assert (str(getattr(row, mine)), str(getattr(row, theirs))) == (second, beside)


@pytest.mark.parametrize("thing", [hospital, department, doctor, patient, rule])
def test_a_program_that_sends_only_the_documented_fields_just_writes(thing, as_admin, as_other):
    address, row, mine, _theirs = thing()
    begun = fields(as_admin.get(address))
    begun.pop("seen")
    values = ("20", "25") if mine == "idle_minutes" else ("First", "Second")
    assert as_other.post(address, begun | {mine: values[0]}).status_code == 302
    assert as_admin.post(address, begun | {mine: values[1]}).status_code == 302
    row.refresh_from_db()
    assert str(getattr(row, mine)) == values[1]


def test_a_button_pressed_twice_is_no_quarrel(as_admin):
    begun = fields(as_admin.get("/hospital/")) | {"name": "Lakeside"}
    assert [as_admin.post("/hospital/", begun).status_code for _press in range(2)] == [302, 302]


@pytest.mark.parametrize("seen", ["nonsense", "name.", "name.x nothing.y", "." * 50, "seen.1 pk.2"])
def test_nonsense_in_the_hidden_field_is_no_500(seen, as_admin):
    begun = fields(as_admin.get("/hospital/")) | {"name": "Lakeside", "seen": seen}
    assert as_admin.post("/hospital/", begun).status_code in {302, 409}


def test_an_account_and_its_role(as_admin, as_other):
    clerk = UserFactory(role=Role.RECEPTION, name="Clerk")
    address = reverse("accounts:user-edit", args=[clerk.pk])
    begun = fields(as_admin.get(address))
    as_other.post(address, begun | {"role": "admin"})
    page = as_admin.post(address, begun | {"name": "Clark"})
    assert page.status_code == 409
    assert [(one.theirs, one.mine) for one in page.context["form"].differences] == [("Administrator", None)]
    clerk.refresh_from_db()
    assert (clerk.name, clerk.role) == ("Clerk", Role.ADMIN)
    assert as_admin.post(address, fields(page)).status_code == 302
    clerk.refresh_from_db()
    assert (clerk.name, clerk.role) == ("Clark", Role.ADMIN)


def test_a_draft_of_a_consent_text_that_both_begin(as_admin, as_other):
    address = "/consent-texts/data_use/edit/"
    begun = fields(as_admin.get(address))
    as_other.post(address, begun | {"text": "Theirs"})
    page = as_admin.post(address, begun | {"text": "Mine"})
    assert page.status_code == 409
    assert [(one.theirs, one.mine) for one in page.context["form"].differences] == [("Theirs", "Mine")]
    assert ConsentDraft.objects.get().text == "Theirs"
    assert as_admin.post(address, fields(page)).status_code == 302
    assert ConsentDraft.objects.get().text == "Mine"


def test_a_doctor_who_changes_the_own_profile_meanwhile_is_not_written_over(as_admin):
    row = DoctorFactory(about="Before", user=UserFactory(role=Role.DOCTOR))
    address = reverse("clinic:doctor-edit", args=[row.pk])
    begun = fields(as_admin.get(address))
    update_doctor(row, about="By the doctor", by=row.user)
    assert as_admin.post(address, begun | {"fee": "30"}).status_code == 409
    assert Doctor.objects.get(pk=row.pk).about == "By the doctor"


def test_a_patient_who_changes_the_own_profile_while_the_desk_does_is_told(as_other):
    row = PatientFactory(user=UserFactory(role=Role.PATIENT), address="Before")
    own = Client()
    own.force_login(row.user)
    begun = fields(own.get("/profile/"))
    desk = reverse("clinic:patient-edit", args=[row.pk])
    assert as_other.post(desk, fields(as_other.get(desk)) | {"address": "At the desk"}).status_code == 302
    page = own.post("/profile/", begun | {"address": "At home"})
    assert page.status_code == 409
    row.refresh_from_db()
    assert row.address == "At the desk"


def weekly(doctor):
    row = WorkingHoursFactory(doctor=doctor, weekday=0, starts=time(9), ends=time(12), slot_minutes=30)
    return "hours-edit", row, {"slot_minutes": "20", "ends": "13:00"}, {"slot_minutes": "15"}, ("20", "15")


def extra(doctor):
    row = ExtraHoursFactory(doctor=doctor, starts=time(9), ends=time(12), slot_minutes=30)
    return "extra-edit", row, {"slot_minutes": "20", "ends": "13:00"}, {"slot_minutes": "15"}, ("20", "15")


def time_off(doctor):
    row = TimeOffFactory(doctor=doctor, reason="Before")
    day = localdate(row.ends_at - timedelta(microseconds=1), timezone=Hospital.current().zone) + timedelta(days=1)
    return "timeoff-edit", row, {"reason": "First", "until_day": str(day)}, {"reason": "Second"}, ("First", "Second")


@pytest.mark.parametrize("thing", [weekly, extra, time_off])
def test_hours_that_somebody_else_has_changed_meanwhile(thing, as_admin, as_other):
    name, row, theirs, mine, said = thing(DoctorFactory())
    address = reverse(f"scheduling:{name}", args=[row.pk])
    begun = fields(as_admin.get(address))
    assert as_other.post(address, begun | theirs).status_code == 302
    page = as_admin.post(address, begun | mine)
    assert page.status_code == 409
    assert "The First has changed this" in page.text
    shown = {(one.theirs, one.mine) for one in page.context["form"].differences}
    assert said in shown
    assert [mine for _theirs, mine in shown if mine != said[1]] == [None]  # what I left alone is taken over
    row.refresh_from_db()
    ends = getattr(row, "ends_at", None) or row.ends
    assert as_admin.post(address, fields(page)).status_code == 302
    row.refresh_from_db()
    assert (getattr(row, "ends_at", None) or row.ends) == ends
    assert str(getattr(row, next(iter(mine)))) == said[1]


@pytest.mark.parametrize("thing", [weekly, extra, time_off])
def test_hours_in_the_administration_site(thing, as_admin):
    _name, row, theirs, mine, _said = thing(DoctorFactory())
    address = reverse(f"admin:scheduling_{row._meta.model_name}_change", args=[row.pk])
    begun = fields(as_admin.get(address))
    field = next(iter(mine))
    beside = {"ends_at": row.ends_at + timedelta(days=1)} if thing is time_off else {"ends": time(13)}
    type(row).objects.filter(pk=row.pk).update(**{field: theirs[field]}, **beside)
    page = as_admin.post(address, begun | mine)
    assert page.status_code == 200
    assert "Somebody else has changed this" in str(page.context["adminform"].form.errors)
    row.refresh_from_db()
    assert str(getattr(row, field)) == theirs[field]
    assert as_admin.post(address, fields(page)).status_code == 302
    row.refresh_from_db()
    assert {field: str(getattr(row, field))} | {name: getattr(row, name) for name in beside} == mine | beside


def test_the_administration_site_asks_again_too(as_admin):
    row = DepartmentFactory(name="Heart", description="Before", location="Here")
    address = reverse("admin:clinic_department_change", args=[row.pk])
    begun = fields(as_admin.get(address))
    Department.objects.filter(pk=row.pk).update(description="Theirs", location="There")
    page = as_admin.post(address, begun | {"description": "Mine"})
    assert page.status_code == 200
    said = unescape(re.sub(r"<[^>]+>", " ", page.text))
    assert "Somebody else has changed this" in said
    assert "saved now is Theirs, yours is Mine" in said
    row.refresh_from_db()
    assert (row.description, row.location) == ("Theirs", "There")
    assert as_admin.post(address, fields(page)).status_code == 302
    row.refresh_from_db()
    assert (row.description, row.location) == ("Mine", "There")


@pytest.mark.parametrize("thing", [hospital, doctor, patient, rule])
def test_other_rows_in_the_administration_site(thing, as_admin):
    _address, row, mine, _theirs = thing()
    address = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    begun = fields(as_admin.get(address))
    type(row).objects.filter(pk=row.pk).update(**{mine: "21" if mine == "idle_minutes" else "Theirs"})
    page = as_admin.post(address, begun | {mine: "22" if mine == "idle_minutes" else "Mine"})
    assert page.status_code == 200
    assert page.context["adminform"].form.errors
    assert as_admin.post(address, fields(page)).status_code == 302
    row.refresh_from_db()
    assert str(getattr(row, mine)) in {"22", "Mine"}


def test_permissions_of_a_role_in_the_administration_site(as_admin, as_other):
    group = Group.objects.get(name=GROUPS[Role.RECEPTION])
    address = reverse("admin:auth_group_change", args=[group.pk])
    before = list(group.permissions.order_by("pk").values_list("pk", flat=True))
    begun = {"seen": as_admin.get(address).context["adminform"].form["seen"].value()}
    assert as_other.post(address, begun | {"permissions": before[1:]}).status_code == 302
    page = as_admin.post(address, begun | {"permissions": before[:-1]})
    taken = Permission.objects.get(pk=before[0]).name
    assert f"May no longer: {taken}." in page.context["adminform"].form.errors["permissions"]
    assert set(group.permissions.values_list("pk", flat=True)) == set(before[1:])
    again = {"seen": page.context["adminform"].form["seen"].value()}
    assert as_admin.post(address, again | {"permissions": before[1:-1]}).status_code == 302
    assert as_admin.post(address, begun | {"permissions": before[1:-1]}).status_code == 302  # pressed twice
    assert set(group.permissions.values_list("pk", flat=True)) == set(before[1:-1])


def test_the_check_stands_in_the_service_under_its_lock():
    row = Hospital.current()
    seen = edition(row, ["name", "address"])
    update_hospital(row, name="Other", by=None)
    with pytest.raises(ChangedMeanwhile) as caught:
        update_hospital(row, name="Mine", address="Mine", seen=seen, by=None)
    assert caught.value.names == ["name"]
    assert Hospital.current().name == "Other"
    update_hospital(row, address="Mine", seen=seen, by=None)  # what the other did not touch is no quarrel


def test_what_was_seen_says_nothing_of_the_values():
    user = User(name="Clerk")
    assert set(read(edition(user, ["name"]))) == {"name"}
    assert "Clerk" not in edition(user, ["name"])
    require_unchanged(user, edition(user, ["name"]), {"name": "Clark"})
