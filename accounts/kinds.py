"""What kinds of messages there are, in the words of those who get them. Each app registers its own."""

from collections.abc import Callable
from dataclasses import dataclass

from accounts.models import MessageGroup

_kinds = {}


@dataclass(frozen=True)
class Kind:
    """`still_true(message)` is asked when one goes out, or `those_true(messages)` of many; `needs` is {channel:
    ConsentKind} or None.

    `inbox`: whether it also stands in the inbox of whoever has an account.
    """

    name: str
    still_true: Callable | None = None
    needs: dict | None = None
    title: str = ""
    group: MessageGroup = MessageGroup.SAFETY
    inbox: bool = True
    those_true: Callable | None = None

    @property
    def is_urgent(self):
        """Whether it keeps no quiet hours."""
        return self.group == MessageGroup.SAFETY


def register(kind, still_true=None, *, needs=None, title="", group=None, inbox=True, those_true=None):
    """For AppConfig.ready(): `still_true(message) -> bool` is asked at the moment of sending a message of this kind.

    `title` says in plain words what it is, `group` what people choose channels for (a MessageGroup). A kind without a
    group is one of account safety, which always goes by e-mail; with `needs`, a reminder.
    `needs` is {channel: ConsentKind} (outbox.REMINDERS): asked when the message is written, and again when it goes out.
    Without it a kind is part of what was agreed with the person (a visit, an account, its safety) and always goes.
    `those_true(messages)` gives the ids of those that still hold: for kinds that go out by the thousand.
    `inbox=False`: never in the inbox, for what strangers can set off by typing an address.
    """
    group = group or (MessageGroup.REMINDERS if needs else MessageGroup.SAFETY)
    _kinds[kind] = Kind(kind, still_true, needs, title, MessageGroup(group), inbox, those_true)


def forget(kind):
    """Take a kind back: for tests."""
    _kinds.pop(kind, None)


def of(name):
    """What is known of a kind; one that nobody registered is a matter of account safety, and always true."""
    return _kinds.get(name) or Kind(name)


def every():
    """All registered kinds, by name."""
    return dict(sorted(_kinds.items()))


def title_of(name):
    """A kind in plain words."""
    return str(of(name).title) or name
