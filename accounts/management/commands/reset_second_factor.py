"""Takes a lost second factor off an account: for the last administrator, whom no other can help."""

from django.core.management import BaseCommand, CommandError

from accounts import services
from accounts.models import User
from accounts.services import second_factor


class Command(BaseCommand):
    help = (
        "Take the second factor (app, passkeys, recovery codes) off an account and sign it out everywhere. Its owner "
        "is told by mail. Between administrators it is done on the page of the account."
    )

    def add_arguments(self, parser):
        parser.add_argument("email", help="the e-mail address of the account")
        parser.add_argument("--reason", default="Reset at the server", help="why, for the audit trail")

    def handle(self, *args, email, reason, **options):
        user = User.objects.filter(email=services.normalised(email)).first()
        if user is None:
            raise CommandError(f"There is no account with the address {email}.")
        try:
            second_factor.reset(user, reason=reason, by=None)
        except services.AccountRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(self.style.SUCCESS(f"{user.name} signs in with the password alone and sets it up again."))
