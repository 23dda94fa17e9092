"""What the hospital's messages say, where it does not leave them as they were delivered."""

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.people import Role, User
from hms.lib.appendonly import AppendOnly


class MessageTextQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The wording of messages: administrators alone."""
        return self if getattr(user, "role", None) == Role.ADMIN else self.none()

    def versions_of(self, name, channel, language):
        """Every version of one text, the newest first."""
        return self.filter(name=name, channel=channel, language=language).order_by("-number")

    def current_of(self, name, channel, language):
        """The newest version of one text, or None."""
        return self.versions_of(name, channel, language).first()

    def current(self):
        """The newest version of each text."""
        same = {field: OuterRef(field) for field in ("name", "channel", "language")}
        return self.filter(~Exists(MessageText.objects.filter(**same, number__gt=OuterRef("number"))))


class MessageText(models.Model):
    """A version of what a message says in one channel and language; the newest one counts. Never changed or deleted.

    `as_delivered` is the return to the files: then there are no words. `name` is that of a Wording; one that is not
    declared any more (or a channel, or a language) is not used, and stays readable here.
    """

    name = models.CharField(_("message"), max_length=80)
    channel = models.CharField(_("channel"), max_length=12)
    language = models.CharField(_("language"), max_length=12)
    number = models.PositiveIntegerField(_("version"))
    subject = models.CharField(_("subject"), max_length=300, blank=True)
    text = models.TextField(_("text"), max_length=10_000, blank=True)
    html = models.TextField(_("formatted text"), max_length=20_000, blank=True)
    as_delivered = models.BooleanField(_("as delivered"), default=False)
    changed_at = models.DateTimeField(_("changed"), default=timezone.now)
    changed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("changed by")
    )

    objects = MessageTextQuerySet.as_manager()

    class Meta:
        verbose_name = _("message text")
        verbose_name_plural = _("message texts")
        ordering = ["name", "channel", "language", "-number"]
        default_permissions = ("view", "change")
        constraints = [
            models.UniqueConstraint(fields=["name", "channel", "language", "number"], name="message_text_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="message_text_numbered"),
            models.CheckConstraint(
                condition=Q(as_delivered=True, subject="", text="", html="") | (Q(as_delivered=False) & ~Q(text="")),
                name="message_text_has_words",
            ),
            AppendOnly(name="message_text_append_only"),
        ]

    def __str__(self):
        return f"{self.name} ({self.channel}, {self.language}), {self.number}"

    @property
    def texts(self):
        return {"subject": self.subject, "text": self.text, "html": self.html}
