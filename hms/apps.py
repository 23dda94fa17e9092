from django.apps import AppConfig


class HmsConfig(AppConfig):
    """What spans the apps: home pages, demo data, operator commands."""

    name = "hms"
    verbose_name = "HMS"
