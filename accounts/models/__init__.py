"""Who may act, what they did, and what they are to be told."""

from accounts.models.consents import ASKED, Consent, ConsentDraft, ConsentKind, ConsentText, How
from accounts.models.invitations import Invitation
from accounts.models.jobs import JobRun
from accounts.models.messages import Channel, Message, MessageState
from accounts.models.people import Role, User, UserManager
from accounts.models.sign_in import Session, SignInRule
from accounts.models.texts import MessageText
from accounts.models.trail import AuditChain, AuditEvent, as_words, beginning_of

__all__ = [
    "ASKED",
    "AuditChain",
    "AuditEvent",
    "Channel",
    "Consent",
    "ConsentDraft",
    "ConsentKind",
    "ConsentText",
    "How",
    "Invitation",
    "JobRun",
    "Message",
    "MessageState",
    "MessageText",
    "Role",
    "Session",
    "SignInRule",
    "User",
    "UserManager",
    "as_words",
    "beginning_of",
]
