"""Monthly reports: the list, the summary of a month, one report as page and PDF, the rows behind its figures."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import access
from accounts.downloads import instant, table
from accounts.models import Role
from hms.lib.errors import Refused
from records import months, reportcontent, reportpdf, reportrows, services
from records.forms import ReportFilter, ReportForm
from records.models import MonthlyReport
from scheduling.models import Status

PAGE = 25
HEADLINES = ("visits", "no_show", "new_patients", "completed")
MINE = gettext_lazy("one's own reports; for administrators all, without what was found")


@access("records.view_monthlyreport", object=MINE)
def report_list(request):
    """The reports that stand, the newest month first."""
    narrowed = reports_of(request)
    page = narrowed.page
    page.rows = [reportcontent.glance(report) for report in page.object_list]
    is_admin = request.user.role == Role.ADMIN
    last = months.last_ended(timezone.now(), request.hospital.zone)
    return render(request, "records/report_list.html", narrowed.context() | {"is_admin": is_admin, "last": last})


@access("records.view_monthlyreport", object=MINE)
def report_download(request):
    """The same as a table, in plain numbers. Nothing clinical: what was found stands in no list."""
    columns = [
        (_("Month"), lambda report: f"{report.month:%Y-%m}"),
        (_("Doctor or department"), lambda report: report.owner_name),
        (_("Department"), lambda report: report.about["department"]),
        (_("Version"), lambda report: report.version),
        (_("Made"), lambda report: instant(report.made_at, request.hospital.zone)),
        (_("Visits"), lambda report: sum(report.figures["visits"].values())),
        (_("Completed"), lambda report: report.figures["visits"][Status.COMPLETED]),
        (_("No-shows"), lambda report: report.figures["no_shows"]["missed"]),
        (_("New patients"), lambda report: report.figures["new_patients"]),
        (_("Hours used, in minutes"), lambda report: report.figures["minutes_used"]),
        (_("Hours open, in minutes"), lambda report: report.figures["minutes_open"]),
        (_("Median wait, in minutes"), lambda report: in_minutes(report.figures["waiting"]["median"])),
        (_("Fees"), lambda report: report.figures["fees"]["amount"]),
        (_("Currency"), lambda report: report.about["currency"]),
    ]
    return table(request, reports_of(request), columns, name="reports")


def in_minutes(seconds):
    return None if seconds is None else (seconds + 30) // 60


def reports_of(request):
    """The list as its address narrows it."""
    return ReportFilter(request.GET, MonthlyReport.objects.visible_to(request.user).newest().with_owner())


@access("records.view_monthlyreport", object=MINE)
def report_month(request, month):
    """For administrators all departments and doctors in a month; a doctor comes to the own report of it."""
    reports = MonthlyReport.objects.visible_to(request.user).newest().filter(month=month).with_owner()
    if request.user.role != Role.ADMIN and (own := reports.first()):
        return redirect("records:report-detail", own.pk)
    now, zone = timezone.now(), request.hospital.zone
    found = sorted(reports, key=lambda report: (report.owner_name.casefold(), report.pk))
    departments = [report for report in found if report.department_id]
    context = {
        "month": month,
        "month_text": f"{month:%Y-%m}",
        "is_over": months.is_over(month, now, zone),
        "before": months.shifted(month, -1) if month.year > 1900 else None,
        "after": after if months.is_over(after := months.shifted(month, 1), now, zone) else None,
        "departments": [reportcontent.glance(report) for report in departments],
        "total": reportcontent.total_of(departments),
        "doctors": [reportcontent.glance(report) for report in found if report.doctor_id],
    }
    return render(request, "records/report_month.html", context)


@access("records.make_monthlyreport", methods="GET POST", object=gettext_lazy("a doctor's own; for administrators any"))
def report_create(request):
    """Make the report of a month, or make it again: a new version where the figures have changed."""
    back, status = reverse("records:report-list"), 200
    given = {name: request.GET.get(name, "")[:20] for name in ("month", "doctor", "department")}
    form = ReportForm(request.POST or None, by=request.user, back=back, initial=given)
    if request.method == "POST":
        if form.is_valid() and (report := made_by(request, form)):
            return redirect("records:report-detail", report.pk)
        status = 422
    context = {
        "form": form,
        "title": _("Make a report"),
        "lead": _(
            "Reports are made by themselves once a month is over. Here you make one for an earlier month, or again."
        ),
        "trail": [(_("Reports"), back)],
    }
    return render(request, "accounts/form.html", context, status=status)


def made_by(request, form):
    """The report that was asked for, and a message on what became of it; None when it was refused."""
    owner = form.owner()
    if owner is None:
        form.add_error(None, _("Your account is not linked to a doctor yet. Please ask an administrator."))
        return None
    try:
        report, is_new = services.make_report(owner, form.cleaned_data["month"], by=request.user)
    except Refused as refusal:
        form.refuse(refusal, "month")
        return None
    if is_new:
        messages.success(request, _("Version %(number)d is made.") % {"number": report.version})
    else:
        messages.info(request, _("Nothing has changed, so version %(number)d stands.") % {"number": report.version})
    return report


def report_of(request, pk):
    return get_object_or_404(MonthlyReport.objects.visible_to(request.user).with_owner(), pk=pk)


def versions_of(request, report):
    """All versions of a report, the newest first."""
    mine = MonthlyReport.objects.visible_to(request.user).about(report.owner)
    return list(mine.filter(month=report.month).with_owner().order_by("-version"))


@access("records.view_monthlyreport", object=MINE)
def report_detail(request, pk):
    """One version of a report: figures with what they mean, the rows behind them, what changed, other versions."""
    report = report_of(request, pk)
    versions, user = versions_of(request, report), request.user
    before = next((each for each in versions if each.version == report.version - 1), None)
    context = {
        "report": report,
        "own": report.is_own(user),
        "month": date_format(report.month, "F Y"),
        "days": reportcontent.days_of(report),
        "sections": [(title, addressed(report, lines, user)) for title, lines in reportcontent.lines(report)],
        "headline": reportcontent.glance(report),
        "urls": {rows: reportrows.address(report, rows, user) for rows in HEADLINES},
        "diagnoses": [
            (line, reportrows.diagnosis_address(report, line)) for line in reportcontent.diagnosis_lines(report, user)
        ],
        "diagnoses_meaning": reportcontent.meaning_of(report, "diagnoses"),
        "before": before,
        "changes": reportcontent.changes(before, report, user) if before else [],
        "versions": versions,
        "newest": versions[0],
        "checksum": report.checksum_for(user),
        "is_empty": reportcontent.is_empty(report),
    }
    return render(request, "records/report_detail.html", context)


def addressed(report, lines, user):
    """[(line, where its rows are)]."""
    return [(line, reportrows.address(report, line.rows, user)) for line in lines]


@access("records.view_monthlyreport", object=MINE)
def report_pdf(request, pk):
    """The same on paper. Taking it along is on record."""
    report = report_of(request, pk)
    before = next((each for each in versions_of(request, report) if each.version == report.version - 1), None)
    document = reportpdf.as_pdf(report, before, request.user)
    services.take_report(report, by=request.user)
    name = f"report-{report.month:%Y-%m}-{report.pk}-v{report.version}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store, private"}
    return HttpResponse(document, content_type="application/pdf", headers=headers)


@access("records.view_monthlyreport", object=gettext_lazy("the rows behind one's own report that one may see"))
def report_rows(request, pk, figure):
    """The visits (for a diagnosis: the doctor's own records) behind a figure, as they are now."""
    report = report_of(request, pk)
    found = reportrows.found(report, figure, request.user, request.GET)
    if found is None:
        raise Http404
    page = Paginator(found.rows, PAGE).get_page(request.GET.get("page"))
    context = {"report": report, "found": found, "page_obj": page, "timed": figure in {"waiting", "consultation"}}
    context["month"] = date_format(report.month, "F Y")
    return render(request, "records/report_rows.html", context)
