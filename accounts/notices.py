"""What accounts tells people. The wording stands in templates/accounts/mail/."""

import uuid
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import audit, outbox
from accounts.models import Invitation


def invited(invitation, token):
    """The link by which an invited person chooses a password. Each link is a message of its own."""
    outbox.put(
        kind="account.invitation",
        key=f"invitation:{invitation.token_hash[:40]}",
        to=invitation.user,
        about=invitation,
        template="accounts/mail/invitation",
        context={
            "invitation": invitation,
            "person": invitation.user,
            "inviter": invitation.invited_by,
            "link": outbox.absolute(reverse("accounts:invitation-accept", args=[token])),
        },
        secret=True,
    )


def is_invitation_open(message):
    """Whether an invitation's link still opens anything: not revoked, accepted, expired or replaced since."""
    opened = Invitation.objects.open().filter(pk=message.about_id).first()
    return opened is not None and message.key == f"invitation:{opened.token_hash[:40]}"


SAME_WORDS = {"password_reset": "password_changed", "password_set": "password_changed"}
WITH_LINK = {"email_confirmation", "email_confirmation_signup", "password_reset_key"}


def from_sign_in(name, address, context):
    """A mail that allauth asks for, by the name of its template. Each one asked for is a message of its own."""
    name = SAME_WORDS.get(name, name)
    user = context.get("user")
    links = {
        "signup_url": outbox.absolute(reverse("account_signup")),
        "password_reset_url": outbox.absolute(reverse("account_reset_password")),
    }
    if name == "password_reset_key":
        links["password_reset_url"] = context["password_reset_url"]
    outbox.put(
        kind=f"account.{name}",
        key=f"account.{name}:{uuid.uuid4().hex}",
        to=user,
        address=address,
        about=EmailAddress.objects.filter(user=user, email=address).first(),  # asked for strangers too: it takes time
        template=f"accounts/mail/{name}",
        context={key: value for key, value in context.items() if key != "request"} | links,
        secret=name in WITH_LINK,
        link=reverse("accounts:security"),
    )


SECURITY = {
    "account.app_added": _("An authenticator app was added to your account."),
    "account.app_removed": _("The authenticator app was removed from your account."),
    "account.passkey_added": _("A passkey was added to your account."),
    "account.passkey_removed": _("A passkey was removed from your account."),
    "account.recovery_codes_made": _("New recovery codes were made for your account. The ones before are void."),
    "account.recovery_code_used": _("A recovery code was used for your account."),
    "account.second_factor_failed": _(
        "Somebody typed your password, and then wrong codes so often that no more are looked at for a few minutes. "
        "If it was not you, your password is known to somebody else: choose a new one now."
    ),
    "account.second_factor_reset": _(
        "An administrator of the hospital has taken the second factor off your account, and you were signed out "
        "everywhere. Sign in with your password and set it up again."
    ),
}


def security_changed(user, what, *, left=None):
    """Tells somebody what happened to the second factor of the account. `what` is the audit trail's word for it."""
    outbox.put(
        kind=what,
        key=f"{what}:{uuid.uuid4().hex}",
        to=user,
        template="accounts/mail/security",
        context={
            "person": user,
            "sentence": SECURITY[what],
            "left": left,
            "at": timezone.now(),
            "from_address": audit.address.get(),
            "security_url": outbox.absolute(reverse("accounts:security")),
            "password_reset_url": outbox.absolute(reverse("account_reset_password")),
        },
        link=reverse("accounts:security"),
    )


def is_confirmation_wanted(message):
    """Whether an address still waits to be confirmed, and the link still works."""
    age = timezone.now() - message.created_at
    waiting = EmailAddress.objects.filter(pk=message.about_id, verified=False)
    return age < timedelta(days=settings.ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS) and waiting.exists()


def is_reset_link_young(message):
    """Whether the link in a reset mail would still work when it arrives."""
    return timezone.now() - message.created_at < timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)


def account_closed(user):
    """The last mail to somebody who leaves. Once it is out, the address in it is forgotten too."""
    outbox.put(
        kind=outbox.LAST,
        key=f"{outbox.LAST}:{user.pk}",
        address=user.email,
        about=user,
        template="accounts/mail/account_closed",
        context={"person": {"name": user.name}, "signup_url": outbox.absolute(reverse("account_signup"))},
    )


TITLES = {
    "account.app_added": _("An authenticator app was added"),
    "account.app_removed": _("The authenticator app was removed"),
    "account.passkey_added": _("A passkey was added"),
    "account.passkey_removed": _("A passkey was removed"),
    "account.recovery_codes_made": _("New recovery codes"),
    "account.recovery_code_used": _("A recovery code was used"),
    "account.second_factor_failed": _("Too many wrong codes at sign-in"),
    "account.second_factor_reset": _("The second factor was taken off"),
    "account.password_changed": _("The password was changed"),
    "account.email_changed": _("The e-mail address was changed"),
    outbox.LAST: _("The account was closed"),
}
# What anybody can set off by typing an address on a page for everybody.
BY_STRANGERS = {
    "account.account_already_exists": _("Registered again with a known address"),
    "account.unknown_account": _("Password asked for with an unknown address"),
    "account.password_reset_invited": _("Password asked for before the invitation was accepted"),
}


def register():
    """For AppConfig.ready(). All of it is account safety."""
    for kind, title in TITLES.items():
        outbox.register(kind, title=title)
    for kind, title in BY_STRANGERS.items():
        outbox.register(kind, title=title, inbox=False)
    outbox.register("message_text.test", title=_("A message text, mailed as a test"), inbox=False)
    outbox.register("account.invitation", is_invitation_open, title=_("Invitation"))
    outbox.register("account.password_reset_key", is_reset_link_young, title=_("Link for a new password"))
    for kind in ("account.email_confirmation", "account.email_confirmation_signup"):
        outbox.register(kind, is_confirmation_wanted, title=_("Confirm the e-mail address"))
