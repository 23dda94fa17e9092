from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy


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
                done=ngettext_lazy("%(n)d message sent", "%(n)d messages sent", "n"),
            ),
            jobs.Job(
                task="accounts.tasks.seal_audit",
                title=_("Seal the audit trail"),
                command="seal_audit",
                does=sealing.seal,
                would=sealing.unsealed,
                done=ngettext_lazy("%(n)d entry sealed", "%(n)d entries sealed", "n"),
            ),
            jobs.Job(
                task="accounts.tasks.clear_sessions",
                title=_("Forget sessions that have run out"),
                command="clearsessions",
                does=sessions.forget_expired,
                would=sessions.expired,
                done=ngettext_lazy("%(n)d session forgotten", "%(n)d sessions forgotten", "n"),
            ),
        )
        mails.register()
        notices.register()
