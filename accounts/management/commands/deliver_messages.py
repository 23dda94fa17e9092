"""Delivers the outbox once: what beat and the workers do every minute."""

from django.core.management import BaseCommand

from accounts.models import Message, MessageState
from accounts.services import delivery


class Command(BaseCommand):
    help = "Send every message that is due, and say what became of them."

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="say how many are due, and send none")

    def handle(self, *args, dry_run, **options):
        if dry_run:
            self.stdout.write(f"Due: {delivery.waiting()}")
            return
        done = delivery.sweep()
        for state, count in sorted(done.items()):
            self.stdout.write(f"{MessageState(state).label}: {count}")
        if not done:
            self.stdout.write("Nothing was due.")
        if waiting := Message.objects.undelivered().count():
            self.stdout.write(f"On the list for a person to look at: {waiting}")
