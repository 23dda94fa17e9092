from django.core.management.base import BaseCommand

from records import services
from records.services.tallying import unsettled


class Command(BaseCommand):
    help = "Count again the days whose visits have changed, so that dashboards need not."

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="say how much waits, and count nothing")
        parser.add_argument("--rebuild", action="store_true", help="count everything anew, whatever has changed")

    def handle(self, *, dry_run, rebuild, **options):
        if dry_run:
            self.stdout.write(f"changes to count: {unsettled()}")
        elif rebuild:
            self.stdout.write(f"days counted: {services.rebuild_tallies()}")
        else:
            self.stdout.write(f"changes counted: {services.settle_tallies()}")
