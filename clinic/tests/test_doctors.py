"""Doctors: what administrators do with them."""

import pytest
from django.urls import reverse

from accounts.models import AuditEvent, Invitation, Message, Role, User
from accounts.services import AccountRefused, block
from accounts.tests.factories import UserFactory
from clinic import services
from clinic.models import Doctor
from clinic.tests.factories import CareRelationshipFactory, DepartmentFactory, DoctorFactory


def url(name, *args):
    return reverse(f"clinic:doctor-{name}", args=args)


def acts():
    return list(AuditEvent.objects.filter(action__startswith="doctor.").values_list("action", flat=True))


def filled(department, **more):
    return {
        "department": department.pk,
        "name": "Dr Amara Mbeki",
        "gender": "female",
        "accepting_patients": "on",
    } | more


def test_a_new_doctor_is_invited_and_linked_at_once(as_admin):
    form = filled(DepartmentFactory(), email="amara@example.org", phone="+49 30 12345678", fee="80.50")
    answer = as_admin.post(url("create"), form)
    doctor = Doctor.objects.get()
    assert answer.url == url("edit", doctor.pk)
    assert (doctor.user.email, doctor.user.role, doctor.user.name) == (
        "amara@example.org",
        Role.DOCTOR,
        "Dr Amara Mbeki",
    )
    assert not doctor.user.has_usable_password()
    assert Invitation.objects.get().user == doctor.user
    assert Message.objects.get(kind="account.invitation").address == "amara@example.org"
    assert doctor.phone.as_e164 == "+493012345678"


@pytest.mark.parametrize("email", ["", "Amara@example.org"])
def test_a_second_press_gives_the_same_doctor(as_admin, email):
    department = DepartmentFactory()
    answers = [as_admin.post(url("create"), filled(department, email=email)) for _press in range(2)]
    assert {answer.headers["Location"] for answer in answers} == {url("edit", Doctor.objects.get().pk)}
    assert Invitation.objects.count() == bool(email)


def test_two_doctors_of_one_name_with_addresses_of_their_own_are_two(as_admin):
    department = DepartmentFactory()
    for email in ("one@example.org", "two@example.org"):
        as_admin.post(url("create"), filled(department, email=email))
    assert Doctor.objects.count() == 2


def test_an_address_that_is_taken_is_refused_beside_it_and_no_doctor_is_left_behind(as_admin):
    UserFactory(email="amara@example.org")
    page = as_admin.post(url("create"), filled(DepartmentFactory(), email="Amara@example.org", about="Kept words"))
    assert page.status_code == 200
    assert page.context["form"].errors["email"] == ["There is already an account with this e-mail address."]
    assert "Kept words" in page.content.decode()
    assert (Doctor.objects.count(), acts()) == (0, [])


def test_a_doctor_without_an_account_can_be_invited_later(as_admin):
    doctor = DoctorFactory(user=None)
    as_admin.post(url("edit", doctor.pk), filled(doctor.department, name=doctor.name, email="late@example.org"))
    doctor.refresh_from_db()
    assert doctor.user.email == "late@example.org"
    with pytest.raises(services.ClinicRefused, match="an account already"):
        services.invite_doctor(doctor, email="another@example.org", by=None)


def test_a_refused_invitation_takes_back_what_was_changed_with_it(as_admin):
    UserFactory(email="late@example.org")
    doctor = DoctorFactory(user=None, name="Dr Before")
    page = as_admin.post(url("edit", doctor.pk), filled(doctor.department, name="Dr After", email="late@example.org"))
    assert "email" in page.context["form"].errors
    doctor.refresh_from_db()
    assert (doctor.name, doctor.user) == ("Dr Before", None)


def test_a_new_name_is_the_accounts_name_too(as_admin, doctor):
    as_admin.post(url("edit", doctor.pk), filled(doctor.department))
    assert User.objects.get(pk=doctor.user.pk).name == "Dr Amara Mbeki"
    assert AuditEvent.objects.get(action="doctor.changed").detail == {"changed": ["name", "specialization"]}


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("fee", "-1", "greater than or equal to 0"),
        ("experience_years", "81", "less than or equal to 80"),
        ("phone", "12", "not a telephone number"),
        ("name", "", "required"),
        ("name", "x" * 201, "at most 200"),
        ("about", "x" * 4001, "at most 4000"),
        ("gender", "dragon", "not one of the available choices"),
        ("department", "99999", "not one of the available choices"),
    ],
)
def test_nonsense_is_said_beside_its_field(as_admin, doctor, field, value, words):
    page = as_admin.post(url("edit", doctor.pk), filled(doctor.department) | {field: value})
    assert page.status_code == 200
    assert words in str(page.context["form"].errors[field])
    assert acts() == []


def test_nobody_is_put_into_a_retired_department(as_admin, doctor, admin):
    closed = DepartmentFactory()
    services.retire_department(closed, by=admin)
    page = as_admin.post(url("edit", doctor.pk), filled(closed))
    assert "department" in page.context["form"].errors
    with pytest.raises(services.ClinicRefused, match="retired"):
        services.create_doctor(department=closed, name="Dr New", by=admin)
    with pytest.raises(services.ClinicRefused, match="retired"):
        services.update_doctor(doctor, department=closed, by=admin)


def test_retiring_takes_a_doctor_off_the_directory_and_restoring_brings_the_doctor_back(as_admin, doctor):
    assert as_admin.post(url("retire", doctor.pk), {"reason": "Moved away"}).status_code == 302
    doctor.refresh_from_db()
    assert (doctor.is_retired, doctor.retired_reason) == (True, "Moved away")
    assert not Doctor.objects.listed().exists()
    assert as_admin.post(url("restore", doctor.pk)).status_code == 302
    assert Doctor.objects.listed().get() == doctor
    assert acts() == ["doctor.restored", "doctor.retired"]


def test_a_doctor_is_not_restored_into_a_retired_department(as_admin, doctor, admin):
    services.retire_doctor(doctor, by=admin)
    services.retire_department(doctor.department, by=admin)
    page = as_admin.post(url("restore", doctor.pk))
    assert page.status_code == 409
    assert "This department is retired." in page.content.decode()


def test_an_unused_doctor_is_deleted_and_the_account_stays(as_admin, doctor):
    assert as_admin.get(url("delete", doctor.pk)).status_code == 200
    assert as_admin.post(url("delete", doctor.pk)).url == url("manage")
    assert not Doctor.objects.exists()
    assert User.objects.filter(pk=doctor.user.pk).exists()
    assert acts() == ["doctor.deleted"]


def test_a_doctor_with_patients_is_not_deleted_and_the_page_says_why(as_admin):
    doctor = CareRelationshipFactory().doctor
    assert "1 care relationship" in as_admin.get(url("delete", doctor.pk)).content.decode()
    assert as_admin.post(url("delete", doctor.pk)).status_code == 409
    assert Doctor.objects.filter(pk=doctor.pk).exists()


def test_the_list_is_searched_and_filtered(as_admin, admin):
    working = DoctorFactory(name="Dr Working")
    closed = DoctorFactory(name="Dr Closed", accepting_patients=False)
    bare = DoctorFactory(name="Dr Bare", user=None)
    blocked = DoctorFactory(name="Dr Blocked")
    block(blocked.user, reason="Away", by=admin)
    retired = services.retire_doctor(DoctorFactory(name="Dr Retired"), by=admin)

    def found(**query):
        return {doctor.name for doctor in as_admin.get(url("manage"), query).context["page_obj"]}

    present = {"Dr Working", "Dr Closed", "Dr Bare", "Dr Blocked"}
    assert found() == present
    assert found(state="closed") == {closed.name}
    assert found(state="no-account") == {bare.name}
    assert found(state="blocked") == {blocked.name}
    assert found(state="retired") == {retired.name}
    assert found(state="all") == present | {"Dr Retired"}
    assert found(q="WORK") == {working.name}
    assert found(department=bare.department.pk) == {bare.name}
    assert found(sort="nonsense", size="nonsense", page="x") == present
    assert found(department="nonsense") == found(state="nonsense") == set()


def test_a_doctors_address_is_refused_like_any_other(admin):
    UserFactory(email="taken@example.org")
    with pytest.raises(AccountRefused):
        services.create_doctor(department=DepartmentFactory(), name="Dr", email="taken@example.org", by=admin)


@pytest.mark.parametrize("name", ["manage", "create", "edit", "retire", "restore", "delete"])
def test_nobody_else_manages_doctors(name, as_patient, as_doctor, as_reception, doctor):
    address = url(name) if name in {"manage", "create"} else url(name, doctor.pk)
    for somebody in (as_patient, as_doctor, as_reception):
        assert somebody.get(address).status_code == 403
        assert somebody.post(address, filled(doctor.department)).status_code == 403
    assert acts() == []


def test_who_is_not_there_is_not_found(as_admin):
    for name in ("edit", "retire", "restore", "delete", "photo"):
        assert as_admin.get(url(name, 987654)).status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_however_long(rows, as_admin, django_assert_max_num_queries):
    DoctorFactory.create_batch(rows)
    with django_assert_max_num_queries(10):
        as_admin.get(url("manage"))
