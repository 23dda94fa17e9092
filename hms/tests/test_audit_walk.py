"""Every form of every page: what it changes stands in the audit trail."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEvent
from hms.tests.test_bad_input import forms_of
from hms.tests.world import VISITOR, Visitor

pytestmark = pytest.mark.django_db
WRITES = re.compile(r'^(?:INSERT INTO|UPDATE|DELETE FROM) "(\w+)"')
# Not of consequence: sessions, counters, the trail itself, and messages, which tell of an act that is on record.
ASIDE = {"accounts_auditevent", "accounts_message", "accounts_session", "hms_cache"}


class Walker(Visitor):
    """Notes the tables that each request wrote to, and how many audit rows it left."""

    def _ask(self, *request):
        before = AuditEvent.objects.count()
        with CaptureQueriesContext(connection) as queries:
            answer = super()._ask(*request)
        found = (WRITES.match(query["sql"]) for query in queries)
        self.wrote = {match[1] for match in found if match} - ASIDE
        self.left = AuditEvent.objects.count() - before
        return answer


@pytest.mark.timeout(300)
@pytest.mark.parametrize("key", [VISITOR, "patient1", "doctor1", "reception", "administrator"])
def test_whatever_a_form_changes_leaves_an_audit_row(key, world):
    walker, silent, changed = Walker(world, key), [], 0
    for path, values, _typed in forms_of(walker, world):
        answer = walker.ask("POST", path, values)
        if answer.status == 302 and walker.wrote:
            changed += 1
            if not walker.left:
                silent.append(f"{answer} wrote to {sorted(walker.wrote)}")
    assert silent == []
    assert changed >= (0 if key == VISITOR else 2)
