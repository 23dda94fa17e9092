from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ClinicConfig(AppConfig):
    """Who and where: the hospital, its departments, doctors and patients, and who treats whom."""

    name = "clinic"
    verbose_name = "Clinic"

    def ready(self):
        from accounts import audit, jobs, outbox
        from clinic import merging, notices, services
        from clinic.models import Hospital, Patient

        outbox.provide(lambda: {"hospital": Hospital.current()})
        notices.register()
        jobs.register(
            jobs.Job(
                task="clinic.tasks.find_duplicates",
                title=_("Find patients who may be one person"),
                command="find_duplicates",
                does=services.find_duplicates,
                would=Patient.objects.count,
            )
        )
        merging.moves("clinic.CareRelationship.patient", per=["doctor"])
        merging.moves("clinic.Patient.merged_into", called=(_("earlier number"), _("earlier numbers")))
        for end in ("DuplicatePair.first", "DuplicatePair.second", "PatientMerge.survivor", "PatientMerge.absorbed"):
            merging.stays(f"clinic.{end}", why="It tells of this very row.")
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
                "patient.merged": _("Patient's record merged into another one"),
                "patient.unmerged": _("Merge of two patients undone"),
                "duplicate.noted": _("Possible duplicate noted"),
                "duplicate.dismissed": _("Two patients told apart"),
                "duplicates.found": _("Possible duplicates found"),
            }
        )
