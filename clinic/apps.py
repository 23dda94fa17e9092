from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ClinicConfig(AppConfig):
    """Who and where: the hospital, its departments, doctors and patients, and who treats whom."""

    name = "clinic"
    verbose_name = "Clinic"

    def ready(self):
        from accounts import audit, outbox
        from clinic import notices
        from clinic.models import Hospital

        notices.register()
        outbox.provide(lambda: {"hospital": Hospital.current()})
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
                "application.sent": _("Application sent"),
                "application.confirmed": _("Application's address confirmed"),
                "application.approved": _("Application approved"),
                "application.declined": _("Application declined"),
                "application.purged": _("Old applications deleted"),
                "patient.closed": _("Left: account closed, contact data removed"),
                "claim.asked": _("Link to an account asked for"),
                "claim.sent": _("Link to an account sent"),
                "claim.revoked": _("Link to an account taken back"),
                "claim.accepted": _("Account made by a link"),
                "claim.locked": _("Link to an account closed after wrong dates of birth"),
                "claim.duplicate": _("Has an account already: records to be joined"),
                "patient.registered": _("Patient registered"),
                "patient.changed": _("Patient's data changed"),
            }
        )
