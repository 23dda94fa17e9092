"""How somebody wants to be told: read here, written by accounts.services.preferences."""

from django.conf import settings
from django.utils import timezone

from accounts import kinds, quiet
from accounts.carriers import by_apprise
from accounts.models import SHORT, Channel, MessagePreference

_phones, _zone, _ends = [], [], {}


def know_phones(find):
    """For AppConfig.ready(): `find(user, patient_id)` gives the telephone number of a person, "" when there is none."""
    _phones[:] = [find]


def know_zone(zone):
    """For AppConfig.ready(): `zone()` gives the time zone by whose clock quiet hours are kept."""
    _zone[:] = [zone]


def know_end(about_type, find):
    """For AppConfig.ready(): `find(pk)` gives the instant from which it is too late to tell of such a row, or None."""
    _ends[about_type] = find


def of(user):
    """A person's row; the defaults, not saved, where there is none (or no account)."""
    found = MessagePreference.objects.filter(user=user).first() if user is not None else None
    return found or MessagePreference(user=user)


def of_recipient(message):
    """The same for a message that was fetched with its recipient's preference."""
    return getattr(message.recipient, "message_preference", None) or MessagePreference(user=message.recipient)


def offered():
    """The channels that this hospital has."""
    return [channel for channel in Channel if channel not in SHORT or by_apprise.is_offered(channel)]


def address_for(channel, user, patient_id=None, preference=None):
    """Where messages of a channel other than e-mail go for a person; "" when nowhere."""
    if channel == Channel.SMS:
        return next((str(find(user, patient_id) or "") for find in _phones), "")
    if channel == Channel.CHAT:
        return (preference or of(user)).chat_address
    return ""


def language_for(preference):
    """The language of a person's messages."""
    return preference.language if preference.language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def is_wanted(message):
    """Whether its recipient still wants this message by this channel. Whoever has no account has chosen nothing."""
    if message.recipient_id is None or message.channel == Channel.INBOX:
        return True
    return message.channel in of_recipient(message).channels(kinds.of(message.kind).group)


def waits_until(message, now=None):
    """When the recipient's quiet hours end, for a message that wakes people and can wait; else None.

    What would come too late by then does not wait.
    """
    if message.channel not in SHORT or message.recipient_id is None or kinds.of(message.kind).is_urgent:
        return None
    now, preference = now or timezone.now(), of_recipient(message)
    if preference.quiet_from is None:
        return None
    zone = next((zone() for zone in _zone), timezone.get_default_timezone())
    until = quiet.ends(now, preference.quiet_from, preference.quiet_until, zone)
    if until is None:
        return None
    find = _ends.get(message.about_type)
    too_late = find(message.about_id) if find else None
    return None if too_late is not None and until >= too_late else until
