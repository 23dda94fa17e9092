"""What doctors are specialized in, as the hospital writes it."""

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.models import Role


class SpecializationQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The list is administrators' to keep."""
        return self if getattr(user, "role", None) == Role.ADMIN else self.none()

    def offered(self):
        """Those that are offered where a doctor's specialization is written: anybody may see them."""
        return self.filter(retired_at=None)


class Specialization(models.Model):
    """One of the words that are offered for a doctor's specialization.

    A doctor keeps the words themselves (`Doctor.specialization`), so that what stands there is whole without this list:
    imported, applied for, written by hand. Renaming and merging here change the doctors who carry the words.
    """

    name = models.CharField(_("name"), max_length=120)
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True, editable=False)

    objects = SpecializationQuerySet.as_manager()

    class Meta:
        verbose_name = _("specialization")
        verbose_name_plural = _("specializations")
        ordering = ["name"]
        default_permissions = ("view", "change")
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="specialization_name_once",
                violation_error_message=_(
                    "This specialization is in the list already. Two names for one thing can be merged."
                ),
            ),
        ]

    def __str__(self):
        return self.name
