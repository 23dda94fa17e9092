from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

# What the audit trail calls what happens here.
ACTIONS = {
    "hospital.changed": _("Hospital changed"),
    "department.created": _("Department made"),
    "department.changed": _("Department changed"),
    "department.retired": _("Department retired"),
    "department.restored": _("Department restored"),
    "department.deleted": _("Department deleted"),
    "specialization.created": _("Specialization added"),
    "specialization.changed": _("Specialization renamed"),
    "specialization.merged": _("Specialization merged into another one"),
    "specialization.retired": _("Specialization retired"),
    "specialization.restored": _("Specialization restored"),
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
    "patient.merged": _("Patient's record merged into another one"),
    "patient.unmerged": _("Merge of two patients undone"),
    "patient.removed": _("Patient removed: import undone"),
    "import.uploaded": _("File for an import brought"),
    "import.matched": _("Columns of an import matched"),
    "import.started": _("Import started"),
    "import.done": _("Import done"),
    "import.cancelled": _("Import stopped"),
    "import.discarded": _("File of an import thrown away"),
    "import.downloaded": _("Rows left out of an import downloaded"),
    "import.undo_asked": _("Undoing of an import asked for"),
    "import.undone": _("Import undone"),
    "duplicate.noted": _("Possible duplicate noted"),
    "duplicate.dismissed": _("Two patients told apart"),
    "duplicates.found": _("Possible duplicates found"),
    "guardianship.asked": _("Guardian asked"),
    "guardianship.withdrawn": _("Request to a guardian taken back"),
    "guardianship.declined": _("Request to a guardian declined"),
    "guardianship.begun": _("Guardianship begun"),
    "guardianship.moved": _("End of a guardianship moved"),
    "guardianship.ended": _("Guardianship ended"),
    "guardianship.handed_on": _("Guardian's account joined with another one"),
}


class ClinicConfig(AppConfig):
    """Who and where: the hospital, its departments, doctors and patients, and who treats whom."""

    name = "clinic"
    verbose_name = "Clinic"

    def ready(self):
        from accounts import audit, consents, outbox, preferences, trail
        from clinic import family, merging, notices, reaching
        from clinic.inname import in_whose_name
        from clinic.models import Hospital, Patient

        audit.note_with(in_whose_name)
        outbox.provide(lambda: {"hospital": Hospital.current()})
        notices.register()
        preferences.know_zone(lambda: Hospital.current().zone)
        preferences.know_phones(reaching.phone_of)
        self.register_jobs()
        merging.moves("clinic.CareRelationship.patient", per=["doctor"])
        merging.moves("clinic.Guardianship.patient", per=["guardian"])
        merging.moves("clinic.GuardianRequest.patient", per=["address"])
        merging.moves("clinic.Claim.patient")
        merging.moves("clinic.Patient.merged_into", called=(_("earlier number"), _("earlier numbers")))
        merging.objections.append(family.guardians_of_themselves)
        for end in ("DuplicatePair.first", "DuplicatePair.second", "PatientMerge.survivor", "PatientMerge.absorbed"):
            merging.stays(f"clinic.{end}", why="It tells of this very row.")
        trail.lead(
            {
                "clinic.department": ("clinic:department-detail", ""),
                "clinic.patient": ("clinic:patient-detail", "clinic.view_patient"),
                "clinic.import": ("clinic:import-detail", "clinic.import_people"),
            }
        )
        trail.find_patients_by(
            lambda text, user: Patient.objects.visible_to(user).meant_by(text).values_list("pk", flat=True)[:200]
        )
        consents.know_patients(lambda user: Patient.objects.filter(user=user).values_list("pk", flat=True).first())
        consents.know_merged(Patient.objects.merged_ids, Patient.objects.survivors)
        audit.name_actions(ACTIONS)

    def register_jobs(self):
        """What beat starts here; each also has a command."""
        from accounts import jobs
        from clinic import services
        from clinic.models import Guardianship, Patient
        from clinic.services import imports

        jobs.register(
            jobs.Job(
                task="clinic.tasks.find_duplicates",
                title=_("Find patients who may be one person"),
                command="find_duplicates",
                does=services.find_duplicates,
                would=Patient.objects.count,
                done=ngettext_lazy("%(n)d new pair found", "%(n)d new pairs found", "n"),
            ),
            jobs.Job(
                task="clinic.tasks.announce_guardianship_endings",
                title=_("Tell guardians that it ends soon"),
                command="announce_guardianship_endings",
                does=services.announce_endings,
                would=Guardianship.objects.acting().count,
                done=ngettext_lazy("%(n)d guardian told", "%(n)d guardians told", "n"),
            ),
            jobs.Job(
                task="clinic.tasks.purge_applications",
                title=_("Delete old applications"),
                command="purge_applications",
                does=services.purge_applications,
                would=services.applications_to_purge,
                done=ngettext_lazy("%(n)d application deleted", "%(n)d applications deleted", "n"),
            ),
            jobs.Job(
                task="clinic.tasks.sweep_imports",
                title=_("Work on imports that wait, remove their old files"),
                command="run_imports",
                does=imports.sweep,
                would=imports.waiting,
            ),
        )
