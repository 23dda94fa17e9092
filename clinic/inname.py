"""Acts in another's name: how the audit trail tells them from one's own. Asks the rows at hand, never the database."""

from accounts.models import Role

GUARDIAN = "guardian"


def acts_for(user, patient):
    """Whether a patient's account does something for somebody else. Staff act as staff."""
    return user is not None and user.role == Role.PATIENT and patient.user_id != user.pk


def in_whose_name(by, patient):
    """What the audit trail says beside an act about a patient: for whom, and as what."""
    return {"as": GUARDIAN, "for": f"{patient.name}, {patient.number}"} if acts_for(by, patient) else {}
