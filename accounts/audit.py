"""Writing the audit trail: one call, in the transaction of the act it tells of."""

from contextvars import ContextVar

from accounts.models import AuditEvent

SYSTEM = "HMS"
address = ContextVar("address", default=None)


def record(by, action, target=None, *, patient=None, detail=None):
    """Write who did what.

    `by` is a User, or None for the system itself; `action` is "<thing>.<past participle>", like "appointment.booked";
    `target` and `patient` are rows, kept by number and name; `detail` is a small dict of plain values, never clinical.
    """
    return AuditEvent.objects.create(
        action=action,
        actor_id=by.pk if by else None,
        actor_name=by.name[:200] if by else SYSTEM,
        actor_role=by.role if by else "",
        target_type=target._meta.label_lower if target is not None else "",
        target_id=target.pk if target is not None else None,
        target_label=str(target)[:300] if target is not None else "",
        patient_id=patient.pk if patient is not None else None,
        detail=detail or {},
        address=address.get(),
    )
