"""A report on paper: the same lines as on the page, for one who reads it."""

from pathlib import Path

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from hms.lib import pdf
from records import reportcontent

TEMPLATE = Path(settings.BASE_DIR) / "templates/pdf/report.typ"


def as_pdf(report, before, user, *, images=False):
    """The PDF of a report as this person may read it; `before` is the version before, or None."""
    return pdf.render(TEMPLATE, data(report, before, user), images=images)


def data(report, before, user):
    """What the template shows: plain values."""
    month = date_format(report.month, "F Y")
    made = date_format(report.made_at.astimezone(reportcontent.days_of(report).zone), "DATETIME_FORMAT")
    changed = reportcontent.changes(before, report, user) if before else []
    return {
        "title": _("Activity report %(month)s") % {"month": month},
        "lang": translation.get_language() or "en",
        "hospital": report.about["hospital"],
        "name": report.owner_name,
        "department": report.about["department"],
        "footer": f"{report.owner_name} · {month} · " + _("version %(number)d") % {"number": report.version},
        "facts": facts(report, made),
        "empty": _("There were no visits in this month.") if reportcontent.is_empty(report) else "",
        "changes": {
            "title": _("What changed since version %(number)d") % {"number": report.version - 1},
            "head": [_("Figure"), _("Before"), _("Now")],
            "rows": changed,
        },
        "head": [_("Figure"), _("Value"), _("How it is counted")],
        "sections": [
            {"title": title, "lines": [[line.label, line.value, line.note, str(line.meaning)] for line in lines]}
            for title, lines in reportcontent.lines(report)
        ],
        "diagnoses": diagnoses(report, user),
        "checksum": [_("Checksum (SHA-256)"), report.checksum_for(user)],
    }


def facts(report, made):
    days = reportcontent.days_of(report)
    span = f"{date_format(days.first_day, 'DATE_FORMAT')} – {date_format(days.last_day, 'DATE_FORMAT')}"
    return [
        [_("Days"), _("%(days)s, by the clock of %(zone)s") % {"days": span, "zone": report.about["time_zone"]}],
        [_("Version"), f"{report.version} · {report.get_why_display()}"],
        [_("Made"), f"{made} · {report.made_by_name}"],
    ]


def diagnoses(report, user):
    """The table of what was found, where the reader is the doctor who found it; else none."""
    if not report.is_own(user):
        return None
    rows = reportcontent.diagnosis_lines(report, user)
    return {
        "title": _("Diagnoses"),
        "note": str(reportcontent.meaning_of(report, "diagnoses")),
        "none": _("No signed record names a diagnosis."),
        "head": [_("Code"), _("Diagnosis"), _("Records")],
        "rows": [[f"{row['system_words']} {row['code']}".strip(), row["words"], str(row["count"])] for row in rows],
    }
