from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ClinicConfig(AppConfig):
    """Who and where: the hospital, its departments, doctors and patients, and who treats whom."""

    name = "clinic"
    verbose_name = "Clinic"

    def ready(self):
        from accounts import audit, consents, outbox
        from clinic.models import Hospital, Patient

        outbox.provide(lambda: {"hospital": Hospital.current()})
        consents.know_patients(lambda user: Patient.objects.filter(user=user).values_list("pk", flat=True).first())
        audit.name_actions(
            {
                "hospital.changed": _("Hospital changed"),
                "department.created": _("Department made"),
                "department.changed": _("Department changed"),
                "department.retired": _("Department retired"),
                "department.restored": _("Department restored"),
                "department.deleted": _("Department deleted"),
                "doctor.created": _("Doctor entered"),
                "doctor.invited": _("Doctor invited"),
                "doctor.changed": _("Doctor changed"),
                "doctor.retired": _("Doctor retired"),
                "doctor.restored": _("Doctor restored"),
                "doctor.deleted": _("Doctor deleted"),
                "patient.registered": _("Patient registered"),
                "patient.changed": _("Patient's data changed"),
            }
        )
