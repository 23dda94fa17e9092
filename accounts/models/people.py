"""Who may act: an account with its role."""

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from hms.lib.search import SearchField, words_in


class Role(models.TextChoices):
    """What a person is here. One account, one role; it decides which rows the person sees."""

    PATIENT = "patient", _("Patient")
    DOCTOR = "doctor", _("Doctor")
    RECEPTION = "reception", _("Reception")
    ADMIN = "admin", _("Administrator")


RULE_FIELDS = ("second_factor", "idle_minutes", "absolute_hours", "remember_days")


class UserQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The accounts this person may see: administrators all, everybody else their own."""
        if getattr(user, "role", None) == Role.ADMIN:
            return self
        return self.filter(pk=user.pk) if getattr(user, "pk", None) else self.none()

    def with_sign_in_rule(self):
        """With `has_second_factor` and what `sign_in_rule` is made of, in the same query: every request asks."""
        from accounts.models.sign_in import SignInRule

        rules = SignInRule.objects.filter(role=OuterRef("role"))
        return self.annotate(
            has_second_factor=Exists(second_factors().filter(user=OuterRef("pk"))),
            **{f"rule_{name}": Subquery(rules.values(name)[:1]) for name in RULE_FIELDS},
        )

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
            case "closed":
                return found.exclude(closed_at=None)
        return found


def second_factors():
    """allauth's rows that are a second factor: recovery codes alone are none."""
    from allauth.mfa.models import Authenticator

    return Authenticator.objects.exclude(type=Authenticator.Type.RECOVERY_CODES)


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
    closed_at = models.DateTimeField(_("closed since"), null=True, blank=True, editable=False)
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
            ("reset_second_factor", "Can take away a second factor that somebody has lost"),
        ]
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_once"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="user_role_known"),
            models.CheckConstraint(
                condition=Q(blocked_at__isnull=True) | Q(is_active=False), name="user_blocked_is_inactive"
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(is_active=False), name="user_closed_is_inactive"
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

    @cached_property
    def sign_in_rule(self):
        """What the hospital asks of this role: the row itself, or its copy where `with_sign_in_rule` brought one."""
        from accounts.models.sign_in import DEFAULTS, SignInRule

        if getattr(self, "rule_idle_minutes", None) is not None:
            return SignInRule(role=self.role, **{name: getattr(self, f"rule_{name}") for name in RULE_FIELDS})
        kept = SignInRule.objects.filter(role=self.role).first()
        return kept or SignInRule(role=self.role, **DEFAULTS[self.role])

    @cached_property
    def has_second_factor(self):
        return second_factors().filter(user_id=self.pk).exists()

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
    def is_closed(self):
        """Whether its owner has left for good: nobody signs in with it any more, and nobody reopens it."""
        return self.closed_at is not None

    @property
    def is_blocked(self):
        return self.blocked_at is not None
