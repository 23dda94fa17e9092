"""Takes over a Synthea CSV export."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from clinic.services import find_duplicates
from records.synthea.reading import ImportRefused
from records.synthea.run import import_export
from records.synthea.sign_ins import give_sign_ins


class Command(BaseCommand):
    help = (
        "Take over a Synthea CSV export: patients, doctors with their specialities as departments, past encounters "
        "with diagnoses, prescriptions, measurements and allergies. Everything or nothing; a second run adds what is "
        "new and changes nothing else."
    )

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, help="the folder with patients.csv, encounters.csv and the others")
        parser.add_argument(
            "--accounts",
            action="store_true",
            help="give its people sign-ins and its doctors working hours; refused where there is no demo",
        )
        parser.add_argument("--dry-run", action="store_true", help="tell what would happen, keep nothing")
        parser.add_argument(
            "--skip-bad-rows", action="store_true", help="leave out rows that are wrong instead of refusing the import"
        )

    def handle(self, *args, folder, accounts, dry_run, skip_bad_rows, **options):
        if accounts and not settings.DEMO:
            raise CommandError("--accounts is for trying out: this installation is not one for demonstration.")
        try:
            report, counts = import_export(folder, say=self.say, skip_bad_rows=skip_bad_rows, rehearse=dry_run)
        except ImportRefused as refused:
            raise CommandError(f"Nothing was imported.\n{refused}") from refused
        if not dry_run and (pairs := find_duplicates()):
            self.say(f"Possibly registered twice: {pairs} new pairs, listed under Duplicates.")
        self.tell(report, counts)
        if accounts and not dry_run:
            give_sign_ins(say=self.say)

    def say(self, line):
        self.stdout.write(line)
        self.stdout.flush()

    def tell(self, report, counts):
        for line in report.problems:
            self.say(f"left out: {line}")
        for line in report.notes:
            self.say(line)
        if not report.new:
            self.say("Nothing is new: this export is in the database already.")
        self.say("From Synthea there are now " + ", ".join(f"{count} {what}" for what, count in counts.items()) + ".")
