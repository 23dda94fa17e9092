"""How long and how people stay signed in: the hospital's rules for each role, and the sessions there are."""

from datetime import timedelta

from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.models.people import Role, User

# Before an administrator changes it. Patients sit at their own devices, and may be remembered there; what staff leave
# open shows other people's data. An hour bears a long consultation, twelve a shift; administrators can do the most.
DEFAULTS = {
    Role.PATIENT: {"idle_minutes": 30, "absolute_hours": 12, "remember_days": 14},
    Role.DOCTOR: {"idle_minutes": 60, "absolute_hours": 12, "remember_days": 0},
    Role.RECEPTION: {"idle_minutes": 60, "absolute_hours": 12, "remember_days": 0},
    Role.ADMIN: {"idle_minutes": 30, "absolute_hours": 12, "remember_days": 0},
}
LONGEST_IDLE, LONGEST, LONGEST_REMEMBERED = 12 * 60, 24, 90  # minutes, hours, days


class SignInRuleQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The rules are administrators' to see and to set."""
        return self if getattr(user, "role", None) == Role.ADMIN else self.none()


class SignInRule(models.Model):
    """What signing in asks of a role, and how long it lasts. One row for each role, made by a migration."""

    role = models.CharField(_("role"), max_length=12, choices=Role, unique=True, editable=False)
    second_factor = models.BooleanField(
        _("second factor required"),
        default=False,
        help_text=_("Who has none yet is led to setting one up, and to nothing else, from the next page on."),
    )
    idle_minutes = models.PositiveSmallIntegerField(
        _("signed out without activity after"), validators=[MinValueValidator(5), MaxValueValidator(LONGEST_IDLE)]
    )
    absolute_hours = models.PositiveSmallIntegerField(
        _("signed out in any case after"), validators=[MinValueValidator(1), MaxValueValidator(LONGEST)]
    )
    remember_days = models.PositiveSmallIntegerField(
        _("a device may be remembered for"),
        validators=[MaxValueValidator(LONGEST_REMEMBERED)],
        help_text=_("0: not at all. On a remembered device the two limits above do not apply."),
    )

    objects = SignInRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("sign-in rule")
        verbose_name_plural = _("sign-in rules")
        ordering = ["pk"]
        default_permissions = ("view", "change")
        constraints = [
            models.CheckConstraint(condition=Q(role__in=Role.values), name="sign_in_rule_role_known"),
            models.CheckConstraint(
                condition=Q(idle_minutes__gte=5, idle_minutes__lte=LONGEST_IDLE)
                & Q(absolute_hours__gte=1, absolute_hours__lte=LONGEST)
                & Q(remember_days__lte=LONGEST_REMEMBERED),
                name="sign_in_rule_limits_sane",
            ),
            models.CheckConstraint(
                condition=Q(second_factor=False) | ~Q(role=Role.PATIENT), name="sign_in_rule_patients_choose"
            ),
        ]

    def __str__(self):
        return self.get_role_display()

    @property
    def can_require(self):
        """Whether a second factor may be asked of this role at all. Patients choose."""
        return self.role != Role.PATIENT


class SessionQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own, whatever one's role."""
        return self.filter(user=user.pk) if getattr(user, "pk", None) else self.none()

    def lasting(self, rule, now):
        """Those that no limit of the rule has ended, the one used last first."""
        remembered = Q(remembered=True, began_at__gt=now - timedelta(days=rule.remember_days))
        ordinary = Q(
            began_at__gt=now - timedelta(hours=rule.absolute_hours),
            seen_at__gt=now - timedelta(minutes=rule.idle_minutes),
        )
        return self.filter(remembered | ordinary, expire_date__gt=now).order_by("-seen_at")


class Session(AbstractBaseSession):
    """A session as Django keeps it, with what its owner is shown of it (see accounts.sessions)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, editable=False, related_name="sessions")
    began_at = models.DateTimeField(null=True, editable=False)
    seen_at = models.DateTimeField(null=True, editable=False)
    address = models.GenericIPAddressField(null=True, editable=False)
    device = models.CharField(max_length=120, blank=True, editable=False)
    remembered = models.BooleanField(default=False, editable=False)

    objects = BaseSessionManager.from_queryset(SessionQuerySet)()

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        default_permissions = ()

    @classmethod
    def get_session_store_class(cls):
        from accounts.sessions import SessionStore

        return SessionStore

    @property
    def handle(self):
        """What names this session on pages. Its key is as good as a password and stands nowhere."""
        return handle_of(self.session_key)


def handle_of(session_key):
    return salted_hmac("accounts.Session.handle", session_key, algorithm="sha256").hexdigest()[:24]
