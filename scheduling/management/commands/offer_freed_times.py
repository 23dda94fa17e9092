"""Offers freed times to the waiting list: what beat and the workers do every five minutes."""

from django.core.management import BaseCommand

from accounts import jobs
from scheduling.services import waitlist


class Command(BaseCommand):
    help = "End offers whose time is over, and offer freed times to the next on the waiting list, each to one."

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="say which times are due, and write nothing")

    def handle(self, *, dry_run, **options):
        if not dry_run:
            self.stdout.write(jobs.in_words(waitlist.offer_freed_times()))
            return
        for line in waitlist.times_to_offer():
            self.stdout.write(line)
        self.stdout.write(jobs.in_words(waitlist.rehearse_offers()))
