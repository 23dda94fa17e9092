from datetime import date

from django.core.management.base import BaseCommand, CommandError

from clinic.models import Department, Doctor
from hms.lib.converters import MonthConverter
from records import services
from records.errors import RecordRefused
from records.services.reports import there_in


class Command(BaseCommand):
    help = (
        "Make the monthly reports that are due: of months that are over, for every doctor and department. With a month "
        "make that one again, for all or for one doctor or department: a new version where figures have changed."
    )

    def add_arguments(self, parser):
        parser.add_argument("month", nargs="?", help="like 2026-10; without it, what is due")
        whose = parser.add_mutually_exclusive_group()
        whose.add_argument("--doctor", type=int, help="the id of one doctor")
        whose.add_argument("--department", type=int, help="the id of one department")
        parser.add_argument("--dry-run", action="store_true", help="say what would be made, and make nothing")

    def handle(self, *, month, doctor, department, dry_run, **options):
        if month is None and (doctor or department):
            raise CommandError("Name a month as well, like 2026-10.")
        wanted = self.wanted(month_in(month), doctor, department) if month else services.due_reports()
        if month is None and not dry_run:
            done = services.make_due_reports()
            self.stdout.write(", ".join(f"{key}: {number}" for key, number in sorted(done.items())))
            return
        for owner, of in wanted:
            self.stdout.write(f"{of:%Y-%m} {owner}: {self.one(owner, of, dry_run=dry_run)}")

    def one(self, owner, month, *, dry_run):
        """Make one report, or tell what would become of it."""
        try:
            if dry_run:
                return services.would_make(owner, month)
            report, made = services.make_report(owner, month, by=None)
        except RecordRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        return f"version {report.version} made" if made else "unchanged"

    def wanted(self, month, doctor, department):
        """[(owner, month)] of what was asked for."""
        if not (doctor or department):
            return [(owner, month) for owner in there_in(month)]
        model, pk = (Doctor, doctor) if doctor else (Department, department)
        owner = model.objects.filter(pk=pk).first()
        if owner is None:
            raise CommandError(f"There is no {model._meta.verbose_name} {pk}.")
        return [(owner, month)]


def month_in(text) -> date:
    """A month as people type it."""
    try:
        return MonthConverter().to_python(text)
    except ValueError as error:
        raise CommandError(f"{text!r} is no month. An example: 2026-10.") from error
