from django.core.management.base import BaseCommand

from clinic.services import find_duplicates


class Command(BaseCommand):
    help = "Note pairs of patients who may be one person, for administrators to decide. A second run finds none."

    def handle(self, **options):
        self.stdout.write(f"{find_duplicates()} new pairs")
