"""Every write of clinic: the hospital, its departments, doctors and patients, and who wants to come in."""

from clinic.services.applications import (
    applications_to_purge,
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
    retire_departments,
    update_department,
    why_not_retire_department,
)
from clinic.services.doctors import (
    before_retire,
    create_doctor,
    delete_doctor,
    invite_doctor,
    restore_doctor,
    retire_doctor,
    retire_doctors,
    update_doctor,
    why_not_retire,
    why_not_retire_those,
)
from clinic.services.duplicates import DuplicateConflict, candidates, dismiss, find_duplicates, note_by_hand
from clinic.services.endings import FamilyRefused, announce_endings, end_guardianship, is_of_age
from clinic.services.family import add_child, record_guardianship, update_contact
from clinic.services.hospital import update_hospital
from clinic.services.merging import MergeObjection, merge, undo_merge, why_not_undo
from clinic.services.parting import acted_for
from clinic.services.patients import register_patient, update_patient
from clinic.services.requests import accept_request, ask_guardian, decline_request, withdraw_request
from clinic.services.rows import ClinicConflict, ClinicRefused, why_kept

__all__ = [
    "ClaimGone",
    "ClinicConflict",
    "ClinicRefused",
    "DuplicateConflict",
    "FamilyRefused",
    "MergeObjection",
    "WrongBirthDate",
    "accept_claim",
    "accept_request",
    "acted_for",
    "add_child",
    "announce_endings",
    "applications_to_purge",
    "apply",
    "approve_application",
    "ask_for_claim",
    "ask_guardian",
    "before_close",
    "before_retire",
    "candidates",
    "close_patient",
    "confirm_application",
    "create_department",
    "create_doctor",
    "decline_application",
    "decline_request",
    "delete_department",
    "delete_doctor",
    "dismiss",
    "end_guardianship",
    "find_application",
    "find_claim",
    "find_duplicates",
    "has_account",
    "has_contact",
    "invite_doctor",
    "is_of_age",
    "merge",
    "note_by_hand",
    "on_close",
    "purge_applications",
    "record_guardianship",
    "register_patient",
    "restore_department",
    "restore_doctor",
    "retire_department",
    "retire_departments",
    "retire_doctor",
    "retire_doctors",
    "revoke_claim",
    "send_claim",
    "undo_merge",
    "update_contact",
    "update_department",
    "update_doctor",
    "update_hospital",
    "update_patient",
    "why_kept",
    "why_not_close",
    "why_not_retire",
    "why_not_retire_department",
    "why_not_retire_those",
    "why_not_undo",
    "withdraw_request",
]
