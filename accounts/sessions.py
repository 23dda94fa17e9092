"""Sessions in the database, each with its owner beside it, and how long they last.

A session holds when it began and when its owner last did something. Requests that a page makes by itself are no
activity: they are answered as long as the session lasts, and never make it last longer.
"""

from datetime import UTC, datetime, timedelta

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone

from hms.lib.devices import described

BEGAN, SEEN, REMEMBERED, WISHED = "sign_in_began", "sign_in_seen", "sign_in_remembered", "sign_in_remember_wish"
GOING = "going_before_second_factor"  # the page that somebody asked for who had to set up a second factor first
ADDRESS, DEVICE = "sign_in_address", "sign_in_device"
IDLE, ABSOLUTE = "idle", "absolute"
UNATTENDED = "X-Unattended"  # sent by static/js/requests.js with what a page asks by itself
STEP = 60  # seconds between two notes of somebody's activity: each one writes


class SessionStore(DatabaseStore):
    """settings.SESSION_ENGINE. What a person is shown of a session stands in columns of its row."""

    @classmethod
    def get_model_class(cls):
        from accounts.models import Session

        return Session

    def save(self, must_create=False):
        """No session of a person is kept without the time when it began, whoever made it."""
        data = self._get_session(no_load=must_create)
        if SESSION_KEY in data and BEGAN not in data:
            data[BEGAN] = data[SEEN] = timezone.now().timestamp()
        super().save(must_create)

    def create_model_instance(self, data):
        row = super().create_model_instance(data)
        row.user_id = data.get(SESSION_KEY)
        row.began_at, row.seen_at = instant(data.get(BEGAN)), instant(data.get(SEEN))
        row.address, row.device = data.get(ADDRESS), data.get(DEVICE, "")
        row.remembered = bool(data.get(REMEMBERED))
        return row


def expired():
    """How many sessions have run out and are still kept."""
    return SessionStore.get_model_class().objects.filter(expire_date__lt=timezone.now()).count()


def forget_expired():
    """Remove those. Returns how many there were."""
    count = expired()
    SessionStore.clear_expired()
    return count


def instant(seconds):
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def begin(session, rule, *, address, agent):
    """Note that somebody has signed in now, and let the cookie last as long as the rule of the role allows.

    Returns whether the device is remembered.
    """
    now = timezone.now()
    remembered = bool(session.pop(WISHED, False)) and rule.remember_days > 0
    session[BEGAN] = session[SEEN] = now.timestamp()
    session[REMEMBERED], session[ADDRESS], session[DEVICE] = remembered, address, described(agent)
    session.set_expiry(now + timedelta(days=rule.remember_days) if remembered else 0)
    return remembered


def over(session, rule):
    """Why the session of somebody under this rule has ended: IDLE or ABSOLUTE; empty as long as it lasts."""
    now = timezone.now().timestamp()
    began, seen = session.get(BEGAN, now), session.get(SEEN, now)
    if session.get(REMEMBERED) and rule.remember_days:
        return ABSOLUTE if now - began >= rule.remember_days * 86400 else ""
    if now - began >= rule.absolute_hours * 3600:
        return ABSOLUTE
    return IDLE if now - seen >= rule.idle_minutes * 60 else ""


def note_activity(session, *, address):
    """Keep the session alive: somebody did something. Written at most once in STEP seconds."""
    now = timezone.now().timestamp()
    if now - session.get(SEEN, now) >= STEP:
        session[SEEN], session[ADDRESS] = now, address


def is_unattended(request):
    """Whether a page asks by itself, or a browser ahead of time: nobody pressed anything."""
    return (
        UNATTENDED in request.headers
        or "unattended" in request.GET
        or "prefetch" in request.headers.get("Sec-Purpose", "")
    )
