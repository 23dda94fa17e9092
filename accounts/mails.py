"""The messages of accounts that the hospital may reword. As delivered they stand in templates/accounts/mail/."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import outbox
from accounts.wordings import Placeholder, Wording, declare

GROUP = _("Accounts and signing in")
ADA = {"name": "Mara Jansen", "get_role_display": _("Doctor")}

PERSON = Placeholder("person", "{{ person.name }}", _("Name of who gets the message"))
USER = Placeholder("person", "{{ user.name }}", _("Name of who gets the message"))
RESET = Placeholder("link", "{{ password_reset_url }}", _("Where one chooses a new password"), required=True, link=True)
CONFIRM = Placeholder("link", "{{ activate_url }}", _("Confirms the address"), required=True, link=True)
SIGN_UP = Placeholder("link", "{{ signup_url }}", _("Where one registers"), link=True)


def link(name, *arguments):
    """An address of this site, for an example."""
    return outbox.absolute(reverse(name, args=arguments))


def sign_in_example():
    """What mails that allauth asks for know."""
    return {
        "user": ADA,
        "activate_url": link("account_confirm_email", "example"),
        "password_reset_url": link("account_reset_password"),
        "signup_url": link("account_signup"),
        "from_email": "old@example.org",
        "to_email": "new@example.org",
    }


def invitation_example():
    expires = timezone.now() + timedelta(days=7)
    invited = link("accounts:invitation-accept", "example")
    return {"person": ADA, "inviter": {"name": "Alma Head"}, "invitation": {"expires_at": expires}, "link": invited}


def security_example():
    return {
        "person": ADA,
        "sentence": _("A recovery code was used for your account."),
        "left": 7,
        "at": timezone.now(),
        "from_address": "192.0.2.7",
        "security_url": link("accounts:security"),
        "password_reset_url": link("account_reset_password"),
    }


def closed_example():
    return {"person": ADA, "signup_url": link("account_signup")}


INVITATION = (
    PERSON,
    Placeholder("role", "{{ person.get_role_display }}", _("The role of the account")),
    Placeholder(
        "inviter",
        "{% if inviter %}{{ inviter.name }}{% else %}{{ hospital.name|default:'HMS' }}{% endif %}",
        _("Who invites; the hospital where it is nobody"),
    ),
    Placeholder("link", "{{ link }}", _("Where one chooses the password"), required=True, link=True),
    Placeholder("until", '{{ invitation.expires_at|date:"DATETIME_FORMAT" }}', _("Until when the link works")),
)
CHANGED = (
    USER,
    Placeholder("old_address", "{{ from_email }}", _("The address that no longer signs in")),
    Placeholder("new_address", "{{ to_email }}", _("The address that signs in from now on"), required=True),
)
SECURITY = (
    PERSON,
    Placeholder("what", "{{ sentence }}", _("What has happened, in a sentence"), required=True),
    Placeholder(
        "codes_left",
        "{% if left is not None %}{% blocktranslate count left=left %}{{ left }} code is left."
        "{% plural %}{{ left }} codes are left.{% endblocktranslate %}{% endif %}",
        _("How many recovery codes are left, in a sentence; empty where it is not about them"),
    ),
    Placeholder("when", "{{ at|when }}", _("When it happened")),
    Placeholder("address", "{{ from_address|default:'' }}", _("Network address it was done from; may be empty")),
    Placeholder("security_link", "{{ security_url }}", _("Where one sees how one signs in"), link=True),
    RESET,
)

# name, title, placeholders, example
MAILS = (
    ("invitation", _("Invitation of a doctor or member of staff"), INVITATION, invitation_example),
    ("email_confirmation_signup", _("Confirm the address: after registering"), (USER, CONFIRM), sign_in_example),
    ("email_confirmation", _("Confirm the address: after changing it"), (USER, CONFIRM), sign_in_example),
    ("email_changed", _("The address was changed"), CHANGED, sign_in_example),
    ("password_reset_key", _("Choose a new password"), (USER, RESET), sign_in_example),
    ("password_reset_invited", _("New password asked for before the first one"), (USER,), sign_in_example),
    ("password_changed", _("The password was changed"), (USER, RESET), sign_in_example),
    ("account_already_exists", _("Registered with a known address"), (RESET,), sign_in_example),
    ("unknown_account", _("New password for an unknown address"), (SIGN_UP,), sign_in_example),
    ("security", _("A second factor was changed or used"), SECURITY, security_example),
    ("account_closed", _("The account is closed"), (PERSON, SIGN_UP), closed_example),
)


def register():
    """For AppConfig.ready()."""
    for name, title, own, example in MAILS:
        declare(Wording(f"accounts.{name}", f"accounts/mail/{name}", GROUP, title, own, example))
