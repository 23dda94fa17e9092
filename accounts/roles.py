"""What each role may do, before an administrator refines its group in the administration site."""

from accounts.models import Role

GROUPS = {
    Role.PATIENT: "Patients",
    Role.DOCTOR: "Doctors",
    Role.RECEPTION: "Reception",
    Role.ADMIN: "Administrators",
}

VISITS = {
    "scheduling.view_appointment",
    "scheduling.book_appointment",
    "scheduling.reschedule_appointment",
    "scheduling.cancel_appointment",
}
WAITLIST = {"scheduling.use_waitlist"}
DESK = (
    VISITS
    | WAITLIST
    | {
        "clinic.view_patient",
        "clinic.add_patient",
        "clinic.change_patient",
        "clinic.view_guardianship",
        "clinic.add_guardianship",
        "clinic.view_claim",
        "clinic.send_claim",
        "scheduling.check_in_appointment",
        "scheduling.mark_no_show",
        "scheduling.overbook_appointment",
        "scheduling.annotate_appointment",
        "scheduling.view_day",
        "scheduling.call_patient",
        "scheduling.announce_delay",
        "scheduling.propose_times",
        "scheduling.cancel_many",
        "scheduling.write_to_patients",
        "accounts.view_message",
        "accounts.change_message",
        "accounts.add_consent",
        "accounts.view_consent",
        "records.fetch_export",
        "records.export_appointments",
    }
)
PATIENTS_OWN = {
    "scheduling.confirm_appointment",
    "clinic.have_family",
    "records.read_chart",
    "records.read_visits",
    "records.read_openings",
    "records.write_history",
    "records.export_history",
    "records.fetch_export",
    "records.copy_own_data",
    "clinic.close_own_account",
}

ROLE_PERMISSIONS = {
    Role.PATIENT: VISITS | WAITLIST | PATIENTS_OWN,
    Role.DOCTOR: VISITS
    | {
        "accounts.view_auditevent",
        "clinic.view_patient",
        "clinic.view_guardianship",
        "scheduling.start_appointment",
        "scheduling.mark_no_show",
        "scheduling.annotate_appointment",
        "scheduling.view_day",
        "scheduling.announce_delay",
        "scheduling.propose_times",
        "scheduling.view_week",
        "scheduling.change_workinghours",
        "records.read_chart",
        "records.export_history",
        "records.fetch_export",
        "records.export_appointments",
        "records.review_history",
        "records.write_encounter",
        "records.write_allergy",
        "records.break_glass",
        "records.view_breakglass",
        "records.view_monthlyreport",
        "records.make_monthlyreport",
    },
    Role.RECEPTION: DESK,
    Role.ADMIN: DESK
    | {
        "accounts.view_user",
        "accounts.change_user",
        "accounts.invite_user",
        "accounts.block_user",
        "accounts.reset_second_factor",
        "accounts.view_signinrule",
        "accounts.change_signinrule",
        "accounts.view_invitation",
        "accounts.view_auditevent",
        "accounts.view_jobrun",
        "accounts.run_job",
        "accounts.view_messagepreference",
        "accounts.view_consenttext",
        "accounts.change_consenttext",
        "accounts.view_messagetext",
        "accounts.change_messagetext",
        "auth.view_group",
        "auth.add_group",
        "auth.change_group",
        "clinic.view_hospital",
        "clinic.change_hospital",
        "clinic.view_department",
        "clinic.add_department",
        "clinic.change_department",
        "clinic.delete_department",
        "clinic.view_doctor",
        "clinic.add_doctor",
        "clinic.change_doctor",
        "clinic.delete_doctor",
        "clinic.view_specialization",
        "clinic.change_specialization",
        "clinic.view_carerelationship",
        "clinic.merge_patient",
        "clinic.change_guardianship",
        "clinic.view_application",
        "clinic.decide_application",
        "clinic.close_patient",
        "clinic.import_people",
        "clinic.view_import",
        "scheduling.view_appointmentevent",
        "scheduling.view_workinghours",
        "scheduling.change_workinghours",
        "scheduling.view_week",
        "records.view_export",
        "records.export_doctors",
        "records.export_patients",
        "records.view_breakglass",
        "records.review_breakglass",
        "records.view_clinicalgrant",
        "records.add_clinicalgrant",
        "records.confirm_clinicalgrant",
        "records.revoke_clinicalgrant",
        "records.view_monthlyreport",
        "records.make_monthlyreport",
        "records.view_figures",
        "django_celery_beat.view_periodictask",
        "django_celery_beat.view_intervalschedule",
        "django_celery_beat.view_crontabschedule",
    },
}


def roles_with(audience):
    """The roles that hold a permission by default; all of them for an audience that is not a permission."""
    if "." not in audience:
        return tuple(Role)
    return tuple(role for role, permissions in ROLE_PERMISSIONS.items() if audience in permissions)


def grant_defaults(apps, only=None, role=None):
    """Create the roles' groups and give them their permissions. For migrations: `apps` is the historical registry.

    Adds what is missing and takes nothing away. `only` names the permissions that are new with an upgrade, so that what
    a hospital took from a group before does not come back; `role` the only one to get them.
    """
    group_model = apps.get_model("auth", "Group")
    permission_model = apps.get_model("auth", "Permission")
    for one, permissions in ROLE_PERMISSIONS.items():
        if role not in {None, one}:
            continue
        group, _created = group_model.objects.get_or_create(name=GROUPS[one])
        for name in sorted(permissions if only is None else permissions & only):
            app_label, codename = name.split(".")
            permission = permission_model.objects.get(content_type__app_label=app_label, codename=codename)
            group.permissions.add(permission)
