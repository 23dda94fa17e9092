from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Who may act: people, roles, sign-in, audit trail, message outbox."""

    name = "accounts"
    verbose_name = "Accounts"

    def ready(self):
        from accounts import jobs, mails, notices, sessions, trail
        from accounts.services import delivery, sealing

        trail.lead({"accounts.user": ("accounts:user-detail", "accounts.view_user")})

        jobs.register(
            jobs.Job(
                task="accounts.tasks.sweep_outbox",
                title=_("Deliver messages"),
                command="deliver_messages",
                does=delivery.sweep,
                would=delivery.waiting,
            ),
            jobs.Job(
                task="accounts.tasks.seal_audit",
                title=_("Seal the audit trail"),
                command="seal_audit",
                does=sealing.seal,
                would=sealing.unsealed,
            ),
            jobs.Job(
                task="accounts.tasks.clear_sessions",
                title=_("Forget sessions that have run out"),
                command="clearsessions",
                does=sessions.SessionStore.clear_expired,
                would=sessions.expired,
            ),
        )
        mails.register()
        notices.register()
