from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RecordsConfig(AppConfig):
    """What happened: encounters, diagnoses, vitals, allergies, prescriptions, exports."""

    name = "records"
    verbose_name = "Records"

    def ready(self):
        from accounts import audit
        from accounts import services as accounts
        from records import notices, services

        notices.register()
        accounts.on_close.append(services.forget_exports)
        audit.name_actions(
            {
                "chart.opened": _("Record opened"),
                "encounter.opened": _("Record of a visit opened"),
                "encounter.drafted": _("Record of a visit drafted"),
                "encounter.signed": _("Record of a visit signed"),
                "encounter.amended": _("Record of a visit amended"),
                "history.opened": _("Medical history opened"),
                "history.saved": _("Medical history written"),
                "history.reviewed": _("Medical history reviewed"),
                "allergy.recorded": _("Allergy recorded"),
                "allergy.corrected": _("Allergy corrected"),
                "allergy.ended": _("Allergy ended"),
                "prescription.stopped": _("Medicine stopped"),
                "export.requested": _("Download asked for"),
                "export.made": _("Download made"),
                "export.downloaded": _("Downloaded"),
                "copy.requested": _("Copy of all data asked for"),
                "copy.made": _("Copy of all data made"),
                "copy.downloaded": _("Copy of all data downloaded"),
                "import.completed": _("Data taken over"),
            }
        )
