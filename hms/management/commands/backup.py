from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from hms import backup


class Command(BaseCommand):
    help = "Write a backup of the database and the uploaded files, and prove that it can be restored."

    def add_arguments(self, parser):
        parser.add_argument("file", nargs="?", help="Where to; by default hms-<date>-<time>.tar.gz here.")
        parser.add_argument("--no-proof", action="store_true", help="Do not restore it for a proof.")

    def handle(self, *, file, no_proof, **options):
        file = file or f"hms-{timezone.now():%Y%m%d-%H%M%S}.tar.gz"
        try:
            manifest = backup.make(file)
            if not no_proof:
                backup.prove(file)
        except (backup.BackupRefused, OSError) as error:
            raise CommandError(str(error)) from error
        proof = "not proved" if no_proof else "restored once and found whole"
        self.stdout.write(f"{file}: {sum(manifest['rows'].values())} rows, {len(manifest['media'])} files, {proof}.")
