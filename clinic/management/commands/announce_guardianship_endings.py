"""Tells guardians a month ahead that their guardianship ends: what beat and the workers do every hour."""

from django.core.management import BaseCommand

from clinic import services


class Command(BaseCommand):
    help = "Tell guardians whose guardianship ends within 30 days, once each, in the hospital's daytime."

    def handle(self, **options):
        self.stdout.write(f"Told: {services.announce_endings()}")
