"""The parts of the hospital."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Role
from clinic import finding


class DepartmentQuerySet(models.QuerySet):
    def open(self):
        """Departments that still see patients: anybody may see these."""
        return self.filter(retired_at=None)

    def visible_to(self, user):
        """Everybody sees open departments, administrators the retired ones too."""
        return self if getattr(user, "role", None) == Role.ADMIN else self.open()

    def matching(self, text):
        """Departments whose name or description holds every word of `text`; else those of nearly such a name.

        There are a few dozen of them, so that they are looked through one by one.
        """
        return self.filter(pk__in=finding.departments(self, text))


class Colour(models.TextChoices):
    """The marks of departments. Each stands out on light and dark (css/parts.css), and never without its name."""

    BLUE = "blue", _("Blue")
    SKY = "sky", _("Sky blue")
    GREEN = "green", _("Green")
    ORANGE = "orange", _("Orange")
    RED = "red", _("Red")
    PURPLE = "purple", _("Purple")
    BROWN = "brown", _("Brown")
    GREY = "grey", _("Grey")


class Department(models.Model):
    """A part of the hospital with doctors of its own: Cardiology, Paediatrics."""

    name = models.CharField(_("name"), max_length=80)
    description = models.TextField(_("description"), max_length=2000, blank=True, help_text=_("What it treats."))
    head = models.ForeignKey(
        "clinic.Doctor", on_delete=models.SET_NULL, null=True, blank=True, related_name="heads", verbose_name=_("head")
    )
    colour = models.CharField(_("colour"), max_length=12, choices=Colour, blank=True)
    location = models.CharField(_("location"), max_length=160, blank=True)
    # Words for people: when a visit can be booked follows from the doctors' working hours alone.
    opening = models.TextField(_("opening hours"), max_length=400, blank=True)
    created_at = models.DateTimeField(_("added"), null=True, default=timezone.now, editable=False)  # None: long ago
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True, editable=False)

    objects = DepartmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=Q(colour__in=["", *Colour.values]), name="department_colour_known"),
            models.UniqueConstraint(
                Lower("name"),
                name="department_name_once",
                violation_error_message=_("There is a department of this name already."),
            ),
        ]

    def __str__(self):
        return self.name
