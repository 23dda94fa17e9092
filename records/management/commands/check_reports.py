from django.core.management.base import BaseCommand, CommandError

from records import services
from records.services.reports import would_make


class Command(BaseCommand):
    help = (
        "Look whether the figures of past months have changed since their reports were made: a new version says so. "
        "Then check the checksum of every version; ends with 1 when one does not hold."
    )

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="say which have changed, and make no new version")

    def handle(self, *, dry_run, **options):
        if dry_run:
            for report in services.reports_to_check():
                self.stdout.write(f"{report.month:%Y-%m} {report.owner}: {would_make(report.owner, report.month)}")
        else:
            done = services.check_reports()
            self.stdout.write(", ".join(f"{key}: {number}" for key, number in sorted(done.items())) or "none yet")
        if broken := services.broken_reports():
            raise CommandError("Changed past the application: " + ", ".join(str(report) for report in broken))
        self.stdout.write("Every checksum holds.")
