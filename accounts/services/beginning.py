"""The first administrator of a new installation."""

from django.contrib.auth.models import Group
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import beginning
from accounts.errors import AccountConflict
from accounts.models import Role, User
from accounts.roles import GROUPS
from accounts.services.people import check_password, create_user, normalised


@transaction.atomic
def begin(*, name, email, password):
    """Make the first administrator, who may sign in at once. Whoever calls this has seen the set-up link.

    Raises AccountConflict when there is an administrator already, AccountRefused like create_user and for a password
    that is too weak.
    """
    Group.objects.select_for_update().get(name=GROUPS[Role.ADMIN])  # the row that two who begin at once share
    if not beginning.is_open():
        raise AccountConflict(_("This hospital has its administrator already. Sign in instead."))
    check_password(password, User(email=normalised(email), name=name))
    return create_user(email=email, name=name, role=Role.ADMIN, password=password, verified=True)
