from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from hms.celery import app as celery_app

__all__ = ["HmsConfig", "celery_app"]  # with Django comes our Celery application: every send_task goes through it


class HmsConfig(AppConfig):
    """What spans the apps: home pages, demo data, operator commands."""

    name = "hms"
    verbose_name = "HMS"

    def ready(self):
        from accounts import audit
        from hms import ageing
        from hms.lib import alphabet, timestamps

        alphabet.order_names()
        timestamps.read_quickly()
        ageing.register()
        audit.name_actions(
            {"demo.filled": _("Filled with demo data"), "load.generated": _("Made-up visits for load tests written")}
        )
