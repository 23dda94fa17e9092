"""Forgetting how to reach people who have left."""

from accounts.models import Message, MessageState

NOT_OUT = [
    MessageState.DUE,
    MessageState.FAILED,
    MessageState.IN_DOUBT,
    MessageState.GIVEN_UP,
    MessageState.NOT_SENDABLE,
]


def forget_messages(**which):
    """Take name, address and text out of the messages that match. What is not out yet is not sent any more.

    What kind of message it was, when it went and what became of it stays.
    """
    found = Message.objects.filter(**which)
    found.filter(state__in=NOT_OUT).update(state=MessageState.OBSOLETE)
    found.update(recipient_name="", address="", text="", html="", attachments=[])
