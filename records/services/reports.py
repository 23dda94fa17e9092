"""Monthly reports: made once a month is over, made again when somebody asks or the rows behind have changed.

What is due is decided from rows, so that a late beat catches up and two beats do no harm. The figures are computed
first and written in one short transaction with the mail that tells of them: a killed worker leaves all or nothing.
"""

import logging
from collections import Counter

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Role, User
from clinic.models import Department, Doctor, Hospital
from records import definitions, months, notices, reportcontent
from records.errors import RecordRefused
from records.models import MonthlyReport
from scheduling.models import Appointment

log = logging.getLogger(__name__)

Why = MonthlyReport.Why
CATCH_UP = 12  # months that a report is made up for after an outage
LOOKED_AT = 13  # months back in which changed figures are looked for; older ones are made again by hand


def make_report(owner, month, *, by, why=Why.ASKED):
    """Make the report of a doctor or department for a month: (report, whether this made it).

    Where the newest version says the same already, that one is given back; else there is a new version beside it.
    Raises RecordRefused for a month that is not over.
    """
    hospital = Hospital.current()
    _require_over(month, hospital)
    reports = MonthlyReport.objects.about(owner).filter(month=month)
    before = reports.newest().first()
    draft = reportcontent.draft(owner, month, hospital, before)
    if before and reportcontent.same(before, draft):
        return before, False
    with transaction.atomic():
        type(owner).objects.select_for_update(no_key=True, of=("self",)).get(pk=owner.pk)
        rival = reports.newest().first()
        if rival != before:  # somebody has made it meanwhile, of the same rows
            return rival, False
        return _write(draft, by=by, why=why), True


def _require_over(month, hospital):
    if not months.is_over(month, timezone.now(), hospital.zone):
        raise RecordRefused(_("This month is not over yet, so there is no report about it."))


def _write(draft, *, by, why):
    draft.why, draft.made_by, draft.made_by_name = why, by, by.name if by else audit.SYSTEM
    draft.checksum, draft.clinical_checksum = draft.seals()
    draft.save(force_insert=True)
    audit.record(by, "report.made", draft, detail={"version": draft.version, "why": str(why)})
    if why != Why.ASKED and draft.doctor:
        notices.report_ready(draft)
    return draft


def due_reports():
    """[(owner, month)] of months that are over and have no report yet, the earliest first.

    From the first month for which the job made reports, or else last month; at most CATCH_UP months back. Whoever had
    visits in the month gets one, and whoever had visits before and had not left when it began: an empty month says so.
    """
    zone, now = Hospital.current().zone, timezone.now()
    last = months.last_ended(now, zone)
    first = MonthlyReport.objects.filter(why=Why.SCHEDULED).order_by("month").values_list("month", flat=True).first()
    month = max(min(first or last, last), months.shifted(last, 1 - CATCH_UP))
    found = []
    while month <= last:
        days = months.days_of(month, zone)
        found += [(owner, month) for model in (Doctor, Department) for owner in _there(model, days, missing=True)]
        month = months.shifted(month, 1)
    return found


def there_in(month):
    """The doctors and departments of whom a report about that month says something, made or not."""
    days = months.days_of(month, Hospital.current().zone)
    return [owner for model in (Doctor, Department) for owner in _there(model, days, missing=False)]


def _there(model, days, *, missing):
    """Doctors (or departments) who had visits in these days, or before and had not left; those `missing` a report."""
    name = model._meta.model_name
    visits = Appointment.objects.order_by().filter(**{name: OuterRef("pk")}, starts_at__lt=days.ends_at)
    within = Exists(visits.filter(starts_at__gte=days.starts_at))
    stayed = Q(retired_at=None) | Q(retired_at__gte=days.starts_at)
    found = model.objects.filter(within | (stayed & Exists(visits))).order_by("pk")
    made = MonthlyReport.objects.filter(**{name: OuterRef("pk")}, month=days.first_day)
    return found.filter(~Exists(made)) if missing else found


def make_due_reports():
    """Make what is due; one that fails stops no other. {"made", "failed"}: how many."""
    done = Counter(made=0)
    for owner, month in due_reports():
        done.update([_tried(owner, month, Why.SCHEDULED)])
    _tell_administrators()
    return {key: number for key, number in done.items() if key != "same"}


def _tried(owner, month, why):
    try:
        return "made" if make_report(owner, month, by=None, why=why)[1] else "same"
    except Exception:
        log.exception("The report of %s %s for %s could not be made", type(owner).__name__, owner.pk, month)
        return "failed"


def _tell_administrators():
    """Once all reports of last month are there, each administrator is told, once a month."""
    month = months.last_ended(timezone.now(), Hospital.current().zone)
    scheduled = MonthlyReport.objects.filter(month=month, why=Why.SCHEDULED, department__isnull=False)
    if scheduled.exists() and not due_reports():
        for user in User.objects.filter(role=Role.ADMIN, is_active=True):
            notices.summary_of_month_ready(user, month)


def reports_to_check():
    """The versions that stand, of the last months and made by the definitions of today."""
    oldest = months.shifted(months.last_ended(timezone.now(), Hospital.current().zone), 1 - LOOKED_AT)
    reports = MonthlyReport.objects.newest().filter(month__gte=oldest, definitions=definitions.CURRENT)
    return reports.with_owner().order_by("month", "pk")


def check_reports():
    """Make a new version wherever the rows behind a past month have changed. {"unchanged", "new versions", …}."""
    found = Counter()
    for report in reports_to_check():
        found.update([_tried(report.owner, report.month, Why.CORRECTED)])
    words = {"same": "unchanged", "made": "new versions", "failed": "failed"}
    return {words[key]: number for key, number in found.items()}


def broken_reports():
    """Versions whose checksum does not hold: somebody has changed a row past the application."""
    return [report for report in MonthlyReport.objects.with_owner().iterator(chunk_size=500) if not report.is_whole]


def would_make(owner, month):
    """What making a report would do, in words for the terminal: nothing is written."""
    hospital = Hospital.current()
    _require_over(month, hospital)
    before = MonthlyReport.objects.about(owner).filter(month=month).newest().first()
    draft = reportcontent.draft(owner, month, hospital, before)
    if before is None:
        return "would be made"
    return "is unchanged" if reportcontent.same(before, draft) else f"version {draft.version} would be made"


def take_report(report, *, by):
    """Somebody takes a report along as a file: that is on record."""
    audit.record(by, "report.downloaded", report, detail={"version": report.version})
