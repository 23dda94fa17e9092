"""Seals the audit trail once: what beat and the workers do every minute."""

from django.core.management import BaseCommand

from accounts.services import sealing


class Command(BaseCommand):
    help = "Seal the audit rows that were written since the last time."

    def add_arguments(self, parser):
        parser.add_argument(
            "--after-restore",
            action="store_true",
            help="a backup was put back: take what it did not have as a gap, on record, instead of a flaw",
        )

        parser.add_argument("--dry-run", action="store_true", help="say how many wait, and seal none")

    def handle(self, *args, after_restore, dry_run, **options):
        if dry_run:
            self.stdout.write(f"Not sealed yet: {sealing.unsealed()}")
            return
        if after_restore:
            self.stdout.write(f"Sealed rows that the backup did not have: {sealing.after_restore()}")
        self.stdout.write(f"Sealed: {sealing.seal()}")
