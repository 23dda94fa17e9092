"""Stands in for Django's command of this name, which would make an account without role, group and audit row."""

from django.core.management import BaseCommand, CommandError


class Command(BaseCommand):
    help = "HMS has no superusers: create_admin makes an administrator."

    def add_arguments(self, parser):
        parser.add_argument("anything", nargs="*")
        parser.add_argument("--email", "--username", "--name", "--database")
        parser.add_argument("--no-input", "--noinput", action="store_true")

    def handle(self, *args, **options):
        raise CommandError("HMS has no superusers. `manage.py create_admin` makes an administrator.")
