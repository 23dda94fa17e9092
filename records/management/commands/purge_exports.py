from django.core.management.base import BaseCommand

from records.services import purge_exports


class Command(BaseCommand):
    help = "Remove exported files that have expired, and what broken runs left behind."

    def handle(self, **options):
        removed = purge_exports()
        self.stdout.write(f"{removed} removed")
