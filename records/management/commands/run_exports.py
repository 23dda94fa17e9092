from datetime import timedelta

from django.core.management.base import BaseCommand

from records.services import due_exports, run_due_exports


class Command(BaseCommand):
    help = "Make every file that somebody waits for, the ones left behind by a dead worker too."

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="say how many wait, and make none")

    def handle(self, *, dry_run, **options):
        if dry_run:
            self.stdout.write(f"{due_exports(patience=timedelta(0))} would be made")
            return
        made = run_due_exports(patience=timedelta(0))
        self.stdout.write(f"{made} made")
