"""Setting up: the browser's own clock is offered, once, and never over what somebody has chosen."""

import pytest

from accounts.models import Role
from accounts.tests.factories import UserFactory
from clinic.models import Hospital
from clinic.services import update_hospital

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]
STEP = "/set-up/hospital/"


@pytest.mark.parametrize(("own", "offered"), [("Asia/Calcutta", "Asia/Kolkata"), ("Europe/Berlin", "Europe/Berlin")])
def test_a_new_installation_is_offered_the_clock_of_who_sets_it_up(own, offered, transactional_db, open_as):
    page = open_as(UserFactory(role=Role.ADMIN), timezone_id=own)
    page.goto(STEP)
    assert page.input_value("[name=time_zone]") == offered
    assert Hospital.current().time_zone == "UTC"


def test_what_is_set_stays(transactional_db, open_as):
    update_hospital(Hospital.current(), name="Lakeside", time_zone="UTC", by=None)
    page = open_as(UserFactory(role=Role.ADMIN), timezone_id="Europe/Berlin")
    page.goto(STEP)
    assert page.input_value("[name=time_zone]") == "UTC"
