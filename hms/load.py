"""Very many made-up visits, to see how HMS bears them: what `generate_load` writes.

Each is valid by every constraint and looks as the services would have left it: its events, its record for a share, and
who treats whom. Half a day of a doctor belongs to one panel of patients, and a panel to one doctor at a time, so
nobody is ever in two places. A transaction holds everything of one doctor: an interrupted run leaves nothing half.
"""

import random
from datetime import timedelta
from itertools import count

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import AuditEvent
from clinic.models import CareRelationship, Doctor, Hospital, Patient
from hms import demo_data as data
from hms.lib import bulk, cached
from hms.lib.search import fold
from hms.load_people import MINUTES, SOURCE, make_doctors, make_patients, slots
from records.models import CodeSystem, Diagnosis, Encounter
from records.services import rebuild_tallies
from scheduling.models import Appointment, AppointmentEvent, Status
from scheduling.services.booking import ALPHABET
from scheduling.services.care import years_later

GENERATED = "load.generated"
PER_DOCTOR, PER_PATIENT = 4_000, 20  # visits
FILLED, AHEAD = 0.8, 0.1  # the share of slots with a visit; the share of days that lie ahead
RECORDED = 0.3  # the share of completed visits with a signed record
MARK = "Z"  # references of made-up visits begin with it and have one character more than real ones
STEP = timedelta(minutes=1)
Kind = AppointmentEvent.Kind

VISIT = ["id", "reference", "doctor", "patient", "department", "starts_at", "ends_at", "status", "reason", "fee",
         "created_at"]  # fmt: skip
EVENT = ["appointment", "at", "kind", "status", "starts_at", "by_name"]
CARE = ["doctor", "patient", "since", "until"]
RECORD = ["id", "appointment", "patient", "doctor", "started_at", "ended_at", "signed_at", "complaint", "notes",
          "search"]  # fmt: skip
FOUND = ["encounter", "system", "code", "words", "search"]
CASES = [case for cases in data.CASES.values() for case in cases]


def has_people_of_its_own():
    """Whether anybody is registered here whom generate_load did not make."""
    return Patient.objects.exclude(import_ref__startswith=SOURCE).exists()


def reference(number):
    """A reference for the number-th made-up visit: each once, none of them guessable from the one before."""
    mixed = number * 0x9E3779B97F4A7C15 % 2**40
    return MARK + "".join(ALPHABET[mixed >> shift & 31] for shift in range(0, 40, 5))


def generate(wanted, *, seed, say=print):
    """Write that many visits. The same seed on an equal database and day writes the same."""
    now, zone = timezone.now().replace(second=0, microsecond=0), Hospital.current().zone
    run = AuditEvent.objects.filter(action=GENERATED).count()
    staff = max(1, wanted // PER_DOCTOR)
    with transaction.atomic():
        audit.record(None, GENERATED, detail={"visits": wanted, "seed": seed})
        doctors = make_doctors(staff, seed=seed, first=made_before(Doctor))
        people = make_patients(max(staff, wanted // PER_PATIENT), seed=seed, first=made_before(Patient))
    panels = [people[number::staff] for number in range(staff)]
    quotas = [wanted // staff + (number < wanted % staff) for number in range(staff)]
    times = slots(round(max(quotas) / FILLED) + 1, today=now.astimezone(zone).date(), ahead=AHEAD, zone=zone)
    numbers = count(run % 256 << 32)
    done = 0
    for number, (doctor, quota) in enumerate(zip(doctors, quotas, strict=True)):
        chance = random.Random(f"{seed}:{run}:{number}")
        seen = (panels[number], panels[(number + 1) % staff])  # in the morning, in the afternoon
        with transaction.atomic():
            Calendar(doctor, chance, now, numbers).fill(times, quota, seen)
        done += quota
        if number % 10 == 9 or done == wanted:
            say(f"{done:,} of {wanted:,} visits")
    rebuild_tallies()
    return {"visits": done, "doctors": staff, "patients": len(people)}


def made_before(model):
    return model.objects.filter(import_ref__startswith=SOURCE).count()


class Calendar:
    """All visits of one doctor, with what belongs to them."""

    def __init__(self, doctor, chance, now, numbers):
        self.doctor, self.chance, self.now, self.numbers = doctor, chance, now, numbers
        self.events, self.records, self.care = [], [], {}

    def fill(self, times, quota, panels):
        """Visits at `quota` of these times, each with somebody of the panel whose half of the day it is."""
        ids = bulk.reserve(Appointment, quota)
        chosen = sorted(self.chance.sample(range(len(times)), quota))
        visits = [self.visit(pk, *times[at], panels) for pk, at in zip(ids, chosen, strict=True)]
        # the latest first: SQLite's trigger against overlaps looks at every earlier visit of the doctor
        bulk.insert(Appointment, VISIT, reversed(visits))
        bulk.insert(AppointmentEvent, EVENT, self.events)
        cached.after_commit(cached.EVERYTHING)
        pairs = ((self.doctor.pk, patient, *self.held(stretch)) for patient, stretch in self.care.items())
        bulk.insert(CareRelationship, CARE, pairs)
        self.write_records()

    def visit(self, pk, starts, morning, panels):
        """One visit as a tuple of VISIT; its events and what follows from it are kept for later."""
        chance = self.chance
        patient = chance.choice(panels[0 if morning else 1])
        ends = starts + timedelta(minutes=MINUTES)
        status = self.status(starts, ends)
        booked = min(starts, self.now) - timedelta(minutes=chance.randrange(60, 30 * 24 * 60))
        last = booked
        self.events.append((pk, booked, Kind.BOOKED, Status.BOOKED, starts, audit.SYSTEM))
        for at, then in self.moves(status, starts, booked):
            self.events.append((pk, at, Kind.STATUS, then, starts, audit.SYSTEM))
            last = at
        self.note_care(patient, booked, status, ends, last)
        if status == Status.COMPLETED and chance.random() < RECORDED:
            self.records.append((pk, patient, starts, ends))
        reason = chance.choice(data.REASONS)
        return (pk, reference(next(self.numbers)), self.doctor.pk, patient, self.doctor.department_id, starts, ends,
                status, reason, self.doctor.fee, booked)  # fmt: skip

    def status(self, starts, ends):
        """What has become of a visit by now."""
        luck = self.chance.random()
        if starts > self.now:
            return Status.CANCELLED if luck < 0.05 else Status.BOOKED
        if ends > self.now:
            return Status.IN_CONSULTATION
        if luck < 0.08:
            return Status.CANCELLED
        return Status.NO_SHOW if luck < 0.14 else Status.COMPLETED

    def moves(self, status, starts, booked):
        """[(instant, status afterwards)] on the way there, none of them later than now."""
        match status:
            case Status.CANCELLED:
                return [(booked + (min(starts, self.now) - booked) * self.chance.random(), status)]
            case Status.NO_SHOW:
                return [(starts + 15 * STEP, status)]
            case Status.COMPLETED | Status.IN_CONSULTATION:
                begun = [(starts - 6 * STEP, Status.CHECKED_IN), (starts, Status.IN_CONSULTATION)]
                return begun + [(starts + (MINUTES - 2) * STEP, status)] * (status == Status.COMPLETED)
        return []

    def note_care(self, patient, booked, status, ends, last):
        """Keep what decides how long the doctor treats this patient: [since, last completed, planned, last closed]."""
        stretch = self.care.setdefault(patient, [booked, None, False, last])
        stretch[0] = min(stretch[0], booked)
        if status == Status.COMPLETED:
            stretch[1] = ends if stretch[1] is None else max(stretch[1], ends)
        stretch[2] = stretch[2] or status in {Status.BOOKED, Status.IN_CONSULTATION}
        stretch[3] = max(stretch[3], last)

    def held(self, stretch):
        """(since, until) as scheduling.services.care has it."""
        since, completed, planned, closed = stretch
        if planned:
            return since, None
        return since, years_later(completed, 2) if completed else closed

    def write_records(self):
        """A signed record with a diagnosis for the visits that have one."""
        ids, found = bulk.reserve(Encounter, len(self.records)), []
        rows = []
        for pk, (visit, patient, starts, ends) in zip(ids, self.records, strict=True):
            complaint, notes, (code, words), _lines = self.chance.choice(CASES)
            rows.append((pk, visit, patient, self.doctor.pk, starts, ends, ends, complaint, notes, fold(complaint)))
            found.append((pk, CodeSystem.ICD10, code, words, fold(f"{words} {code}")))
        bulk.insert(Encounter, RECORD, rows)
        bulk.insert(Diagnosis, FOUND, found)
