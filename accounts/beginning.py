"""The link by which whoever runs a new installation makes its first administrator.

It is printed where the installation was started, and signed with its key: nobody from outside can make one. It works
for a day, and only as long as there is no administrator. Nothing is kept of it.
"""

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.urls import reverse

from accounts.models import Role, User

VALID_FOR = timedelta(days=1)
SALT = "accounts.beginning"


def is_open():
    """Whether nobody administers this installation yet."""
    return not User.objects.filter(role=Role.ADMIN).exists()


def link():
    """A new link to the page that makes the first administrator."""
    return settings.PUBLIC_URL + reverse("setup:begin", args=[signing.TimestampSigner(salt=SALT).sign("begin")])


def opens(token):
    """Whether this token was made here, within the last day, and there is no administrator yet."""
    try:
        signing.TimestampSigner(salt=SALT).unsign(token, max_age=VALID_FOR)
    except signing.BadSignature:
        return False
    return is_open()
