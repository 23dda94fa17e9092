"""What each role may do, in words: as its group stands in the database, beside how it was delivered."""

from dataclasses import dataclass, field

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db.models import Count, Q

from accounts.models import Role
from accounts.roles import GROUPS, ROLE_PERMISSIONS


@dataclass
class Held:
    """One permission in words, and how it compares to what was delivered: "", "added" or "taken"."""

    name: str
    state: str = ""


@dataclass
class RoleInWords:
    """A role: its group, how many people have it, and [(app, [Held])]."""

    role: Role
    group: Group
    people: int
    parts: list = field(default_factory=list)
    differs: bool = False


def in_words():
    """Every role with its permissions. Four queries."""
    active = Q(user__is_active=True)
    groups = {
        group.name: group
        for group in Group.objects.filter(name__in=GROUPS.values())
        .annotate(people=Count("user", filter=active))
        .prefetch_related("permissions")
    }
    known = Permission.objects.select_related("content_type")
    words = {f"{one.content_type.app_label}.{one.codename}": one for one in known}
    return [_role(role, groups[GROUPS[role]], words) for role in Role]


def _role(role, group, words):
    now = {one.pk for one in group.permissions.all()}
    delivered = {words[name].pk for name in ROLE_PERMISSIONS[role] if name in words}
    parts = {}
    for one in words.values():
        if one.pk in now | delivered:
            state = "taken" if one.pk not in now else "added" if one.pk not in delivered else ""
            parts.setdefault(one.content_type.app_label, []).append(Held(one.name, state))
    shown = [
        (apps.get_app_config(label).verbose_name, sorted(held, key=lambda one: one.name))
        for label, held in parts.items()
    ]
    return RoleInWords(role, group, group.people, shown, now != delivered)
