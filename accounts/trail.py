"""The audit trail for people who read it: where each entry leads, whom a search means, and the same as a table."""

from django.apps import apps
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import AuditEvent
from hms.lib import sheets

AT_ONCE = 500  # entries of a download in memory

_pages = {}
_finders = []


def lead(pages):
    """For AppConfig.ready(): each kind's page and the permission that it asks for.

    {"clinic.patient": ("clinic:patient-detail", "clinic.view_patient")}; "" where it asks for none.
    """
    _pages.update(pages)


def page_of(row):
    """The address of the page about a row; None for kinds without one."""
    page = _pages.get(row._meta.label_lower)
    return reverse(page[0], args=[row.pk]) if page else None


def find_patients_by(finder):
    """For AppConfig.ready(): `finder(text, user)` gives the ids of the patients a text may mean to this person."""
    _finders.append(finder)


def patients_like(text, user):
    """Ids of the patients that a name or number means, among those whom this person may see."""
    return [pk for finder in _finders for pk in finder(text, user)]


def with_links(events, user):
    """The events, each with `url`: the page of what it is about, where this person may see that row; else empty.

    One query for each kind of thing, however many events.
    """
    wanted = {}
    for event in events:
        wanted.setdefault(event.target_type, set()).add(event.target_id)
    seen = {kind: _visible(kind, ids, user) for kind, ids in wanted.items() if kind in _pages}
    for event in events:
        is_seen = event.target_id in seen.get(event.target_type, ())
        event.url = reverse(_pages[event.target_type][0], args=[event.target_id]) if is_seen else ""
    return events


def _visible(kind, ids, user):
    permission = _pages[kind][1]
    if permission and not user.has_perm(permission):
        return set()
    rows = apps.get_model(kind).objects.visible_to(user).filter(pk__in=ids)
    return set(rows.values_list("pk", flat=True))


def search(user, chosen):
    """The audit events that a search form's choices ask for, among those this person may see."""
    chosen = dict(chosen)
    if patient := chosen.pop("patient", ""):
        chosen["patients"] = patients_like(patient, user)
    return AuditEvent.objects.visible_to(user).narrowed(**chosen)


def lines(events, zone):
    """A generator of the lines of a CSV file; times in `zone`. A few hundred entries are in memory at a time."""
    titles = [_("When"), _("Who"), _("Role"), _("What"), _("On"), _("Detail"), _("From"), _("Action"), _("Entry")]
    return sheets.lines(titles, (cells(event, zone) for event in events.iterator(chunk_size=AT_ONCE)))


def cells(event, zone):
    return [
        event.at.astimezone(zone).isoformat(" ", "seconds"),
        event.actor_name,
        event.get_actor_role_display(),
        audit.words_for(event.action),
        event.target_label,
        "\n".join(f"{key}: {value}" for key, value in event.details),
        event.address,
        event.action,
        event.pk,
    ]
