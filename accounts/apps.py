from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Who may act: people, roles, sign-in, audit trail, message outbox."""

    name = "accounts"
    verbose_name = "Accounts"

    def ready(self):
        from accounts import notices, outbox, trail

        trail.lead({"accounts.user": ("accounts:user-detail", "accounts.view_user")})

        outbox.register("account.invitation", notices.is_invitation_open)
        outbox.register("account.email_confirmation", notices.is_confirmation_wanted)
        outbox.register("account.email_confirmation_signup", notices.is_confirmation_wanted)
        outbox.register("account.password_reset_key", notices.is_reset_link_young)
