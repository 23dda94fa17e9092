"""Fills a database with very many made-up visits."""

import time

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from hms.load import generate, has_people_of_its_own


def positive(text):
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


class Command(BaseCommand):
    help = (
        "Write made-up visits by the thousand or the million, with doctors, patients, events, records and who treats "
        "whom, to see how HMS bears them. They cannot be removed again: use a database that may be thrown away."
    )

    def add_arguments(self, parser):
        parser.add_argument("--appointments", type=positive, required=True, help="how many visits")
        parser.add_argument("--seed", type=int, default=1, help="another number, other people and times (1)")
        parser.add_argument(
            "--yes-this-is-not-production",
            action="store_true",
            help="do it although PUBLIC_URL is a public address and people are registered here",
        )

    def handle(self, *, appointments, seed, yes_this_is_not_production, **options):
        if settings.PRODUCTION and has_people_of_its_own() and not yes_this_is_not_production:
            raise CommandError(
                "People are registered in this installation, and made-up visits cannot be removed again. "
                "If it may be thrown away: --yes-this-is-not-production"
            )
        begun = time.monotonic()
        made = generate(appointments, seed=seed, say=self.say)
        counted = ", ".join(f"{number:,} {what}" for what, number in made.items())
        self.say(f"{counted} in {time.monotonic() - begun:.0f} s")

    def say(self, line):
        self.stdout.write(line)
        self.stdout.flush()
