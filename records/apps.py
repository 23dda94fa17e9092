from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

# What the audit trail calls what happens here.
ACTIONS = {
    "chart.opened": _("Record opened"),
    "medicines.opened": _("Current medicines looked at"),
    "visits.opened": _("Visits with treatments opened"),
    "encounter.opened": _("Record of a visit opened"),
    "encounter.drafted": _("Record of a visit drafted"),
    "encounter.signed": _("Record of a visit signed"),
    "encounter.amended": _("Record of a visit amended"),
    "history.opened": _("Medical history opened"),
    "history.saved": _("Medical history written"),
    "history.reviewed": _("Medical history reviewed"),
    "allergy.recorded": _("Allergy recorded"),
    "allergy.corrected": _("Allergy corrected"),
    "allergy.ended": _("Allergy ended"),
    "prescription.stopped": _("Medicine stopped"),
    "export.requested": _("Download asked for"),
    "export.made": _("Download made"),
    "export.downloaded": _("Downloaded"),
    "export.retried": _("Download tried again"),
    "export.cancelled": _("Download cancelled"),
    "export.listed": _("Diagnoses taken along in a list"),
    "copy.cancelled": _("Copy of all data cancelled"),
    "copy.requested": _("Copy of all data asked for"),
    "copy.made": _("Copy of all data made"),
    "copy.downloaded": _("Copy of all data downloaded"),
    "import.completed": _("Data taken over"),
    "break_glass.opened": _("Record opened by break-glass"),
    "break_glass.ended": _("Break-glass ended early"),
    "break_glass.refused": _("Break-glass: no such patient"),
    "break_glass.throttled": _("Break-glass: too many tries"),
    "break_glass.not_needed": _("Break-glass: was not needed"),
    "break_glass.reviewed": _("Break-glass reviewed"),
    "grant.asked": _("Clinical grant asked for"),
    "grant.confirmed": _("Clinical grant confirmed"),
    "grant.revoked": _("Clinical grant taken back"),
    "report.made": _("Monthly report made"),
    "report.downloaded": _("Monthly report downloaded"),
}


class RecordsConfig(AppConfig):
    """What happened: encounters, diagnoses, vitals, allergies, prescriptions, exports, reports."""

    name = "records"
    verbose_name = "Records"

    def ready(self):
        from accounts import audit, trail
        from accounts import services as accounts
        from records import handing, joining, mails, notices, services

        handing.register()
        joining.register()
        mails.register()
        notices.register()
        self.register_jobs()
        trail.lead(
            {
                "records.encounter": ("records:encounter-detail", "records.read_chart"),
                "records.breakglass": ("records:break-glass-review", "records.review_breakglass"),
                "records.clinicalgrant": ("records:grant-detail", "records.view_clinicalgrant"),
                "records.monthlyreport": ("records:report-detail", "records.view_monthlyreport"),
            }
        )
        accounts.on_close.append(services.forget_exports)
        audit.name_actions(ACTIONS)

    def register_jobs(self):
        """What beat starts here; each also has a command."""
        from accounts import jobs
        from records.services import exports, reports, tallying

        jobs.register(
            jobs.Job(
                task="records.tasks.sweep_exports",
                title=_("Make files that people wait for, remove expired ones"),
                command="run_exports",
                does=exports.sweep,
                would=exports.waiting,
            ),
            jobs.Job(
                task="records.tasks.make_reports",
                title=_("Make the monthly reports that are due"),
                command="make_reports",
                does=reports.make_due_reports,
                would=lambda: len(reports.due_reports()),
            ),
            jobs.Job(
                task="records.tasks.check_reports",
                title=_("Look for past months whose figures changed"),
                command="check_reports",
                does=reports.check_reports,
                would=lambda: reports.reports_to_check().count(),
                done=ngettext_lazy("%(n)d report checked", "%(n)d reports checked", "n"),
            ),
            jobs.Job(
                task="records.tasks.settle_tallies",
                title=_("Count again the days whose visits have changed"),
                command="settle_tallies",
                does=tallying.settle,
                would=tallying.unsettled,
                done=ngettext_lazy("%(n)d change counted", "%(n)d changes counted", "n"),
            ),
        )
