"""Which messages somebody gets by which channel, when, and in which language."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.messages import Channel
from accounts.models.people import Role, User


class MessageGroup(models.TextChoices):
    """Kinds of messages in the words of those who get them. What somebody chooses, they choose per group."""

    BOOKINGS = "bookings", _("Bookings")
    REMINDERS = "reminders", _("Reminders")
    RECORDS = "records", _("Results and records")
    REPORTS = "reports", _("Reports and exports")
    SAFETY = "safety", _("Account safety")


# What somebody gets who has chosen nothing. (An SMS reminder also needs their consent.)
BY_DEFAULT = dict.fromkeys(MessageGroup, (Channel.EMAIL,)) | {MessageGroup.REMINDERS: (Channel.EMAIL, Channel.SMS)}


class MessagePreferenceQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own; administrators look at all of them, to help."""
        if getattr(user, "role", None) == Role.ADMIN:
            return self
        return self.filter(user=user) if getattr(user, "pk", None) else self.none()


class MessagePreference(models.Model):
    """What one person has chosen; no row is every default. `chosen` is {group: [channels]}; the inbox is always there.

    Quiet hours are wall-clock in the hospital's zone, and may reach over midnight.
    """

    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="message_preference")
    chosen = models.JSONField(default=dict, blank=True)
    chat_address = models.CharField(_("address in the chat"), max_length=254, blank=True)
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)
    language = models.CharField(_("language"), max_length=12, blank=True)
    changed_at = models.DateTimeField(_("changed"), default=timezone.now)

    objects = MessagePreferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("message preference")
        verbose_name_plural = _("message preferences")
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False) & ~Q(quiet_from=F("quiet_until")),
                name="message_preference_quiet_pair",
            ),
        ]

    def __str__(self):
        return str(self.user)

    def channels(self, group):
        """The channels by which messages of a group leave the house for this person, e-mail first."""
        wanted = self.chosen.get(group, BY_DEFAULT[MessageGroup(group)])
        if group == MessageGroup.SAFETY:
            wanted = {*wanted, Channel.EMAIL}
        return [channel for channel in Channel if channel in wanted and channel != Channel.INBOX]
