"""What a report says: gathered from records.figures into plain values, compared, and laid out in lines for people.

Page, mail and PDF are made of the same lines, so that they say the same.
"""

from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from clinic.models import Doctor
from hms.lib import when
from records import definitions, figures, months
from records.models import CodeSystem, MonthlyReport
from scheduling.models import Status


def scope_of(owner):
    """The Scope of a doctor's or a department's report."""
    return figures.Scope(doctor=owner) if isinstance(owner, Doctor) else figures.Scope(department=owner)


def days_of(report):
    """The Range a report is about, in the zone in which it was first made."""
    return months.days_of(report.month, ZoneInfo(report.about["time_zone"]))


def draft(owner, month, hospital, before=None):
    """The next version of a report, not saved. What `before` said of zone, currency and open hours stays."""
    about = {
        "name": owner.name,
        "department": owner.department.name if isinstance(owner, Doctor) else "",
        "hospital": hospital.name,
        "time_zone": before.about["time_zone"] if before else hospital.time_zone,
        "currency": before.about["currency"] if before else hospital.currency,
    }
    scope, days = scope_of(owner), months.days_of(month, ZoneInfo(about["time_zone"]))
    opened = before.figures["minutes_open"] if before else figures.minutes_open(scope, days)
    return MonthlyReport(
        **{owner._meta.model_name: owner},
        month=month,
        version=before.version + 1 if before else 1,
        definitions=definitions.CURRENT,
        about=about,
        figures=gathered(scope, days) | {"minutes_open": opened},
        diagnoses=figures.diagnoses(scope, days),
    )


def gathered(scope, days):
    """The figures of a scope that are not clinical, as plain values: whole numbers and, for money, text."""
    fees = figures.fees(scope, days)
    missed, expected = figures.no_shows(scope, days)
    return {
        "visits": figures.visits_by_status(scope, days),
        "no_shows": {"missed": missed, "expected": expected},
        "patients": figures.patients_seen(scope, days),
        "new_patients": figures.new_patients(scope, days),
        "minutes_used": figures.minutes_used(scope, days),
        "waiting": figures.waiting(scope, days),
        "consultation": figures.consultation(scope, days),
        "fees": fees | {"amount": str(fees["amount"])},
    }


def same(report, other):
    """Whether two versions say the same, by the same definitions."""
    parts = ("definitions", "figures", "diagnoses")
    return all(getattr(report, part) == getattr(other, part) for part in parts)


@dataclass(frozen=True)
class Line:
    """One figure for people: what it is, what it says, what it means; `rows` names the rows behind it."""

    key: str
    label: str
    value: str
    meaning: str = ""
    note: str = ""
    rows: str = ""


def lines(report):
    """[(title, [Line])] of the figures that are not clinical, in the order in which they are read."""
    said, meaning = report.figures, definitions.words(report.definitions)
    patients = [
        Line("patients", _("Patients seen"), str(said["patients"]), meaning["patients"], rows="completed"),
        Line(
            "new_patients", _("New patients"), str(said["new_patients"]), meaning["new_patients"], rows="new_patients"
        ),
    ]
    return [
        (_("Visits"), [*_by_status(said, meaning), _no_shows(said, meaning)]),
        (_("Patients"), patients),
        (_("Time"), [*_hours(said, meaning), *_times(said, meaning)]),
        (_("Fees"), [_fees(report, meaning)]),
    ]


def _by_status(said, meaning):
    counts = said["visits"]
    total = Line("visits", _("All visits"), str(sum(counts.values())), meaning["visits"], rows="visits")
    shown = [status for status in Status if counts[status] or status in ALWAYS]
    return [total, *(Line(f"visits.{status}", str(status.label), str(counts[status]), rows=status) for status in shown)]


ALWAYS = {Status.COMPLETED, Status.CANCELLED, Status.NO_SHOW}


def _no_shows(said, meaning):
    missed, expected = said["no_shows"]["missed"], said["no_shows"]["expected"]
    note = _("%(missed)d of %(expected)d") % said["no_shows"] if expected else ""
    return Line("no_shows", _("No-show rate"), share(missed, expected), meaning["no_shows"], note, rows=Status.NO_SHOW)


def _hours(said, meaning):
    opened, used = said["minutes_open"], said["minutes_used"]
    note = _("%(share)s of the open hours") % {"share": share(used, opened)} if opened else ""
    return [
        Line("minutes_open", _("Hours open"), when.duration(opened), meaning["minutes_open"], rows="hours"),
        Line("minutes_used", _("Hours used"), when.duration(used), meaning["minutes_used"], note, rows="completed"),
    ]


def _times(said, meaning):
    for key, label in (("waiting", _("Waiting time")), ("consultation", _("Consultation time"))):
        found = said[key]
        note = _("of %(number)d visits") % {"number": found["visits"]} if found["visits"] else ""
        names = {"median": _("median"), "p90": _("90th percentile")}
        for part, name in names.items():
            yield Line(
                f"{key}.{part}",
                _("%(time)s, %(which)s") % {"time": label, "which": name},
                in_minutes(found[part]),
                meaning[key] if part == "median" else "",
                note,
                rows=key,
            )


def _fees(report, meaning):
    fees = report.figures["fees"]
    note = _("of %(number)d visits") % {"number": fees["visits"]}
    if fees["without"]:
        note += " · " + _("%(number)d without a fee") % {"number": fees["without"]}
    amount = when.money(fees["amount"], report.about["currency"])
    return Line("fees", _("Fees of completed visits"), amount, meaning["fees"], note, rows="completed")


def share(part, whole):
    """8.3 %, or a dash where there is nothing to take a share of."""
    return f"{100 * part / whole:.1f}\N{NO-BREAK SPACE}%" if whole else "–"


def in_minutes(seconds):
    """Whole minutes in words, or a dash."""
    return "–" if seconds is None else when.duration((seconds + 30) // 60)


def glance(report):
    """One report as a row of a list: {"report", "visits", "completed", "no_shows", "new_patients", "used", …}."""
    said = report.figures
    missed, expected = said["no_shows"]["missed"], said["no_shows"]["expected"]
    return {
        "report": report,
        "visits": sum(said["visits"].values()),
        "completed": said["visits"][Status.COMPLETED],
        "no_shows": share(missed, expected),
        "new_patients": said["new_patients"],
        "used": when.duration(said["minutes_used"]),
        "opened": when.duration(said["minutes_open"]),
        "waiting": in_minutes(said["waiting"]["median"]),
        "fees": when.money(said["fees"]["amount"], report.about["currency"]),
    }


def total_of(reports):
    """The last row of a summary: what can be summed of these reports, in words."""
    said = [report.figures for report in reports]
    missed, expected = (sum(of["no_shows"][part] for of in said) for part in ("missed", "expected"))
    currencies = {report.about["currency"] for report in reports}
    amount = sum((Decimal(of["fees"]["amount"]) for of in said), Decimal(0))
    return {
        "visits": sum(sum(of["visits"].values()) for of in said),
        "completed": sum(of["visits"][Status.COMPLETED] for of in said),
        "no_shows": share(missed, expected),
        "used": when.duration(sum(of["minutes_used"] for of in said)),
        "opened": when.duration(sum(of["minutes_open"] for of in said)),
        "fees": when.money(amount, currencies.pop()) if len(currencies) == 1 else "–",
    }


def meaning_of(report, figure):
    """What a figure of this report means, by the definitions it was made with."""
    return definitions.words(report.definitions)[figure]


def is_empty(report):
    """Whether there was not a single visit."""
    return not any(report.figures["visits"].values())


def diagnosis_lines(report, user):
    """The diagnoses for the doctor who found them: dicts as figures.diagnoses has them, the system in words."""
    return [line | {"system_words": CodeSystem(line["system"]).label} for line in report.diagnoses_for(user)]


def changes(before, report, user):
    """What a version says otherwise than the one before: [(label, old, new)] of all that this person reads."""
    old = {line.key: line for _title, of in lines(before) for line in of}
    new = {line.key: line for _title, of in lines(report) for line in of}
    found = [
        (line.label, worded(old.get(key)), worded(new.get(key)))
        for key, line in (old | new).items()
        if worded(old.get(key)) != worded(new.get(key))
    ]
    earlier = {named(line): line["count"] for line in before.diagnoses_for(user)}
    later = {named(line): line["count"] for line in report.diagnoses_for(user)}
    keys = [key for key in later | earlier if earlier.get(key, 0) != later.get(key, 0)]
    return found + [(key, str(earlier.get(key, 0)), str(later.get(key, 0))) for key in keys]


def worded(line):
    """A figure with its note; a status that was not shown had no visits."""
    return f"{line.value} ({line.note})" if line and line.note else line.value if line else "0"


def named(line):
    """A diagnosis in one line."""
    return f"{line['code']} {line['words']}".strip()
