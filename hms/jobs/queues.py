"""What waits, runs and has failed: wake-ups in the broker, messages, files."""

from django.conf import settings
from django.db.models import Count
from redis import Redis
from redis.exceptions import RedisError

from accounts.models import Message, MessageState
from records.models import Export

PATIENCE = 0.3  # seconds for the broker
QUEUE = settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"] + "celery"


def wake_ups():
    """How many tasks the broker holds that no worker has taken; None when it does not answer."""
    client = Redis.from_url(settings.REDIS_URL, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, retry=None)
    try:
        return client.llen(QUEUE)
    except (RedisError, OSError):
        return None
    finally:
        client.close()


def messages(user):
    """{state: how many} of the outbox, for what is not at its end."""
    open_ends = [MessageState.DUE, MessageState.SENDING, MessageState.FAILED]
    rows = Message.objects.visible_to(user).filter(state__in=open_ends)
    counted = dict(rows.order_by().values_list("state").annotate(Count("pk")))
    return {state: counted.get(state, 0) for state in open_ends}


def files(user):
    """{state: how many} of the files that people have asked for."""
    states = [Export.State.WAITING, Export.State.RUNNING, Export.State.FAILED]
    rows = Export.objects.overseen_by(user).filter(state__in=states)
    counted = dict(rows.order_by().values_list("state").annotate(Count("pk")))
    return {state: counted.get(state, 0) for state in states}


def all_files(user):
    """Every file that was asked for, for who watches over their making."""
    return Export.objects.overseen_by(user)


def failed_files(user):
    """Files that were given up, the newest first, with who waits for them; what is in them stays closed."""
    failed = Export.objects.overseen_by(user).filter(state=Export.State.FAILED).select_related("owner")
    return failed.order_by("-finished_at", "-pk")
