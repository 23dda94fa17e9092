"""What somebody chooses about their messages."""

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import Channel, MessageGroup, MessagePreference
from accounts.services.people import locked


@transaction.atomic
def set_preferences(user, *, chosen, chat_address, quiet_from, quiet_until, language, by):
    """Write down which channels somebody wants per group, where their chat is, quiet hours and language.

    `chosen` is {group: channels}; account safety always keeps e-mail. What was written before and waits is asked again
    when it goes out.
    """
    locked(user)
    fresh = MessagePreference.objects.filter(user=user).first() or MessagePreference(user=user)
    fresh.chosen = {group.value: _in_order(chosen.get(group, ()), group) for group in MessageGroup}
    fresh.chat_address, fresh.language, fresh.changed_at = chat_address, language, timezone.now()
    fresh.quiet_from, fresh.quiet_until = quiet_from, quiet_until
    fresh.save()
    audit.record(by, "message_preference.changed", user, detail={"channels": fresh.chosen})
    return fresh


def _in_order(channels, group):
    wanted = {*channels, Channel.EMAIL} if group == MessageGroup.SAFETY else {*channels}
    return [channel.value for channel in Channel if channel in wanted and channel != Channel.INBOX]
