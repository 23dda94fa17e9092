"""Fills an empty installation with demo data."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from hms.demo import fill


class Command(BaseCommand):
    help = (
        "Fill an empty installation with a demo hospital and list one sign-in per role in its data folder. "
        "On one that is not empty it changes nothing; refused in production."
    )

    def handle(self, *args, **options):
        if settings.PRODUCTION:
            raise CommandError("Demo data is for trying out: this is a production installation.")
        fill(say=self.stdout.write)
