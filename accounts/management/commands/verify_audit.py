"""Proves the audit trail: exit code 0 when it is whole, 1 when it is not."""

import sys

from django.core.management import BaseCommand

from accounts.services import sealing


class Command(BaseCommand):
    help = "Seal what is unsealed, then prove that no audit row was changed, removed or put between. Exit code 0 or 1."

    def handle(self, *args, **options):
        report = sealing.prove()
        self.stdout.write(f"Sealed rows: {report.sealed}. Not sealed yet: {report.unsealed}.")
        if report.broken:
            self.stderr.write(self.style.ERROR(report.broken))
            sys.exit(1)
        self.stdout.write(self.style.SUCCESS("The audit trail is whole."))
