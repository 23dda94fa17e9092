"""Doctors apply in public, confirm their address, and one administrator decides once."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from accounts.models import AuditEvent, Invitation, Message, MessageState, Role, User
from accounts.services import delivery
from accounts.tests.factories import UserFactory
from clinic import services
from clinic.models import Application, Doctor
from clinic.services import ClinicConflict
from clinic.tests.factories import ApplicationFactory, DepartmentFactory, DoctorFactory
from clinic.views.applications import MOST

pytestmark = pytest.mark.django_db
APPLY, LIST = reverse("clinic:application-create"), reverse("clinic:application-list")
FILLED = {
    "name": "Dr. Amara Mbeki",
    "email": "Amara@Example.org",
    "specialization": "Cardiology",
    "qualification": "MD",
    "experience_years": "12",
    "licence": "ÄK-4711",
    "languages": "English, Zulu",
    "about": "I like mornings.",
}


def page_of(application, verb="detail"):
    return reverse(f"clinic:application-{verb}", args=[application.pk])


def link():
    text = Message.objects.filter(kind="application.confirm").latest("pk").text
    return re.search(r"http://127\.0\.0\.1:8000(/applications/confirm/\S+/)", text).group(1)


def apply(client, **fields):
    return client.post(APPLY, FILLED | fields)


def confirmed(client, **fields):
    apply(client, **fields)
    assert client.post(link()).status_code == 200
    return Application.objects.latest("pk")


def test_a_doctor_applies_and_confirms_before_anybody_reads_it(client, as_admin):
    answer = apply(client, department=DepartmentFactory().pk)
    assert (answer.status_code, answer.url) == (302, reverse("clinic:application-sent"))
    application = Application.objects.get()
    assert (application.email, application.experience_years, application.state) == (
        "amara@example.org",
        12,
        Application.State.UNCONFIRMED,
    )
    message = Message.objects.get()
    assert (message.secret, message.address) == (True, "amara@example.org")
    assert as_admin.get(page_of(application)).status_code == 404
    assert "Mbeki" not in as_admin.get(LIST, {"state": "all"}).text
    page = client.get(link())
    assert page.status_code == 200
    assert "ÄK-4711" in page.text
    assert "amara@example.org" in client.post(link()).text
    assert "Dr. Amara Mbeki" in as_admin.get(LIST).text
    assert "I like mornings." in as_admin.get(page_of(application)).text
    assert "1 doctor has applied" in as_admin.get("/").text


def test_a_mail_to_an_address_nobody_confirmed_holds_nothing_that_was_typed(client):
    apply(client, name="Buy at spam.example", about="spam.example")
    message = Message.objects.get()
    assert "spam" not in message.subject + message.text


@pytest.mark.parametrize(
    "email", ["new@example.org", "patient@example.org", "waiting@example.org", "DOCTOR@example.org"]
)
def test_the_answer_is_the_same_whatever_the_address_is(client, email):
    UserFactory(email="patient@example.org")
    DoctorFactory(user__email="doctor@example.org")
    ApplicationFactory(email="waiting@example.org")
    answer = apply(client, email=email)
    assert (answer.status_code, answer.url, answer.content) == (302, reverse("clinic:application-sent"), b"")


def test_a_double_click_is_one_application_and_one_mail(client):
    apply(client)
    apply(client)
    assert (Application.objects.count(), Message.objects.count()) == (1, 1)


def test_the_newest_text_and_link_stand_until_the_address_is_confirmed(client):
    apply(client)
    first = link()
    apply(client, specialization="Surgery")
    assert Application.objects.get().specialization == "Surgery"
    assert client.get(first).status_code == 404
    assert "Surgery" in client.get(link()).text


def test_what_waits_cannot_be_overwritten_and_its_owner_hears_of_it_once_a_day(client):
    application = confirmed(client)
    apply(client, specialization="Forged")
    apply(client, specialization="Forged again")
    application.refresh_from_db()
    assert application.specialization == "Cardiology"
    assert Message.objects.filter(kind="application.known", address="amara@example.org").count() == 1


def test_three_mails_an_hour_go_to_one_address_whoever_asks(client):
    for number in range(5):
        assert apply(client, licence=f"L{number}").status_code == 302
    assert Message.objects.count() == 3


def test_one_network_address_may_not_apply_without_end(client):
    answers = [apply(client, email=f"a{number}@example.org").status_code for number in range(MOST + 1)]
    assert answers == [302] * MOST + [429]
    assert int(apply(client).headers["Retry-After"]) > 0
    assert apply(client, name="").status_code == 200


def test_a_program_that_fills_in_everything_is_thanked_and_forgotten(client):
    assert apply(client, website="http://spam.example").status_code == 302
    assert (Application.objects.count(), Message.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "Eve\nBcc: all@example.org"),
        ("name", "x" * 201),
        ("email", "not an address"),
        ("email", "a@example.org\nBcc: b@example.org"),
        ("experience_years", "99999999999999999999"),
        ("experience_years", "-1"),
        ("licence", ""),
        ("licence", "a\0b"),
        ("about", "x" * 2001),
        ("phone", "12"),
        ("department", "999999"),
    ],
)
def test_what_makes_no_sense_stands_beside_its_field_and_nothing_is_lost(client, field, value):
    answer = apply(client, **{field: value})
    assert answer.status_code == 200
    assert answer.context["form"].errors.keys() == {field}
    assert "ÄK-4711" in answer.text or field == "licence"
    assert Application.objects.count() == 0


def test_a_retired_department_cannot_be_wished_for(client):
    gone = DepartmentFactory(retired_at=timezone.now())
    assert apply(client, department=gone.pk).context["form"].errors.keys() == {"department"}


@pytest.mark.parametrize("token", ["nothing", "a" * 43, "%00", "é"])
def test_a_link_that_was_never_one_says_so(client, token):
    answer = client.get(f"/applications/confirm/{token}/")
    assert answer.status_code in {400, 404}


def test_a_link_works_once_and_runs_out_after_three_days(client):
    apply(client)
    path = link()
    with time_machine.travel(timezone.now() + timedelta(days=3, minutes=1)):
        assert client.get(path).status_code == 404
        assert client.post(path).status_code == 404
    client.post(path)
    again = client.post(path)
    assert again.status_code == 404
    assert "works once" in again.text
    assert AuditEvent.objects.filter(action="application.confirmed").count() == 1


def test_the_token_is_not_kept_and_a_replaced_mail_is_not_sent(client, mailoutbox):
    apply(client)
    assert link().split("/")[-2] not in str(Application.objects.values())
    apply(client, licence="Another")
    delivery.sweep()
    assert [message.state for message in Message.objects.order_by("pk")] == [MessageState.OBSOLETE, MessageState.SENT]
    assert len(mailoutbox) == 1


def test_approving_makes_a_doctor_and_sends_an_invitation_and_a_welcome(client, as_admin, admin):
    application, department = confirmed(client), DepartmentFactory()
    answer = as_admin.post(page_of(application, "approve"), {"department": department.pk, "email": application.email})
    assert answer.url == page_of(application)
    doctor = Doctor.objects.get()
    assert (doctor.name, doctor.department, doctor.user.email, doctor.user.role, doctor.accepting_patients) == (
        "Dr. Amara Mbeki",
        department,
        "amara@example.org",
        Role.DOCTOR,
        False,
    )
    assert not doctor.user.has_usable_password()
    assert Invitation.objects.get().user == doctor.user
    kinds = Message.objects.filter(address="amara@example.org").values_list("kind", flat=True)
    assert {"application.approved", "account.invitation"} <= set(kinds)
    application.refresh_from_db()
    assert (application.state, application.decided_by, application.doctor) == ("approved", admin, doctor)
    assert AuditEvent.objects.get(action="application.approved").actor_id == admin.pk


def test_declining_mails_the_reason_in_polite_words(client, as_admin):
    application = confirmed(client)
    assert as_admin.post(page_of(application, "decline"), {"reason": " "}).context["form"].errors.keys() == {"reason"}
    as_admin.post(page_of(application, "decline"), {"reason": "No place in cardiology.\nمع التحية"})
    message = Message.objects.get(kind="application.declined")
    assert message.address == "amara@example.org"
    assert "No place in cardiology." in message.text
    assert "We wish you all the best" in message.text
    assert "No place in cardiology." in as_admin.get(page_of(application)).text
    assert "No place" not in str(AuditEvent.objects.values_list("detail", flat=True))


@pytest.mark.parametrize("verb", ["approve", "decline"])
def test_the_second_administrators_decision_is_a_conflict(as_admin, verb):
    application = ApplicationFactory()
    services.decline_application(application, reason="First.", by=UserFactory(role=Role.ADMIN))
    data = {"department": DepartmentFactory().pk, "email": application.email, "reason": "Second."}
    answer = as_admin.post(page_of(application, verb), data)
    assert answer.status_code == 409
    assert "already" in answer.text
    application.refresh_from_db()
    assert (application.state, application.reason, Doctor.objects.count()) == ("declined", "First.", 0)


def test_a_stale_application_is_not_decided_twice(admin):
    application = ApplicationFactory()
    services.decline_application(application, reason="First.", by=admin)
    with pytest.raises(ClinicConflict):
        services.approve_application(application, department=DepartmentFactory(), email=application.email, by=admin)
    assert Message.objects.filter(kind="application.declined").count() == 1


def test_an_address_with_an_account_is_refused_beside_the_field_and_nothing_is_decided(as_admin):
    UserFactory(email="taken@example.org")
    application, department = ApplicationFactory(email="taken@example.org"), DepartmentFactory()
    answer = as_admin.post(page_of(application, "approve"), {"department": department.pk, "email": application.email})
    assert answer.context["form"].errors.keys() == {"email"}
    application.refresh_from_db()
    assert application.is_waiting
    as_admin.post(page_of(application, "approve"), {"department": department.pk, "email": "work@example.org"})
    assert User.objects.get(email="work@example.org").role == Role.DOCTOR


def test_a_department_retired_meanwhile_is_refused_beside_the_field(as_admin):
    application, department = ApplicationFactory(), DepartmentFactory(retired_at=timezone.now())
    answer = as_admin.post(page_of(application, "approve"), {"department": department.pk, "email": application.email})
    assert answer.context["form"].errors.keys() == {"department"}


@pytest.mark.parametrize("verb", ["detail", "approve", "decline"])
def test_only_administrators_read_and_decide(as_reception, as_doctor, as_patient, verb):
    for client in (as_reception, as_doctor, as_patient):
        assert client.get(page_of(ApplicationFactory(), verb)).status_code == 403


def test_applications_are_found_by_words_and_state(as_admin, admin):
    waiting, other = ApplicationFactory(name="Dr Ada Müller"), ApplicationFactory(specialization="Surgery")
    declined = ApplicationFactory(email="gone@example.org")
    services.decline_application(declined, reason="No.", by=admin)
    for query, expected in [
        ({}, {waiting, other}),
        ({"q": "muller"}, {waiting}),
        ({"q": "surgery"}, {other}),
        ({"state": "declined"}, {declined}),
        ({"q": "gone@", "state": "all"}, {declined}),
        ({"sort": "odd", "page": "x"}, {waiting, other}),
        ({"state": "odd"}, set()),
    ]:
        assert set(as_admin.get(LIST, query).context["page_obj"].object_list) == expected, query


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_however_long(rows, as_admin, django_assert_max_num_queries):
    ApplicationFactory.create_batch(rows, department=DepartmentFactory())
    with django_assert_max_num_queries(9):
        assert len(as_admin.get(LIST).context["page_obj"].object_list) == rows


def test_old_applications_go_with_their_mails(client, admin):
    waiting = confirmed(client)
    apply(client, email="never@example.org")
    declined = ApplicationFactory(email="declined@example.org")
    services.decline_application(declined, reason="No.", by=admin)
    later = timezone.now() + timedelta(days=8)
    with time_machine.travel(later):
        call_command("purge_applications")
        assert set(Application.objects.all()) == {waiting, declined}
        assert not Message.objects.filter(address="never@example.org").exists()
    with time_machine.travel(timezone.now() + timedelta(days=181)):
        assert services.purge_applications() == 1
        assert set(Application.objects.all()) == {waiting}
    wiped = Message.objects.get(kind="application.declined")
    assert (wiped.address, wiped.text, wiped.state) == ("", "", MessageState.OBSOLETE)
    assert AuditEvent.objects.filter(action="application.purged").count() == 2


def test_the_purge_is_on_the_schedule():
    assert PeriodicTask.objects.get(task="clinic.tasks.purge_applications").enabled


def test_the_administration_site_shows_and_changes_nothing(as_admin):
    application = ApplicationFactory()
    page = as_admin.get(reverse("admin:clinic_application_change", args=[application.pk]))
    assert page.status_code == 200
    assert application.token_hash not in page.text
    assert as_admin.get(reverse("admin:clinic_application_changelist"), {"q": "applicant"}).status_code == 200
    assert as_admin.get(reverse("admin:clinic_application_add")).status_code == 403


def test_the_public_pages_lead_to_the_form():
    visitor = Client()
    for page in ("/", reverse("scheduling:doctor-list"), APPLY):
        assert APPLY in visitor.get(page).text
