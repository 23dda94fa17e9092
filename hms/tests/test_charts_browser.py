"""Charts in a real browser: what stands at their axes can be read."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Role
from accounts.tests.factories import UserFactory
from clinic.tests.factories import DoctorFactory, PatientFactory
from hms.past import past_visit

pytestmark = pytest.mark.slow
GAPS = """() => [...document.querySelectorAll("canvas")].filter((one) => Chart.getChart(one)).map((canvas) => {
  const scale = Chart.getChart(canvas).scales.x;
  scale.ctx.font = scale._resolveTickFontOptions(0).string;
  const half = (label) => scale.ctx.measureText(label).width / 2;
  const places = scale.ticks.map((tick, at) => [scale.getPixelForTick(at), half(tick.label)]);
  return Math.min(...places.slice(1).map(([place, left], at) => place - left - places[at][0] - places[at][1]));
})"""


@pytest.mark.once
def test_labels_of_an_axis_stand_apart_on_a_phone(open_as):
    doctor, today = DoctorFactory(), timezone.localdate()
    for days in (2, 5, 40):
        starts = timezone.now().replace(microsecond=0) - timedelta(days=days)
        past_visit(doctor=doctor, patient=PatientFactory(), starts_at=starts, status="completed")
    page = open_as(UserFactory(role=Role.ADMIN), viewport={"width": 390, "height": 800})
    for days in (27, 90, 180, 350):
        page.goto(f"/figures/?from_day={today - timedelta(days=days)}&to_day={today}")
        page.wait_for_selector("canvas")
        page.wait_for_timeout(1200)
        gaps = page.evaluate(GAPS)
        assert len(gaps) >= 4
        assert all(gap is None or gap > 3 for gap in gaps), (days, gaps)
