"""What people are asked to agree to, in the hospital's words, and what they answered."""

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.people import Role, User
from hms.lib.appendonly import AppendOnly


class ConsentKind(models.TextChoices):
    """What is asked. The privacy notice belongs to an account; the others are free."""

    PRIVACY = "privacy", _("Privacy notice")
    DATA_USE = "data_use", _("Use of data for quality and research")
    REMINDERS_EMAIL = "reminders_email", _("Reminders by e-mail")
    REMINDERS_SMS = "reminders_sms", _("Reminders by SMS")

    @property
    def is_required(self):
        return self == ConsentKind.PRIVACY


# Who is asked at the next page when a text changes. Administrators write the texts: none may lock them out.
ASKED = (Role.PATIENT, Role.DOCTOR, Role.RECEPTION)


class How(models.TextChoices):
    """Where an answer was given."""

    REGISTRATION = "registration", _("at registration")
    INVITATION = "invitation", _("when the invitation was accepted")
    PAGE = "page", _("on the consent page")
    DESK = "desk", _("on paper, at the desk")
    SETUP = "setup", _("when the account was set up")


class ConsentTextQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Published words are for everybody, signed in or not."""
        return self

    def current(self):
        """The newest version of each kind."""
        newer = ConsentText.objects.filter(kind=OuterRef("kind"), number__gt=OuterRef("number"))
        return self.filter(~Exists(newer))


class ConsentText(models.Model):
    """A published version of what people are asked: plain paragraphs. The database refuses every change to it.

    Answers to versions from `counts_from` on still count: a correction of the wording asks nobody again.
    """

    kind = models.CharField(_("kind"), max_length=20, choices=ConsentKind)
    number = models.PositiveSmallIntegerField(_("version"))
    text = models.TextField(_("text"), max_length=20_000)
    note = models.CharField(_("what has changed"), max_length=300, blank=True)
    counts_from = models.PositiveSmallIntegerField(_("answers count from version"))
    published_at = models.DateTimeField(_("published"), default=timezone.now)
    published_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("published by")
    )

    objects = ConsentTextQuerySet.as_manager()

    class Meta:
        verbose_name = _("consent text")
        verbose_name_plural = _("consent texts")
        ordering = ["kind", "-number"]
        default_permissions = ("view", "change")
        constraints = [
            models.UniqueConstraint(fields=["kind", "number"], name="consent_text_once"),
            models.CheckConstraint(condition=Q(kind__in=ConsentKind.values), name="consent_text_kind_known"),
            models.CheckConstraint(
                condition=Q(counts_from__gte=1, counts_from__lte=models.F("number")), name="consent_text_counts_from"
            ),
            AppendOnly(name="consent_text_append_only"),
        ]

    def __str__(self):
        return _("%(kind)s, version %(number)s") % {"kind": self.get_kind_display(), "number": self.number}


class ConsentDraftQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Drafts: administrators alone."""
        return self if getattr(user, "role", None) == Role.ADMIN else self.none()


class ConsentDraft(models.Model):
    """The next version of a text while it is written. `revision` tells a publisher that it is still what they read."""

    kind = models.CharField(_("kind"), max_length=20, choices=ConsentKind, unique=True)
    text = models.TextField(_("text"), max_length=20_000)
    note = models.CharField(_("what has changed"), max_length=300, blank=True)
    is_correction = models.BooleanField(_("only a correction: nobody is asked again"), default=False)
    revision = models.PositiveIntegerField(default=1, editable=False)
    changed_at = models.DateTimeField(_("changed"), default=timezone.now)
    changed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects = ConsentDraftQuerySet.as_manager()

    class Meta:
        verbose_name = _("draft of a consent text")
        verbose_name_plural = _("drafts of consent texts")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ConsentKind.values), name="consent_draft_kind_known"),
        ]

    def __str__(self):
        return self.get_kind_display()


class ConsentQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Answers: one's own; reception and administrators see all."""
        match getattr(user, "role", None):
            case Role.ADMIN | Role.RECEPTION:
                return self
            case None:
                return self.none()
        return self.filter(user=user)

    def of(self, user_id=None, patient_id=None, *, users=(), patients=()):
        """What a person answered: with the account, and on paper as a patient before there was one.

        `users` and `patients` are ids, or queries for them, of accounts and patients that were merged into these.
        """
        with_account = Q(user_id=user_id) | Q(user__in=users) if user_id else Q(pk__in=[])
        on_paper = Q(patient_id=patient_id) | Q(patient_id__in=patients) if patient_id else Q(pk__in=[])
        return self.filter(with_account | (Q(user=None) & on_paper))

    def newest(self):
        """The last answer of each person to each kind. (The numbers on a page; one person's are asked with `of`.)"""
        later = Consent.objects.filter(text__kind=OuterRef("text__kind"), pk__gt=OuterRef("pk"))
        same = Q(user=OuterRef("user")) | Q(user=None, patient_id=OuterRef("patient_id"))
        return self.filter(~Exists(later.filter(same)))


class Consent(models.Model):
    """One answer: to which version, yes or no, when, where, written down by whom. A new answer is a new row.

    Who answered is an account, or a patient without one, by number and name as in the audit trail: `clinic` is above.
    """

    text = models.ForeignKey(ConsentText, on_delete=models.PROTECT, related_name="answers", verbose_name=_("text"))
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="consents")
    patient_id = models.BigIntegerField(_("patient"), null=True, blank=True)
    name = models.CharField(_("who"), max_length=200)
    given = models.BooleanField(_("agreed"))
    at = models.DateTimeField(_("when"), default=timezone.now)
    how = models.CharField(_("how"), max_length=12, choices=How)
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("written by"))

    objects = ConsentQuerySet.as_manager()

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        ordering = ["-pk"]
        default_permissions = ("add", "view")
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False) | Q(patient_id__isnull=False), name="consent_is_somebodys"
            ),
            models.CheckConstraint(condition=Q(how__in=How.values), name="consent_how_known"),
            AppendOnly(name="consent_append_only"),
        ]
        indexes = [
            models.Index(fields=["user", "text", "-id"], name="consent_user"),
            models.Index(fields=["patient_id", "-id"], name="consent_patient"),
        ]

    def __str__(self):
        return f"{self.name}: {self.text}"
