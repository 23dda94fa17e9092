"""The hospital and its rules."""

from decimal import Decimal
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

CLOCK = [(hour, f"{hour:02}:00") for hour in range(24)]


def known_zone(name):
    """Validator: a time zone of the IANA database."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError) as error:
        raise ValidationError(_("No time zone has this name. An example: Europe/Berlin.")) from error


def first_zone():
    """The zone a new installation begins with."""
    return settings.TIME_ZONE


class Hospital(models.Model):
    """The one hospital this installation serves, and its rules."""

    name = models.CharField(_("name"), max_length=120, default="HMS Hospital")
    address = models.TextField(_("address"), max_length=500, blank=True)
    phone = PhoneNumberField(_("phone"), blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    logo = models.ImageField(_("logo"), upload_to="hospital/", blank=True)
    time_zone = models.CharField(_("time zone"), max_length=60, default=first_zone, validators=[known_zone])
    currency = models.CharField(_("currency"), max_length=3, default="EUR", help_text=_("Three letters, like EUR."))
    default_fee = models.DecimalField(
        _("default consultation fee"),
        max_digits=9,
        decimal_places=2,
        default=Decimal("50.00"),
        validators=[MinValueValidator(0)],
    )
    booking_window_days = models.PositiveSmallIntegerField(
        _("booking window"),
        default=7,
        validators=[MinValueValidator(1), MaxValueValidator(365)],
        help_text=_("How many days ahead patients may book."),
    )
    shortest_notice_minutes = models.PositiveIntegerField(
        _("shortest notice"),
        default=0,
        validators=[MaxValueValidator(60 * 24 * 30)],
        help_text=_("How many minutes before a visit patients may still book it."),
    )
    cancellation_cutoff_minutes = models.PositiveIntegerField(
        _("cancellation cut-off"),
        default=0,
        validators=[MaxValueValidator(60 * 24 * 30)],
        help_text=_("How many minutes before a visit patients may still move or cancel it."),
    )
    default_slot_minutes = models.PositiveSmallIntegerField(
        _("default slot"), default=30, validators=[MinValueValidator(5), MaxValueValidator(480)]
    )
    reminder_hour = models.PositiveSmallIntegerField(
        _("reminder on the day before"),
        choices=CLOCK,
        default=17,
        help_text=_("By the hospital's clock. Who booked or moved a visit after that hour has just been told."),
    )
    reminder_same_day_hour = models.PositiveSmallIntegerField(
        _("reminder on the day itself"), choices=[(None, _("Off")), *CLOCK], null=True, blank=True
    )
    reminder_catch_up_hours = models.PositiveSmallIntegerField(
        _("catching up"),
        default=6,
        validators=[MinValueValidator(1), MaxValueValidator(24)],
        help_text=_("After an outage, reminders still go out this long after their hour."),
    )

    offer_hold_minutes = models.PositiveSmallIntegerField(
        _("offers to the waiting list"),
        default=120,
        validators=[MinValueValidator(15), MaxValueValidator(60 * 24)],
        help_text=_("How long a time that became free is held for who is offered it. Nights do not count."),
    )

    class Meta:
        verbose_name = _("hospital")
        verbose_name_plural = _("hospital")
        default_permissions = ("view", "change")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="hospital_only_one")]

    def __str__(self):
        return self.name

    @classmethod
    def current(cls):
        """The hospital's row; a migration made it. One query: a request keeps it (HospitalZoneMiddleware)."""
        return cls.objects.get(pk=1)

    @property
    def zone(self):
        return ZoneInfo(self.time_zone)
