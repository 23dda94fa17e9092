"""Seals the audit trail once: what beat and the workers do every minute."""

from django.core.management import BaseCommand

from accounts.services import sealing


class Command(BaseCommand):
    help = "Seal the audit rows that were written since the last time."

    def handle(self, *args, **options):
        self.stdout.write(f"Sealed: {sealing.seal()}")
