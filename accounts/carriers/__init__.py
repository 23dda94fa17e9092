"""Carriers hand one message to somebody else's server and say honestly what came of it. One module per way to speak."""

from accounts.carriers import by_apprise, by_mail
from accounts.carriers.outcomes import Carrier, Doubtful, Refused, Unreachable
from accounts.models import Channel

__all__ = ["Doubtful", "Refused", "Unreachable", "carrier_for", "why_not_sendable"]


def carrier_for(channel):
    """What sends messages of a channel, one after the other. Close it when done."""
    match channel:
        case Channel.EMAIL:
            return by_mail.Line()
        case Channel.INBOX:
            return Carrier()  # whatever is due is there
    return by_apprise.Line(channel)


def why_not_sendable(address, channel=Channel.EMAIL):
    """What is wrong with an address, in a few words for staff; empty when nothing is."""
    match channel:
        case Channel.EMAIL:
            return by_mail.why_not_sendable(address)
        case Channel.INBOX:
            return ""
    return by_apprise.why_not_sendable(address, channel)
