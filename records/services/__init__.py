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
    FORMATS,
    cancel_export,
    due_exports,
    expired_exports,
    forget_exports,
    note_download,
    request_export,
    request_list,
    retry_export,
    run_due_exports,
    run_export,
    word,
)
from records.services.grants import ask_grant, confirm_grant, revoke_grant
from records.services.making import file_of, grants_of, may_fetch, purge_exports, require_may

__all__ = [
    "FORMATS",
    "OpenAnyway",
    "allergy_conflicts",
    "amend_encounter",
    "ask_grant",
    "break_glass",
    "cancel_export",
    "confirm_grant",
    "correct_allergy",
    "due_exports",
    "end_allergy",
    "end_break_glass",
    "expired_exports",
    "file_of",
    "forget_exports",
    "grants_of",
    "may_fetch",
    "note_download",
    "open_chart",
    "purge_exports",
    "record_allergy",
    "request_export",
    "request_list",
    "require_amendable",
    "require_may",
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
    "word",
]
