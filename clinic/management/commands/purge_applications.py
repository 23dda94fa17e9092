from django.core.management.base import BaseCommand

from clinic.services import purge_applications


class Command(BaseCommand):
    help = "Delete doctors' applications that were never confirmed (7 days) or were declined (180 days)."

    def handle(self, **options):
        removed = purge_applications()
        self.stdout.write(f"{removed} deleted")
