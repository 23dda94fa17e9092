from datetime import timedelta

from django.core.management.base import BaseCommand

from clinic.services import imports


class Command(BaseCommand):
    help = "Work on every import that waits, the ones left behind by a dead worker too, and remove old files."

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="say what waits, and do nothing")

    def handle(self, *, dry_run, **options):
        told = imports.waiting() if dry_run else imports.sweep(patience=timedelta(0))
        for words, count in told.items():
            self.stdout.write(f"{count} {words}")
