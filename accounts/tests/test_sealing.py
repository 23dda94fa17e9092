"""The audit trail tells when somebody has touched it."""

import json
import stat
import threading

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from accounts import audit, sealfile
from accounts.models import AuditChain, AuditEvent
from accounts.services import sealing
from accounts.tests.factories import UserFactory
from hms.testing import unguarded_trail

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    """Key and newest seal in a folder of this test."""
    settings.AUDIT_KEY = ""
    settings.AUDIT_KEY_FILE = tmp_path / "audit_key"
    settings.AUDIT_SEAL_FILE = tmp_path / "audit_seal.json"
    return tmp_path


@pytest.fixture
def trail(django_capture_on_commit_callbacks):
    """Five sealed rows."""
    user = UserFactory()
    for number in range(5):
        audit.record(user, f"test.act_{number}", user, detail={"number": number, "words": ["ä", "b"]})
    with django_capture_on_commit_callbacks(execute=True):
        assert sealing.seal() == 5
    return list(AuditEvent.objects.order_by("pk"))


def seal(capture):
    with capture(execute=True):
        return sealing.seal()


def touch(event, **fields):
    with unguarded_trail():
        AuditEvent.objects.filter(pk=event.pk).update(**fields)


def remove(**which):
    with unguarded_trail():
        AuditEvent.objects.filter(**which).delete()


def test_an_untouched_trail_is_whole(trail):
    assert sealing.verify() == sealing.Report(sealed=5, unsealed=0)
    assert [event.seal_number for event in trail] == [1, 2, 3, 4, 5]
    assert len({event.seal for event in trail}) == 5


def test_rows_are_sealed_by_their_missing_seal_and_the_chain_goes_on(trail, django_capture_on_commit_callbacks):
    audit.record(None, "test.later")
    assert sealing.verify() == sealing.Report(sealed=5, unsealed=1)
    assert seal(django_capture_on_commit_callbacks) == 1
    assert sealing.verify() == sealing.Report(sealed=6, unsealed=0)


@pytest.mark.parametrize(
    "change",
    [
        {"actor_name": "Somebody else"},
        {"actor_id": 4711},
        {"action": "test.other"},
        {"target_label": "Another"},
        {"target_id": None},
        {"detail": {}},
        {"address": "10.0.0.1"},
        {"patient_id": 1},
        {"at": "2020-01-01T00:00:00Z"},
        {"seal": "0" * 64},
    ],
)
def test_any_change_to_a_sealed_row_is_found_and_the_row_is_named(change, trail):
    touch(trail[2], **change)
    broken = sealing.verify().broken
    assert broken.startswith(f"Event {trail[2].pk} (seal 3)")


def test_a_removed_row_is_found(trail):
    remove(pk=trail[1].pk)
    assert sealing.verify().broken.startswith(f"Sealed row 2 is missing, before event {trail[2].pk} of ")


@pytest.mark.parametrize("left", [0, 3, 4])
def test_a_cut_tail_is_found_by_the_seal_outside(left, trail):
    remove(seal_number__gt=left)
    assert sealing.verify().broken == f"The end was cut: {left} sealed rows are here, but row 5 was sealed once."


def test_a_cut_tail_stays_found_after_more_was_written(trail, django_capture_on_commit_callbacks):
    remove(seal_number__gt=3)
    audit.record(None, "test.later")
    seal(django_capture_on_commit_callbacks)
    broken = sealing.verify().broken
    assert broken.startswith("Sealed row 4 to 5 is missing")


def test_what_a_restored_backup_did_not_have_is_a_gap_on_record_and_no_flaw(trail, django_capture_on_commit_callbacks):
    remove(seal_number__gt=3)
    assert not sealing.verify().ok
    assert sealing.after_restore() == 2
    assert sealing.verify().ok
    seal(django_capture_on_commit_callbacks)
    event = AuditEvent.objects.get(action="audit.restored")
    assert (event.seal_number, event.detail) == (6, {"gone": 2, "from": 4, "to": 5})
    assert sealing.verify() == sealing.Report(sealed=4, unsealed=0)
    remove(seal_number=3)
    assert sealing.verify().broken.startswith("Sealed row 3 to 5 is missing")
    assert sealing.after_restore() == 0


def test_two_rows_swapped_are_found(trail):
    first, second = trail[1], trail[2]
    touch(first, seal_number=100)
    touch(second, seal_number=2)
    touch(first, seal_number=3)
    assert f"Event {second.pk} (seal 2)" in sealing.verify().broken


def test_resealing_with_another_key_is_found(trail, settings, files, django_capture_on_commit_callbacks):
    key = (files / "audit_key").read_text()
    settings.AUDIT_KEY = "the attacker's key"
    with unguarded_trail():
        AuditEvent.objects.update(seal=None, sealed_after=None, seal_number=None, actor_name="Nobody")
    settings.AUDIT_SEAL_FILE = files / "elsewhere.json"
    seal(django_capture_on_commit_callbacks)
    settings.AUDIT_KEY, settings.AUDIT_SEAL_FILE = "", files / "audit_seal.json"
    assert (files / "audit_key").read_text() == key
    assert sealing.verify().broken


def test_a_lost_file_is_told_once_and_on_record(trail, files, django_capture_on_commit_callbacks):
    (files / "audit_seal.json").unlink()
    assert sealing.verify().broken == sealing.FILE_MISSING
    with django_capture_on_commit_callbacks(execute=True):
        assert sealing.prove().broken == sealing.FILE_MISSING
    seal(django_capture_on_commit_callbacks)
    with django_capture_on_commit_callbacks(execute=True):
        assert sealing.prove().ok
    assert AuditEvent.objects.filter(action="audit.seal_lost").count() == 1


def test_key_and_seal_are_private_files_made_on_first_use(trail, files):
    for name in ("audit_key", "audit_seal.json"):
        assert stat.S_IMODE((files / name).stat().st_mode) == 0o600
    assert len((files / "audit_key").read_text().strip()) == 64
    known = json.loads((files / "audit_seal.json").read_text())
    assert known == {AuditChain.objects.get().identity: {"number": 5, "seal": trail[-1].seal}}
    assert sorted(path.name for path in files.iterdir()) == [".audit_seal.json.lock", "audit_key", "audit_seal.json"]


def test_an_older_seal_never_replaces_a_newer_one():
    sealfile.remember("chain", 7, "new")
    sealfile.remember("chain", 6, "old")
    sealfile.remember("other", 1, "seal")
    assert (sealfile.newest("chain"), sealfile.newest("other"), sealfile.newest("none")) == (
        (7, "new"),
        (1, "seal"),
        None,
    )


def test_more_than_a_batch_is_sealed_at_once(monkeypatch, django_capture_on_commit_callbacks):
    monkeypatch.setattr(sealing, "BATCH", 3)
    for number in range(7):
        audit.record(None, f"test.{number}")
    assert seal(django_capture_on_commit_callbacks) == 7
    assert sealing.verify().ok


def test_the_command_seals_first_and_exits_with_0_or_1(trail, capsys, django_capture_on_commit_callbacks):
    audit.record(None, "test.later")
    with django_capture_on_commit_callbacks(execute=True):
        call_command("verify_audit")
    assert capsys.readouterr().out == "Sealed rows: 6. Not sealed yet: 0.\nThe audit trail is whole.\n"
    touch(trail[0], actor_name="Somebody else")
    with pytest.raises(SystemExit) as ended:
        call_command("verify_audit")
    assert ended.value.code == 1
    assert f"Event {trail[0].pk} (seal 1)" in capsys.readouterr().err


@pytest.mark.django_db(transaction=True)
def test_sealers_at_once_make_one_chain_and_writers_do_not_wait(files):
    def write():
        for number in range(10):
            with transaction.atomic():
                audit.record(None, f"test.{number}")
        connection.close()

    def seal_often():
        for _ in range(5):
            sealing.seal()
        connection.close()

    threads = [threading.Thread(target=work) for work in [write, seal_often] * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sealing.seal()
    assert sealing.verify() == sealing.Report(sealed=40, unsealed=0)


@pytest.mark.django_db(transaction=True)
def test_a_row_committed_late_under_a_low_number_is_sealed_all_the_same(files):
    """PostgreSQL hands out numbers before commit: the chain follows commits, not numbers."""
    low = audit.record(None, "test.low")
    remove(pk=low.pk)
    audit.record(None, "test.high")
    sealing.seal()
    AuditEvent.objects.create(pk=low.pk, action="test.low", actor_name="HMS")
    assert sealing.seal() == 1
    assert sealing.verify() == sealing.Report(sealed=2, unsealed=0)
