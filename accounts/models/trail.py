"""What people did: the audit trail and the chain of its seals."""

import re
from datetime import datetime, time, timedelta
from functools import reduce
from operator import or_

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.people import Role
from hms.lib.appendonly import AppendOnly

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d[\d:.]*(?:Z|[+-]\d\d:\d\d)", re.ASCII)
FAILED = ("_failed", ".refused", ".throttled")  # how the actions end that tell of what did not succeed


def beginning_of(day):
    """The instant a day begins in the current zone: the hospital's, while a request lasts."""
    return timezone.make_aware(datetime.combine(day, time.min))


def as_words(value):
    """A plain value of an audit detail as text: yes and no, – for nothing, an instant in the current zone."""
    match value:
        case None:
            return "–"
        case bool():
            return str(_("yes") if value else _("no"))
        case list():
            return ", ".join(as_words(one) for one in value)
        case str() if INSTANT.fullmatch(value):
            return _local(value)
    return str(value)


def in_one_line(value):
    """The same, the lines of an address told apart: “1 Meadow Lane / Meadowbrook”."""
    return " / ".join(as_words(value).splitlines())


def _local(instant):
    """2026-11-30 15:48, for 2026-11-30T14:48:00Z; what only looks like an instant stays as somebody typed it."""
    try:
        return f"{timezone.localtime(datetime.fromisoformat(instant)):%Y-%m-%d %H:%M}"
    except (ValueError, OverflowError):
        return instant


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

    def failures(self):
        """What was tried and did not succeed: wrong passwords, refused and throttled tries."""
        ends = (Q(action__endswith=end) for end in FAILED)
        return self.filter(reduce(or_, ends))

    def narrowed(self, *, q="", action="", actor=None, patients=None, address="", outcome="", since=None, until=None):
        """Those that a search on the audit trail asks for; days are the current zone's, `patients` are ids."""
        found = self
        for word in q.split():
            found = found.filter(Q(actor_name__icontains=word) | Q(target_label__icontains=word))
        if action:
            found = found.filter(action=action)
        if actor:
            found = found.filter(actor_id=actor)
        if patients is not None:
            found = found.filter(patient_id__in=patients)
        if address:
            found = found.filter(address=address)
        if outcome:
            failed = found.failures()
            found = failed if outcome == "failed" else found.exclude(pk__in=failed.order_by().values("pk"))
        if since:
            found = found.filter(at__gte=beginning_of(since))
        if until:
            found = found.filter(at__lt=beginning_of(until + timedelta(days=1)))
        return found


class AuditEvent(models.Model):
    """One act of consequence: who, what, on whom, when. No clinical content; the database refuses every change.

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
        constraints = [AppendOnly(once=["seal", "sealed_after", "seal_number"], name="audit_append_only")]

    def __str__(self):
        return f"{self.actor_name} {self.action} {self.target_label}".strip()

    def get_actor_role_display(self):
        return Role(self.actor_role).label if self.actor_role in Role.values else self.actor_role

    @property
    def details(self):
        """The detail as pairs of words: [("before", "Anna"), …]. What changed from what to what stands once."""
        values = self.detail.get("values", {})
        others = {
            key: value for key, value in self.detail.items() if key != "values" and not (values and key == "changed")
        }
        changes = [(name, " → ".join(map(in_one_line, pair))) for name, pair in values.items()]
        pairs = [(key, as_words(value)) for key, value in others.items()]
        return [(key.replace("_", " "), words) for key, words in sorted(pairs + changes)]


class AuditChain(models.Model):
    """The one row that sealers take turns on, and the name under which the newest seal is kept outside."""

    identity = models.CharField(max_length=32, unique=True, editable=False)

    class Meta:
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="audit_chain_only_one")]

    def __str__(self):
        return self.identity
