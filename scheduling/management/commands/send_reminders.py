"""Writes the reminders that are due: what beat and the workers do every five minutes."""

from django.core.management import BaseCommand

from accounts import jobs
from scheduling import services


class Command(BaseCommand):
    help = "Write the reminders that are due by the hospital's clock, each once. The outbox sends them."

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="say which visits are due, and write nothing")

    def handle(self, *, dry_run, **options):
        if not dry_run:
            self.stdout.write(jobs.in_words(services.send_reminders()))
            return
        for line in services.reminders_due():
            self.stdout.write(line)
        self.stdout.write(jobs.in_words(services.rehearse_reminders()))
