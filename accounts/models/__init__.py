"""Who may act, what they did, and what they are to be told."""

from accounts.models.consents import ASKED, Consent, ConsentDraft, ConsentKind, ConsentText, How
from accounts.models.invitations import Invitation
from accounts.models.jobs import JobRun
from accounts.models.messages import SHORT, Channel, Message, MessageState
from accounts.models.people import Role, User, UserManager
from accounts.models.preferences import BY_DEFAULT, MessageGroup, MessagePreference
from accounts.models.sign_in import Session, SignInRule
from accounts.models.texts import MessageText
from accounts.models.trail import AuditChain, AuditEvent, as_words, beginning_of

__all__ = [
    "ASKED",
    "BY_DEFAULT",
    "SHORT",
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
    "MessageGroup",
    "MessagePreference",
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
