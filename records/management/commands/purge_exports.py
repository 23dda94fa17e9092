from django.core.management.base import BaseCommand

from records.services import expired_exports, purge_exports


class Command(BaseCommand):
    help = "Remove exported files that have expired, and what broken runs left behind."

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="say how many have expired, and remove none")

    def handle(self, *, dry_run, **options):
        if dry_run:
            self.stdout.write(f"{expired_exports()} would be removed")
            return
        removed = purge_exports()
        self.stdout.write(f"{removed} removed")
