"""The audit trail is written once: the database refuses to change or lose a row, whoever asks."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.db.migrations.loader import MigrationLoader

from accounts import audit
from accounts.models import AuditEvent
from accounts.services import sealing
from accounts.tests.factories import UserFactory
from hms.lib.appendonly import AppendOnly
from hms.testing import unguarded_trail

pytestmark = pytest.mark.django_db
SEALS = ["seal", "sealed_after", "seal_number"]
OTHER = {
    models.DateTimeField: datetime(2020, 1, 1, tzinfo=UTC),
    models.JSONField: {"forged": True},
    models.GenericIPAddressField: "10.0.0.9",
}


@pytest.fixture
def event(settings, tmp_path):
    settings.AUDIT_KEY, settings.AUDIT_KEY_FILE = "", tmp_path / "audit_key"
    settings.AUDIT_SEAL_FILE = tmp_path / "audit_seal.json"
    user = UserFactory()
    return audit.record(user, "test.act", user, patient=user, detail={"number": 1})


def another(field):
    """A value that the event does not have."""
    kind = next((kind for kind in OTHER if isinstance(field, kind)), None)
    return OTHER[kind] if kind else 4711 if isinstance(field, models.IntegerField) else "forged"


def is_refused(act):
    try:
        with transaction.atomic():
            act()
    except IntegrityError as error:
        return "audit_append_only" in str(error)
    return False


@pytest.mark.parametrize("is_sealed", [False, True])
def test_no_field_of_an_event_can_be_changed(event, is_sealed):
    if is_sealed:
        sealing.seal()
    rows = AuditEvent.objects.filter(pk=event.pk)
    fields = [field for field in AuditEvent._meta.concrete_fields if field.name not in SEALS]
    changes = [{field.name: another(field)} for field in fields]
    changes += [{field.name: None} for field in fields if field.null and getattr(event, field.name) is not None]
    assert len(changes) > 12
    assert [change for change in changes if not is_refused(lambda change=change: rows.update(**change))] == []


def test_a_seal_is_set_once(event):
    rows = AuditEvent.objects.filter(pk=event.pk)
    assert sealing.seal() == 1
    for name in SEALS:
        assert is_refused(lambda name=name: rows.update(**{name: None}))
        assert is_refused(lambda name=name: rows.update(**{name: 4711}))


def test_no_event_can_be_deleted(event):
    assert is_refused(event.delete)
    assert is_refused(AuditEvent.objects.all().delete)
    sealing.seal()
    assert is_refused(AuditEvent.objects.all().delete)
    assert AuditEvent.objects.filter(pk=event.pk).exists()


def test_the_table_cannot_be_emptied_at_once(event):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite empties a table by DELETE, which another test asks for.")

    def empty():
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE accounts_auditevent")

    assert is_refused(empty)


def test_the_guard_is_back_after_a_test_that_took_it_away(event):
    with unguarded_trail():
        AuditEvent.objects.filter(pk=event.pk).update(actor_name="Somebody else")
    assert is_refused(lambda: AuditEvent.objects.filter(pk=event.pk).update(actor_name="Nobody"))


@pytest.mark.django_db(transaction=True)
def test_the_guard_survives_that_django_makes_the_table_anew(event):
    """On SQLite a longer column copies the table; a trigger made by RunSQL would be gone then."""
    before = AuditEvent._meta.get_field("actor_role")
    longer = models.CharField(max_length=40, blank=True)
    longer.set_attributes_from_name("actor_role")
    longer.model = AuditEvent
    for old, new in ((before, longer), (longer, before)):
        with connection.schema_editor() as editor:
            editor.alter_field(AuditEvent, old, new)
        assert is_refused(lambda: AuditEvent.objects.filter(pk=event.pk).update(actor_name="Nobody"))
        assert is_refused(AuditEvent.objects.all().delete)


def test_the_migrations_know_the_guard_as_the_model_does():
    state = MigrationLoader(connection).project_state().apps.get_model("accounts", "AuditEvent")
    guards = [[one for one in model._meta.constraints if isinstance(one, AppendOnly)] for model in (state, AuditEvent)]
    assert guards[0] == guards[1] == [AppendOnly(once=SEALS, name="audit_append_only")]
