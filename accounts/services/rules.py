"""The hospital's rules for signing in."""

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts import audit
from accounts.errors import AccountRefused
from accounts.models import SignInRule

FIELDS = ("second_factor", "idle_minutes", "absolute_hours", "remember_days")


@transaction.atomic
def change_rule(rule, *, by, **values):
    """Set what signing in asks of a role. It holds for sessions that are open too, from their next page on."""
    fresh = SignInRule.objects.select_for_update().get(pk=rule.pk)
    before = {name: getattr(fresh, name) for name in FIELDS}
    for name in FIELDS:
        setattr(fresh, name, values.get(name, before[name]))
    try:
        fresh.full_clean()
    except ValidationError as error:
        raise AccountRefused(" ".join(error.messages)) from error
    after = {name: getattr(fresh, name) for name in FIELDS}
    if before != after:
        fresh.save()
        changed = {name: f"{before[name]:d} → {after[name]:d}" for name in FIELDS if before[name] != after[name]}
        audit.record(by, "sign_in_rule.changed", fresh, detail=changed)
    return fresh
