"""People's accounts: made, renamed, given a role, blocked."""

import unicodedata

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.errors import AccountConflict, AccountRefused
from accounts.models import Role, User
from accounts.roles import GROUPS
from accounts.services import sessions
from hms.lib.seen import require_unchanged

STAFF = (Role.RECEPTION, Role.ADMIN)  # roles that can be changed into each other: nothing else hangs on them


def normalised(email):
    """An e-mail address as it is kept and compared: no space around it, small letters."""
    return str(email or "").strip().lower()


@transaction.atomic
def create_user(*, email, name, role, by=None, password=None, verified=False):
    """Make an account in its role's group. Without a password nobody can sign in with it.

    Raises AccountRefused when the address is taken, or name or address are not what they should be.
    """
    user = _make(email=email, name=name, role=role, password=password, verified=verified)
    audit.record(by, "account.created", user, detail={"role": role})
    return user


@transaction.atomic
def register(*, email, name, password):
    """Make the account of a patient who registers; the address is still to be confirmed.

    Raises AccountRefused like create_user.
    """
    user = _make(email=email, name=name, role=Role.PATIENT, password=password, verified=False)
    audit.record(user, "account.registered", user)
    return user


@transaction.atomic
def note_registered_again(*, email):
    """Write down that somebody registered with an address that has an account. The page does not tell."""
    known = User.objects.filter(email=normalised(email)).first()
    nobody = _("Somebody who was not signed in")
    audit.record(None, "account.registered_again", known, name=nobody)


def _make(*, email, name, role, password, verified):
    user = User(email=normalised(email), name=" ".join(str(name).split()), role=role, is_staff=role == Role.ADMIN)
    user.set_password(password)
    _check(user)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
            EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=verified)
    except IntegrityError as error:
        raise AccountRefused(_("There is already an account with this e-mail address.")) from error
    user.groups.add(Group.objects.get(name=GROUPS[role]))
    return user


def _check(user):
    if any(unicodedata.category(letter) == "Cc" for letter in user.name):
        raise AccountRefused(_("The name holds characters that cannot be shown."))
    try:
        user.clean_fields(exclude=["password"])
    except ValidationError as error:
        field, said = next(iter(error.message_dict.items()))
        label = User._meta.get_field(field).verbose_name
        raise AccountRefused(f"{label}: {said[0]}".capitalize()) from error


def locked(user):
    """The account's row as it is now, locked until the transaction ends."""
    return User.objects.select_for_update().get(pk=user.pk)


def locked_beside_administrators(user):
    """The account as it is now, locked in one order with every administrator's: who is the last one stays true."""
    rows = User.objects.select_for_update().filter(Q(pk=user.pk) | Q(role=Role.ADMIN)).order_by("pk")
    return next(row for row in rows if row.pk == user.pk)


@transaction.atomic
def rename(user, *, name, by, seen=""):
    """Change the name an account goes by. ChangedMeanwhile when it is not the one any more that the form had shown."""
    fresh = locked(user)
    require_not_closed(fresh)
    name = " ".join(str(name).split())
    require_unchanged(fresh, seen, {"name": name})
    before, fresh.name = fresh.name, name
    _check(fresh)
    if fresh.name != before:
        fresh.save(update_fields=["name"])
        audit.record(by, "account.renamed", fresh, detail={"before": before})
    user.name = fresh.name
    return fresh


@transaction.atomic
def set_role(user, *, role, by):
    """Move a member of staff between reception and administration; they sign in anew, under the rules of the new role.

    Doctors' and patients' records hang on their accounts: they keep their role.
    """
    fresh = locked_beside_administrators(user)
    if role == fresh.role:
        return fresh
    if fresh.role not in STAFF or role not in STAFF:
        raise AccountRefused(_("Only reception and administrators can change places. Make another account instead."))
    if fresh.role == Role.ADMIN:
        require_another_administrator(fresh, by)
    before = fresh.role
    fresh.groups.remove(Group.objects.get(name=GROUPS[before]))
    fresh.groups.add(Group.objects.get(name=GROUPS[role]))
    fresh.role, fresh.is_staff = role, role == Role.ADMIN
    fresh.save(update_fields=["role", "is_staff"])
    sessions.end_all(fresh)
    audit.record(by, "account.role_changed", fresh, detail={"before": before, "after": role})
    user.role, user.is_staff = fresh.role, fresh.is_staff
    return fresh


@transaction.atomic
def edit(user, *, name, by, role=None, seen=""):
    """Change what the page of an account lets an administrator change; everything or nothing.

    ChangedMeanwhile when the account does not say any more what the form had shown (`seen`).
    """
    require_unchanged(locked_beside_administrators(user), seen, {"name": name} | ({"role": role} if role else {}))
    rename(user, name=name, by=by)
    if role:
        set_role(user, role=role, by=by)


@transaction.atomic
def set_groups(user, *, groups, by):
    """Put an account into groups besides its role's own, which it always keeps."""
    fresh = locked(user)
    require_not_closed(fresh)
    others = set(GROUPS.values()) - {GROUPS[fresh.role]}
    wanted = {group.name for group in groups}
    if wanted & others:
        raise AccountRefused(_("The groups of other roles come with the role. Change the role instead."))
    before = set(fresh.groups.values_list("name", flat=True))
    after = wanted | {GROUPS[fresh.role]}
    if before != after:
        fresh.groups.set(Group.objects.filter(name__in=after))
        audit.record(by, "account.groups_changed", fresh, detail={"before": sorted(before), "after": sorted(after)})
    return fresh


def require_not_closed(user):
    """What its owner has closed for good, nobody changes or opens again."""
    if user.is_closed:
        raise AccountConflict(_("This account is closed for good."))


def require_another_administrator(user, by):
    """Somebody must be left who can undo it, and nobody does it to themselves."""
    if by is not None and by.pk == user.pk:
        raise AccountRefused(_("Another administrator has to do that to your account."))
    others = User.objects.filter(role=Role.ADMIN, is_active=True).exclude(pk=user.pk)
    if not any(other.has_usable_password() for other in others):
        raise AccountRefused(_("This is the last administrator. Make another one first."))


@transaction.atomic
def block(user, *, reason, by):
    """Keep a person out from now on: every session ends for good, the history stays."""
    reason = " ".join(str(reason).split())
    fresh = locked_beside_administrators(user)
    require_not_closed(fresh)
    if fresh.is_blocked:
        raise AccountConflict(_("This account is blocked already."))
    if not reason:
        raise AccountRefused(_("Say why: the reason is kept with the account."))
    if len(reason) > User._meta.get_field("blocked_reason").max_length:
        raise AccountRefused(_("The reason is too long."))
    if by is not None and by.pk == fresh.pk:
        raise AccountRefused(_("You cannot block yourself."))
    if fresh.role == Role.ADMIN:
        require_another_administrator(fresh, by)
    set_blocked(fresh, timezone.now(), reason)
    audit.record(by, "account.blocked", fresh, detail={"reason": reason})
    user.is_active, user.blocked_at, user.blocked_reason = False, fresh.blocked_at, reason
    return fresh


@transaction.atomic
def unblock(user, *, reason, by):
    """Let a blocked person in again. Sessions from before the block stay ended."""
    fresh = locked(user)
    require_not_closed(fresh)
    if not fresh.is_blocked:
        raise AccountConflict(_("This account is not blocked."))
    set_blocked(fresh, None, "")
    audit.record(by, "account.unblocked", fresh, detail={"reason": " ".join(str(reason).split())[:300]})
    user.is_active, user.blocked_at, user.blocked_reason = True, None, ""
    return fresh


def set_blocked(user, at, reason):
    """Close an account from an instant on, or (None) open it; every session ends with either."""
    user.is_active, user.blocked_at, user.blocked_reason = at is None, at, reason
    user.save(update_fields=["is_active", "blocked_at", "blocked_reason"])
    sessions.end_all(user)


@transaction.atomic
def change_password(user, *, password, by, how="", keep=""):
    """Set a password that was checked before. All sessions of the account end with it, but the one with key `keep`."""
    user.set_password(password)
    user.save(update_fields=["password"])
    sessions.forget(user, keep=keep)
    audit.record(by, "account.password_changed", user, detail={"how": how} if how else None)


@transaction.atomic
def confirm_email(user, *, before, by):
    """Write down that a person showed that the address now on the account is theirs."""
    if before == user.email:
        audit.record(by, "account.email_confirmed", user, detail={"email": user.email})
    else:
        audit.record(by, "account.email_changed", user, detail={"before": before, "after": user.email})


def check_password(password, user):
    """Raise AccountRefused with the first reason why this would be a bad password for this person."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise AccountRefused(" ".join(error.messages)) from error
