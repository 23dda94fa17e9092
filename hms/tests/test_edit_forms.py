"""Every form that edits what is there, on our pages and in the administration site: the second of two is told.

Which forms there are is known from the declared URLs and the registered ModelAdmins: a new one has to be entered below.
"""

from html.parser import HTMLParser

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.forms import BaseForm
from django.test import Client, override_settings
from django.urls import reverse

from accounts.admin_rows import LookedAt
from accounts.models import AuditEvent, Role, SignInRule, User
from accounts.roles import GROUPS
from accounts.services import set_groups
from clinic.models import Import
from clinic.services import work_import
from hms.access import declared
from hms.tests.world import VISITOR, World, for_a_module
from scheduling.models import Appointment

URLS = {url.name: url for url in declared() if url.ours and {"GET", "POST"} <= set(url.methods)}
PEOPLE = ("patient1", "doctor1", "reception", "administrator")
UNSENT, TICKS = {"submit", "button", "file", "image"}, {"checkbox", "radio"}
WORDS = ("First words", "Second words")

# {page: (who edits, field, what the first writes, what the second writes, what else is sent)}
EDITS = {
    "accounts:consent-text-edit": ("administrator", "text", *WORDS, {}),
    "accounts:message-text-edit": ("administrator", "subject", *WORDS, {"action": "save"}),
    "accounts:rule-edit": ("administrator", "idle_minutes", "20", "25", {}),
    "accounts:user-edit": ("administrator", "name", *WORDS, {}),
    "clinic:department-edit": ("administrator", "description", *WORDS, {}),
    "clinic:doctor-edit": ("administrator", "qualification", *WORDS, {}),
    "clinic:hospital-edit": ("administrator", "address", *WORDS, {}),
    "clinic:import-match": ("administrator", "source", "north", "south", {}),
    "clinic:patient-edit": ("reception", "address", *WORDS, {}),
    "clinic:profile-edit": ("reception", "name", *WORDS, {}),
    "clinic:specialization-edit": ("administrator", "name", *WORDS, {}),
    "clinic:ward-edit": ("patient1", "address", *WORDS, {}),
    "records:allergy-edit": ("doctor1", "reaction", *WORDS, {}),
    "records:encounter-amend": ("doctor1", "notes", *WORDS, {"reason": "Forgotten"}),
    "records:encounter-write": ("doctor1", "complaint", *WORDS, {"action": "save"}),
    "records:history-edit": ("patient1", "illnesses", *WORDS, {}),
    "scheduling:appointment-notes": ("reception", "notes", *WORDS, {}),
    "scheduling:extra-edit": ("administrator", "slot_minutes", "20", "15", {}),
    "scheduling:hours-edit": ("administrator", "slot_minutes", "20", "15", {}),
    "scheduling:timeoff-edit": ("administrator", "reason", *WORDS, {}),
    "setup:hospital": ("administrator", "address", *WORDS, {"name": "Lakeside"}),
}
# Pages that ask for an act or make something new: whoever is second finds it done, which their services say.
ACTS = {
    "accounts": "app-add app-remove consent-ask consent-text-publish consent-withdraw invitation-accept "
    "invitation-create message-close message-text-restore passkey-add passkey-remove recovery-codes-renew user-block "
    "user-reset-second-factor user-unblock",
    "clinic": "application-approve application-confirm application-create application-decline child-create "
    "claim-accept claim-ask department-create department-delete department-restore department-retire "
    "departments-retire doctor-create doctor-delete doctor-restore doctor-retire doctors-retire duplicate-dismiss "
    "duplicate-merge duplicate-undo guardian-ask guardian-create guardian-request guardianship-end "
    "guardianship-give-up "
    "import-create import-undo patient-close patient-consents patient-create patient-duplicate profile-close "
    "specialization-create specialization-merge specialization-restore specialization-retire",
    "records": "allergy-create break-glass-create break-glass-review export-appointments export-doctors "
    "export-patients grant-confirm grant-create grant-revoke prescription-stop report-create",
    "scheduling": "appointment-cancel appointment-reschedule appointment-times appointments-cancel "
    "appointments-write booking-confirm delay extra-create extra-delete hours-create hours-delete offer-answer "
    "proposal-answer proposal-create reminder-answer timeoff-create timeoff-delete waitlist-join waitlist-leave "
    "waitlist-offer",
    "setup": "begin departments doctor",
}
ASKING = {f"{app}:{name}" for app, names in ACTS.items() for name in names.split()}
ONE_AUTHOR = {"records:encounter-amend", "records:encounter-write"}  # in two windows: told, but not what was written
ALONE = {"accounts:message-preferences"}  # nobody else can write these; the last of one's own windows counts
FOREIGN = {name for name in URLS if ":" not in name}  # django-allauth's: signing in, password, address

ADMIN = {
    "accounts.SignInRule": ("idle_minutes", "20", "25"),
    "accounts.User": ("name", *WORDS),
    "auth.Group": ("name", *WORDS),
    "clinic.Department": ("description", *WORDS),
    "clinic.Doctor": ("qualification", *WORDS),
    "clinic.Hospital": ("address", *WORDS),
    "clinic.Patient": ("address", *WORDS),
    "clinic.Specialization": ("name", *WORDS),
    "scheduling.Appointment": ("staff_notes", *WORDS),
    "scheduling.ExtraHours": ("slot_minutes", "20", "15"),
    "scheduling.TimeOff": ("reason", *WORDS),
    "scheduling.WorkingHours": ("slot_minutes", "20", "15"),
}
WRITABLE = {model._meta.label: model for model, one in admin.site._registry.items() if not isinstance(one, LookedAt)}

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory):
    folder = tmp_path_factory.mktemp("world")
    with (
        override_settings(MEDIA_ROOT=folder / "media", EXPORT_ROOT=folder / "exports", IMPORT_ROOT=folder / "imports"),
        for_a_module(django_db_blocker),
    ):
        made = World()
        Group.objects.create(name="Billing")
        yield made


class Filled(HTMLParser):
    """The forms of a page as a browser would send them: [{name: [value, …]}]; buttons stay out."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.forms, self._select, self._words = [], None, None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        said = dict(attrs)
        name, kind = said.get("name"), said.get("type", "text")
        if tag == "form":
            self.forms.append({})
        elif tag == "select" and name:
            self._select = (name, "multiple" in said, [])
        elif tag == "option" and self._select:
            self._select[2].append((said.get("value", ""), "selected" in said))
        elif tag == "textarea" and name:
            self._words = (name, [])
        elif tag == "input" and name and kind not in UNSENT and (kind not in TICKS or "checked" in said):
            self._keep(name, said.get("value", "on" if kind == "checkbox" else ""))

    def handle_data(self, data):
        if self._words:
            self._words[1].append(data)

    def handle_endtag(self, tag):
        if tag == "textarea" and self._words:
            self._keep(self._words[0], "".join(self._words[1]).removeprefix("\n"))
            self._words = None
        elif tag == "select" and self._select:
            name, several, options = self._select
            chosen = [value for value, is_chosen in options if is_chosen]
            for value in chosen or ([] if several or not options else [options[0][0]]):
                self._keep(name, value)
            self._select = None

    def _keep(self, name, value):
        if self.forms:
            self.forms[-1].setdefault(name, []).append(value)


def form_with(field, page):
    """What the page's form with this field would send."""
    found = [form for form in Filled(page.text).forms if field in form]
    assert found, (field, page.status_code, page.text[:500])
    return found[0]


def signed_in(world, key):
    client = Client()
    client.force_login(world.users[key])
    return client


def wait_for_workers():
    """A file whose columns were matched is being checked; afterwards they can be matched again."""
    for waiting in Import.objects.unfinished():
        work_import(waiting.pk)


def place(world, name, who, field):
    """An address of that page with such a form, for this person."""
    client = signed_in(world, who)
    for pair in (0, 1, 2):
        for which in range(4):
            address = world.address(URLS[name], pair, which)
            page = client.get(address)
            if page.status_code == 200 and any(field in form for form in Filled(page.text).forms):
                return address
    raise AssertionError(f"{name}: World has none that {who} may edit.")


def test_every_page_with_a_form_edits_or_acts():
    assert set(URLS) == {*EDITS, *ASKING, *ALONE, *FOREIGN}, "enter it above: does it edit what is there?"


def test_no_page_that_only_asks_edits_a_row(world):
    found = []
    for name in sorted(ASKING):
        url = URLS[name]
        for who in PEOPLE if url.roles else [VISITOR]:
            if who != VISITOR and world.users[who].role not in url.roles:
                continue
            page = (Client() if who == VISITOR else signed_in(world, who)).get(world.address(url))
            layers = [layer for context in page.context or () for layer in getattr(context, "dicts", [context])]
            forms = {form for layer in layers for form in layer.values() if isinstance(form, BaseForm)}
            found += [
                (name, type(form).__name__) for form in forms if getattr(getattr(form, "instance", None), "pk", 0)
            ]
    assert found == []


@pytest.mark.parametrize("name", EDITS)
def test_the_second_is_told_and_loses_nothing(name, world):
    who, field, first, second, more = EDITS[name]
    address, one, other = place(world, name, who, field), signed_in(world, who), signed_in(world, who)
    begun = form_with(field, one.get(address))
    assert other.post(address, begun | {field: first} | more).status_code == 302
    wait_for_workers()
    page = one.post(address, begun | {field: second} | more)
    assert page.status_code == 409
    assert first in page.text or name in ONE_AUTHOR  # what the other has written …
    typed = form_with(field, page)
    assert typed[field] == [second]  # … and what one has typed oneself
    saved = one.post(address, typed | more)
    assert saved.status_code == 302
    wait_for_workers()
    page = one.get(address)
    assert second in (page if page.status_code == 200 else one.get(saved.url)).text


@pytest.mark.parametrize("name", EDITS)
def test_a_button_that_is_pressed_twice_is_no_quarrel(name, world):
    who, field, first, _second, more = EDITS[name]
    address, client = place(world, name, who, field), signed_in(world, who)
    begun = form_with(field, client.get(address)) | {field: first} | more
    assert client.post(address, begun).status_code == 302
    before = AuditEvent.objects.exclude(action__endswith=".opened").count()
    assert client.post(address, begun).status_code == 302
    assert AuditEvent.objects.exclude(action__endswith=".opened").count() == before


def row_of(model):
    """A row of that model which its page lets an administrator change."""
    if model is Group:
        return Group.objects.get(name="Billing")
    rows = model._base_manager.order_by("pk")
    if model is User:
        return rows.filter(role=Role.RECEPTION).first()
    if model is SignInRule:
        return rows.get(role=Role.DOCTOR)
    return rows.exclude(status="held").first() if model is Appointment else rows.first()


def test_every_model_that_the_administration_site_writes_is_tried():
    assert set(WRITABLE) == set(ADMIN)


@pytest.mark.parametrize("label", ADMIN)
def test_the_second_is_told_in_the_administration_site_too(label, world):
    field, first, second = ADMIN[label]
    row = row_of(WRITABLE[label])
    address = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    one, other = signed_in(world, "administrator"), signed_in(world, "administrator")
    begun = form_with(field, one.get(address))
    assert other.post(address, begun | {field: first}).status_code == 302
    assert other.post(address, begun | {field: first}).status_code == 302  # pressed twice
    page = one.post(address, begun | {field: second})
    assert page.status_code == 200
    assert "Somebody else has changed this" in page.text
    row.refresh_from_db()
    assert str(getattr(row, field)) == first
    typed = form_with(field, page)
    assert typed[field] == [second]
    assert one.post(address, typed).status_code == 302
    row.refresh_from_db()
    assert str(getattr(row, field)) == second


def test_groups_that_two_give_an_account_are_both_given(world):
    billing, archive = Group.objects.get(name="Billing"), Group.objects.create(name="Archive")
    clerk = world.users["reception"]
    address = reverse("admin:accounts_user_change", args=[clerk.pk])
    client = signed_in(world, "administrator")
    begun = form_with("name", client.get(address))
    set_groups(clerk, groups=[billing], by=None)
    page = client.post(address, begun | {"groups": [str(archive.pk)]})
    assert "Now in: Billing." in page.text
    typed = form_with("name", page)
    assert set(typed["groups"]) == {str(billing.pk), str(archive.pk)}
    assert client.post(address, typed).status_code == 302
    assert {"Archive", "Billing"} <= set(clerk.groups.values_list("name", flat=True))


def test_who_may_only_look_sees_no_hidden_field(world):
    group = Group.objects.get(name=GROUPS[Role.ADMIN])
    group.permissions.remove(*group.permissions.filter(codename__in=["change_department", "annotate_appointment"]))
    client = signed_in(world, "administrator")
    for label in ("clinic.Department", "scheduling.Appointment"):
        row = row_of(WRITABLE[label])
        page = client.get(reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk]))
        assert page.status_code == 200
        assert 'name="_save"' not in page.text
        assert "seen" not in page.text.lower()
