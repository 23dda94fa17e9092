"""Every URL × every role × own, another's, missing: what it answers, and that nobody reads a word that is not theirs.

The URLs come from the declarations, so a new one is tested as soon as it is there; one that declares nothing fails.
"""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.http import HttpResponse
from django.urls import path

from accounts.models import Message
from hms.access import Undeclared, declared
from hms.tests.world import VISITOR, Forms, Visitor

URLS = declared()
OURS = [url for url in URLS if url.ours]
PEOPLE = ["patient1", "doctor1", "reception", "administrator"]
EVERYONE = [VISITOR, *PEOPLE]
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
# What of a pair is nobody else's: where these stand before an id, the other pair's is a 404 for patient and doctor.
SEPARATE = {"allergies", "appointments", "break-glass", "encounters", "exports", "extra-dates", "family",
            "hours", "inbox", "offers", "passkeys", "patients", "prescriptions", "reports", "requests", "time-off",
            "waiting-list"}  # fmt: skip
OF_ONE_DOCTOR = {"scheduling.change_workinghours", "scheduling.propose_times"}

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(300)]  # several hundred requests in one test


def admitted(url, key, world):
    return url.roles is None or (key != VISITOR and world.users[key].role in url.roles)


def names_a_row(url):
    return any(converter == "id" for _name, converter in url.parameters)


def is_separate(url, key):
    """Whether the other pair's row is not this person's to see."""
    if key not in {"patient1", "doctor1"} or url.roles is None:
        return False
    kind = url.route.partition("/<id:")[0].rpartition("/")[2]
    return kind in SEPARATE or (kind == "doctors" and url.audience in OF_ONE_DOCTOR)


@pytest.mark.once
def test_every_url_declares_who_may_open_it():
    class Anything:
        url_patterns = [path("open/to/whom/", lambda request: HttpResponse(), name="new")]
        pattern = path("", lambda request: None).pattern

    assert len(OURS) > 60
    with pytest.raises(Undeclared, match=r"/open/to/whom/ \(new\) does not say who may open it"):
        declared(Anything())


@pytest.mark.once
def test_the_printed_matrix_is_what_the_tests_use():
    printed = StringIO()
    call_command("access_matrix", "--json", stdout=printed)
    assert json.loads(printed.getvalue()) == [url.as_json() for url in URLS]


@pytest.mark.once
def test_the_page_about_access_is_current():
    printed = StringIO()
    call_command("access_matrix", "--markdown", stdout=printed)
    page = Path(settings.BASE_DIR, "docs/access.md").read_text(encoding="utf-8")
    outdated = set(page.splitlines()) ^ set(printed.getvalue().splitlines())
    assert outdated == set(), "python manage.py access_matrix --markdown > docs/access.md"


def test_who_is_not_signed_in_is_sent_to_sign_in_and_back(world):
    visitor, wrong = Visitor(world, VISITOR), []
    for url in [url for url in URLS if url.roles is not None]:
        address = world.address(url)
        for method in {"GET", "POST"} & set(url.methods):
            answer = visitor.ask(method, address)
            to_sign_in = answer.status == 302 and "/login/" in answer.location
            if not (to_sign_in or (method == "POST" and answer.status == 403)):
                wrong.append(str(answer))
            if method == "GET" and url.ours and not answer.location.endswith(f"?next={address}"):
                wrong.append(f"{answer} to {answer.location}")
    assert wrong == []
    assert visitor.leaks == []


@pytest.mark.parametrize("key", PEOPLE)
def test_the_wrong_role_is_refused_whatever_it_asks_for(key, world):
    visitor, wrong = Visitor(world, key), []
    for url in [url for url in URLS if not admitted(url, key, world)]:
        for method in {"GET", "POST"} & set(url.methods):
            addresses = {world.address(url, pair) for pair in ((0, 1, None) if url.ours else (0,))}
            answers = [visitor.ask(method, address) for address in sorted(addresses)]
            wrong += [str(answer) for answer in answers if answer.status != 403 and not has_no_row(answer)]
    assert wrong == []
    assert visitor.leaks == []


def has_no_row(answer):
    """Django's administration site looks whether there is a row before it looks who asks (and finds administrators)."""
    return (answer.who, answer.status, answer.location) == ("administrator", 302, "/admin/")


@pytest.mark.parametrize("key", PEOPLE)
def test_what_is_not_yours_looks_exactly_like_what_is_not_there(key, world):
    visitor, wrong = Visitor(world, key), []
    for url in [url for url in OURS if names_a_row(url) and admitted(url, key, world)]:
        for method in {"GET", "POST"} & set(url.methods):
            missing = visitor.ask(method, world.address(url, None))
            if missing.status != 404 and not is_sent_on(missing, visitor.ask(method, world.address(url))):
                wrong.append(str(missing))
            if is_separate(url, key):
                theirs = visitor.ask(method, world.address(url, 1), {"reason": "x"})
                if (theirs.status, theirs.body) != (404, missing.body):
                    wrong.append(str(theirs))
    assert wrong == []
    assert visitor.leaks == []


def is_sent_on(missing, there):
    """Whether the person is sent to another page without a look at the row: a doctor books with himself alone."""
    return (302, missing.location) == (missing.status, there.location)


@pytest.mark.parametrize("key", EVERYONE)
def test_what_is_yours_opens(key, world):
    visitor, wrong = Visitor(world, key), []
    for url in [url for url in URLS if "GET" in url.methods and admitted(url, key, world)]:
        for method in ("GET", "HEAD"):
            answer = visitor.ask(method, own_address(world, url, key))
            if answer.status not in {200, 302, 409} | exceptions(url):
                wrong.append(str(answer))
    assert wrong == []
    assert visitor.leaks == []


def own_address(world, url, key):
    """Where a pair has one of a kind each, the patient's is the first, the doctor's the second, then the files of who
    administers and of reception."""
    if key in {"administrator", "reception"} and "/exports/<" in url.route:
        return world.address(url, which=2 if key == "administrator" else 3)
    return world.address(url, which=1 if key == "doctor1" else 0)


def exceptions(url):
    """Keys that are made up here open nothing. Django's site looks at the row, or wants parameters, as well."""
    if not url.ours:
        return {400, 403, 404, 405} if url.route.startswith("/admin/") else {404}
    # The first of the pair: nobody else has a passkey in this world, and nobody has another's inbox.
    of_one_person = "/passkeys/<" in url.route or url.route.startswith("/inbox/<")
    return {404} if of_one_person or any(name == "token" for name, _converter in url.parameters) else set()


@pytest.mark.parametrize("key", EVERYONE)
def test_a_form_with_nothing_but_ids_is_answered_and_never_breaks(key, world):
    visitor, wrong = Visitor(world, key), []
    given = {"patient": world.ids["patients"][0][0], "history": world.seed["records"]["patient1"]["history_id"]}
    for url in [url for url in URLS if "POST" in url.methods and admitted(url, key, world)]:
        answer = visitor.ask("POST", own_address(world, url, key), given)
        if answer.status not in {200, 302, 409, 422} | exceptions(url):
            wrong.append(str(answer))
    assert wrong == []
    assert visitor.leaks == []


@pytest.mark.once
@pytest.mark.parametrize("key", EVERYONE)
def test_another_method_is_not_allowed(key, world):
    visitor, wrong = Visitor(world, key), []
    for url in [url for url in OURS if admitted(url, key, world)]:
        for method in set(METHODS) - set(url.methods):
            answer = visitor.ask(method, world.address(url))
            if answer.status != 405:
                wrong.append(str(answer))
    assert wrong == []


@pytest.mark.parametrize("key", EVERYONE)
def test_own_words_are_found_and_strangers_words_nowhere(key, world):
    visitor = Visitor(world, key)
    pages = [url for url in URLS if "GET" in url.methods and admitted(url, key, world)]
    searches = set()
    for url in pages:
        for address in world.addresses(url):
            whole = visitor.get(address)
            if whole.status == 200:
                searches |= {(action or address, name) for action, name in Forms(whole.body).searches()}
        if url.ours:
            for address in sorted({world.address(url, pair) for pair in (0, 1)}):
                visitor.get(address, **{"HX-Request": "true"})
    search(visitor, searches)
    assert visitor.leaks == []
    unseen = {where for word, where in visitor.own.items() if word not in visitor.seen}
    assert unseen == set()


def search(visitor, searches):
    """Type the beginnings of words that are not theirs into every search there is."""
    some = sorted(visitor.forbidden)[:: max(1, len(visitor.forbidden) // 3)]
    for action, name in sorted(searches):
        for word in some:
            visitor.get(f"{action}?{name}={word[:-2]}")


@pytest.mark.parametrize("key", ["patient1", "doctor1", VISITOR])
def test_another_ones_id_in_a_parameter_opens_nothing(key, world):
    visitor, wrong = Visitor(world, key), []
    theirs = {"patient": world.ids["patients"][1][0], "doctor": world.ids["doctors"][0][0]}
    before = rows_about(world)
    for url in [url for url in OURS if admitted(url, key, world)]:
        for method in {"GET", "POST"} & set(url.methods):
            query = "&".join(f"{name}={pk}" for name, pk in theirs.items())
            answer = visitor.ask(method, f"{world.address(url)}?{query}", theirs)
            if answer.status >= 500:
                wrong.append(str(answer))
    assert wrong == []
    assert visitor.leaks == []
    assert rows_about(world) == before


def rows_about(world):
    """How many rows of each kind tell of the second patient."""
    patient = world.users["patient2"].patient
    related = [field for field in patient._meta.related_objects if field.one_to_many]
    return {
        field.related_model._meta.label: field.related_model._default_manager.filter(
            **{field.field.name: patient}
        ).count()
        for field in related
    }


def test_mails_say_nothing_clinical_and_nothing_of_others(world):
    keys = {user.pk: key for key, user in world.users.items()}
    found = []
    clinical = {
        entry["word"] for entry in world.seed["words"] if not {"reception", "everybody"} & set(entry["readers"])
    }
    messages = Message.objects.filter(recipient__in=keys)
    assert {keys[message.recipient_id] for message in messages} >= {"patient1", "patient2"}
    for message in messages:
        text = f"{message.subject}{message.text}{message.html}{message.attachments}".casefold()
        key = keys[message.recipient_id]
        found += [f"{message.kind} to {key}: {word}" for word in clinical | world.secrets_from(key) if word in text]
    assert found == []
