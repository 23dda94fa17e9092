"""What accounts tells people. The wording stands in templates/accounts/mail/."""

from django.urls import reverse

from accounts import outbox
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
