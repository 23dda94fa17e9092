"""Links by which a patient whom reception has registered makes an account of their own."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from clinic.models.patients import Patient

TRIES = 5  # dates of birth that may be typed on one link


class ClaimQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Links of the patients this person may see; patients themselves see none."""
        return self.filter(patient__in=Patient.objects.visible_to(user)).exclude(patient__user=user)

    def open(self):
        """Those that still open the form."""
        return self.filter(used_at=None, revoked_at=None, tries__lt=TRIES, expires_at__gt=timezone.now())


class Claim(models.Model):
    """A single-use link to a patient's account-to-be. Only the link's hash is kept.

    `sent_by` is empty when somebody asked for it on the public page. `account` is whose the patient became; on a
    link that met an address with an account and a record of its own, it is that account: the two are to be joined.
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="claims", verbose_name=_("patient"))
    email = models.EmailField(_("sent to"), max_length=254)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    sent_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(_("sent"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires"))
    tries = models.PositiveSmallIntegerField(_("wrong dates of birth"), default=0)
    used_at = models.DateTimeField(_("used"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("taken back"), null=True, blank=True)
    is_duplicate = models.BooleanField(_("met another record"), default=False)
    account = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = ClaimQuerySet.as_manager()

    class Meta:
        verbose_name = _("link to an account")
        verbose_name_plural = _("links to accounts")
        ordering = ["-created_at", "-pk"]
        default_permissions = ("view",)
        permissions = [("send_claim", "Can send patients a link to an account of their own")]
        constraints = [
            models.UniqueConstraint(
                fields=["patient"], condition=Q(used_at=None, revoked_at=None), name="claim_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(used_at=None, account=None) | Q(used_at__isnull=False, account__isnull=False),
                name="claim_use_paired",
            ),
        ]
        indexes = [models.Index(fields=["patient", "-created_at"], name="claim_patient")]

    def __str__(self):
        return str(self.patient)

    @property
    def state(self):
        """used, duplicate, revoked, locked (too many wrong dates of birth), expired or open."""
        if self.used_at:
            joined = self.patient.user_id == self.account_id
            return "duplicate" if self.is_duplicate and not joined else "used"
        if self.revoked_at:
            return "revoked"
        if self.tries >= TRIES:
            return "locked"
        return "open" if self.expires_at > timezone.now() else "expired"
