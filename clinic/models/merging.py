"""Who may be one person under two numbers, and whose records were merged."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from clinic.likeness import Reason
from clinic.models.patients import Patient
from hms.lib.search import words_in


def ordered(one, other):
    """Two patients in the order in which a pair keeps them."""
    return sorted((one, other), key=lambda patient: patient.pk)


class DuplicatePairQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Administrators work this list; nobody else learns who resembles whom."""
        return self if getattr(user, "role", None) == Role.ADMIN else self.none()

    def of(self, one, other):
        """The pair of two patients, in whichever order."""
        first, second = ordered(one, other)
        return self.filter(first=first, second=second)

    def open(self):
        """Those that wait for somebody's decision; who was merged into somebody else meanwhile is not asked about."""
        return self.filter(state=DuplicatePair.State.OPEN, first__merged_into=None, second__merged_into=None)

    def narrowed(self, q="", state=""):
        """Those that a search on the list asks for; open ones when no state is named."""
        found = self
        for word in q.split():
            found = found.filter(words_in(word, "first__search") | words_in(word, "second__search"))
        if not state:
            return found.open()
        return found if state == "all" else found.filter(state=state)


class DuplicatePair(models.Model):
    """Two patients who may be one person: why they look alike, and what somebody decided. Once per pair."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        DISMISSED = "dismissed", _("Not the same")
        MERGED = "merged", _("Merged")
        UNDONE = "undone", _("Merge undone")

    first = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+", verbose_name=_("first patient"))
    second = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+", verbose_name=_("second patient"))
    reasons = models.JSONField(_("reasons"), default=list)
    score = models.PositiveSmallIntegerField(_("score"), default=0)
    note = models.CharField(_("note"), max_length=300, blank=True)
    noted_by_name = models.CharField(_("noted by"), max_length=200, blank=True)
    found_at = models.DateTimeField(_("found"), default=timezone.now)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by_name = models.CharField(_("decided by"), max_length=200, blank=True)
    decided_reason = models.CharField(_("reason of the decision"), max_length=300, blank=True)

    objects = DuplicatePairQuerySet.as_manager()

    class Meta:
        verbose_name = _("possible duplicate")
        verbose_name_plural = _("possible duplicates")
        ordering = ["-score", "-found_at", "-pk"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="duplicate_pair_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="duplicate_pair_in_order"),
            models.CheckConstraint(
                condition=Q(state__in=["open", "dismissed", "merged", "undone"]), name="duplicate_pair_state_known"
            ),
        ]
        indexes = [models.Index(fields=["state", "-score"], name="duplicate_pair_state")]

    def __str__(self):
        return f"{self.first} – {self.second}"

    @property
    def why(self):
        """The reasons in words."""
        return [Reason(reason).label for reason in self.reasons if reason in Reason.values]


class PatientMergeQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Administrators alone."""
        return self if getattr(user, "role", None) == Role.ADMIN else self.none()

    def standing(self):
        """Merges that were not undone."""
        return self.filter(undone_at=None)


class PatientMerge(models.Model):
    """One merge of two patients' records, with all that undoing it needs. (docs/decisions/0013)

    `rows` are the ids of the rows that went to the survivor, by table: {"records.Vitals.patient": [1, 2]}.
    `newest` is the highest id of each of these tables at that time: what is higher came later.
    `values` are what the two rows of patients said before and after: {"survivor": {"phone": [before, after]},
    "survivor_user": [id before, after], "absorbed_user": […]}.
    `changed` is what other rows said before: {"clinic.CareRelationship.patient": {"7": {"until": …}}}.
    `account` tells what became of the sign-ins: {"kept", "closed" (ids), "because", "renamed": [before, after],
    "acts_for" (ids of guardianships that went from the closed one to the kept one)}.
    """

    pair = models.ForeignKey(DuplicatePair, on_delete=models.PROTECT, related_name="merges", verbose_name=_("pair"))
    survivor = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+", verbose_name=_("kept"))
    absorbed = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+", verbose_name=_("merged into it"))
    rows = models.JSONField(default=dict)
    newest = models.JSONField(default=dict)
    values = models.JSONField(default=dict)
    changed = models.JSONField(default=dict)
    account = models.JSONField(default=dict)
    reason = models.CharField(_("reason"), max_length=300)
    merged_at = models.DateTimeField(_("merged"), default=timezone.now)
    merged_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    merged_by_name = models.CharField(_("merged by"), max_length=200)
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)
    undone_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    undone_by_name = models.CharField(_("undone by"), max_length=200, blank=True)
    undone_reason = models.CharField(_("reason for undoing it"), max_length=300, blank=True)

    objects = PatientMergeQuerySet.as_manager()

    class Meta:
        verbose_name = _("merge of patients")
        verbose_name_plural = _("merges of patients")
        ordering = ["-merged_at", "-pk"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["absorbed"], condition=Q(undone_at=None), name="patient_merge_stands_once"),
            models.CheckConstraint(condition=~Q(survivor=F("absorbed")), name="patient_merge_of_two"),
            models.CheckConstraint(
                condition=Q(undone_at=None, undone_by_name="") | (Q(undone_at__isnull=False) & ~Q(undone_by_name="")),
                name="patient_merge_undone_paired",
            ),
        ]

    def __str__(self):
        return f"{self.absorbed.number} → {self.survivor.number}"
