"""The database itself refuses overlaps, whoever writes: past the services, in each lane, on the engine at hand."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from clinic.tests.factories import DoctorFactory, PatientFactory
from scheduling.models import BLOCKING, Appointment, Lane, Status
from scheduling.tests.conftest import berlin
from scheduling.tests.factories import AppointmentFactory

FREE = [status for status in Status if status not in BLOCKING]
NORMAL, OVERBOOKED, HISTORY = Lane.NORMAL, Lane.OVERBOOKED, Lane.HISTORY
NOON = berlin(2, 12)


def row(doctor, patient, starts_at=NOON, *, minutes=30, status=Status.BOOKED, lane=NORMAL):
    return Appointment(
        reference=f"R{Appointment.objects.count():06}{starts_at:%M}",
        doctor=doctor,
        patient=patient,
        department=doctor.department,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=minutes),
        status=status,
        lane=lane,
        overbook_reason="Acute" if lane == OVERBOOKED else "",
    )


def is_refused(write):
    try:
        with transaction.atomic():
            write()
    except IntegrityError:
        return True
    return False


@pytest.fixture
def pair(db):
    return DoctorFactory(), PatientFactory()


@pytest.mark.parametrize(
    ("first", "second", "same_doctor", "same_patient"),
    [
        (NORMAL, NORMAL, True, True),
        (NORMAL, OVERBOOKED, False, True),
        (OVERBOOKED, NORMAL, False, True),
        (OVERBOOKED, OVERBOOKED, False, True),
        (NORMAL, HISTORY, False, False),
        (HISTORY, NORMAL, False, False),
        (OVERBOOKED, HISTORY, False, False),
        (HISTORY, HISTORY, False, False),
    ],
)
def test_each_lane_is_bound_by_its_own_rules(first, second, same_doctor, same_patient, pair):
    """Whether a second row is refused for the same doctor, and for the same patient."""
    doctor, patient = pair
    row(doctor, patient, lane=first).save()
    assert is_refused(row(doctor, PatientFactory(), lane=second).save) == same_doctor
    Appointment.objects.exclude(patient=patient).delete()
    assert is_refused(row(DoctorFactory(), patient, lane=second).save) == same_patient


@pytest.mark.parametrize("status", Status)
def test_only_blocking_visits_stand_in_the_way(status, pair):
    doctor, patient = pair
    row(doctor, patient, status=status).save()
    assert is_refused(row(doctor, PatientFactory()).save) == (status in BLOCKING)
    assert is_refused(row(DoctorFactory(), patient).save) == (status in BLOCKING)


@pytest.mark.parametrize(
    ("minutes_later", "minutes", "refused"),
    [
        (-30, 30, False),
        (-30, 31, True),
        (0, 30, True),
        (10, 10, True),
        (-10, 60, True),
        (29, 30, True),
        (30, 30, False),
    ],
)
def test_any_partial_overlap_is_refused_and_back_to_back_is_not(minutes_later, minutes, refused, pair):
    doctor, patient = pair
    row(doctor, patient).save()
    rival = row(doctor, PatientFactory(), NOON + timedelta(minutes=minutes_later), minutes=minutes)
    assert is_refused(rival.save) == refused


def test_a_microsecond_is_an_overlap(pair):
    doctor, patient = pair
    row(doctor, patient).save()
    later = NOON + timedelta(minutes=30)
    assert is_refused(row(doctor, PatientFactory(), later - timedelta(microseconds=1)).save)
    assert not is_refused(row(doctor, PatientFactory(), later).save)


def test_updates_are_watched_as_well(pair):
    doctor, patient = pair
    row(doctor, patient).save()
    other = AppointmentFactory(doctor=doctor, starts_at=NOON + timedelta(hours=1))
    cancelled = AppointmentFactory(doctor=doctor, starts_at=NOON, status=Status.CANCELLED)
    squeezed = AppointmentFactory(doctor=doctor, starts_at=NOON, lane=OVERBOOKED, overbook_reason="Acute")
    mine = Appointment.objects.filter
    for pk, change in (
        (other.pk, {"starts_at": NOON, "ends_at": NOON + timedelta(minutes=30)}),
        (other.pk, {"starts_at": NOON + timedelta(minutes=20)}),
        (other.pk, {"patient": patient, "starts_at": NOON + timedelta(minutes=20)}),
        (cancelled.pk, {"status": Status.BOOKED}),
        (cancelled.pk, {"status": Status.COMPLETED}),
        (squeezed.pk, {"lane": NORMAL}),
        (squeezed.pk, {"patient": patient}),
    ):
        assert is_refused(lambda pk=pk, change=change: mine(pk=pk).update(**change)), change
    assert not is_refused(lambda: mine(pk=other.pk).update(starts_at=NOON + timedelta(minutes=40)))


def test_bulk_writes_and_plain_sql_are_watched_as_well(pair):
    doctor, patient = pair
    rows = [row(doctor, patient), row(doctor, PatientFactory(), NOON + timedelta(minutes=15))]
    rows[1].reference = "OTHER"
    assert is_refused(lambda: Appointment.objects.bulk_create(rows))
    assert Appointment.objects.count() == 0
    row(doctor, patient).save()
    other = AppointmentFactory(doctor=doctor, starts_at=NOON + timedelta(hours=1))

    def by_hand():
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE scheduling_appointment SET starts_at = %s WHERE id = %s",
                [connection.ops.adapt_datetimefield_value(NOON), other.pk],
            )

    assert is_refused(by_hand)


def test_an_overbooked_visit_says_why(pair):
    squeezed = row(*pair, lane=OVERBOOKED)
    squeezed.overbook_reason = ""
    assert is_refused(squeezed.save)


@pytest.mark.parametrize("change", [{"status": "lost"}, {"lane": "fast"}, {"ends_at": NOON}])
def test_nonsense_is_refused(change, pair):
    visit = row(*pair)
    visit.save()
    assert is_refused(lambda: Appointment.objects.filter(pk=visit.pk).update(**change))


def test_forms_hear_it_before_the_database_has_to(pair):
    doctor, patient = pair
    row(doctor, patient).save()
    with pytest.raises(ValidationError, match="doctor has another visit"):
        row(doctor, PatientFactory()).full_clean()
    with pytest.raises(ValidationError, match="patient has another visit"):
        row(DoctorFactory(), patient).full_clean()
    row(doctor, PatientFactory(), NOON + timedelta(minutes=30)).full_clean()
