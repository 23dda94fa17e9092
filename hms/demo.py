"""A hospital to try HMS out with: believable people, six weeks behind them and a week ahead. Made once, by `demo`."""

import random
from decimal import Decimal

from django.conf import settings
from django.db import transaction

from accounts import audit
from accounts.models import AuditEvent, ConsentKind, ConsentText, How, Role, User
from accounts.services import answer, change_password, create_user, register_answers
from clinic.models import Department, Doctor, Hospital, Kind, Patient, Scope
from clinic.services import (
    add_child,
    create_department,
    create_doctor,
    create_specialization,
    record_guardianship,
    register_patient,
    update_department,
    update_hospital,
)
from hms import demo_data as data
from hms.demo_visits import Visits
from hms.lib import sign_ins
from records.services import make_due_reports
from scheduling.services.hours import add_hours_on

FILE = "demo-sign-ins.txt"
FILLED = "demo.filled"


def fill(say=print):
    """Fill an empty installation, or leave one that is not empty alone; then see that its sign-ins are known."""
    if not AuditEvent.objects.filter(action=FILLED).exists():
        if any(model.objects.exists() for model in (User, Doctor, Patient, Department)):
            say("There is data of yours already, so no demo data was added.")
            return
        fill_empty()
        say("Filled with demo data.")
    keep_sign_ins(say)


@transaction.atomic
def fill_empty():
    """Everything or nothing, through the services wherever they allow it: they refuse what lies in the past."""
    update_hospital(Hospital.current(), by=None, **data.HOSPITAL)
    users = {
        role: create_user(email=email, name=name, role=role, verified=True)
        for role, (email, name) in data.SIGN_INS.items()
    }
    for user in users.values():
        agreed = {ConsentKind.PRIVACY: True, ConsentKind.REMINDERS_EMAIL: user.role == Role.PATIENT}
        register_answers(user, agreed, how=How.SETUP)
    doctors = make_doctors(users[Role.DOCTOR])
    patients = make_patients(users[Role.PATIENT])
    sign_on_paper(patients, by=users[Role.RECEPTION])
    # a fixed seed: the same people meet the same doctors on every installation
    visits = Visits(doctors, patients, chance=random.Random(7), reception=users[Role.RECEPTION])
    visits.of_main_patient(users[Role.PATIENT])
    visits.weeks_behind()
    visits.today()
    visits.days_ahead()
    visits.leave_ahead()
    visits.waiting(users[Role.PATIENT])
    make_family(users[Role.PATIENT], grandfather=patients[8], reception=users[Role.RECEPTION])
    make_due_reports()
    audit.record(None, FILLED)


def make_family(user, *, grandfather, reception):
    """The patient who signs in acts for a child, and books for an old man who came to the desk with her."""
    add_child(by=user, **data.CHILD)
    note = "Power of attorney of 12 March, identity cards of both"
    record_guardianship(grandfather, email=user.email, kind=Kind.RELATIVE, scope=Scope.BOOK, note=note, by=reception)


def make_doctors(user):
    """Departments, and doctors with hours; the first one is `user`'s."""
    departments = {}
    for name, description in data.DEPARTMENTS.items():
        where, opening, colour = data.PLACES[name]
        facts = {"location": where, "opening": opening, "colour": colour}
        departments[name] = create_department(name=name, description=description, by=None, **facts)
    doctors = []
    for name, department, special, degree, years, fee, gender, tongues, days, blocks, minutes, about in data.DOCTORS:
        doctor = create_doctor(
            department=departments[department],
            name=name,
            by=None,
            user=None if doctors else user,
            specialization=special,
            qualification=degree,
            experience_years=years,
            fee=Decimal(fee),
            gender=gender,
            languages=tongues,
            about=about,
        )
        for starts, ends in blocks:
            add_hours_on(days, doctor=doctor, starts=starts, ends=ends, slot_minutes=minutes, by=None)
        doctors.append(doctor)
        if departments[department].head_id is None:
            departments[department] = update_department(departments[department], head=doctor, by=None)
    for special in sorted({doctor.specialization for doctor in doctors}):
        create_specialization(name=special, by=None)
    return doctors


def make_patients(user):
    """Patients; the first one is `user`'s. One has neither account nor address: reception has to call."""
    patients = []
    for number, (name, born, gender, blood_group) in enumerate(data.PATIENTS):
        details = {"phone": f"+4420794602{number:02}", "gender": gender, "blood_group": blood_group}
        if number not in {0, 12}:
            details["email"] = f"patient{number}@example.org"
        if number == 0:
            details |= data.MAIN_PATIENT
        patient = register_patient(name=name, birth_date=born, by=None, user=None if number else user, **details)
        patients.append(patient)
    return patients


def sign_on_paper(patients, *, by):
    """Most of those without an account agree to reminders at the desk; every seventh has not been asked."""
    text = ConsentText.objects.current().get(kind=ConsentKind.REMINDERS_EMAIL)
    for number, patient in enumerate(patients):
        if patient.user_id is None and patient.email and number % 7:
            answer({text: True}, how=How.DESK, by=by, patient=patient)


def keep_sign_ins(say=print):
    """See that the file with the sign-ins is there, and says what HMS_DEMO_PASSWORD says where that is set."""
    path = settings.DATA_DIR / FILE
    known = {email: password for _role, email, password in sign_ins.kept(path)}
    listed = []
    for role, (email, _name) in data.SIGN_INS.items():
        user = User.objects.filter(email=email, role=role, is_active=True).first()
        if user is not None:
            password = sign_ins.given_password() or known.get(email) or sign_ins.new_password()
            if password != known.get(email):
                change_password(user, password=password, by=None, how="demo")
            listed.append((str(role), email, password))
    if listed != sign_ins.kept(path):
        sign_ins.keep(path, listed)
        say(f"Sign-ins stand in {path}.")
