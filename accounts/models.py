"""Who may act, what they did, and what they are to be told."""

from datetime import datetime, time, timedelta

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from hms.lib.search import SearchField, words_in


def beginning_of(day):
    """The instant a day begins in the current zone: the hospital's, while a request lasts."""
    return timezone.make_aware(datetime.combine(day, time.min))


def as_words(value):
    """A plain value of an audit detail as text."""
    return ", ".join(str(one) for one in value) if isinstance(value, list) else str(value)


class Role(models.TextChoices):
    """What a person is here. One account, one role; it decides which rows the person sees."""

    PATIENT = "patient", _("Patient")
    DOCTOR = "doctor", _("Doctor")
    RECEPTION = "reception", _("Reception")
    ADMIN = "admin", _("Administrator")


class UserQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The accounts this person may see: administrators all, everybody else their own."""
        if getattr(user, "role", None) == Role.ADMIN:
            return self
        return self.filter(pk=user.pk) if getattr(user, "pk", None) else self.none()

    def search(self, text):
        """Those whose name or address holds every word, whatever its case and accents."""
        return self.filter(words_in(text))

    def narrowed(self, q="", role="", state=""):
        """Those that a search on the list of accounts asks for."""
        found = self.search(q)
        if role:
            found = found.filter(role=role)
        without_password = Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
        match state:
            case "active":
                return found.filter(~without_password, is_active=True)
            case "invited":
                return found.filter(without_password, is_active=True)
            case "blocked":
                return found.exclude(blocked_at=None)
        return found


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):
    """Finds people by e-mail address, whatever its case. New people come from accounts.services."""

    use_in_migrations = True

    def get_by_natural_key(self, username):
        return self.get(email__iexact=username)

    def create_user(self, *args, **kwargs):
        raise NotImplementedError("Accounts are made by accounts.services.create_user.")

    def create_superuser(self, *args, **kwargs):
        raise NotImplementedError("There are no superusers here: `manage.py create_admin` makes an administrator.")


class User(AbstractBaseUser, PermissionsMixin):
    """An account. What a doctor or patient is beyond it stands in clinic.Doctor and clinic.Patient."""

    email = models.EmailField(_("e-mail address"), max_length=254, unique=True)
    name = models.CharField(_("name"), max_length=200)
    role = models.CharField(_("role"), max_length=12, choices=Role)
    is_active = models.BooleanField(_("may sign in"), default=True)
    is_staff = models.BooleanField(_("may open the administration site"), default=False)
    date_joined = models.DateTimeField(_("joined"), default=timezone.now)
    blocked_at = models.DateTimeField(_("blocked since"), null=True, blank=True)
    blocked_reason = models.CharField(_("reason for the block"), max_length=300, blank=True)
    session_epoch = models.PositiveIntegerField(
        default=0, editable=False, help_text=_("Part of every session's proof: one more ends all of them for good.")
    )
    search = SearchField()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    objects = UserManager()

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering = ["name", "pk"]
        permissions = [
            ("invite_user", "Can invite doctors and staff"),
            ("block_user", "Can block and unblock accounts"),
        ]
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_once"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="user_role_known"),
            models.CheckConstraint(
                condition=Q(blocked_at__isnull=True) | Q(is_active=False), name="user_blocked_is_inactive"
            ),
        ]
        indexes = [models.Index(fields=["role", "name"], name="user_role_name")]

    def __str__(self):
        return self.name or self.email

    def save(self, *args, update_fields=None, **kwargs):
        """What the account is found by follows its name and address, also when only these are saved."""
        if update_fields is not None and not {"name", "email"}.isdisjoint(update_fields):
            update_fields = {*update_fields, "search"}
        super().save(*args, update_fields=update_fields, **kwargs)

    def search_words(self):
        return [self.name, self.email]

    def get_full_name(self):
        return self.name

    def get_short_name(self):
        return self.name

    def _get_session_auth_hash(self, secret=None):
        """Sessions end when the password or the epoch changes. (Django calls this for its own two public methods.)"""
        proof = f"{self.password}{self.session_epoch}"
        return salted_hmac("accounts.User.session", proof, secret=secret, algorithm="sha256").hexdigest()

    @property
    def is_blocked(self):
        return self.blocked_at is not None


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
        """accepted, revoked, expired or open."""
        if self.accepted_at:
            return "accepted"
        if self.revoked_at:
            return "revoked"
        return "open" if self.expires_at > timezone.now() else "expired"


class AuditEventQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Administrators see all, doctors their own acts, patients who opened their chart (see records)."""
        match getattr(user, "role", None):
            case Role.ADMIN:
                return self
            case Role.DOCTOR:
                return self.filter(actor_id=user.pk)
        return self.none()

    def about(self, row):
        """What was done to one row."""
        return self.filter(target_type=row._meta.label_lower, target_id=row.pk)

    def narrowed(self, q="", action="", actor=None, since=None, until=None):
        """Those that a search on the audit trail asks for; days are the current zone's."""
        found = self
        for word in q.split():
            found = found.filter(Q(actor_name__icontains=word) | Q(target_label__icontains=word))
        if action:
            found = found.filter(action=action)
        if actor:
            found = found.filter(actor_id=actor)
        if since:
            found = found.filter(at__gte=beginning_of(since))
        if until:
            found = found.filter(at__lt=beginning_of(until + timedelta(days=1)))
        return found


class AuditEvent(models.Model):
    """One act of consequence: who, what, on whom, when. Append-only; no clinical content.

    People and things are kept by number and by name, without foreign keys, so that the trail outlives them.
    """

    at = models.DateTimeField(_("when"), default=timezone.now)
    action = models.CharField(_("action"), max_length=60)
    actor_id = models.BigIntegerField(_("account"), null=True, blank=True)
    actor_name = models.CharField(_("who"), max_length=200)
    actor_role = models.CharField(_("role"), max_length=12, blank=True)
    target_type = models.CharField(_("kind of thing"), max_length=60, blank=True)
    target_id = models.BigIntegerField(null=True, blank=True)
    target_label = models.CharField(_("what"), max_length=300, blank=True)
    patient_id = models.BigIntegerField(null=True, blank=True)
    detail = models.JSONField(_("detail"), default=dict, blank=True, encoder=DjangoJSONEncoder)
    address = models.GenericIPAddressField(_("from address"), null=True, blank=True)
    seal = models.CharField(max_length=64, null=True, blank=True, editable=False)
    sealed_after = models.CharField(max_length=64, null=True, blank=True, editable=False)
    seal_number = models.BigIntegerField(null=True, blank=True, unique=True, editable=False)

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit trail")
        ordering = ["-at", "-pk"]
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["-at"], name="audit_at"),
            models.Index(fields=["actor_id", "-at"], name="audit_actor_at"),
            models.Index(fields=["patient_id", "action", "-at"], name="audit_patient_action_at"),
            models.Index(fields=["target_type", "target_id"], name="audit_target"),
            models.Index(fields=["id"], name="audit_unsealed", condition=Q(seal__isnull=True)),
        ]

    def __str__(self):
        return f"{self.actor_name} {self.action} {self.target_label}".strip()

    def get_actor_role_display(self):
        return Role(self.actor_role).label if self.actor_role in Role.values else self.actor_role

    @property
    def details(self):
        """The detail as pairs of words: [("before", "Anna"), …]."""
        return [(key.replace("_", " "), as_words(value)) for key, value in sorted(self.detail.items())]


class AuditChain(models.Model):
    """The one row that sealers take turns on, and the name under which the newest seal is kept outside."""

    identity = models.CharField(max_length=32, unique=True, editable=False)

    class Meta:
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="audit_chain_only_one")]

    def __str__(self):
        return self.identity


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
    CLOSED = "closed", _("Dealt with by a person")


class Channel(models.TextChoices):
    """How a message travels."""

    EMAIL = "email", _("E-mail")


class MessageQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Administrators and reception work the list of what could not be delivered."""
        return self if getattr(user, "role", None) in {Role.ADMIN, Role.RECEPTION} else self.none()

    def due(self, now):
        """Rows to send now: never tried, or failed and due for another try."""
        return self.filter(state__in=[MessageState.DUE, MessageState.FAILED], next_try_at__lte=now)

    def stuck(self, before):
        """Claimed, and nothing heard since `before`: the sender died between claim and mark."""
        return self.filter(state=MessageState.SENDING, claimed_at__lt=before)

    def undelivered(self):
        """What a person has to look at."""
        return self.filter(state__in=[MessageState.IN_DOUBT, MessageState.GIVEN_UP, MessageState.NOT_SENDABLE])

    def narrowed(self, q="", state=""):
        """Those that a search on the list of messages asks for; what a person has to look at when no state is named."""
        found = self
        for word in q.split():
            found = found.filter(
                Q(recipient_name__icontains=word) | Q(address__icontains=word) | Q(subject__icontains=word)
            )
        if not state:
            return found.undelivered()
        return found if state == "all" else found.filter(state=state)


class Message(models.Model):
    """The outbox: one row per message, written in the transaction of its cause, delivered afterwards.

    `key` makes it once. `about_type` and `about_id` name what it is about, so that its truth can be checked again
    at the moment of sending. A secret message (a link that signs somebody in) loses its text once sent.
    """

    key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(_("kind"), max_length=60)
    channel = models.CharField(_("channel"), max_length=12, choices=Channel, default=Channel.EMAIL)
    recipient = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="messages_sent")
    recipient_name = models.CharField(_("to"), max_length=200, blank=True)
    address = models.CharField(_("address"), max_length=254, blank=True)
    about_type = models.CharField(max_length=60, blank=True)
    about_id = models.BigIntegerField(null=True, blank=True)
    subject = models.CharField(_("subject"), max_length=300)
    text = models.TextField(_("text"), blank=True)
    html = models.TextField(blank=True)
    attachments = models.JSONField(default=list, blank=True)
    secret = models.BooleanField(default=False)
    state = models.CharField(_("state"), max_length=12, choices=MessageState, default=MessageState.DUE)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    created_at = models.DateTimeField(_("written"), default=timezone.now)
    next_try_at = models.DateTimeField(_("next try"), default=timezone.now)
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    answer = models.CharField(_("answer"), max_length=500, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["-created_at", "-pk"]
        default_permissions = ("view", "change")
        constraints = [
            models.CheckConstraint(condition=Q(state__in=MessageState.values), name="message_state_known"),
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="message_channel_known"),
        ]
        indexes = [
            models.Index(fields=["state", "next_try_at"], name="message_state_next_try"),
            models.Index(fields=["about_type", "about_id"], name="message_about"),
        ]

    def __str__(self):
        return f"{self.get_channel_display()} to {self.recipient_name or self.address}"
