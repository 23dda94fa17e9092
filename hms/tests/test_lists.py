"""Every list works like every other: order by each heading, pages, filters, an empty state, and one cost (0025).

LISTS is the registry, by the page's name and what its address takes. A page of ours that is cut into pages and stands
neither there nor in OTHERWISE fails.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import audit
from accounts.models import JobRun, MessageState, Role
from accounts.services import create_user, invite
from accounts.tests.factories import MessageFactory, UserFactory
from clinic.models import Import
from clinic.services import create_specialization, note_by_hand, update_department
from clinic.tests.factories import ApplicationFactory, DepartmentFactory, DoctorFactory, PatientFactory
from hms.access import declared
from hms.figures import rows as figure_rows
from hms.lib.lists import SIZES, ListFilter
from hms.past import past_visit
from hms.tests.world import World
from records.models import BreakGlass, ClinicalGrant, Export
from records.services import ask_grant, confirm_grant, make_report
from records.tests.factories import EncounterFactory
from scheduling.services.waitlist import join
from scheduling.tests.factories import AppointmentFactory, TimeOffFactory

pytestmark = pytest.mark.django_db
JUNE = datetime(2026, 6, 1, 8, tzinfo=UTC)


@dataclass(frozen=True)
class Listed:
    """`make(number, reader)` makes a row that the reader sees; `query` is what the page needs to show them all."""

    role: str
    make: Callable
    query: str = ""
    wrong: tuple = ("state", "nonsense")


def message(number, _reader):
    MessageFactory(recipient_name=f"Person {number}", state=MessageState.GIVEN_UP)


def waiting(number, _reader):
    doctor, until = DoctorFactory(), timezone.localdate() + timedelta(days=7 + number)
    join(patient=PatientFactory(), department=doctor.department, doctor=doctor, until=until, by=None)


def unreached(number, _reader):
    visit = AppointmentFactory(starts_at=tomorrow() + timedelta(hours=number))
    about = {"about_type": "scheduling.appointment", "about_id": visit.pk}
    MessageFactory(kind="appointment.booked", state=MessageState.GIVEN_UP, **about)


def displaced(number, _reader):
    visit = AppointmentFactory(starts_at=tomorrow() + timedelta(hours=number))
    TimeOffFactory(doctor=visit.doctor, starts_at=visit.starts_at, ends_at=visit.ends_at)


def tomorrow():
    return timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=1)


def brought(number, reader):
    form = {"encoding": "utf-8-sig", "delimiter": ","}
    Import.objects.create(kind="patients", file_name=f"list {number}.csv", owner=reader if number > 1 else None, **form)


def glass(number, _reader):
    doctor, patient = DoctorFactory(name=f"Dr {number}"), PatientFactory(name=f"Patient {number}")
    begins = timezone.now() - timedelta(days=2, hours=number)
    why = {"kind": BreakGlass.Kind.EMERGENCY, "reason": "Fainted"}
    until = begins + timedelta(minutes=30)
    BreakGlass.objects.create(doctor=doctor, patient=patient, opened_at=begins, until=until, **why)


def grant(number, reader, **what):
    officer = what.pop("user", None) or UserFactory(role=Role.RECEPTION, name=f"Officer {number}")
    begins = timezone.now() - timedelta(minutes=number)
    patient = PatientFactory(name=f"Patient {number}")
    scope = {"scope": ClinicalGrant.Scope.PATIENT, "patient": patient, "reason": "Audit"}
    by = reader if reader.role == Role.ADMIN else UserFactory(role=Role.ADMIN)
    return ask_grant(user=officer, starts_at=begins, until=begins + timedelta(days=number + 1), by=by, **scope)


def granted(number, reader):
    confirm_grant(grant(number, reader, user=reader), by=UserFactory(role=Role.ADMIN))


def pair(number, reader):
    first, second = (PatientFactory(name=f"Patient {number} {which}") for which in "AB")
    note_by_hand(first, second, by=reader)


def record(number, reader):
    visit = {"appointment__doctor": reader.doctor, "appointment__patient": PatientFactory(name=f"Patient {number}")}
    EncounterFactory(**visit, started_at=JUNE - timedelta(days=number))


def report(number, _reader):
    make_report(DoctorFactory(), datetime(2026, 1 + number, 1, tzinfo=UTC).date(), by=None)


def past(number, _reader):
    patient = PatientFactory(name=f"Patient {number}")
    starts = timezone.now().replace(microsecond=0) - timedelta(days=number)
    past_visit(doctor=DoctorFactory(), patient=patient, starts_at=starts, status="completed")


def changed(number, reader):
    update_department(DepartmentFactory(), location=f"Place {number}", by=reader)


def file(number, reader):
    at = timezone.now() - timedelta(hours=number)
    Export.objects.create(kind="appointments", owner=reader, state="expired", requested_at=at)


def run(number, _reader):
    begun = timezone.now() - timedelta(hours=number)
    ended = begun + timedelta(minutes=1) if number > 1 else None
    JobRun.objects.create(task="t", started_at=begun, finished_at=ended, outcome="done" if ended else "running")


LISTS = {
    "run-list": Listed("admin", run, wrong=("outcome", "nonsense")),
    "records:export-list": Listed("reception", file),
    "setting-history": Listed("admin", changed, wrong=("what", "nonsense")),
    **{f"figure-rows {which}": Listed("admin", past, wrong=("to_day", "x")) for which in figure_rows.KINDS},
    "accounts:user-list": Listed("admin", lambda number, _reader: UserFactory(name=f"Person {number}")),
    "accounts:invitation-list": Listed(
        "admin", lambda n, reader: invite(email=f"in{n}@example.org", name=f"New {n}", role=Role.RECEPTION, by=reader)
    ),
    "accounts:message-list": Listed("reception", message),
    "accounts:audit-list": Listed(
        "admin", lambda number, _reader: audit.record(None, "test.done", name=f"P{number}"), wrong=("address", "x")
    ),
    "clinic:doctor-manage": Listed(
        "admin", lambda number, _reader: DoctorFactory(name=f"Dr {number}", specialization=f"Kind {number}")
    ),
    "clinic:patient-list": Listed(
        "reception", lambda number, _reader: PatientFactory(name=f"Patient {number}"), wrong=("q", "x" * 101)
    ),
    "clinic:application-list": Listed(
        "admin", lambda number, _reader: ApplicationFactory(name=f"Dr {number}", department=DepartmentFactory())
    ),
    "clinic:duplicate-list": Listed("admin", pair),
    "clinic:import-list": Listed("admin", brought),
    "clinic:specialization-list": Listed(
        "admin", lambda number, _reader: create_specialization(name=f"Words {number}", by=None)
    ),
    "scheduling:appointment-list": Listed(
        "reception",
        lambda number, _reader: AppointmentFactory(starts_at=JUNE + timedelta(days=number)),
        query="when=all",
        wrong=("status", "nonsense"),
    ),
    "scheduling:call-list": Listed("reception", unreached, wrong=("doctor", "x")),
    "scheduling:proposal-list": Listed("reception", displaced),
    "scheduling:waitlist": Listed("reception", waiting, wrong=("doctor", "x")),
    "records:break-glass-list": Listed("admin", glass),
    "records:grant-list": Listed("admin", grant),
    "records:granted-list": Listed("reception", granted, wrong=("q", "x" * 101)),
    "records:report-list": Listed("admin", report, wrong=("month", "nonsense")),
    "records:encounter-list": Listed("doctor", record),
}
# Lists with pages that have no headings to press, and why.
OTHERWISE = {
    "accounts:inbox": "one's own messages: what is unread comes first, and nothing else is asked of it",
    "accounts:consent-text-list": "versions of four texts, the newest first",
    "records:unfinished-list": "records still to be written, the oldest visit first",
    "clinic:import-rows": "what became of each row of a file, in its order",
    "scheduling:doctor-list": "cards with free times; the form offers the order",
    "records:visit-list": "two tables read as one, the latest first",
    "records:chart-detail": "a chart's encounters, the latest first",
    "records:opening-list": "who opened a chart, the latest first",
    "records:report-rows": "the rows behind a figure of a report",
    "clinic:patient-consents": "what somebody answered, the latest first",
}


@pytest.fixture
def small_pages(monkeypatch):
    """Pages of two rows, so that three rows have a second one."""
    for kind in every(ListFilter):
        monkeypatch.setattr(kind, "size", 2)


def every(kind):
    return {kind} | {one for below in kind.__subclasses__() for one in every(below)}


def reader_of(listed):
    return DoctorFactory().user if listed.role == "doctor" else UserFactory(role=listed.role)


def address_of(name, listed, **query):
    name, *place = name.split()
    url = next(url.route for url in declared() if url.name == name)
    for part in place:
        url = re.sub("<[^>]+>", part, url, count=1)
    more = "&".join(f"{key}={value}" for key, value in query.items())
    return f"{url}?{'&'.join(part for part in (listed.query, more) if part)}"


@pytest.fixture(params=sorted(LISTS))
def shown(request, client):
    """(page(**query), make(number)) of one list, signed in as who reads it."""
    listed = LISTS[request.param]
    reader = reader_of(listed)
    client.force_login(reader)
    return (
        lambda **query: client.get(address_of(request.param, listed, **query)),
        lambda number: listed.make(number, reader),
        listed,
    )


def rows(page):
    return list(page.context["page_obj"].object_list)


def value(row, path):
    for name in path.split("__"):
        row = getattr(row, name)
        if row is None:
            return None
    return row


def test_every_heading_puts_the_list_in_order_both_ways(shown):
    get, make, _listed = shown
    for number in (2, 1, 3):
        make(number)
    narrowed = get().context["narrowed"]
    assert narrowed.columns
    for column in narrowed.columns:
        there, back = get(sort=column.key), get(sort=f"-{column.key}")
        up, down = ([value(row, column.fields[0]) for row in rows(page)] for page in (there, back))
        known = [one for one in up if one is not None]
        assert [one for one in down if one is not None] == known[::-1], column.key
        assert not known or known[0] <= known[-1], column.key
        assert up[len(known) :] == down[len(known) :] == [None] * (len(up) - len(known)), "nothing comes last"
        assert there.context["heads"][column.key].state == "ascending"
        assert back.context["heads"][column.key].state == "descending"
        assert f"sort=-{column.key}" in there.text


@pytest.mark.once
def test_a_table_says_by_what_it_is_in_order(shown):
    get, make, _listed = shown
    make(1)
    for page in (get(), *(get(sort=key) for key in get().context["heads"])):
        if 'class="sort"' in page.text.partition("<thead")[2].partition("</thead>")[0]:
            head = page.text.partition("<thead")[2].partition("</thead>")[0]
            assert len(re.findall(r'aria-sort="(?:a|de)scending"', head)) <= 1
            state = next((one for one in page.context["heads"].values() if one.state), None)
            assert state is None or str(state.label) in head


def test_the_second_page_has_the_rest_and_keeps_filters_and_order(shown, small_pages):
    get, make, _listed = shown
    for number in (1, 2, 3):
        make(number)
    order = next(iter(get().context["heads"]))
    first, second = get(sort=order), get(sort=order, page=2)
    assert first.context["page_obj"].paginator.count >= 3
    assert len(rows(first)) == 2
    assert rows(second)
    assert {row.pk for row in rows(first)}.isdisjoint(row.pk for row in rows(second))
    link = re.search(r'rel="next"\s+href="\?([^"]+)"', first.text)[1]
    assert {f"sort={order}", "page=2"} <= set(link.replace("&amp;", "&").split("&"))
    assert 'rel="prev"' in second.text


def test_a_page_is_as_long_as_one_likes(shown, small_pages):
    get, make, _listed = shown
    for number in (1, 2, 3):
        make(number)
    assert len(rows(get(size=SIZES[0]))) >= 3
    assert len(rows(get(size="7"))) == len(rows(get(size="x"))) == 2


WRONG = [("page", "x"), ("page", "-1"), ("page", 10**30), ("sort", "x"), ("sort", "--name"), ("size", "9" * 40)]


def test_a_wrong_order_page_or_length_is_the_usual_one(shown):
    get, make, _listed = shown
    make(1)
    for name, nonsense in WRONG:
        page = get(**{name: nonsense})
        assert page.status_code == 200
        assert rows(page)
        assert page.context["form"].is_valid()


def test_a_wrong_filter_finds_nothing_and_says_why_beside_the_field(shown):
    get, make, listed = shown
    make(1)
    field, nonsense = listed.wrong
    page = get(**{field: nonsense})
    assert (page.status_code, rows(page), list(page.context["form"].errors)) == (200, [], [field])
    assert "invalid-feedback" in page.text or "field-error" in page.text
    assert 'class="empty"' in page.text


def test_days_that_end_before_they_begin_are_told_beside_the_field(shown):
    get, make, _listed = shown
    make(1)
    span = [name for name in get().context["form"].fields if name in {"since", "until", "from_day", "to_day"}]
    if len(span) == 2:
        page = get(**dict(zip(span, ("2026-06-02", "2026-06-01"), strict=True)))
        assert (rows(page), list(page.context["form"].errors)) == ([], [span[1]])
        assert "This day comes before the first one." in page.text


STRANGE = {"x" * 300, "\u0645\u0631\u064a\u0645", "\U0001f469\u200d\u2695\ufe0f", "2026-02-30", "9999-12-31", "9" * 40}


def test_nothing_strange_in_a_filter_breaks_a_list(shown):
    get, make, _listed = shown
    make(1)
    fields = get().context["form"].fields
    for strange in STRANGE:
        assert get(**dict.fromkeys(fields, quote(strange))).status_code == 200, strange
    for name in fields:
        assert get(**{name: "9" * 40}).status_code == 200, name
    assert get(**dict.fromkeys(fields, "%00")).status_code == 400, "no address holds a NUL"


def test_who_finds_nothing_is_told_so(shown):
    get, make, _listed = shown
    make(1)
    if "q" in get().context["form"].fields:
        page = get(q="nobody is called that")
        assert rows(page) == []
        assert 'class="empty"' in page.text


def test_a_list_costs_the_same_for_one_row_and_for_three(shown):
    get, make, _listed = shown
    make(1)
    get()
    with CaptureQueriesContext(connection) as one:
        before = len(rows(get()))
    make(2)
    make(3)
    with CaptureQueriesContext(connection) as three:
        assert len(rows(get())) == before + 2
    assert len(three) == len(one)


def test_every_list_filter_is_walked(client):
    """Which classes the registry's pages use; those that are subclasses' bases alone are none."""
    used = set()
    for name, listed in LISTS.items():
        reader = reader_of(listed)
        client.force_login(reader)
        listed.make(1, reader)
        used.add(type(client.get(address_of(name, listed)).context["narrowed"]))
    ours = {kind for kind in every(ListFilter) if not kind.__module__.startswith("hms.lib")}
    assert {kind for kind in ours - used if not kind.__subclasses__()} == set()


def test_every_page_that_is_cut_into_pages_is_in_the_registry_or_says_why(client, settings, tmp_path):
    settings.MEDIA_ROOT, settings.EXPORT_ROOT = tmp_path / "media", tmp_path / "exports"
    world, cut = World(), set()
    for key in ("patient1", "doctor1", "reception", "administrator"):
        client.force_login(world.users[key])
        for url in declared():
            if (
                "GET" in url.methods
                and not url.route.startswith("/admin/")
                and not any(word in url.route for word in ("download", "left-out"))
                and world.users[key].role in (url.roles or [])
            ):
                page = client.get(world.address(url))
                if page.context and "page_obj" in page.context:
                    cut.add(url.name)
    assert cut - {key.split()[0] for key in LISTS} - set(OTHERWISE) == set()
    assert set(OTHERWISE) - cut <= {"scheduling:doctor-list", "clinic:patient-consents"}


def test_an_account_without_a_last_sign_in_comes_last_both_ways(client):
    client.force_login(UserFactory(role=Role.ADMIN))
    create_user(email="never@example.org", name="Never", role=Role.RECEPTION)
    for sort in ("seen", "-seen"):
        assert rows(client.get("/users/", {"sort": sort}))[-1].name == "Never"
