"""Very many made-up visits: valid by every rule, the same for the same seed, and never beside real people unasked."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count, Q

from clinic.models import CareRelationship, Patient
from clinic.tests.factories import PatientFactory
from hms.load import reference
from records.models import Diagnosis, Encounter
from scheduling.models import Appointment, AppointmentEvent, Status
from scheduling.services.care import care_held

pytestmark = pytest.mark.django_db
MANY = 8_200  # two doctors


def generated(number=200, seed=1):
    said = StringIO()
    call_command("generate_load", appointments=number, seed=seed, stdout=said)
    return said.getvalue()


def told(**which):
    """What tells two worlds apart, without ids."""
    visits = Appointment.objects.filter(**which).order_by("starts_at", "doctor__name")
    return list(visits.values_list("starts_at", "status", "doctor__name", "patient__name", "created_at"))


def test_as_many_visits_as_asked_for_with_what_the_services_would_have_written():
    assert f"{MANY:,} visits, 2 doctors, 410 patients" in generated(MANY)
    assert Appointment.objects.count() == MANY
    assert set(Appointment.objects.values_list("status", flat=True)) >= {
        Status.BOOKED, Status.CANCELLED, Status.COMPLETED, Status.NO_SHOW
    }  # fmt: skip
    ways = dict(Appointment.objects.values_list("status").annotate(number=Count("events") / Count("pk", distinct=True)))
    assert (ways[Status.BOOKED], ways[Status.CANCELLED], ways[Status.COMPLETED]) == (1, 2, 4)
    newest = AppointmentEvent.objects.order_by("appointment", "-at").values_list("appointment", "status")
    last = dict(reversed(newest))
    assert last == dict(Appointment.objects.values_list("pk", "status"))
    recorded = Encounter.objects.filter(diagnoses__isnull=False, appointment__status=Status.COMPLETED).count()
    assert recorded == Encounter.objects.count() == Diagnosis.objects.count()
    assert 0.2 < recorded / Appointment.objects.filter(status=Status.COMPLETED).count() < 0.4


def test_who_treats_whom_is_what_the_visits_say():
    generated(400)
    for care in CareRelationship.objects.select_related("doctor", "patient"):
        holds, until = care_held(care.doctor, care.patient)
        visits = Appointment.objects.filter(doctor=care.doctor, patient=care.patient)
        assert care.until == until if holds else not visits.filter(~Q(status__in=["cancelled", "no_show"])).exists()
    pairs = Appointment.objects.order_by().values_list("doctor", "patient").distinct()
    assert set(CareRelationship.objects.values_list("doctor", "patient")) == set(pairs)


def test_a_second_run_adds_its_own_people_and_another_seed_other_times():
    generated(60)
    first = told()
    generated(60, seed=2)
    assert (Appointment.objects.count(), Patient.objects.count()) == (120, 6)
    assert told(pk__gt=Appointment.objects.order_by("pk")[59].pk) != first


def test_references_of_a_million_visits_differ():
    assert len({reference(number) for number in range(0, 1_000_000, 7)}) == len(range(0, 1_000_000, 7))
    assert {len(reference(number)) for number in (0, 1, 2**40 - 1)} == {9}


def test_made_up_visits_are_not_put_beside_real_people_in_production(settings):
    settings.PRODUCTION = True
    PatientFactory()
    with pytest.raises(CommandError, match="--yes-this-is-not-production"):
        generated(10)
    assert not Appointment.objects.exists()
    call_command("generate_load", appointments=10, yes_this_is_not_production=True, stdout=StringIO())
    assert Appointment.objects.count() == 10
