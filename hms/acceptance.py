"""A small world for tests from outside: patients, a child and who acts for it, doctors, staff, visits and records.

Every free text holds a word that exists nowhere else, so that a test can ask whether it is where it should be and
nowhere else. Each call makes a new world beside what is there, with addresses of its own: calling it twice never
changes what the first one made.
"""

import secrets
import string
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import ConsentKind, How, Role
from accounts.services import create_user, register_answers
from clinic.models import Hospital, Kind, Scope
from clinic.services import add_child, create_department, create_doctor, record_guardianship, register_patient
from hms.lib import sign_ins
from hms.past import past_record, past_visit
from records.services import record_allergy, save_history
from records.services.chart import HISTORY_FIELDS
from scheduling import free
from scheduling.models import Status, Weekday
from scheduling.services import annotate, book
from scheduling.services.hours import add_hours_on, add_time_off

OPENS, CLOSES, MINUTES = time(8), time(18), 30
STAFF = ("reception", "administrator")
EVERYBODY = "everybody"


class Words:
    """Hands out words that exist nowhere else, and remembers where each stands and who may read it there."""

    def __init__(self):
        self.all = []

    def new(self, where, *readers):
        """A word like `complaintqzkvwxbt` for a place; `readers` are keys of people, or "everybody"."""
        letters = "".join(secrets.choice(string.ascii_lowercase) for _letter in range(8))
        label = "".join(part for part in where.split(":")[-1] if part.isalpha())
        self.all.append({"word": label + letters, "where": where, "readers": list(readers)})
        return label + letters


class Seed:
    """Makes the world, and tells of it as plain values."""

    def __init__(self):
        self.run = "".join(secrets.choice(string.ascii_lowercase) for _letter in range(6))
        self.words, self.people, self.users, self.children = Words(), {}, {}, {}
        self.departments, self.visits, self.records = {}, {}, {}
        self.hospital = Hospital.current()
        self.today = timezone.localdate(timezone=self.hospital.zone)

    def account(self, key, role, name):
        """An account that signs in with a password of its own."""
        email, password = f"{key}.{self.run}@example.org", sign_ins.new_password()
        user = create_user(email=email, name=name, role=role, password=password, verified=True)
        register_answers(user, {ConsentKind.PRIVACY: True}, how=How.SETUP)
        self.users[key] = user
        self.people[key] = {
            "role": str(role),
            "user_id": user.pk,
            "name": user.name,
            "email": email,
            "password": password,
        }
        return user

    def doctor(self, key, number):
        """A doctor with a department of their own, who works every day."""
        word = self.words.new
        department = create_department(
            name=f"Department {word(f'{key}:department', EVERYBODY)}",
            description=f"Treats {word(f'{key}:treats', EVERYBODY)}",
            by=None,
        )
        name = f"Dr. Doctor {word(f'{key}:name', EVERYBODY)}"
        doctor = create_doctor(
            department=department,
            name=name,
            by=None,
            user=self.account(key, Role.DOCTOR, name),
            specialization=f"Specialist {word(f'{key}:specialization', EVERYBODY)}",
            qualification=f"Degree {word(f'{key}:qualification', EVERYBODY)}",
            languages=f"English, {word(f'{key}:languages', EVERYBODY)}",
            about=f"About {word(f'{key}:about', EVERYBODY)}",
            experience_years=10 + number,
        )
        add_hours_on(Weekday.values, doctor=doctor, starts=OPENS, ends=CLOSES, slot_minutes=MINUTES, by=None)
        away = self.at(self.today + timedelta(days=20), time(0))
        off = add_time_off(
            doctor=doctor,
            starts_at=away,
            ends_at=away + timedelta(days=1),
            reason=f"Away {word(f'{key}:absence', key, 'administrator')}",
            by=None,
        )
        self.departments[key] = {"id": department.pk, "name": department.name}
        hours = list(doctor.working_hours.values_list("pk", flat=True))
        self.people[key] |= {"doctor_id": doctor.pk, "hours_ids": hours, "time_off_id": off.pk}
        return doctor

    def patient(self, key, doctor_key, number):
        """A patient with an account, a history and an allergy."""
        word = self.words.new
        known_to = (key, doctor_key, *STAFF)
        name = f"Patient {word(f'{key}:name', *known_to)}"
        patient = register_patient(
            name=name,
            birth_date=date(1980 + number, 5, 17),
            by=None,
            user=self.account(key, Role.PATIENT, name),
            address=f"{word(f'{key}:address', *known_to)} Street 1",
            emergency_name=f"Friend {word(f'{key}:emergency', *known_to)}",
            phone=f"+4420794603{number:02}",
        )
        self.people[key] |= {"patient_id": patient.pk, "patient_number": patient.number}
        return patient

    def adult(self, key):
        """An account of a patient who has nothing in the record."""
        user = self.account(key, Role.PATIENT, f"{key.title()} Example")
        patient = register_patient(name=user.name, birth_date=date(1985, 5, 17), by=None, user=user)
        self.people[key] |= {"patient_id": patient.pk, "patient_number": patient.number}
        return user

    def child(self, key, doctor_key):
        """A child without an account: one guardian reads for it, another one may only book."""
        word = self.words.new
        guardian, helper = self.adult("guardian"), self.adult("helper")
        known_to = ("guardian", "helper", doctor_key, *STAFF)
        child = add_child(
            by=guardian,
            name=f"Child {word(f'{key}:name', *known_to)}",
            birth_date=self.today - timedelta(days=6 * 365),
            address=f"{word(f'{key}:address', *known_to)} Street 2",
        ).patient
        only_books = {"kind": Kind.RELATIVE, "scope": Scope.BOOK, "note": "Letter of the parents"}
        record_guardianship(child, email=helper.email, by=self.users["reception"], **only_books)
        self.children[key] = {
            "doctor": doctor_key,
            "patient_id": child.pk,
            "patient_number": child.number,
            "name": child.name,
            "guardians": {
                name: {"scope": str(row.scope), "guardianship_id": row.pk}
                for name, user in (("guardian", guardian), ("helper", helper))
                for row in user.guardianships.all()
            },
        }
        return child

    def chart(self, key, patient, doctor_key, *, reader=None):
        """What stands in the chart outside of visits. `reader` writes and reads it where the patient does not."""
        reader = reader or key
        word, clinical = self.words.new, (reader, doctor_key)
        texts = {field: f"Says {word(f'{key}:{field}', *clinical)}" for field in HISTORY_FIELDS}
        history = save_history(patient, by=self.users[reader], **texts)
        allergy = record_allergy(
            patient,
            by=self.users[doctor_key],
            substance=f"Substance {word(f'{key}:substance', *clinical)}",
            reaction=f"Reaction {word(f'{key}:reaction', *clinical)}",
            severity="severe",
        )
        self.records[key] = {"history_id": history.pk, "allergy_id": allergy.pk}

    def calendar(self, key, patient, doctor_key, doctor, *, reader=None):
        """A visit of last week with its record, one that waits now, one tomorrow and one in three days."""
        reader = reader or key
        word, known_to = self.words.new, (reader, doctor_key, *STAFF)
        by, visits = self.users[reader], {}
        for name, days in (("upcoming", 1), ("later", 3)):
            starts_at = self.at(self.today + timedelta(days=days), time(9))
            reason = f"Because {word(f'{key}:{name}reason', *known_to)}"
            visits[name] = book(doctor=doctor, patient=patient, starts_at=starts_at, by=by, reason=reason)
        for name, starts_at, status in (
            ("waiting", timezone.now().replace(second=0, microsecond=0) - timedelta(minutes=10), Status.CHECKED_IN),
            ("completed", self.at(self.today - timedelta(days=7), time(10)), Status.COMPLETED),
        ):
            reason = f"Because {word(f'{key}:{name}reason', *known_to)}"
            visits[name] = past_visit(
                doctor=doctor, patient=patient, starts_at=starts_at, status=status, reason=reason, by=by
            )
        notes = f"Note {word(f'{key}:staffnotes', doctor_key, *STAFF)}"
        annotate(visits["upcoming"], notes=notes, by=self.users["reception"])
        self.visits[key] = {name: told(visit) for name, visit in visits.items()}
        self.records[key]["encounter_id"] = self.record(key, doctor_key, visits["completed"], reader=reader).pk

    def record(self, key, doctor_key, visit, *, reader):
        """What happened at the completed visit."""
        word, clinical = self.words.new, (reader, doctor_key)
        line = {
            field: f"{field} {word(f'{key}:{field}', *clinical)}"
            for field in ("medicine", "dose", "route", "frequency", "instructions")
        }
        return past_record(
            visit,
            complaint=f"Complains of {word(f'{key}:complaint', *clinical)}",
            notes=f"Noted {word(f'{key}:notes', *clinical)}",
            diagnoses=[{"code": "I10", "words": f"Found {word(f'{key}:diagnosis', *clinical)}"}],
            prescriptions=[line | {"duration": "7 days"}],
            vitals=[{"code": "8867-4", "number": 72}],
        )

    def at(self, day, clock):
        """An instant by the hospital's clock."""
        return datetime.combine(day, clock, tzinfo=self.hospital.zone)

    def free_times(self, doctor):
        """Some free times of tomorrow and the day after."""
        terms = free.terms_for(self.users["patient1"], self.hospital, timezone.now())
        found = free.free_slots(doctor, self.today + timedelta(days=1), self.today + timedelta(days=2), terms=terms)
        return [slot.starts.astimezone(self.hospital.zone).isoformat() for slot in found[4:12]]


def told(visit):
    """A visit as plain values."""
    return {
        "id": visit.pk,
        "reference": visit.reference,
        "status": str(visit.status),
        "starts_at": visit.starts_at.isoformat(),
        "path": reverse("scheduling:appointment-detail", args=[visit.pk]),
    }


@transaction.atomic
def seed():
    """Make a world; plain values that tell what is in it, as docs/contract.md describes them."""
    made = Seed()
    made.account("reception", Role.RECEPTION, "Reception Example")
    made.account("administrator", Role.ADMIN, "Administrator Example")
    doctors = {}
    for number in (1, 2):
        patient_key, doctor_key = f"patient{number}", f"doctor{number}"
        doctors[doctor_key] = made.doctor(doctor_key, number)
        patient = made.patient(patient_key, doctor_key, number)
        made.chart(patient_key, patient, doctor_key)
        made.calendar(patient_key, patient, doctor_key, doctors[doctor_key])
    doctor3 = made.doctor("doctor3", 3)
    child = made.child("child", "doctor3")
    made.chart("child", child, "doctor3", reader="guardian")
    made.calendar("child", child, "doctor3", doctor3, reader="guardian")
    return {
        "run": made.run,
        "url": settings.PUBLIC_URL,
        "time_zone": made.hospital.time_zone,
        "people": made.people,
        "children": made.children,
        "treats": {"doctor1": ["patient1"], "doctor2": ["patient2"]},
        "departments": made.departments,
        "hours": {"weekdays": "all", "from": f"{OPENS:%H:%M}", "to": f"{CLOSES:%H:%M}", "slot_minutes": MINUTES},
        "free_times": {key: made.free_times(doctor) for key, doctor in doctors.items()},
        "visits": made.visits,
        "records": made.records,
        "words": made.words.all,
    }
