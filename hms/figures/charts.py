"""The charts of the page: what a Reading says, by day, department and doctor."""

from dataclasses import dataclass
from functools import cache

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hms.figures import periods
from hms.lib import when
from hms.lib.charts import Cell, Chart, Row
from records import tallies
from records.reportcontent import in_minutes, share
from scheduling.filters import NOT_OVER
from scheduling.models import Status
from scheduling.slots import days_between

SHOWN = 15  # doctors in a chart
STANDING = (Status.COMPLETED, Status.NO_SHOW, Status.CANCELLED, NOT_OVER)


@dataclass
class Figures:
    """What the charts are made of: a Reading with the names and addresses that belong to it."""

    reading: tallies.Reading
    days: object
    today: object
    links: object
    currency: str
    departments: dict  # {id: name}
    doctors: list  # (pk, name, retired_at), those with the most time used first
    opened: dict  # {doctor's id: minutes open}

    def __post_init__(self):
        self.periods = periods.split(self.days, self.today)
        place = {}
        for number, period in enumerate(self.periods):
            place |= dict.fromkeys(days_between(period.days.first_day, period.days.last_day), number)
        self.by_period = [tallies.Tally() for _period in self.periods]
        self.by_department = {}
        for (day, department), tally in self.reading.departments.items():
            self.by_period[place[day]].add(tally)
            if department is not None:
                self.by_department.setdefault(department, tallies.Tally()).add(tallies.Tally(tally.numbers))
        self.firsts = [0] * len(self.periods)
        for day, number in self.reading.firsts.items():
            self.firsts[place[day]] += number
        self.total = tallies.total(self.by_period)

    def rows(self, cells):
        """A Row for each period: cells(tally, days, number of the period)."""
        found = []
        for number, (period, tally) in enumerate(zip(self.periods, self.by_period, strict=True)):
            found.append(Row(period.label, cells(tally, period.days, number), url=self.links.visits(period.days)))
        return found


def headlines(figures):
    """[{"value", "label", "note", "url", "icon"}] of the whole range."""
    total, days, links = figures.total, figures.days, figures.links
    missed, expected = total.no_shows
    waiting, lead, fees, new = total.waiting, total.lead, total.fees, sum(figures.firsts)
    return [
        stat(total.visits, ngettext("visit", "visits", total.visits), links.visits(days), "calendar-check"),
        stat(total.numbers[Status.COMPLETED], _("completed"), links.visits(days, Status.COMPLETED), "check-circle",
             when.money(fees["amount"], figures.currency)),
        stat(share(missed, expected), _("no-shows"), links.visits(days, Status.NO_SHOW), "x-circle",
             _("%(missed)d of %(expected)d") % {"missed": missed, "expected": expected}),
        stat(new, ngettext("new patient", "new patients", new), links.rows("new-patients", days), "person-plus"),
        stat(in_whole_minutes(waiting["median"]), _("waiting, median"), links.rows("waiting", days), "hourglass-split",
             of_visits(waiting["visits"])),
        stat(in_days(lead["median"]), _("booked ahead, median"), links.rows("lead", days), "clock-history",
             of_visits(lead["visits"])),
    ]  # fmt: skip


def of_visits(number):
    return ngettext("of %(number)d visit", "of %(number)d visits", number) % {"number": number}


def stat(value, label, url, icon, note=""):
    return {"value": value, "label": label, "url": url, "icon": icon, "note": note}


def in_whole_minutes(minutes):
    return in_minutes(None if minutes is None else 60 * minutes)


def in_days(days):
    """3 days, or a dash."""
    return "–" if days is None else ngettext("%(n)d day", "%(n)d days", days) % {"n": days}


def standing(tally, links, days, **narrowed):
    """Cells for STANDING."""
    numbers = [tally.planned if status == NOT_OVER else tally.numbers[status] for status in STANDING]
    return [
        Cell(number, url=links.visits(days, status, **narrowed) if number else "")
        for number, status in zip(numbers, STANDING, strict=True)
    ]


def all_charts(figures):
    """The charts in the order in which they are read."""
    made = [visits(figures)]
    if not figures.links.department:
        made.append(departments(figures))
    return [*made, new_patients(figures), utilisation(figures), waiting(figures), lead(figures), fees(figures)]


def visits(figures):
    return Chart(
        id="visits", title=_("Visits"), kind="stacked", head=periods.unit(figures.days), columns=standing_columns(),
        rows=figures.rows(lambda tally, days, _number: standing(tally, figures.links, days)),
        note=_("On the day on which they begin, with the status they have now."),
    )  # fmt: skip


def standing_columns():
    return [_("Completed"), _("No-show"), _("Cancelled"), _("Planned")]


def departments(figures):
    links, days = figures.links, figures.days
    rows = [
        Row(
            figures.departments[pk],
            standing(tally, links, days, department=pk),
            url=links.figures(days.first_day, days.last_day, pk),
        )
        for pk, tally in by_name(figures)
    ]
    return Chart(
        id="departments", title=_("Visits by department"), kind="stacked", head=_("Department"), sideways=True,
        columns=standing_columns(), rows=rows, note=_("A department leads to its own figures."),
    )  # fmt: skip


def by_name(figures):
    """[(department's id, Tally)] by the department's name."""
    return sorted(figures.by_department.items(), key=lambda pair: figures.departments[pair[0]].casefold())


def new_patients(figures):
    def cells(_tally, days, number):
        new = figures.firsts[number]
        return [Cell(new, url=figures.links.rows("new-patients", days) if new else "")]

    return Chart(
        id="new-patients", title=_("New patients"), kind="bar", head=periods.unit(figures.days),
        columns=[_("New patients")], rows=figures.rows(cells),
        note=_("Patients whose first completed visit here is among these."),
    )  # fmt: skip


def utilisation(figures):
    rows = []
    for doctor in figures.doctors[:SHOWN]:
        used, opened = figures.reading.doctors[doctor.pk].minutes_used, figures.opened[doctor.pk]
        text = _("%(share)s · %(used)s of %(opened)s") % {
            "share": share(used, opened), "used": when.duration(used), "opened": when.duration(opened),
        }  # fmt: skip
        value = round(100 * used / opened, 1) if opened else None
        rows.append(Row(doctor.name, [Cell(value, text, of_doctor(figures, doctor))], url=of_doctor(figures, doctor)))
    rows.sort(key=lambda row: -(row.cells[0].value or 0))
    note = _("Time booked for completed visits, of the hours open less time off. Past hours by today's rules.")
    return Chart(
        id="utilisation", title=_("Use of doctors' hours"), kind="bar", head=_("Doctor"), columns=[_("Used")],
        rows=rows, unit="%", note=with_rest(note, figures), sideways=True,
    )  # fmt: skip


def of_doctor(figures, doctor):
    return figures.links.visits(figures.days, Status.COMPLETED, doctor=doctor.pk)


def with_rest(note, figures):
    """The note, with how many doctors are not shown."""
    left = len(figures.doctors) - SHOWN
    if left <= 0:
        return note
    return note + " " + _("The %(shown)d busiest; choose a department for others.") % {"shown": SHOWN}


def waiting(figures):
    words = cache(in_whole_minutes)

    def cells(tally, days, _number):
        found = tally.waiting
        url = figures.links.rows("waiting", days) if found["visits"] else ""
        return [Cell(found[part], words(found[part]), url) for part in ("median", "p90")]

    return Chart(
        id="waiting", title=_("Waiting times"), kind="line", head=periods.unit(figures.days),
        columns=[_("Median"), _("9 of 10")], rows=figures.rows(cells), unit=_("min"),
        note=_("From checking in to the beginning. Of 10 patients, 9 waited no longer than the upper line."),
    )  # fmt: skip


def lead(figures):
    words = cache(in_days)

    def cells(tally, days, _number):
        found = tally.lead
        url = figures.links.rows("lead", days) if found["visits"] else ""
        return [Cell(found[part], words(found[part]), url) for part in ("median", "p90")]

    return Chart(
        id="lead", title=_("Booked ahead"), kind="line", head=periods.unit(figures.days),
        columns=[_("Median"), _("9 of 10")], rows=figures.rows(cells), unit=_("days"),
        note=_("Days from booking to the visit, of completed visits."),
    )  # fmt: skip


def fees(figures):
    links, days = figures.links, figures.days
    if links.department:
        head = _("Doctor")
        rows = [
            Row(doctor.name, [fee(figures, figures.reading.doctors[doctor.pk], of_doctor(figures, doctor))])
            for doctor in figures.doctors[:SHOWN]
        ]
    else:
        head = _("Department")
        rows = [
            Row(
                figures.departments[pk],
                [fee(figures, tally, links.visits(days, Status.COMPLETED, department=pk))],
                url=links.figures(days.first_day, days.last_day, pk),
            )
            for pk, tally in by_name(figures)
        ]
    note = _("As agreed when the visits were booked. Not what has been paid.")
    return Chart(
        id="fees", title=_("Fees of completed visits"), kind="bar", head=head, columns=[_("Fees")], rows=rows,
        unit=figures.currency, note=with_rest(note, figures) if links.department else note, sideways=True,
    )  # fmt: skip


def fee(figures, tally, url):
    amount = tally.fees["amount"]
    return Cell(float(amount), when.money(amount, figures.currency), url)
