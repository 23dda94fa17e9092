"""The messages about records that the hospital may reword: none of them has a placeholder for what a record says."""

from functools import partial

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import outbox
from accounts.wordings import Placeholder, Wording, declare

SUMMARIES, BEYOND = _("Records of visits"), _("Records opened without treating")
FILES = _("Reports and files")

WHEN = Placeholder("when", "{{ opened }}", _("When the record was opened"), required=True)
SUMMARY = (
    Placeholder("person", "{{ person.name }}", _("Name of who gets the message")),
    Placeholder("patient", "{{ patient.name }}", _("The patient")),
    Placeholder("when", "{{ time }}", _("Day and time of the visit, with the time zone")),
    Placeholder("link", "{{ url }}", _("Where one reads the summary, signed in"), required=True, link=True),
)
OPENED = (
    Placeholder("patient", "{{ patient.name }}", _("The patient")),
    Placeholder("doctor", "{{ glass.doctor.name }}", _("Who opened the record"), required=True),
    Placeholder("department", "{{ glass.doctor.department.name }}", _("The doctor's department")),
    WHEN,
    Placeholder("reason", "{{ glass.get_kind_display }}", _("The kind of reason given")),
    Placeholder("link", "{{ url|default:'' }}", _("Who opened the record; empty without an account"), link=True),
)
QUESTIONED = (
    Placeholder("doctor", "{{ glass.doctor.name }}", _("Who opened the record")),
    Placeholder("reviewer", "{{ glass.reviewed_by.name }}", _("Who looked at it")),
    WHEN,
    Placeholder("verdict", "{{ glass.get_verdict_display }}", _("The verdict")),
    Placeholder("link", "{{ url }}", _("Where the doctor reads the reviewer's note"), required=True, link=True),
)
CONFIRMED = (
    Placeholder("person", "{{ grant.user.name }}", _("Who gets the grant")),
    Placeholder("asked_by", "{{ grant.asked_by.name }}", _("The administrator who asked for it")),
    Placeholder("confirmed_by", "{{ grant.confirmed_by.name }}", _("The administrator who confirmed it")),
    Placeholder("begins", "{{ begins }}", _("When it begins")),
    Placeholder("ends", "{{ ends }}", _("When it ends"), required=True),
    Placeholder("link", "{{ url }}", _("The records that are open"), required=True, link=True),
)
REVOKED = (
    Placeholder("person", "{{ grant.user.name }}", _("Who had the grant")),
    Placeholder("revoked_by", "{{ grant.revoked_by.name }}", _("The administrator who took it back")),
    Placeholder("reason", "{{ grant.revoked_reason }}", _("Why, as written"), required=True),
)
FIGURES = """{% if is_empty %}{% translate "There were no visits in this month." %}{% else %}\
{% for line in lines %}{{ line.label }}: {{ line.value }}
{% endfor %}{% endif %}"""
MONTH = Placeholder("month", "{{ month }}", _("The month"), required=True)
REPORT = (
    Placeholder("person", "{{ report.owner_name }}", _("The doctor")),
    MONTH,
    Placeholder("figures", FIGURES, _("The headline figures, a line each")),
    Placeholder("link", "{{ url }}", _("The report"), required=True, link=True),
)
VERSION = Placeholder("version", "{{ report.version }}", _("The number of the version"))
MONTHS = (
    Placeholder("person", "{{ person.name }}", _("Name of who gets the message")),
    MONTH,
    Placeholder("link", "{{ url }}", _("The reports of the month"), required=True, link=True),
)
MADE = (
    Placeholder("person", "{{ export.owner.name }}", _("Who asked for the file")),
    Placeholder("ends", "{{ ends }}", _("Until when it can be fetched")),
    Placeholder("link", "{{ url }}", _("Where one fetches it, signed in"), required=True, link=True),
)


def report_example(*, is_corrected):
    return {
        "report": {"owner_name": "Dr Amina Diallo", "version": 3 if is_corrected else 1},
        "month": "October 2026",
        "is_corrected": is_corrected,
        "lines": [{"label": _("Visits"), "value": "48"}, {"label": _("No-shows"), "value": "5"}],
        "url": outbox.absolute("/reports/7/"),
    }


def month_example():
    return {"person": {"name": "Alma Head"}, "month": "October 2026", "url": outbox.absolute("/reports/2026-10/")}


def file_example():
    owner = {"name": "Mara Jansen"}
    return {
        "export": {"owner": owner},
        "ends": "Tue 24 Nov, 09:30 (Europe/Berlin)",
        "url": outbox.absolute("/exports/7/"),
    }


def summary_example(*, is_guardian):
    return {
        "person": {"name": "Ines Duarte" if is_guardian else "Mara Jansen", "is_guardian": is_guardian},
        "patient": {"name": "Noa Duarte" if is_guardian else "Mara Jansen"},
        "time": "Tue 24 Nov, 09:30 (Europe/Berlin)",
        "url": outbox.absolute("/encounters/1/"),
    }


def glass_example():
    doctor = {"name": "Dr Amina Diallo", "department": {"name": "Cardiology"}}
    reviewed = {"reviewed_by": {"name": "Alma Head"}, "get_verdict_display": _("To be talked about")}
    return {
        "patient": {"name": "Mara Jansen"},
        "glass": {"doctor": doctor, "get_kind_display": _("Emergency"), **reviewed},
        "opened": "Tue 24 Nov, 09:30 (Europe/Berlin)",
        "url": outbox.absolute(reverse("records:break-glass-list")),
    }


def grant_example():
    people = {"user": {"name": "Ines Duarte"}, "asked_by": {"name": "Alma Head"}, "confirmed_by": {"name": "Otto Berg"}}
    return {
        "grant": {**people, "revoked_by": {"name": "Otto Berg"}, "revoked_reason": "The review is over."},
        "begins": "Tue 24 Nov, 09:30 (Europe/Berlin)",
        "ends": "Tue 1 Dec, 18:00 (Europe/Berlin)",
        "url": outbox.absolute(reverse("records:granted-list")),
    }


# template, title, title for who acts for the patient
SUMMARY_MAILS = (
    ("summary_ready", _("Summary ready"), _("Summary ready, to who acts for the patient")),
    ("summary_amended", _("Summary corrected"), _("Summary corrected, to who acts for the patient")),
)
# template, title, placeholders, example
MAILS = (
    ("break_glass_opened", _("To the patient: record opened"), OPENED, glass_example),
    ("break_glass_questioned", _("To the doctor: questions about it"), QUESTIONED, glass_example),
    ("grant_confirmed", _("Grant confirmed"), CONFIRMED, grant_example),
    ("grant_revoked", _("Grant taken back"), REVOKED, grant_example),
)


def register():
    """For AppConfig.ready()."""
    for template, title, for_guardian in SUMMARY_MAILS:
        name, file = f"records.{template}", f"records/mail/{template}"
        for ending, words, acting in (("", title, False), (".guardian", for_guardian, True)):
            shown = partial(summary_example, is_guardian=acting)
            declare(Wording(name + ending, file, SUMMARIES, words, SUMMARY, shown, {"person.is_guardian": acting}))
    for template, title, own, example in MAILS:
        declare(Wording(f"records.{template}", f"records/mail/{template}", BEYOND, title, own, example))
    for name, title, own, corrected in (
        ("report_ready", _("Monthly report ready"), REPORT, False),
        ("report_ready.corrected", _("Monthly report corrected"), (*REPORT, VERSION), True),
    ):
        shown, case = partial(report_example, is_corrected=corrected), {"is_corrected": corrected}
        declare(Wording(f"records.{name}", "records/mail/report_ready", FILES, title, own, shown, case))
    for template, title, own, shown in (
        ("report_month_ready", _("All reports of a month ready"), MONTHS, month_example),
        ("export_ready", _("File ready"), MADE, file_example),
    ):
        declare(Wording(f"records.{template}", f"records/mail/{template}", FILES, title, own, shown))
