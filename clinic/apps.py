from django.apps import AppConfig


class ClinicConfig(AppConfig):
    """Who and where: the hospital, its departments, doctors and patients, and who treats whom."""

    name = "clinic"
    verbose_name = "Clinic"
