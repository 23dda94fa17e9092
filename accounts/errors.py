"""What the people's side of HMS refuses."""

from hms.lib.errors import Refused


class AccountRefused(Refused):
    """An act on an account, an invitation or a message that the rules do not allow."""


class AccountConflict(AccountRefused):
    """Somebody has done it, or something else, meanwhile: nothing was changed."""
