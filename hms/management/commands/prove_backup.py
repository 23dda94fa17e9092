from django.core.management.base import BaseCommand, CommandError

from hms import backup


class Command(BaseCommand):
    help = "Restore a backup into a database of its own, count again, and throw that database away."

    def add_arguments(self, parser):
        parser.add_argument("file")

    def handle(self, *, file, **options):
        try:
            manifest = backup.prove(file)
        except (backup.BackupRefused, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{file} of {manifest['made_at']} can be restored: {sum(manifest['rows'].values())} rows.")
