"""Who may act, what they did, and what they are to be told."""

from accounts.models.invitations import Invitation
from accounts.models.jobs import JobRun
from accounts.models.messages import Channel, Message, MessageState
from accounts.models.people import Role, User, UserManager
from accounts.models.sign_in import Session, SignInRule
from accounts.models.trail import AuditChain, AuditEvent, as_words, beginning_of

__all__ = [
    "AuditChain",
    "AuditEvent",
    "Channel",
    "Invitation",
    "JobRun",
    "Message",
    "MessageState",
    "Role",
    "Session",
    "SignInRule",
    "User",
    "UserManager",
    "as_words",
    "beginning_of",
]
