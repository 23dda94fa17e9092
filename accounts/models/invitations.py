"""Doctors and staff who are asked to come in."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.people import Role, User
from hms.lib.search import words_in


class InvitationQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Invitations: administrators see all, nobody else any."""
        return self if getattr(user, "role", None) == Role.ADMIN else self.none()

    def open(self):
        """Those that can still be accepted."""
        return self.filter(accepted_at=None, revoked_at=None, expires_at__gt=timezone.now())

    def narrowed(self, q="", state=""):
        """Those that a search on the list of invitations asks for."""
        found = self.filter(words_in(q, "user__search"))
        match state:
            case "open":
                return found.open()
            case "expired":
                return found.filter(accepted_at=None, revoked_at=None, expires_at__lte=timezone.now())
            case "accepted":
                return found.exclude(accepted_at=None)
            case "revoked":
                return found.exclude(revoked_at=None)
        return found


class Invitation(models.Model):
    """A single-use link by which an invited person chooses a password. Only the link's hash is kept."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        EXPIRED = "expired", _("Expired")
        ACCEPTED = "accepted", _("Accepted")
        REVOKED = "revoked", _("Taken back")

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="invitations", verbose_name=_("account"))
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="invitations_sent")
    created_at = models.DateTimeField(_("invited"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires"))
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-created_at"]

    def __str__(self):
        return str(self.user)

    @property
    def state(self):
        """Where it stands at this moment."""
        if self.accepted_at:
            return self.State.ACCEPTED
        if self.revoked_at:
            return self.State.REVOKED
        return self.State.OPEN if self.expires_at > timezone.now() else self.State.EXPIRED
