"""The history of settings: who changed what, when, from what to what. Read from the audit trail and from kept versions.

The trail holds it whoever changed it and wherever, on the pages or in the administration site: the services write it,
in the transaction of the change. Texts keep their versions in tables of their own. Secrets are no settings here.
"""

from dataclasses import dataclass, field
from itertools import islice

from django.apps import apps
from django.contrib.auth.models import Permission
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import audit
from accounts.models import AuditEvent, ConsentText, MessageText
from accounts.models.trail import as_words

# What can be asked for: words, and the kinds of rows in the trail.
KINDS = {
    "hospital": (gettext_lazy("Hospital"), ["clinic.hospital"]),
    "departments": (gettext_lazy("Departments"), ["clinic.department"]),
    "specializations": (gettext_lazy("Specializations"), ["clinic.specialization"]),
    "rules": (gettext_lazy("Sign-in rules"), ["accounts.signinrule"]),
    "messages": (gettext_lazy("Message texts"), ["accounts.messagetext"]),
    "consents": (gettext_lazy("Consent texts"), ["accounts.consenttext", "accounts.consentdraft"]),
    "groups": (gettext_lazy("Roles and groups"), ["auth.group"]),
}
AT_ONCE = 200  # acts of a table in memory
PARTS = (("subject", gettext_lazy("Subject")), ("text", gettext_lazy("Text")), ("html", gettext_lazy("Formatted text")))


@dataclass
class Change:
    """One field, before and after."""

    label: str
    before: str
    after: str


@dataclass
class Entry:
    """One act on a setting. `notes` are further pairs of words, where nothing stands from what to what."""

    event: AuditEvent
    words: str
    changes: list = field(default_factory=list)
    notes: list = field(default_factory=list)


def acts(user, *, what="", row=None, **narrowed):
    """The acts on settings that somebody may see, the newest first; of one kind, of one row, and as the audit trail
    is searched."""
    kinds = KINDS[what][1] if what else [kind for _words, found in KINDS.values() for kind in found]
    events = AuditEvent.objects.visible_to(user).filter(target_type__in=kinds).narrowed(**narrowed)
    return events.filter(target_id=row) if row else events


def entries(events, user):
    """The acts of one page with their words. Four queries at most, however many there are."""
    events = list(events)
    versions = _versions(events, user)
    permissions = _permissions(events)
    return [_entry(event, versions, permissions) for event in events]


def lines(events, user):
    """What a table has of these acts, one row for each field that changed: (entry, field, before, after)."""
    left = events.iterator(chunk_size=AT_ONCE)
    while some := list(islice(left, AT_ONCE)):
        for entry in entries(some, user):
            told = [(change.label, change.before, change.after) for change in entry.changes]
            told += [(label, "", words) for label, words in entry.notes]
            for row in told or [("", "", "")]:
                yield (entry, *row)


def _entry(event, versions, permissions):
    entry = Entry(event, audit.words_for(event.action))
    row = (event.target_type, event.target_id)
    if row in versions:
        entry.changes = versions[row]
    elif "values" in event.detail:
        values = event.detail["values"]  # PostgreSQL keeps no order of keys; the list of names has it
        entry.changes = [_change(event, name, *values[name]) for name in event.detail["changed"]]
    if event.target_type == "auth.group":
        entry.notes = [
            (words, ", ".join(permissions.get(name, name) for name in event.detail.get(key, [])))
            for key, words in (("granted", _("May now")), ("withdrawn", _("May no longer")))
            if event.detail.get(key)
        ]
    elif row not in versions and "values" not in event.detail:
        entry.notes = event.details
    return entry


def _change(event, name, before, after):
    """A field of a row by the words of its model."""
    try:
        column = apps.get_model(event.target_type)._meta.get_field(name)
    except (LookupError, FieldDoesNotExist):
        return Change(name.replace("_", " "), as_words(before), as_words(after))
    if before is True and after is True:
        return Change(_sentence(column.verbose_name), _("a file"), _("another file"))
    choices = dict(column.flatchoices)
    words = [as_words(str(choices[value]) if value in choices else value) or "–" for value in (before, after)]
    return Change(_sentence(column.verbose_name), *words)


def _sentence(words):
    words = str(words)
    return words[:1].upper() + words[1:]


def _permissions(events):
    """{codename: words} of the permissions that these acts gave or took."""
    names = {
        name
        for event in events
        if event.target_type == "auth.group"
        for key in ("granted", "withdrawn")
        for name in event.detail.get(key, [])
    }
    found = Permission.objects.filter(codename__in=names) if names else []
    return {permission.codename: permission.name for permission in found}


def _versions(events, user):
    """{(kind, id): changes} of the versions of texts that these acts made, each against the version before it."""
    return _of_messages(events, user) | _of_consents(events, user)


def _of_messages(events, user):
    keys = [
        event.detail for event in events if event.target_type == "accounts.messagetext" and "version" in event.detail
    ]
    wanted = Q(pk__in=[])
    for key in keys:
        place = {"name": key["message"], "channel": key["channel"], "language": key["language"]}
        wanted |= Q(**place, number__in=[key["version"], key["version"] - 1])
    rows = list(MessageText.objects.visible_to(user).filter(wanted)) if keys else []
    known = {(row.name, row.channel, row.language, row.number): row for row in rows}
    found = {}
    for row in rows:
        before = known.get((row.name, row.channel, row.language, row.number - 1))
        pairs = [(words, _text(before, part), _text(row, part)) for part, words in PARTS]
        # a part that the hospital left empty says nothing beside the delivered one
        found["accounts.messagetext", row.pk] = [
            Change(words, was, now) for words, was, now in pairs if was != now and "–" not in (was, now)
        ]
    return found


def _text(row, part):
    return _("as delivered") if row is None or row.as_delivered else row.texts[part] or "–"


def _of_consents(events, user):
    ids = [event.target_id for event in events if event.target_type == "accounts.consenttext"]
    texts = ConsentText.objects.visible_to(user)
    made = list(texts.filter(pk__in=ids)) if ids else []
    wanted = Q(pk__in=[])
    for row in made:
        wanted |= Q(kind=row.kind, number=row.number - 1)
    before = {(row.kind, row.number + 1): row.text for row in texts.filter(wanted)} if made else {}
    return {
        ("accounts.consenttext", row.pk): [Change(_("Text"), before.get((row.kind, row.number), "–"), row.text)]
        for row in made
    }
