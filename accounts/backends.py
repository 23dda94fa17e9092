"""Looking people up when they sign in and with every request after."""

from allauth.account.auth_backends import AuthenticationBackend

from accounts.models import User
from hms.lib.kept import Kept

WITH_RULE = Kept(lambda user_id: User.objects.with_sign_in_rule().order_by().filter(pk=user_id), int)


class AccountBackend(AuthenticationBackend):
    """allauth's, by e-mail address, with the rule for the person's role brought along."""

    def get_user(self, user_id):
        """One query for the person, the rule of the role, and whether there is a second factor."""
        user = next(iter(WITH_RULE.rows(user_id)), None)
        return user if user is not None and self.user_can_authenticate(user) else None
