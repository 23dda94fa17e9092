"""Rows that are a queue: a worker takes one for a while and tells how far it is; when it dies another one takes over.

Such a row has the columns of Leased, and a `state` that knows waiting, running and failed; see docs/decisions/0003.
"""

import secrets
from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

LEASE = timedelta(minutes=2)  # a running row that nobody has moved for so long has lost its worker
PATIENCE = timedelta(seconds=20)  # how long a waiting one is left to the worker that was woken for it
ATTEMPTS = 3
WAITING, RUNNING, FAILED = "waiting", "running", "failed"


class Lost(Exception):
    """Another worker has taken this row over, or somebody cancelled it."""


class Leased(models.Model):
    """What a row needs to be worked on by one worker at a time. The model adds `state`, `error` and `finished_at`."""

    requested_at = models.DateTimeField(_("requested"), default=timezone.now)
    claim = models.CharField(max_length=32, blank=True)  # the worker's own word: who lost it may not write any more
    claimed_at = models.DateTimeField(null=True, blank=True)  # renewed with every step; a stale one is up for grabs
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True


def due(rows, patience):
    """Those of `rows` that wait longer than `patience`, or that a dead worker left behind, oldest first."""
    now = timezone.now()
    waiting = Q(state=WAITING, requested_at__lte=now - patience)
    return rows.filter(waiting | left_behind(now)).order_by("requested_at")


def left_behind(now):
    return Q(state=RUNNING, claimed_at__lt=now - LEASE)


def take(rows, pk, *, gave_up, **fresh):
    """Take a row for this worker; False when it is done, or another one works on it.

    `fresh` are columns that begin anew. One that killed ATTEMPTS workers is given up, with the sentence `gave_up`.
    """
    now = timezone.now()
    free = rows.filter(Q(state=WAITING) | left_behind(now), pk=pk)
    if free.filter(attempts__gte=ATTEMPTS).update(state=FAILED, finished_at=now, error=gave_up):
        return False
    claim = secrets.token_hex(16)
    return bool(free.update(state=RUNNING, claim=claim, claimed_at=now, attempts=F("attempts") + 1, **fresh))


def move(row, **changes):
    """Change the row as long as it is still this worker's; Lost when it is not."""
    if not mine(row).update(**changes):
        raise Lost


def give_back(row, *, gave_up):
    """After a failure: wait for the next try, or stop trying with the sentence `gave_up`."""
    if row.attempts >= ATTEMPTS:
        fail(row, gave_up)
    else:
        mine(row).update(state=WAITING, claim="")


def fail(row, reason):
    """No further try: the reason is a sentence for people."""
    mine(row).update(state=FAILED, finished_at=timezone.now(), error=reason[:300], claim="")


def mine(row):
    return type(row).objects.filter(pk=row.pk, claim=row.claim, state=RUNNING)
