"""Every write of records."""

from records.services.breakglass import OpenAnyway, break_glass, end_break_glass, review_break_glass
from records.services.chart import (
    correct_allergy,
    end_allergy,
    open_chart,
    record_allergy,
    review_history,
    save_history,
    stop_prescription,
)
from records.services.encounters import (
    allergy_conflicts,
    amend_encounter,
    require_amendable,
    save_draft,
    sign_encounter,
)
from records.services.exports import (
    WORD,
    due_exports,
    expired_exports,
    file_of,
    forget_exports,
    purge_exports,
    request_export,
    retry_export,
    run_due_exports,
    run_export,
)
from records.services.grants import ask_grant, confirm_grant, revoke_grant

__all__ = [
    "WORD",
    "OpenAnyway",
    "allergy_conflicts",
    "amend_encounter",
    "ask_grant",
    "break_glass",
    "confirm_grant",
    "correct_allergy",
    "due_exports",
    "end_allergy",
    "end_break_glass",
    "expired_exports",
    "file_of",
    "forget_exports",
    "open_chart",
    "purge_exports",
    "record_allergy",
    "request_export",
    "require_amendable",
    "retry_export",
    "review_break_glass",
    "review_history",
    "revoke_grant",
    "run_due_exports",
    "run_export",
    "save_draft",
    "save_history",
    "sign_encounter",
    "stop_prescription",
]
