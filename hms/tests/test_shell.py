"""Every address answers inside the shell: headers, nothing kept, nobody led away, no field obeyed that no form has."""

from urllib.parse import urlsplit

import pytest
from django.db import transaction

from accounts.models import Message, Role, User
from clinic.models import Doctor, Patient
from hms.access import declared
from hms.tests.test_bad_input import forms_of
from hms.tests.test_headers import assert_guarded
from hms.tests.world import VISITOR, Visitor
from scheduling.models import Appointment, Lane, Status

PEOPLE = [VISITOR, "patient1", "doctor1", "reception", "administrator"]
PICTURES = ("/photo/", "/hospital/logo/", "/admin/jsi18n/")  # the same for everybody: these may be kept
ELSEWHERE = ("https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)")
HEADER = "Name\r\nBcc: eve@example.org"

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(600)]


def answers(visitor, url, world):
    """What this person gets from an address by each of its methods, and by one it does not know; taken back after."""
    for method in {*url.methods, "DELETE"}:
        with transaction.atomic():
            answer = visitor.client.generic(method, world.address(url))
            yield method, answer
            if answer.streaming:
                b"".join(answer.streaming_content)  # read to its end, a file is closed
            transaction.set_rollback(True)
        if url.name == "account_logout" and visitor.key != VISITOR:
            visitor.client.force_login(world.users[visitor.key])


@pytest.mark.once
@pytest.mark.parametrize("key", PEOPLE)
def test_every_answer_carries_the_headers_and_is_kept_nowhere(world, key):
    visitor, seen = Visitor(world, key), set()
    for url in declared():
        for method, answer in answers(visitor, url, world):
            seen.add(answer.status_code)
            assert_guarded(answer.headers)
            kept = answer.headers["Cache-Control"]
            may_be_kept = url.route.endswith(PICTURES) and answer.status_code in {200, 304}
            assert may_be_kept or "no-store" in kept, f"{key}: {method} {url.route} → {answer.status_code} {kept}"
            assert "Access-Control-Allow-Origin" not in answer.headers
            kind = answer.headers.get("Content-Type", "")
            assert kind or not answer.content, url.route
            assert not kind.startswith(("text/html", "text/plain")) or "charset=utf-8" in kind.lower(), url.route
    assert seen >= ({200, 302, 404, 405} if key == VISITOR else {200, 302, 403, 404, 405})


@pytest.mark.once
@pytest.mark.parametrize("key", PEOPLE)
def test_no_parameter_leads_to_another_site(world, key):
    visitor, led_away = Visitor(world, key), []
    for url in declared():
        for method in {"GET", "POST"} & set(url.methods):
            for going in ELSEWHERE:
                answer = visitor.ask(method, f"{world.address(url)}?next={going}", {"next": going})
                if not answer.location:  # it leads nowhere, whatever it is asked for
                    break
                where = urlsplit(answer.location.replace("\\", "/"))
                if where.netloc not in {"", "testserver"} or where.scheme == "javascript":
                    led_away.append(f"{answer} to {answer.location}")
    assert led_away == []


# What no form may set from outside. An administrator's own forms for these send them as fields of theirs.
SETTLED = {
    User: ["role", "is_staff", "is_superuser", "password", "email"],
    Patient: ["user_id", "number", "import_ref"],
    Doctor: ["user_id", "department_id"],
    Appointment: ["patient_id", "doctor_id", "lane", "reference"],
}


def settled():
    """{(model, id): the values nobody may set}."""
    return {
        (model.__name__, row["pk"]): row
        for model, fields in SETTLED.items()
        for row in model.objects.values("pk", *fields)
    }


def added(world):
    """Fields that somebody might add to any form."""
    other = {
        "patient": world.ids["patients"][1][0],
        "patient_id": world.ids["patients"][1][0],
        "doctor": world.ids["doctors"][1][0],
        "doctor_id": world.ids["doctors"][1][0],
        "user": world.ids["users"][1][0],
        "user_id": world.ids["users"][1][0],
    }
    flags = dict.fromkeys(["is_staff", "is_superuser", "is_active", "verified", "signed", "given"], "on")
    words = {"role": "admin", "lane": "history", "number": "P000001", "reference": "X", "status": "completed"}
    return other | flags | words | {"groups": "4", "id": "1", "pk": "1", "email": "eve@example.org", "by": "1"}


@pytest.mark.parametrize("key", PEOPLE)
def test_fields_that_no_form_has_change_nothing(world, key):
    visitor, changed, sent = Visitor(world, key), [], 0
    extra, before = added(world), settled()
    for path, values, _typed in forms_of(visitor, world):
        with transaction.atomic():
            answer = visitor.client.post(path, extra | values)
            after, sent = settled(), sent + 1
            changed += [f"{path}: {row}" for row in before if after.get(row) != before[row] and not may(path, row)]
            changed += [f"{path}: {row} is new" for row in after.keys() - before.keys() if is_too_much(after[row])]
            transaction.set_rollback(True)
        assert answer.status_code < 500
        if "logout" in path and key != VISITOR:
            visitor.client.force_login(world.users[key])
    assert sent > 3
    assert changed == []


def may(path, row):
    """Whether a form is there for changing just that."""
    kind = row[0]
    return (kind == "User" and path.startswith(("/account/password/", "/users/", "/account/email/"))) or (
        kind == "Doctor" and path.startswith("/doctors/")
    )


def is_too_much(row):
    """A row that somebody made who may not make such a one."""
    return (
        row.get("is_superuser")
        or row.get("lane") == Lane.HISTORY
        or (row.get("is_staff") and row["role"] != Role.ADMIN)
        or row.get("status") == Status.COMPLETED
    )


@pytest.mark.parametrize("key", PEOPLE)
def test_a_line_break_typed_anywhere_gets_into_no_header_of_a_mail(world, key):
    visitor, broken = Visitor(world, key), []
    for path, values, typed in forms_of(visitor, world):
        before = Message.objects.count()
        for name in sorted(typed):
            with transaction.atomic():
                visitor.client.post(path, values | {name: HEADER})
                for message in Message.objects.order_by("-pk")[: Message.objects.count() - before]:
                    heads = f"{message.subject}{message.address}{message.recipient_name}"
                    if "\n" in heads or "\r" in heads:
                        broken.append(f"{path} {name}: {heads}")
                transaction.set_rollback(True)
    assert broken == []
