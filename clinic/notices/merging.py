"""What patients are told when their records are merged, or separated again. Nothing clinical, nobody's address."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import outbox
from accounts.models import User
from clinic.models import Hospital, PatientMerge

MERGED, UNMERGED = "patient.merged", "patient.unmerged"


def merged(made):
    """To each account: two records became one; which of the accounts signs in from now on."""
    _put(MERGED, made, closed=made.account["closed"])


def unmerged(made):
    """To each account: the two records are two again."""
    _put(UNMERGED, made, closed=None)


def _put(kind, made, *, closed):
    users = {pk for pair in ("survivor_user", "absorbed_user") for pk in made.values[pair] if pk}
    for account in User.objects.filter(pk__in=users).order_by("pk"):
        outbox.put(
            kind=kind,
            key=f"{kind}:{made.pk}:{account.pk}",
            template=f"clinic/mail/{kind.partition('.')[2]}",
            to=account,
            about=made,
            context={
                "person": account,
                "hospital": Hospital.current(),
                "is_closed": account.pk == closed,
                "url": outbox.absolute(reverse("home")),
            },
        )


def is_still_true(message):
    """Asked by the outbox when a message goes out: is the merge as the message says?"""
    stands = PatientMerge.objects.standing().filter(pk=message.about_id).exists()
    return stands is (message.kind == MERGED)


def register():
    """For AppConfig.ready()."""
    outbox.register(MERGED, is_still_true, title=_("Two records of yours were joined"))
    outbox.register(UNMERGED, is_still_true, title=_("Joining two records was undone"))
