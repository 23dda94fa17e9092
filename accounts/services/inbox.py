"""Reading one's own inbox. No audit row: it is nobody else's business what somebody has read of their messages."""

from django.utils import timezone

from accounts.models import Message


def mark_read(message, *, by):
    """Note when `by` first read one of their own messages. A second time changes nothing."""
    Message.everything.addressed_to(by).unread().filter(pk=message.pk).update(read_at=timezone.now())


def mark_all_read(*, by, until):
    """Note that `by` has read everything up to a message (its id); what came since stays unread. Returns how many."""
    return Message.everything.addressed_to(by).unread().filter(pk__lte=until).update(read_at=timezone.now())
