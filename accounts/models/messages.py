"""What people are to be told: the outbox, and the inbox of everybody who has an account."""

from django.db import models
from django.db.models import Case, Q, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import reached
from accounts.models.people import Role, User


class MessageState(models.TextChoices):
    """Where a message is on its way out."""

    DUE = "due", _("Due")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed, will be tried again")
    IN_DOUBT = "in_doubt", _("In doubt")
    GIVEN_UP = "given_up", _("Given up")
    NOT_SENDABLE = "not_sendable", _("Not sendable")
    OBSOLETE = "obsolete", _("No longer true, not sent")
    NO_CONSENT = "no_consent", _("No consent, not sent")
    CLOSED = "closed", _("Dealt with by a person")


class Channel(models.TextChoices):
    """How a message travels. What is in the inbox is read here and travels nowhere."""

    EMAIL = "email", _("E-mail")
    SMS = "sms", _("SMS")
    CHAT = "chat", _("Chat")
    INBOX = "inbox", _("Inbox")


NOT_DELIVERED = (MessageState.IN_DOUBT, MessageState.GIVEN_UP, MessageState.NOT_SENDABLE)
SHORT = (Channel.SMS, Channel.CHAT)  # a sentence and a link; nobody is woken by them


class MessageQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Administrators and reception work the list of what could not be delivered."""
        return self if getattr(user, "role", None) in {Role.ADMIN, Role.RECEPTION} else self.none()

    def addressed_to(self, user):
        """What stands in this person's inbox by now, newest first. Nobody else's, whatever the role."""
        if not getattr(user, "pk", None):
            return self.none()
        return self.filter(recipient=user, channel=Channel.INBOX, state=MessageState.SENT)

    def outgoing(self):
        """What leaves the house: everything but what is read in the inbox, where only its owner sees it."""
        return self.exclude(channel=Channel.INBOX)

    def unread(self):
        return self.filter(read_at=None)

    def unread_first(self):
        return self.order_by(Case(When(read_at=None, then=0), default=1), "-created_at", "-pk")

    def due(self, now):
        """Rows to send now: never tried, or failed and due for another try."""
        return self.filter(state__in=[MessageState.DUE, MessageState.FAILED], next_try_at__lte=now)

    def stuck(self, before):
        """Claimed, and nothing heard since `before`: the sender died between claim and mark."""
        return self.filter(state=MessageState.SENDING, claimed_at__lt=before)

    def undelivered(self):
        """What a person has to look at: what did not get through, and was not told by telephone either."""
        return self.filter(state__in=NOT_DELIVERED).exclude(reached.condition())

    def with_calls(self):
        """Each with told_at, told_by and told_note, where somebody told its person by telephone."""
        return self.annotate(**reached.columns())

    def dealt_with(self):
        """What a person has closed, or told by telephone."""
        return self.filter(Q(state=MessageState.CLOSED) | Q(state__in=NOT_DELIVERED) & reached.condition())

    def narrowed(self, q="", state="", channel="", kind=""):
        """Those that a search on the list of messages asks for; what a person has to look at when no state is named."""
        found = self
        for word in q.split():
            found = found.filter(
                Q(recipient_name__icontains=word) | Q(address__icontains=word) | Q(subject__icontains=word)
            )
        if channel:
            found = found.filter(channel=channel)
        if kind:
            found = found.filter(kind=kind)
        if not state:
            return found.undelivered()
        if state == MessageState.CLOSED:
            return found.dealt_with()
        return found if state == "all" else found.filter(state=state)


class Outgoing(models.Manager):
    """What leaves the house: everything but what is read in the inbox."""

    def get_queryset(self):
        return super().get_queryset().outgoing()


class Message(models.Model):
    """The outbox: one row per message and channel, written in the transaction of its cause, delivered afterwards.

    `key` and `channel` make it once: the key names cause, recipient and version. `about_type` and `about_id` name what
    it is about, so that its truth can be checked again at the moment of sending. `patient_id` is whom it concerns, for
    consents that were given on paper without an account. A secret message (a link that signs somebody in) loses its
    text once sent, and goes by e-mail alone. `link` is the path of the page it leads to.

    `Message.objects` is what leaves the house; `Message.everything` also what stands in people's inboxes.
    """

    key = models.CharField(max_length=200)
    kind = models.CharField(_("kind"), max_length=60)
    channel = models.CharField(_("channel"), max_length=12, choices=Channel, default=Channel.EMAIL)
    recipient = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="messages_sent")
    recipient_name = models.CharField(_("to"), max_length=200, blank=True)
    address = models.CharField(_("address"), max_length=254, blank=True)
    patient_id = models.BigIntegerField(null=True, blank=True, editable=False)
    about_type = models.CharField(max_length=60, blank=True)
    about_id = models.BigIntegerField(null=True, blank=True)
    subject = models.CharField(_("subject"), max_length=300)
    text = models.TextField(_("text"), blank=True)
    html = models.TextField(blank=True)
    link = models.CharField(max_length=300, blank=True)
    attachments = models.JSONField(default=list, blank=True)
    secret = models.BooleanField(default=False)
    state = models.CharField(_("state"), max_length=12, choices=MessageState, default=MessageState.DUE)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    created_at = models.DateTimeField(_("written"), default=timezone.now)
    next_try_at = models.DateTimeField(_("next try"), default=timezone.now)
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    read_at = models.DateTimeField(_("read"), null=True, blank=True)
    answer = models.CharField(_("answer"), max_length=500, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)

    everything = MessageQuerySet.as_manager()  # the first one: what Django itself, backups and copies see
    objects = Outgoing.from_queryset(MessageQuerySet)()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["-created_at", "-pk"]
        default_permissions = ("view", "change")
        constraints = [
            models.UniqueConstraint(fields=["key", "channel"], name="message_once_per_channel"),
            models.CheckConstraint(condition=Q(state__in=MessageState.values), name="message_state_known"),
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="message_channel_known"),
            models.CheckConstraint(condition=~Q(secret=True, channel="inbox"), name="message_secret_in_no_inbox"),
        ]
        indexes = [
            models.Index(fields=["state", "next_try_at"], name="message_state_next_try"),
            models.Index(fields=["about_type", "about_id"], name="message_about"),
            models.Index(fields=["recipient", "-created_at"], name="message_inbox", condition=Q(channel="inbox")),
            models.Index(
                fields=["recipient"],
                name="message_unread",
                condition=Q(channel="inbox", state="sent", read_at__isnull=True),
            ),
        ]

    def __str__(self):
        return f"{self.get_channel_display()} to {self.recipient_name or self.address}"
