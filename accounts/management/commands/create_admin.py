"""Makes an administrator: the first one, or another when nobody can get in."""

from django.core.management import BaseCommand, CommandError

from accounts import beginning, services
from accounts.management.prompts import PASSWORD_VARIABLE, ask, ask_password
from accounts.models import Role, User


class Command(BaseCommand):
    help = (
        "Make an administrator. The password is asked for, or taken from "
        f"{PASSWORD_VARIABLE}; with --invite the person chooses it by a mailed link; with --link a new installation is "
        "set up in the browser."
    )

    def add_arguments(self, parser):
        parser.add_argument("email", nargs="?", help="the e-mail address to sign in with")
        parser.add_argument("--name", help="the person's name")
        parser.add_argument(
            "--invite", action="store_true", help="send a link by mail instead of asking for a password"
        )

        parser.add_argument(
            "--link", action="store_true", help="print the link to the set-up pages of a new installation"
        )

    def handle(self, *args, email, name, invite, link, **options):
        if link:
            return self.print_link()
        email, name = ask(email, "E-mail address"), ask(name, "Name")
        try:
            if invite:
                user = services.invite(email=email, name=name, role=Role.ADMIN, by=None)
                self.stdout.write(f"{user.name} is invited: {user.email} gets a link that works for seven days.")
                return None
            password = ask_password()
            services.check_password(password, User(email=email, name=name))
            user = services.create_user(email=email, name=name, role=Role.ADMIN, password=password, verified=True)
        except services.AccountRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(self.style.SUCCESS(f"{user.name} is an administrator and signs in with {user.email}."))
        return None

    def print_link(self):
        if not beginning.is_open():
            raise CommandError("There is an administrator already: the set-up pages are closed.")
        self.stdout.write(f"Set the hospital up here, within a day. Whoever has the link can: {beginning.link()}")
