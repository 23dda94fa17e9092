"""What is written down when the audit trail itself is read in bulk."""

from accounts import audit


def note_download(*, by, chosen):
    """Somebody takes entries of the audit trail away, found by these choices."""
    audit.record(by, "audit.downloaded", detail={name: str(value)[:100] for name, value in chosen.items()})
