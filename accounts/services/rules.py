"""The hospital's rules for signing in."""

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts import audit
from accounts.errors import AccountRefused
from accounts.models import SignInRule
from hms.lib.seen import require_unchanged

FIELDS = ("second_factor", "idle_minutes", "absolute_hours", "remember_days")


@transaction.atomic
def change_rule(rule, *, by, seen="", **values):
    """Set what signing in asks of a role. It holds for sessions that are open too, from their next page on.

    ChangedMeanwhile when the rule does not say any more what the form had shown (`seen`).
    """
    fresh = SignInRule.objects.select_for_update().get(pk=rule.pk)
    require_unchanged(fresh, seen, {name: values[name] for name in FIELDS if name in values})
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
        changed = {name: [before[name], after[name]] for name in FIELDS if before[name] != after[name]}
        audit.record(by, "sign_in_rule.changed", fresh, detail={"changed": list(changed), "values": changed})
    return fresh
