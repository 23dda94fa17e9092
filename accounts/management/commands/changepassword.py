"""Stands in for Django's command of this name: the change is on record, and weak passwords are refused."""

from django.core.management import BaseCommand, CommandError

from accounts import services
from accounts.management.prompts import PASSWORD_VARIABLE, ask_password
from accounts.models import User


class Command(BaseCommand):
    help = f"Give an account a new password, asked for or taken from {PASSWORD_VARIABLE}. Ends its sessions."

    def add_arguments(self, parser):
        parser.add_argument("email", help="the account's e-mail address")

    def handle(self, *args, email, **options):
        user = User.objects.filter(email=services.normalised(email)).first()
        if user is None:
            raise CommandError("There is no account with this e-mail address.")
        password = ask_password()
        try:
            services.check_password(password, user)
        except services.AccountRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        services.change_password(user, password=password, by=None, how="command")
        self.stdout.write(f"{user.name} has a new password.")
