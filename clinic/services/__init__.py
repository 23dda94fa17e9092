"""Every write of clinic: the hospital, its departments, doctors and patients."""

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
from clinic.services.duplicates import DuplicateConflict, candidates, dismiss, find_duplicates, note_by_hand
from clinic.services.endings import FamilyRefused, announce_endings, end_guardianship, is_of_age
from clinic.services.family import add_child, record_guardianship, update_contact
from clinic.services.hospital import update_hospital
from clinic.services.merging import MergeObjection, merge, undo_merge, why_not_undo
from clinic.services.patients import register_patient, update_patient
from clinic.services.requests import accept_request, ask_guardian, decline_request, withdraw_request
from clinic.services.rows import ClinicRefused, why_kept

__all__ = [
    "ClinicRefused",
    "DuplicateConflict",
    "FamilyRefused",
    "MergeObjection",
    "accept_request",
    "add_child",
    "announce_endings",
    "ask_guardian",
    "before_retire",
    "candidates",
    "create_department",
    "create_doctor",
    "decline_request",
    "delete_department",
    "delete_doctor",
    "dismiss",
    "end_guardianship",
    "find_duplicates",
    "invite_doctor",
    "is_of_age",
    "merge",
    "note_by_hand",
    "record_guardianship",
    "register_patient",
    "restore_department",
    "restore_doctor",
    "retire_department",
    "retire_doctor",
    "undo_merge",
    "update_contact",
    "update_department",
    "update_doctor",
    "update_hospital",
    "update_patient",
    "why_kept",
    "why_not_retire",
    "why_not_undo",
    "withdraw_request",
]
