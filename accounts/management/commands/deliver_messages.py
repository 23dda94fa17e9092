"""Delivers the outbox once: what beat and the workers do every minute."""

from django.core.management import BaseCommand

from accounts.models import Message, MessageState
from accounts.services import delivery


class Command(BaseCommand):
    help = "Send every message that is due, and say what became of them."

    def handle(self, *args, **options):
        done = delivery.sweep()
        for state, count in sorted(done.items()):
            self.stdout.write(f"{MessageState(state).label}: {count}")
        if not done:
            self.stdout.write("Nothing was due.")
        if waiting := Message.objects.undelivered().count():
            self.stdout.write(f"On the list for a person to look at: {waiting}")
