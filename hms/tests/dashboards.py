"""What tests of the first pages share: a Tuesday in Berlin, visits by the wall clock, from a figure to its rows."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.test import Client

from clinic.tests.factories import PatientFactory
from scheduling.models import Lane, Status
from scheduling.tests.factories import AppointmentFactory

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 24, 9, 10, tzinfo=UTC)  # a Tuesday, 10:10 in Berlin
TODAY = date(2026, 11, 24)
DAY = timedelta(days=1)


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


def visit(doctor, day, clock=time(12), patient=None, **more):
    """A visit on a local day; `clock` is what the wall shows."""
    starts = datetime.combine(day, clock, tzinfo=BERLIN)
    return AppointmentFactory(doctor=doctor, patient=patient or PatientFactory(), starts_at=starts, **more)


def counted(page):
    """How many rows a list says it has: visits, records or free times."""
    if "strip" in page.context:
        return page.context["chosen"].free
    return page.context["page_obj"].paginator.count


def leads_to_its_rows(client, chart):
    """Follow every figure of a Chart; (figures, those that are not zero) for who wants to see that there were any."""
    cells = [cell for row in chart.rows for cell in row.cells]
    for cell in cells:
        assert counted(client.get(cell.url)) == cell.value, cell.url
    return len(cells), sum(bool(cell.value) for cell in cells)


def made_past(doctor, patient=None):
    """Visits of a year: [(days ago, status)], one of each kind at both ends of every period."""
    for ago in (0, 6, 7, 27, 28, 90, 91, 200, 320):
        for hour, status in ((8, Status.COMPLETED), (9, Status.NO_SHOW), (10, Status.CANCELLED)):
            visit(doctor, TODAY - ago * DAY, time(hour), patient, status=status, lane=Lane.HISTORY)
    visit(doctor, TODAY - DAY, time(23, 45), patient, status=Status.COMPLETED, lane=Lane.HISTORY)
    visit(doctor, TODAY - 28 * DAY, time(0, 15), patient, status=Status.COMPLETED, lane=Lane.HISTORY)
