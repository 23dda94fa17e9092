"""Makes a small world for tests from outside, and prints it."""

import json

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from hms.acceptance import seed


class Command(BaseCommand):
    help = (
        "Make two patients, two doctors, reception and an administrator with visits and records, every free text "
        "with a word of its own, and print ids, sign-ins and words as JSON. Each call makes a new set beside what is "
        "there. Refused in production."
    )

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="print JSON (the default, and the only form)")

    def handle(self, *args, **options):
        if settings.PRODUCTION:
            raise CommandError("Made-up people are for testing: this is a production installation.")
        self.stdout.write(json.dumps(seed(), indent=2, ensure_ascii=False))
