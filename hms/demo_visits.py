"""The demo hospital's visits: what has happened, what happens today, what is booked."""

from datetime import timedelta

from django.utils import timezone

from clinic.models import Hospital
from hms import demo_data as data
from hms.past import past_record, past_visit
from records.measures import DIASTOLIC, SYSTOLIC
from records.services import record_allergy, review_history, save_history
from scheduling import free, slots, wall
from scheduling.models import Part, Status
from scheduling.services import BookingRefused, add_time_off, book, check_in, proposals, waitlist

DAYS_BACK, DAYS_AHEAD = 42, 7
SOON, AROUND = timedelta(minutes=45), timedelta(minutes=75)
CHILDREN_S = "Paediatrics"
PULSE, WEIGHT = "8867-4", "29463-7"


def content_of_case(case):
    """Content of a record, as records.services take it."""
    complaint, notes, (code, words), lines = case
    names = ("medicine", "dose", "frequency", "duration", "instructions")
    return {
        "complaint": complaint,
        "notes": notes,
        "diagnoses": [{"code": code, "words": words}],
        "prescriptions": [dict(zip(names, line, strict=True)) for line in lines],
    }


class Visits:
    """Fills calendars. A patient comes once a day at most, so that nobody is in two places."""

    def __init__(self, doctors, patients, *, chance, reception):
        self.doctors, self.chance, self.reception = doctors, chance, reception
        self.main, *others = patients
        self.adults, self.children = others[: -data.CHILDREN], others[-data.CHILDREN :]
        self.zone, self.now = Hospital.current().zone, timezone.now()
        self.day = timezone.localdate(self.now, self.zone)
        week = free.calendars(doctors, self.day, self.day + timedelta(days=DAYS_AHEAD))
        self.rules = {pk: calendar.rules for pk, calendar in week.items()}
        self.out = set()  # (patient, day): who comes that day already

    def offered(self, doctor, days):
        """The doctor's slots that many days from today."""
        return slots.offered(self.rules[doctor.pk], self.day + timedelta(days=days), self.zone)

    def somebody(self, doctor, day):
        """A patient for that doctor who does not come on that day already, or None."""
        group = self.children if doctor.department.name == CHILDREN_S else self.adults
        free_people = [patient for patient in group if (patient.pk, day) not in self.out]
        if not free_people:
            return None
        patient = self.chance.choice(free_people)
        self.out.add((patient.pk, day))
        return patient

    def weeks_behind(self):
        """Six weeks of visits: most completed, some cancelled, some missed."""
        for days in range(-DAYS_BACK, 0):
            for doctor in self.doctors:
                offered = self.offered(doctor, days)
                if offered and self.chance.random() < 0.4:
                    self._happened(doctor, self.chance.choice(offered), days)

    def _happened(self, doctor, slot, days):
        if (patient := self.somebody(doctor, days)) is None:
            return
        ends = [Status.COMPLETED] * 17 + [Status.CANCELLED, Status.NO_SHOW, Status.NO_SHOW]
        self._past(doctor, patient, slot, self.chance.choice(ends))

    def _past(self, doctor, patient, slot, status):
        visit = past_visit(
            doctor=doctor,
            patient=patient,
            starts_at=slot.starts,
            minutes=int((slot.ends - slot.starts).total_seconds() // 60),
            status=status,
            reason=self.chance.choice(data.REASONS),
            booked=self.chance.choice((2, 3, 3, 4, 5, 7, 7, 14)),
            came=self.chance.randint(2, 15),
            called=self.chance.choice((0, 0, 2, 4, 5, 8, 12, 18)),
        )
        if status == Status.COMPLETED:
            past_record(visit, **self._found(doctor))

    def _found(self, doctor):
        return content_of_case(self.chance.choice(data.CASES[doctor.department.name]))

    def today(self):
        """As the day stands now: who was here, who is with the doctor, who waits, who will come."""
        for doctor in self.doctors:
            for slot in self._slots_today(doctor):
                if patient := self.somebody(doctor, 0):
                    self._today(doctor, patient, slot)

    def _slots_today(self, doctor):
        """Two or three; the doctor who signs in has more to do, most of it around now."""
        offered = self.offered(doctor, 0)
        picked = set(self.chance.sample(offered, min(len(offered), self.chance.choice((2, 3)))))
        if doctor == self.doctors[0]:
            picked |= {slot for slot in offered if abs(slot.starts - self.now) < AROUND}
        return sorted(picked)

    def _today(self, doctor, patient, slot):
        if slot.ends <= self.now:
            status = Status.NO_SHOW if self.chance.random() < 0.1 else Status.COMPLETED
            self._past(doctor, patient, slot, status)
        elif slot.starts <= self.now:
            self._past(doctor, patient, slot, Status.IN_CONSULTATION)
        else:
            visit = self._book(doctor, patient, slot)
            if visit and slot.starts - self.now < SOON:
                check_in(visit, by=self.reception)

    def days_ahead(self):
        """Bookings for the week to come."""
        for days in range(1, DAYS_AHEAD + 1):
            for doctor in self.doctors:
                offered = self.offered(doctor, days)
                for slot in self.chance.sample(offered, min(len(offered), self.chance.choice((0, 1, 1, 2)))):
                    if patient := self.somebody(doctor, days):
                        self._book(doctor, patient, slot)

    def _book(self, doctor, patient, slot, by=None):
        """Like anybody: through the service. A time that passes at this very moment is not booked."""
        try:
            reason = self.chance.choice(data.REASONS)
            return book(doctor=doctor, patient=patient, starts_at=slot.starts, by=by, reason=reason)
        except BookingRefused:
            return None

    def of_main_patient(self, user):
        """The patient who signs in has a past with measurements, a history, an allergy and two visits ahead."""
        family_doctor, cardiologist = self.doctors[0], self.doctors[2]
        for number, days in enumerate((-330, -196, -97, -48, -13)):
            slot = self.offered(family_doctor, days)[4]
            self.out.add((self.main.pk, days))
            visit = past_visit(
                doctor=family_doctor, patient=self.main, starts_at=slot.starts, status=Status.COMPLETED,
                reason="Blood pressure",
            )  # fmt: skip
            past_record(visit, **self._pressure(number))
        record_allergy(self.main, by=family_doctor.user, substance="Penicillin", reaction="Rash", severity="moderate")
        history = save_history(self.main, by=user, **data.HISTORY)
        review_history(history, by=family_doctor.user)
        self._book(family_doctor, self.main, self.offered(family_doctor, 2)[6], by=user)
        ahead = next(days for days in range(3, 14) if self.offered(cardiologist, days))
        self._book(cardiologist, self.main, self.offered(cardiologist, ahead)[3], by=None)

    def leave_ahead(self):
        """The cardiologist will be away when the patient who signs in has booked, and has asked for another time."""
        cardiologist = self.doctors[2]
        visit = cardiologist.appointments.planned().filter(patient=self.main).with_people().first()
        if visit is None:
            return
        day = visit.starts_at.astimezone(self.zone).date()
        starts_at, ends_at = wall.day_begins(day, self.zone), wall.day_ends(day, self.zone)
        add_time_off(doctor=cardiologist, starts_at=starts_at, ends_at=ends_at, reason="Training", by=None)
        proposals.ask(visit, by=self.reception)

    def waiting(self, user):
        """Some wait for an earlier time with the cardiologist, the patient who signs in among them."""
        cardiologist, until = self.doctors[2], self.day + timedelta(days=30)
        wish = {"department": cardiologist.department, "doctor": cardiologist, "until": until}
        waitlist.join(patient=self.adults[3], by=self.reception, **wish)
        waitlist.join(patient=self.main, by=user, parts=Part.MORNING | Part.AFTERNOON, **wish)

    def _pressure(self, number):
        """Blood pressure that comes down under treatment, visit by visit."""
        numbers = {SYSTOLIC: 158 - 7 * number, DIASTOLIC: 97 - 4 * number, PULSE: 78 - number, WEIGHT: 74 - number}
        measured = [{"code": code, "number": value} for code, value in numbers.items()]
        return content_of_case(data.CASES["General Medicine"][1]) | {"vitals": measured}
