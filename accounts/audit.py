"""Writing the audit trail: one call, in the transaction of the act it tells of."""

from contextvars import ContextVar

from django.utils.translation import gettext_lazy as _

from accounts.models import AuditEvent

SYSTEM = "HMS"
address = ContextVar("address", default=None)

READING = (".opened", ".downloaded", ".listed")  # how the actions end by which nothing was changed

# Asked of every row about a patient: what to add to its detail, {} for nothing. (by, patient) -> dict
_notes = []
_told = []  # functions that are told of every row

_words = {
    "account.created": _("Account made"),
    "account.registered": _("Registered"),
    "account.renamed": _("Name changed"),
    "account.role_changed": _("Role changed"),
    "account.groups_changed": _("Groups changed"),
    "account.blocked": _("Account blocked"),
    "account.unblocked": _("Account unblocked"),
    "account.closed": _("Account closed for good"),
    "account.signed_in": _("Signed in"),
    "account.signed_out": _("Signed out"),
    "account.sign_in_failed": _("Sign-in failed"),
    "account.password_changed": _("Password changed"),
    "account.email_confirmed": _("E-mail address confirmed"),
    "account.email_changed": _("E-mail address changed"),
    "account.session_ended": _("Session ended"),
    "account.sessions_ended": _("Signed out everywhere"),
    "account.app_added": _("Authenticator app added"),
    "account.app_removed": _("Authenticator app removed"),
    "account.passkey_added": _("Passkey added"),
    "account.passkey_removed": _("Passkey removed"),
    "account.recovery_codes_made": _("New recovery codes made"),
    "account.recovery_code_used": _("Recovery code used"),
    "account.second_factor_failed": _("Second factor failed"),
    "account.second_factor_reset": _("Second factor reset"),
    "account.registered_again": _("Registration with a known address"),
    "sign_in_rule.changed": _("Sign-in rule changed"),
    "invitation.sent": _("Invited"),
    "invitation.resent": _("Invited again"),
    "invitation.revoked": _("Invitation taken back"),
    "invitation.accepted": _("Invitation accepted"),
    "job.started": _("Job started by hand"),
    "consent.given": _("Consent given"),
    "consent.refused": _("Consent not given"),
    "consent.withdrawn": _("Consent withdrawn"),
    "consent_text.drafted": _("Consent text drafted"),
    "consent_text.discarded": _("Draft of a consent text thrown away"),
    "consent_text.published": _("Consent text published"),
    "message_text.changed": _("Message put into other words"),
    "message_text.restored": _("Message as delivered again"),
    "message_text.tested": _("Message text mailed as a test"),
    "message.retried": _("Message sent again"),
    "message.closed": _("Message dealt with"),
    "message_preference.changed": _("Choice of messages changed"),
    "group.changed": _("Group changed"),
    "group.deleted": _("Group deleted"),
    "audit.downloaded": _("Audit trail downloaded"),
    "list.downloaded": _("List downloaded"),
    "audit.restored": _("A backup was put back"),
    "audit.seal_lost": _("The newest seal's file was missing"),
}


def name_actions(words):
    """For AppConfig.ready(): what an app's actions are called on pages, {"appointment.booked": _("Visit booked")}."""
    _words.update(words)


def actions():
    """All actions that have a name, as choices: [(action, name), …]."""
    return sorted(_words.items())


def words_for(action):
    """An action's name on pages; the action itself, made readable, when nobody named it."""
    return _words.get(action) or action.replace(".", ": ").replace("_", " ")


def note_with(function):
    """For AppConfig.ready(): `function(by, patient) -> dict` adds to the detail of every row about a patient."""
    _notes.append(function)


def tell(function):
    """For AppConfig.ready(): `function(event)` is told of every row, in the transaction that writes it."""
    _told.append(function)


def _noted(by, patient, detail):
    """The detail with what the apps above add: whoever writes the row cannot forget it."""
    if by is None or patient is None:
        return detail
    for note in _notes:
        detail = detail | note(by, patient)
    return detail


def record(by, action, target=None, *, patient=None, detail=None, name=""):
    """Write who did what.

    `by` is a User, or None for the system itself, or for somebody not signed in, who is then called `name`.
    `action` is "<thing>.<past participle>", like "appointment.booked"; `target` and `patient` are rows, kept by number
    and name; `detail` is a small dict of plain values, never clinical. Acts in another's name say so by themselves.
    """
    event = AuditEvent.objects.create(**_fields(by, action, target, patient=patient, detail=detail, name=name))
    _tell([event])
    return event


def record_many(by, action, targets, *, of_patients=False, details=None):
    """The same for many rows at once: `details` is {id: detail}; `of_patients` when the rows are patients."""
    details = details or {}
    events = [
        AuditEvent(**_fields(by, action, row, patient=row if of_patients else None, detail=details.get(row.pk)))
        for row in targets
    ]
    _tell(AuditEvent.objects.bulk_create(events, batch_size=500))


def _tell(events):
    for function in _told:
        for event in events:
            function(event)


def _fields(by, action, target, *, patient, detail, name=""):
    return {
        "action": action,
        "actor_id": by.pk if by else None,
        "actor_name": (by.name if by else str(name) or SYSTEM)[:200],
        "actor_role": by.role if by else "",
        "target_type": target._meta.label_lower if target is not None else "",
        "target_id": target.pk if target is not None else None,
        "target_label": str(target)[:300] if target is not None else "",
        "patient_id": patient.pk if patient is not None else None,
        "detail": _noted(by, patient, detail or {}),
        "address": address.get(),
    }


def last_change(row):
    """(name, instant) of the newest act on a row, for who edits it as well; None for none."""
    newest = AuditEvent.objects.about(row).first()
    return (newest.actor_name, newest.at) if newest else None
