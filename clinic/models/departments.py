"""The parts of the hospital."""

from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Role


class DepartmentQuerySet(models.QuerySet):
    def open(self):
        """Departments that still see patients: anybody may see these."""
        return self.filter(retired_at=None)

    def visible_to(self, user):
        """Everybody sees open departments, administrators the retired ones too."""
        return self if getattr(user, "role", None) == Role.ADMIN else self.open()


class Department(models.Model):
    """A part of the hospital with doctors of its own: Cardiology, Paediatrics."""

    name = models.CharField(_("name"), max_length=80)
    description = models.TextField(_("description"), max_length=2000, blank=True, help_text=_("What it treats."))
    created_at = models.DateTimeField(_("added"), null=True, default=timezone.now, editable=False)  # None: long ago
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True, editable=False)

    objects = DepartmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="department_name_once",
                violation_error_message=_("There is a department of this name already."),
            )
        ]

    def __str__(self):
        return self.name
