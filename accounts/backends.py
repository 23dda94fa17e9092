"""Looking people up when they sign in and with every request after."""

from allauth.account.auth_backends import AuthenticationBackend

from accounts.models import User


class AccountBackend(AuthenticationBackend):
    """allauth's, by e-mail address, with the rule for the person's role brought along."""

    def get_user(self, user_id):
        """One query for the person, the rule of the role, and whether there is a second factor."""
        user = User.objects.with_sign_in_rule().filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
