"""A query whose SQL is written once answers as the query itself would, and refuses to keep what changes."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db.models import BooleanField, ExpressionWrapper, F, Q
from django.utils import timezone

from accounts.models import Role, User
from accounts.tests.factories import UserFactory
from hms.lib.kept import Kept, KeptByRole
from scheduling.models import Appointment, ExtraHours, WorkingHours
from scheduling.tests.factories import AppointmentFactory, ExtraHoursFactory

pytestmark = pytest.mark.django_db
SOON = datetime(2031, 3, 3, 9, tzinfo=UTC)


def test_only_values_change():
    ann, ben = UserFactory(name="Ann", role=Role.RECEPTION), UserFactory(name="Ben's")
    kept = Kept(lambda user_id: User.objects.order_by().annotate(words=F("name")).filter(pk=user_id), int)
    assert [kept.rows(user.pk) for user in (ann, ben)] == [[ann], [ben]]
    assert (kept.rows(ben.pk)[0].words, kept.rows(ann.pk)[0].role) == ("Ben's", Role.RECEPTION)
    assert [kept.count(pk) for pk in (ann.pk, ben.pk, -1)] == [1, 1, 0]
    assert [kept.exists(pk) for pk in (ann.pk, ben.pk, -1, None)] == [True, True, False, False]


def test_instants_are_compared_to_the_microsecond():
    visit = AppointmentFactory(starts_at=SOON)
    kept = Kept(
        lambda since, until: Appointment.objects.filter(starts_at__gte=since, starts_at__lt=until), datetime, datetime
    )
    moment = timedelta(microseconds=1)
    assert kept.rows(SOON, SOON + moment) == [visit]
    assert kept.rows(SOON, SOON) == kept.rows(SOON + moment, SOON + 2 * moment) == []
    assert kept.count(SOON - moment, SOON + moment) == 1
    assert kept.rows(SOON, SOON + moment)[0].starts_at == SOON


def test_the_same_value_may_stand_in_several_places():
    visit = AppointmentFactory(starts_at=SOON, ends_at=SOON + timedelta(minutes=30))
    kept = Kept(lambda now: Appointment.objects.filter(starts_at__lte=now, ends_at__gt=now), datetime)
    assert kept.rows(SOON + timedelta(minutes=29)) == [visit]
    assert kept.rows(SOON + timedelta(minutes=30)) == []


@pytest.mark.parametrize("many", range(6))
def test_a_list_may_have_any_length(many, django_assert_num_queries):
    users = UserFactory.create_batch(5)[:many]
    kept = Kept(lambda ids, other: User.objects.order_by("pk").filter(pk__in=ids).exclude(pk=other), [int], int)
    with django_assert_num_queries(1 if many else 0):
        assert kept.rows([user.pk for user in users], -1) == users
    assert kept.count([user.pk for user in users], users[0].pk if users else -1) == max(0, many - 1)


def test_a_query_gives_what_its_queryset_would():
    visit = AppointmentFactory(starts_at=SOON)
    same = Kept(lambda pk: Appointment.objects.filter(pk=pk).with_people(), int)
    (found,) = same.rows(visit.pk)
    assert (found, "patient" in found._state.fields_cache, found.patient.name) == (visit, True, visit.patient.name)
    columns = ("starts_at", "patient__name", "is_early")
    early = ExpressionWrapper(Q(starts_at__lt=F("ends_at")), output_field=BooleanField())
    shown = Appointment.objects.annotate(is_early=early)
    assert Kept(lambda pk: shown.filter(pk=pk).values_list(*columns), int).rows(visit.pk) == [
        (SOON, visit.patient.name, True)
    ]
    assert Kept(lambda pk: shown.filter(pk=pk).values(*columns), int).rows(visit.pk) == [
        {"starts_at": SOON, "patient__name": visit.patient.name, "is_early": True}
    ]


def test_what_time_it_is_is_asked_anew():
    visit = AppointmentFactory(status="held", starts_at=SOON + timedelta(days=1), held_until=SOON + timedelta(hours=1))
    kept = Kept(lambda pk: Appointment.objects.filter(pk=pk).not_lapsed(), int)
    for later, found in ((0, [visit]), (59, [visit]), (60, [])):
        with time_machine.travel(SOON + timedelta(minutes=later), tick=False):
            assert kept.rows(visit.pk) == found


def test_days_are_compared_as_days():
    rule = ExtraHoursFactory(date=SOON.date())
    kept = Kept(lambda first, last: ExtraHours.objects.filter(date__range=(first, last)), date, date)
    assert kept.rows(SOON.date(), SOON.date()) == [rule]
    assert kept.rows(SOON.date() + timedelta(days=1), SOON.date() + timedelta(days=1)) == []


@pytest.mark.parametrize(
    "kept",
    [
        Kept(lambda now: Appointment.objects.filter(ends_at__gt=now - timedelta(days=1)), datetime),
        Kept(lambda user_id: User.objects.filter(pk=user_id + 1), int),
        Kept(lambda user_id: User.objects.filter(pk=user_id, date_joined__lt=timezone.now()), int),
        Kept(lambda doctor: ExtraHours.objects.filter(doctor=doctor, date=timezone.localdate()), int),
        Kept(lambda user_id: User.objects.filter(pk=user_id) if user_id % 2 else User.objects.all(), int),
    ],
    ids=["an instant moved", "an id changed", "a clock", "a day", "another shape"],
)
def test_what_is_more_than_its_values_is_refused(kept):
    with pytest.raises(TypeError, match="more changes than the values"):
        kept.count(None)


def test_a_role_has_its_own_query_and_a_person_their_own_rows():
    visit, other = AppointmentFactory(starts_at=SOON), AppointmentFactory(starts_at=SOON)
    kept = KeptByRole(lambda user, now: Appointment.objects.visible_to(user).filter(starts_at=now), datetime)

    def seen_by(user):
        return {row.pk for row in kept(user).rows(user.pk, SOON)}

    assert seen_by(visit.doctor.user) == {visit.pk}
    assert seen_by(other.doctor.user) == {other.pk}
    assert seen_by(UserFactory(role=Role.RECEPTION)) == {visit.pk, other.pk}


def test_what_nobody_may_see_is_not_asked_for(django_assert_num_queries):
    reception, patient = UserFactory(role=Role.RECEPTION), UserFactory(role=Role.PATIENT)
    kept = KeptByRole(WorkingHours.objects.managed_by)
    with django_assert_num_queries(0):
        for user in (reception, patient):
            asked = kept(user)
            assert (asked.rows(user.pk), asked.count(user.pk), asked.exists(user.pk)) == ([], 0, False)


def test_the_first_one_to_ask_costs_no_query_more(django_assert_num_queries):
    user = UserFactory()
    kept = Kept(lambda user_id: User.objects.filter(pk=user_id), int)
    for _turn in range(2):
        with django_assert_num_queries(1):
            assert kept.rows(user.pk) == [user]
