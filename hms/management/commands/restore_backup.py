from django.core.management.base import BaseCommand, CommandError

from hms import backup


class Command(BaseCommand):
    help = "Put a backup into this installation's empty database and its media folder."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("file")

    def handle(self, *, file, **options):
        try:
            manifest = backup.restore(file)
        except (backup.BackupRefused, OSError) as error:
            raise CommandError(str(error)) from error
        rows = sum(manifest["rows"].values())
        self.stdout.write(f"Restored {rows} rows and {len(manifest['media'])} files of {manifest['made_at']}.")
        self.stdout.write("Next: manage.py migrate, then manage.py seal_audit --after-restore.")
