"""The history of settings: who changed what from what to what, wherever it was changed; and the roles in words."""

import csv
import io
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import services as accounts
from accounts import wordings
from accounts.models import Channel, Role, SignInRule
from accounts.roles import GROUPS
from accounts.tests.factories import UserFactory
from clinic.models import Hospital
from clinic.services import create_specialization, rename_specialization, update_department, update_hospital
from clinic.tests.factories import DepartmentFactory

pytestmark = pytest.mark.django_db
HISTORY = "/settings/history/"


@pytest.fixture
def admin():
    return UserFactory(role=Role.ADMIN, name="The Boss")


@pytest.fixture
def as_admin(admin):
    client = Client()
    client.force_login(admin)
    return client


def told(client, **asked):
    """[(who, what, [(field, before, after)])] as the page says it."""
    page = client.get(HISTORY, asked)
    assert page.status_code == 200
    return [
        (entry.event.actor_name, entry.words, [(one.label, one.before, one.after) for one in entry.changes])
        for entry in page.context["entries"]
    ]


def reword(admin, version, words):
    """Add words to the mail about a booking; the text as it was delivered."""
    wording = wordings.named("scheduling.booked")
    was = wordings.delivered(wording, Channel.EMAIL)
    texts = {"subject": was["subject"], "text": f"{was['text']} {words}"}
    accounts.change_text(wording, Channel.EMAIL, "en", version=version, by=admin, **texts)
    return was["text"]


def test_an_address_of_several_lines_is_told_line_by_line(admin, as_admin):
    update_hospital(Hospital.current(), address="1 Meadow Lane\r\nMeadowbrook", by=admin)
    update_hospital(Hospital.current(), address="2 Lake Road\nLakeside", by=admin)
    page = as_admin.get(HISTORY).text
    assert "<del>1 Meadow Lane<br>Meadowbrook</del>" in page
    assert "<ins>2 Lake Road<br>Lakeside</ins>" in page
    assert "address: 1 Meadow Lane / Meadowbrook → 2 Lake Road / Lakeside" in as_admin.get("/audit/").text


def test_the_hospitals_settings_with_their_words(admin, as_admin):
    update_hospital(Hospital.current(), name="Lakeside", reminder_hour=8, reminder_same_day_hour=7, by=admin)
    update_hospital(Hospital.current(), reminder_same_day_hour=None, by=admin)
    assert told(as_admin, what="hospital") == [
        ("The Boss", "Hospital changed", [("Reminder on the day itself", "07:00", "Off")]),
        (
            "The Boss",
            "Hospital changed",
            [
                ("Name", "HMS Hospital", "Lakeside"),
                ("Reminder on the day before", "17:00", "08:00"),
                ("Reminder on the day itself", "Off", "07:00"),
            ],
        ),
    ]
    trail = as_admin.get("/audit/").text
    assert "HMS Hospital → Lakeside" in trail


def test_departments_specializations_and_rules(admin, as_admin):
    department, other = DepartmentFactory(name="Heart"), DepartmentFactory()
    update_department(department, name="Cardiology", colour="red", by=admin)
    update_department(other, location="Here", by=admin)
    rename_specialization(create_specialization(name="Old", by=admin), name="New", by=admin)
    accounts.change_rule(SignInRule.objects.get(role=Role.DOCTOR), second_factor=True, idle_minutes=20, by=admin)
    assert told(as_admin, what="departments", row=department.pk) == [
        ("The Boss", "Department changed", [("Name", "Heart", "Cardiology"), ("Colour", "–", "Red")])
    ]
    assert told(as_admin, what="specializations")[0][2] == [("Name", "Old", "New")]
    assert told(as_admin, what="rules")[0][2] == [
        ("Second factor required", "no", "yes"),
        ("Signed out without activity after", "60", "20"),
    ]
    assert len(told(as_admin)) == 5


def test_what_is_changed_in_the_administration_site_stands_here_too(as_admin):
    department = DepartmentFactory(name="Heart", description="Before")
    data = {"name": "Cardiology", "description": "Before", "location": "", "opening": "", "head": "", "colour": ""}
    as_admin.post(reverse("admin:clinic_department_change", args=[department.pk]), data)
    assert told(as_admin, what="departments") == [("The Boss", "Department changed", [("Name", "Heart", "Cardiology")])]
    group = Group.objects.get(name=GROUPS[Role.RECEPTION])
    kept = list(group.permissions.values_list("pk", flat=True))
    gone = group.permissions.get(codename="overbook_appointment")
    new = Permission.objects.get(codename="view_export")
    sent = {"name": group.name, "permissions": [*(pk for pk in kept if pk != gone.pk), new.pk]}
    assert as_admin.post(reverse("admin:auth_group_change", args=[group.pk]), sent).status_code == 302
    entry = as_admin.get(HISTORY, {"what": "groups"}).context["entries"][0]
    assert entry.notes == [("May now", new.name), ("May no longer", gone.name)]


def test_a_group_that_is_made_and_renamed_says_so_and_one_saved_as_it_was_says_nothing(as_admin):
    as_admin.post(reverse("admin:auth_group_add"), {"name": "Post office"})
    group = Group.objects.get(name="Post office")
    for _twice in range(2):
        as_admin.post(reverse("admin:auth_group_change", args=[group.pk]), {"name": "Mail room"})
    assert told(as_admin, what="groups") == [
        ("The Boss", "Group changed", [("Name", "Post office", "Mail room")]),
        ("The Boss", "Group changed", [("Name", "–", "Post office")]),
    ]


def test_texts_of_messages_and_consents(admin, as_admin):
    was = reword(admin, 0, "First")
    reword(admin, 1, "Second")
    accounts.restore_text(wordings.named("scheduling.booked"), Channel.EMAIL, "en", version=2, by=admin)
    changes = [changes[-1] for _who, _what, changes in told(as_admin, what="messages")]
    assert changes == [
        ("Text", f"{was} Second", "as delivered"),
        ("Text", f"{was} First", f"{was} Second"),
        ("Text", "as delivered", f"{was} First"),
    ]
    accounts.save_draft("data_use", text="New words", note="", is_correction=False, by=admin)
    accounts.publish("data_use", revision=1, by=admin)
    newest = told(as_admin, what="consents")[0]
    assert newest[1] == "Consent text published"
    assert newest[2][0][2] == "New words"


def test_nothing_that_is_no_setting_stands_here(admin, as_admin):
    accounts.create_user(email="x@example.org", name="Somebody", role=Role.RECEPTION, by=admin)
    assert told(as_admin) == []
    assert "appears here" in as_admin.get(HISTORY).text
    assert "No change is like that" in as_admin.get(HISTORY, {"what": "rules"}).text
    for asked in ({"what": "nothing"}, {"row": "x"}, {"row": "99999999999999999999"}, {"page": "-1"}):
        assert as_admin.get(HISTORY, asked).status_code == 200


def test_it_is_found_by_who_and_when_and_taken_along_field_by_field(admin, as_admin):
    other = UserFactory(role=Role.ADMIN, name="Zoë Deputy")
    update_hospital(Hospital.current(), name="Lakeside", reminder_hour=8, by=admin)
    update_hospital(Hospital.current(), name="=cmd()", by=other)
    today = timezone.localdate()
    assert [who for who, *_more in told(as_admin, q="Deputy")] == ["Zoë Deputy"]
    assert [who for who, *_more in told(as_admin, sort="when")] == ["The Boss", "Zoë Deputy"]
    assert len(told(as_admin, since=today, until=today)) == 2
    assert told(as_admin, until=today - timedelta(days=1)) == told(as_admin, since="2026-02-30") == []
    page = as_admin.get(HISTORY, {"since": today, "until": today - timedelta(days=1)})
    assert "This day comes before the first one." in page.text
    answer = as_admin.get("/settings/history/download/", {"q": "Deputy"})
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert [row[1:] for row in rows] == [
        ["Who", "What", "On", "Field", "Before", "After"],
        ["Zoë Deputy", "Hospital changed", "'=cmd()", "Name", "Lakeside", "'=cmd()"],
    ]
    shown = [line for _who, _what, lines in told(as_admin) for line in lines]
    answer = as_admin.get("/settings/history/download/")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert [row["Field"] for row in rows] == [label for label, _before, _after in shown]


@pytest.mark.parametrize("role", [Role.PATIENT, Role.DOCTOR, Role.RECEPTION])
def test_it_is_the_administrators_alone(role):
    client = Client()
    client.force_login(UserFactory(role=role))
    assert client.get(HISTORY).status_code == client.get(f"{HISTORY}download/").status_code == 403
    assert client.get("/roles/").status_code == 403


@pytest.mark.parametrize("rows", [1, 3])
def test_it_costs_the_same_however_much_was_changed(rows, admin, as_admin, django_assert_num_queries):
    for number in range(rows):
        update_hospital(Hospital.current(), name=f"Name {number}", by=admin)
        update_department(DepartmentFactory(), location=f"Place {number}", by=admin)
        reword(admin, number, f"Words {number}")
        accounts.save_draft("data_use", text=f"Words {number}", note="", is_correction=False, by=admin)
        accounts.publish("data_use", revision=1, by=admin)
    as_admin.get(HISTORY)
    with django_assert_num_queries(11):
        as_admin.get(HISTORY)


def test_roles_are_told_in_words_with_what_the_hospital_has_changed(as_admin):
    page = as_admin.get("/roles/")
    assert [(role.role, role.differs) for role in page.context["roles"]] == [(role, False) for role in Role]
    group = Group.objects.get(name=GROUPS[Role.RECEPTION])
    gone = group.permissions.get(codename="overbook_appointment")
    new = Permission.objects.get(codename="view_export")
    group.permissions.remove(gone)
    group.permissions.add(new)
    reception = as_admin.get("/roles/").context["roles"][2]
    changed = {held.name: held.state for _app, parts in reception.parts for held in parts if held.state}
    assert (reception.differs, changed) == (True, {gone.name: "taken", new.name: "added"})


def test_the_roles_cost_the_same_however_many_accounts(as_admin, django_assert_num_queries):
    as_admin.get("/roles/")
    with django_assert_num_queries(9):
        as_admin.get("/roles/")
    UserFactory.create_batch(3, role=Role.RECEPTION)
    with django_assert_num_queries(9):
        as_admin.get("/roles/")
