"""What people are told about records: that there is something to read, and who opened what. Never what it says."""

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import outbox
from accounts.models import MessageGroup
from clinic import family
from clinic.models import Hospital
from hms.lib import when
from records import reportcontent
from records.models import BreakGlass, ClinicalGrant, Encounter, Export, MonthlyReport

READY, AMENDED = "summary.ready", "summary.amended"
OPENED, QUESTIONED = "break_glass.opened", "break_glass.questioned"
MADE = "export.ready"
GRANTED, REVOKED = "grant.confirmed", "grant.revoked"
REPORT, MONTH = "report.ready", "report.month_ready"
HEADLINES = ("visits", "visits.completed", "no_shows", "new_patients", "fees")


def summary_ready(encounter):
    """The doctor has signed the record of a visit."""
    _put(READY, encounter, key=f"{READY}:{encounter.pk}")


def summary_amended(encounter):
    """The doctor has corrected the record of a visit."""
    _put(AMENDED, encounter, key=f"{AMENDED}:{encounter.pk}:{encounter.version}")


def _put(kind, encounter, *, key):
    """To those who can read it here: the patient's own account; without one, who reads the record for the patient."""
    for person in family.addressees(encounter.patient, reading=True):
        _put_for(person, kind, encounter, key=f"{key}:{person.account.pk}" if person.is_guardian else key)


def _put_for(person, kind, encounter, *, key):
    hospital = Hospital.current()
    begun = when.moment(encounter.started_at, hospital.zone, timezone.now())
    outbox.put(
        kind=kind,
        key=key,
        template=f"records/mail/{kind.replace('.', '_')}",
        to=person.account,
        name=person.name,
        about=encounter,
        context={
            "patient": encounter.patient,
            "person": person,
            "hospital": hospital,
            "time": _("%(time)s (%(zone)s)") % {"time": begun, "zone": hospital.time_zone},
            "url": outbox.absolute(reverse("records:encounter-detail", args=[encounter.pk])),
        },
    )


def break_glass_opened(glass):
    """The patient learns that a doctor who does not treat them opened their record; without an address, by the list
    of what could not be delivered."""
    patient = glass.patient
    context = {"glass": glass, "patient": patient, "opened": _at(glass.opened_at)}
    if patient.user:
        context["url"] = outbox.absolute(reverse("records:opening-list", args=[patient.pk]))
    _send(OPENED, glass, context, key=f"{OPENED}:{glass.pk}", to=patient.user, name=patient.name,
          address=patient.contact_email)  # fmt: skip


def break_glass_questioned(glass):
    """The doctor learns that a reviewer does not agree, or wants to talk. No patient's name travels."""
    context = {
        "glass": glass,
        "opened": _at(glass.opened_at),
        "url": outbox.absolute(reverse("records:break-glass-list")),
    }
    key = f"{QUESTIONED}:{glass.pk}:{glass.verdict}"
    _send(QUESTIONED, glass, context, key=key, to=glass.doctor.user, name=glass.doctor.name)


def grant_confirmed(grant):
    """Whom a grant is for learns what opens, and until when."""
    url = outbox.absolute(reverse("records:granted-list"))
    context = {"grant": grant, "begins": _at(grant.starts_at), "ends": _at(grant.until), "url": url}
    _send(GRANTED, grant, context, key=f"{GRANTED}:{grant.pk}", to=grant.user)


def grant_revoked(grant):
    """Whom a grant was for learns that it is over."""
    _send(REVOKED, grant, {"grant": grant}, key=f"{REVOKED}:{grant.pk}", to=grant.user)


def report_ready(report):
    """A doctor learns that the report of a month is there, or corrected: a link and figures, nothing that was found."""
    found = {line.key: line for _title, lines in reportcontent.lines(report) for line in lines}
    context = {
        "report": report,
        "month": date_format(report.month, "F Y"),
        "lines": [found[key] for key in HEADLINES if key in found],
        "is_empty": reportcontent.is_empty(report),
        "is_corrected": report.version > 1,
        "url": outbox.absolute(reverse("records:report-detail", args=[report.pk])),
    }
    if report.doctor.user:
        _send(REPORT, report, context, key=f"{REPORT}:{report.pk}", to=report.doctor.user)


def summary_of_month_ready(user, month):
    """An administrator learns, once, that all reports of a month are there."""
    key = f"{MONTH}:{month:%Y-%m}:{user.pk}"
    url = outbox.absolute(reverse("records:report-month", args=[month]))
    _send(MONTH, None, {"person": user, "month": date_format(month, "F Y"), "url": url}, key=key, to=user)


def export_ready(export):
    """Who asked for a file learns where it is. Whom it is about does not travel."""
    url = outbox.absolute(reverse("records:export-detail", args=[export.pk]))
    context = {"export": export, "ends": _at(export.expires_at), "url": url}
    _send(MADE, export, context, key=f"{MADE}:{export.pk}", to=export.owner)


def _at(instant):
    """An instant in words, with the hospital's zone."""
    hospital = Hospital.current()
    moment = when.moment(instant, hospital.zone, timezone.now())
    return _("%(time)s (%(zone)s)") % {"time": moment, "zone": hospital.time_zone}


def _send(kind, about, context, **recipient):
    template = f"records/mail/{kind.replace('.', '_')}"
    outbox.put(kind=kind, template=template, about=about, context=context, **recipient)


def is_still_true(message):
    """Asked by the outbox when a message goes out: is it still this person's record?"""
    account = message.recipient
    if account is None or not account.is_active:
        return False
    encounter = Encounter.objects.signed().filter(pk=message.about_id).select_related("patient").first()
    return encounter is not None and family.is_party(account, encounter.patient, reading=True)


def is_questioned(message):
    """Does the verdict still stand that a message to a doctor tells of?"""
    return BreakGlass.objects.filter(pk=message.about_id, verdict=message.key.rpartition(":")[2]).exists()


def is_in_force(message):
    """Does the grant that a message tells of still open anything, now or later?"""
    return any(not grant.is_over for grant in ClinicalGrant.objects.filter(pk=message.about_id))


def is_newest_report(message):
    """Does the version that a message tells of still stand, and is it still this doctor's?"""
    newest = MonthlyReport.objects.newest().filter(pk=message.about_id, doctor__user=message.recipient_id)
    return newest.filter(doctor__user__is_active=True).exists()


def is_on_offer(message):
    """Can the file still be fetched that a message tells of?"""
    offered = Export.objects.filter(pk=message.about_id, state=Export.State.READY, expires_at__gt=timezone.now())
    return offered.filter(owner__is_active=True).exists()


def register():
    """For AppConfig.ready()."""
    records = {"group": MessageGroup.RECORDS}
    outbox.register(READY, is_still_true, title=gettext_lazy("The record of a visit is ready"), **records)
    outbox.register(AMENDED, is_still_true, title=gettext_lazy("The record of a visit was corrected"), **records)
    outbox.register(OPENED, title=gettext_lazy("Your record was opened in an emergency"))
    outbox.register(QUESTIONED, is_questioned, title=gettext_lazy("A question about opening a record"), **records)
    outbox.register(GRANTED, is_in_force, title=gettext_lazy("Records are open to you"), **records)
    outbox.register(REVOKED, title=gettext_lazy("Records are closed to you again"), **records)
    reports = {"group": MessageGroup.REPORTS}
    outbox.register(REPORT, is_newest_report, title=gettext_lazy("A monthly report is ready"), **reports)
    outbox.register(MONTH, title=gettext_lazy("All reports of a month are ready"), **reports)
    outbox.register(MADE, is_on_offer, title=gettext_lazy("A file that you asked for is ready"), **reports)
