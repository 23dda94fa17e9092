"""People for load tests: named as Synthea names them, so that nobody takes them for real ones."""

import random
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from django.utils import timezone

from clinic.models import Department, Doctor, Gender, Patient
from clinic.numbers import ALPHABET, RANDOM, check_character, grouped
from clinic.services import create_department
from hms import demo_data as data
from scheduling.models import Weekday, WorkingHours

SOURCE = "load:"  # how the import_ref of made-up people begins
FEMALE = ["Ada", "Bettina", "Carmen", "Dagmar", "Elsie", "Fumiko", "Gudrun", "Hira", "Ines", "Jelena", "Kamala",
          "Lupita", "Mireille", "Nadia", "Odile", "Priya", "Ruta", "Soledad", "Tove", "Ursula", "Yara"]  # fmt: skip
MALE = ["Abel", "Bogdan", "Casimir", "Dario", "Emeka", "Farid", "Gustavo", "Hamza", "Igor", "Jorma", "Kofi",
        "Leandro", "Milan", "Nils", "Osman", "Pascal", "Quentin", "Ravi", "Stellan", "Teodor", "Yusuf"]  # fmt: skip
FAMILY = ["Abendroth", "Bakker", "Carvalho", "Dimitrov", "Eriksen", "Fontaine", "Grabowski", "Hakimi", "Ibarra",
          "Jankovic", "Kimura", "Lombardi", "Mbeki", "Nakata", "O'Leary", "Petrenko", "Quispe", "Rahman", "Sato",
          "Tanaka", "Urban", "Villanueva", "Wozniak", "Yamamoto", "Zhou"]  # fmt: skip
BLOCKS = ((time(8), time(12)), (time(13), time(17)))
MINUTES = 20


def named(chance):
    """(name, gender) like "Ada512 Bakker77"."""
    gender = chance.choice((Gender.FEMALE, Gender.MALE))
    given = chance.choice(FEMALE if gender == Gender.FEMALE else MALE)
    return f"{given}{chance.randrange(1000)} {chance.choice(FAMILY)}{chance.randrange(1000)}", gender


def numbers(chance, count):
    """Patient numbers that nobody has, the same ones for the same chance and database."""
    found = {}
    while len(found) < count:
        bodies = ("".join(chance.choices(ALPHABET, k=RANDOM)) for _number in range(count - len(found)))
        fresh = dict.fromkeys(grouped(body + check_character(body)) for body in bodies)
        taken = set(Patient.objects.filter(number__in=fresh).values_list("number", flat=True))
        found |= {number: None for number in fresh if number not in taken}
    return list(found)


def make_patients(count, *, seed, first):
    """Patients without accounts. Returns their ids, in order."""
    chance, today, ids = random.Random(f"{seed}:patients:{first}"), timezone.localdate(), []
    for start in range(0, count, 5_000):
        batch = []
        for place, number in enumerate(numbers(chance, min(5_000, count - start)), start=first + start):
            name, gender = named(chance)
            born = today - timedelta(days=chance.randrange(1, 95 * 365))
            ref = f"{SOURCE}patient:{place}"
            batch.append(Patient(number=number, name=name, gender=gender, birth_date=born, import_ref=ref))
        ids += [patient.pk for patient in Patient.objects.bulk_create(batch)]
    return ids


def departments():
    """The demo hospital's departments; those that are missing are opened."""
    there = {department.name: department for department in Department.objects.open()}
    retired = set(Department.objects.exclude(retired_at=None).values_list("name", flat=True))
    wanted = {name: text for name, text in data.DEPARTMENTS.items() if name not in retired}
    return [there.get(name) or create_department(name=name, description=text, by=None) for name, text in wanted.items()]


def make_doctors(count, *, seed, first):
    """Doctors without accounts, who work from Monday to Friday. Returns the rows."""
    chance, places = random.Random(f"{seed}:doctors:{first}"), departments()
    made = []
    for number in range(first, first + count):
        name, gender = named(chance)
        made.append(
            Doctor(
                name=f"Dr. {name}",
                gender=gender,
                department=chance.choice(places),
                fee=Decimal(chance.randrange(40, 160, 5)),
                experience_years=chance.randrange(2, 35),
                import_ref=f"{SOURCE}doctor:{number}",
            )
        )
    doctors = Doctor.objects.bulk_create(made)
    WorkingHours.objects.bulk_create(
        WorkingHours(doctor=doctor, weekday=day, starts=starts, ends=ends, slot_minutes=MINUTES)
        for doctor in doctors
        for day in Weekday.values[:5]
        for starts, ends in BLOCKS
    )
    return doctors


def slots(count, *, today: date, ahead: float, zone):
    """At least `count` (instant, whether in the morning), the earliest first; a share of the days lies ahead."""
    per_day = [(time(hour, minute), hour < 12) for hour in (8, 9, 10, 11, 13, 14, 15, 16) for minute in (0, 20, 40)]
    days = -(-count // len(per_day))
    begin = today - timedelta(days=round(days * (1 - ahead) * 7 / 5))
    found, day = [], begin
    while len(found) < count:
        if day.weekday() < 5:
            found += [
                (datetime.combine(day, clock, tzinfo=zone).astimezone(UTC), morning) for clock, morning in per_day
            ]
        day += timedelta(days=1)
    return found
