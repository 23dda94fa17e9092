from django.apps import AppConfig


class RecordsConfig(AppConfig):
    """What happened: encounters, diagnoses, vitals, allergies, prescriptions, exports."""

    name = "records"
    verbose_name = "Records"

    def ready(self):
        from records import notices

        notices.register()
