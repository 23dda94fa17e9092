"""Over which time the first pages look back."""

from datetime import date
from itertools import pairwise

import pytest
import time_machine
from django.urls import reverse

from accounts.models import Role
from accounts.tests.factories import UserFactory
from clinic.models import Hospital
from clinic.tests.factories import DoctorFactory, PatientFactory
from hms.home import periods
from hms.tests.dashboards import BERLIN, DAY, NOW, TODAY, client_of


@pytest.fixture(autouse=True)
def berlin(db):
    Hospital.objects.update(time_zone="Europe/Berlin", address="1 Lane")
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.mark.parametrize("known", [periods.FOR_DOCTORS, periods.FOR_PATIENTS])
@pytest.mark.parametrize("today", [TODAY, date(2026, 1, 1), date(2024, 2, 29), date(2026, 3, 31)])
def test_a_period_has_no_gaps_and_ends_today(known, today):
    for key in known:
        period = periods.chosen(key, known, today, BERLIN)
        days = [days for _label, days in period.bars]
        assert all(before.last_day + DAY == after.first_day for before, after in pairwise(days))
        assert (period.key, period.days.first_day, period.days.last_day) == (key, days[0].first_day, today)
        assert len({label for label, _days in period.bars}) == len(days)


@pytest.mark.parametrize("asked", ["", "4w", "99y", "<script>", "12m" * 500, "\x00"])
def test_a_period_nobody_knows_is_the_first_one(asked):
    period = periods.chosen(asked, periods.FOR_DOCTORS, TODAY, BERLIN)
    assert (period.key, period.days.first_day) == ("4w", TODAY - 27 * DAY)


@pytest.mark.parametrize("asked", ["", "3m", "5y", "nonsense", "%F0%9F", "12m&range=4w"])
@pytest.mark.parametrize("role", [Role.PATIENT, Role.DOCTOR, Role.RECEPTION])
def test_whatever_stands_in_the_address_the_page_comes(role, asked):
    people = {Role.PATIENT: PatientFactory, Role.DOCTOR: DoctorFactory}
    user = people[role]().user if role in people else UserFactory(role=role)
    assert client_of(user).get(f"{reverse('home')}?range={asked}").status_code == 200
