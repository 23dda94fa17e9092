"""Sealing the audit trail: committed rows are chained by HMAC, found by their missing seal and not by a range of ids.

Writers never wait: a row is written unsealed with its act, and a job seals it within the minute. The key and the newest
seal live outside the database, so that neither a changed row nor a cut tail goes unnoticed.
"""

import hashlib
import hmac
import json
import logging
from dataclasses import dataclass, replace
from datetime import UTC

from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, transaction

from accounts import audit, sealfile
from accounts.models import AuditChain, AuditEvent

log = logging.getLogger(__name__)

BATCH = 500
FILE_MISSING = "The file with the newest seal was missing: nobody can tell whether the end was cut."
SEALED = (
    "id",
    "action",
    "actor_id",
    "actor_name",
    "actor_role",
    "target_type",
    "target_id",
    "target_label",
    "patient_id",
    "detail",
    "address",
)


@dataclass(frozen=True)
class Report:
    """What a verification found: `broken` is empty when every sealed row stands as it was sealed."""

    sealed: int
    unsealed: int
    broken: str = ""

    @property
    def ok(self):
        return not self.broken


def seal_of(key, event, number, before):
    """The seal of one row, as hexadecimal: an HMAC over its place in the chain, the seal before it and all it says."""
    said = {name: getattr(event, name) for name in SEALED} | {
        "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "number": number,
        "before": before,
    }
    text = json.dumps(said, sort_keys=True, ensure_ascii=False, cls=DjangoJSONEncoder)
    return hmac.new(key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def seal():
    """Seal every committed row that has no seal yet, oldest first. Returns how many."""
    total = 0
    try:
        while done := _seal_batch():
            total += done
            if done < BATCH:
                break
    except IntegrityError:
        log.info("Another sealer was faster; what is left is sealed next time.")
    return total


def unsealed():
    """How many committed rows wait for their seal."""
    return AuditEvent.objects.filter(seal=None).count()


@transaction.atomic
def _seal_batch():
    chain = AuditChain.objects.select_for_update().get(pk=1)
    number, before = _newest(chain)
    key = sealfile.key()
    batch = list(AuditEvent.objects.filter(seal=None).order_by("pk")[:BATCH])
    for event in batch:
        number += 1
        event.sealed_after, event.seal_number = before, number
        event.seal = before = seal_of(key, event, number, before)
    AuditEvent.objects.bulk_update(batch, ["seal", "sealed_after", "seal_number"])
    if batch:
        transaction.on_commit(lambda: sealfile.remember(chain.identity, number, before))
    return len(batch)


def _newest(chain):
    """(number, seal) that the next row is chained to: the newest known, inside the database or outside.

    When the tail was cut, the chain goes on from the seal known outside: the gap stays to be seen.
    """
    last = AuditEvent.objects.exclude(seal=None).order_by("-seal_number").first()
    inside = (last.seal_number, last.seal) if last else (0, chain.identity)
    outside = sealfile.newest(chain.identity)
    if outside is None:
        if last:
            log.error("The file with the audit trail's newest seal is missing; it is begun anew.")
            audit.record(None, "audit.seal_lost", detail={"number": last.seal_number})
        sealfile.remember(chain.identity, *inside)
        return inside
    return outside if outside[0] >= inside[0] else inside


def after_restore():
    """Go on after a backup was put back: what it did not have is a gap that is on record, and no flaw.

    Returns how many sealed rows are gone. The gap is accepted in the file outside the database, not inside.
    """
    chain = AuditChain.objects.get(pk=1)
    last = AuditEvent.objects.exclude(seal=None).order_by("-seal_number").first()
    inside = last.seal_number if last else 0
    outside = sealfile.newest(chain.identity)
    gone = outside[0] - inside if outside else 0
    if gone > 0:
        sealfile.accept_gap(chain.identity, inside + 1, outside[0])
        audit.record(None, "audit.restored", detail={"gone": gone, "from": inside + 1, "to": outside[0]})
    return max(gone, 0)


def prove():
    """Seal what is unsealed, then verify. A missing file with the newest seal shows before sealing begins it anew."""
    chain = AuditChain.objects.get(pk=1)
    was_missing = sealfile.newest(chain.identity) is None and AuditEvent.objects.exclude(seal=None).exists()
    seal()
    report = verify()
    return replace(report, broken=report.broken or FILE_MISSING) if was_missing else report


def verify():
    """Prove the chain: every row sealed as it is, none missing between the first and the newest seal. A Report."""
    chain = AuditChain.objects.get(pk=1)
    key, gaps = sealfile.key(), sealfile.gaps(chain.identity)
    number, before, broken = 0, chain.identity, ""
    for event in AuditEvent.objects.exclude(seal=None).order_by("seal_number").iterator(chunk_size=2000):
        if (number + 1, event.seal_number - 1) in gaps:
            number, before = event.seal_number - 1, event.sealed_after
        broken = _flaw(key, event, number, before)
        if broken:
            break
        number, before = event.seal_number, event.seal
    broken = broken or _cut_tail(chain, number, before)
    rows = AuditEvent.objects.all()
    return Report(rows.exclude(seal=None).count(), rows.filter(seal=None).count(), broken)


def _flaw(key, event, number, before):
    """What is wrong with a row that should follow seal `number`, in a sentence; empty when nothing is."""
    if event.seal_number != number + 1:
        missing = f"{number + 1}" if event.seal_number == number + 2 else f"{number + 1} to {event.seal_number - 1}"
        return f"Sealed row {missing} is missing, before event {event.pk} of {event.at:%Y-%m-%d %H:%M:%S} UTC."
    if event.sealed_after != before:
        return f"Event {event.pk} (seal {event.seal_number}) does not follow the row sealed before it."
    if not hmac.compare_digest(event.seal, seal_of(key, event, event.seal_number, before)):
        other_key = "" if number else " As it is the first one, the key may be another one than then."
        return f"Event {event.pk} (seal {event.seal_number}) is not as it was when it was sealed.{other_key}"
    return ""


def _cut_tail(chain, number, before):
    outside = sealfile.newest(chain.identity)
    if outside is None:
        return FILE_MISSING if number else ""
    if outside[0] > number and (number + 1, outside[0]) not in sealfile.gaps(chain.identity):
        return f"The end was cut: {number} sealed rows are here, but row {outside[0]} was sealed once."
    if outside[0] == number and outside[1] != before:
        return f"The newest seal is not the one that is kept outside the database (row {number})."
    return ""
