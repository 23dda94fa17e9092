"""Every write of clinic: the hospital, its departments, doctors and patients, and who wants to come in."""

from clinic.services.applications import (
    apply,
    approve_application,
    confirm_application,
    decline_application,
    find_application,
    purge_applications,
)
from clinic.services.claims import (
    ClaimGone,
    WrongBirthDate,
    accept_claim,
    ask_for_claim,
    find_claim,
    has_account,
    revoke_claim,
    send_claim,
)
from clinic.services.closing import before_close, close_patient, has_contact, on_close, why_not_close
from clinic.services.departments import (
    create_department,
    delete_department,
    restore_department,
    retire_department,
    update_department,
)
from clinic.services.doctors import (
    before_retire,
    create_doctor,
    delete_doctor,
    invite_doctor,
    restore_doctor,
    retire_doctor,
    update_doctor,
    why_not_retire,
)
from clinic.services.hospital import update_hospital
from clinic.services.patients import register_patient, update_patient
from clinic.services.rows import ClinicConflict, ClinicRefused, why_kept

__all__ = [
    "ClaimGone",
    "ClinicConflict",
    "ClinicRefused",
    "WrongBirthDate",
    "accept_claim",
    "apply",
    "approve_application",
    "ask_for_claim",
    "before_close",
    "before_retire",
    "close_patient",
    "confirm_application",
    "create_department",
    "create_doctor",
    "decline_application",
    "delete_department",
    "delete_doctor",
    "find_application",
    "find_claim",
    "has_account",
    "has_contact",
    "invite_doctor",
    "on_close",
    "purge_applications",
    "register_patient",
    "restore_department",
    "restore_doctor",
    "retire_department",
    "retire_doctor",
    "revoke_claim",
    "send_claim",
    "update_department",
    "update_doctor",
    "update_hospital",
    "update_patient",
    "why_kept",
    "why_not_close",
    "why_not_retire",
]
