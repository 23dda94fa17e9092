"""What is written down when the audit trail itself is read in bulk."""

from accounts import audit


def note_list(*, by, name, chosen):
    """Somebody takes a list along as a table, found by these filters; what they typed into them is not kept."""
    audit.record(by, "list.downloaded", detail={"list": name, "filters": sorted(chosen)})


def note_download(*, by, chosen):
    """Somebody takes entries of the audit trail away, found by these choices."""
    audit.record(by, "audit.downloaded", detail={name: str(value)[:100] for name, value in chosen.items()})
