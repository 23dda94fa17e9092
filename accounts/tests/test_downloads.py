"""Short lists as tables: what is shown and in its order, harmless in a spreadsheet, on record, for who may."""

import csv
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEvent, MessageState, Role
from accounts.tests.factories import MessageFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_admin(client):
    client.force_login(UserFactory(role=Role.ADMIN, name="Alma Head"))
    return client


def sheet(response):
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_accounts_come_as_they_are_filtered_and_in_their_order(as_admin):
    for name in ("Bob", "=cmd()", "Zoë"):
        UserFactory(name=name)
    rows = sheet(as_admin.get("/users/download/", {"role": "patient", "sort": "-name", "page": "7"}))
    assert [row[0] for row in rows] == ["Name", "Zoë", "Bob", "'=cmd()"]
    told = AuditEvent.objects.get(action="list.downloaded")
    assert told.detail == {"list": "accounts", "filters": ["role"]}
    assert "/users/download/?role=patient" in as_admin.get("/users/", {"role": "patient", "size": "50"}).text


def test_messages_come_without_what_they_said(as_admin):
    MessageFactory(recipient_name="Ada", state=MessageState.GIVEN_UP, subject="Subject word", text="Secret word")
    MessageFactory(recipient_name="Sent", state=MessageState.SENT)
    rows = sheet(as_admin.get("/messages/download/"))
    assert [row[1] for row in rows] == ["To", "Ada"]
    assert "word" not in str(rows)


def test_nobody_else_takes_a_list_along(client):
    for role in (Role.PATIENT, Role.DOCTOR, Role.RECEPTION):
        client.force_login(UserFactory(role=role))
        answers = {name: client.get(f"/{name}/download/").status_code for name in ("users", "messages")}
        messages = 200 if role == Role.RECEPTION else 403
        assert answers == {"users": 403, "messages": messages}
    assert AuditEvent.objects.filter(action="list.downloaded").count() == 1


@pytest.mark.parametrize("name", ["users", "messages"])
def test_a_table_costs_the_same_however_long(name, as_admin):
    counts = []
    for _round in range(2):
        UserFactory.create_batch(2)
        MessageFactory.create_batch(2, state=MessageState.GIVEN_UP)
        as_admin.get(f"/{name}/download/")
        with CaptureQueriesContext(connection) as asked:
            sheet(as_admin.get(f"/{name}/download/"))
        counts.append(len(asked))
    assert counts[0] == counts[1]
