from django.apps import AppConfig


class SchedulingConfig(AppConfig):
    """When: working hours, time off, visits, free times."""

    name = "scheduling"
    verbose_name = "Scheduling"
