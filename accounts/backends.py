"""Looking people up when they sign in and with every request after."""

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.models import Permission

from accounts.models import User
from hms.lib.kept import Kept

WITH_RULE = Kept(lambda user_id: User.objects.with_sign_in_rule().order_by().filter(pk=user_id), int)


def _permissions(user_id):
    named = Permission.objects.order_by().values_list("content_type__app_label", "codename")
    return named.filter(user=user_id).union(named.filter(group__user=user_id))


PERMISSIONS = Kept(_permissions, int)


class AccountBackend(AuthenticationBackend):
    """allauth's, by e-mail address, with the rule for the person's role brought along."""

    def get_user(self, user_id):
        """One query for the person, the rule of the role, and whether there is a second factor."""
        user = next(iter(WITH_RULE.rows(user_id)), None)
        return user if user is not None and self.user_can_authenticate(user) else None

    def get_all_permissions(self, user_obj, obj=None):
        """Django's, in one query: those of the groups and one's own. Who has all of them is left to Django."""
        asked = obj is None and user_obj.is_active and user_obj.pk and not user_obj.is_superuser
        if asked and not hasattr(user_obj, "_perm_cache"):
            user_obj._perm_cache = {f"{app}.{name}" for app, name in PERMISSIONS.rows(user_obj.pk)}
        return super().get_all_permissions(user_obj, obj)
