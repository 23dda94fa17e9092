from django.apps import AppConfig


class SchedulingConfig(AppConfig):
    """When: working hours, time off, visits, free times."""

    name = "scheduling"
    verbose_name = "Scheduling"

    def ready(self):
        from scheduling import leaving, notices

        leaving.register()
        notices.register()
