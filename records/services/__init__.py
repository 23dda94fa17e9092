"""Every write of records."""

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
    file_of,
    forget_exports,
    purge_exports,
    request_export,
    run_due_exports,
    run_export,
)

__all__ = [
    "WORD",
    "allergy_conflicts",
    "amend_encounter",
    "correct_allergy",
    "end_allergy",
    "file_of",
    "forget_exports",
    "open_chart",
    "purge_exports",
    "record_allergy",
    "request_export",
    "require_amendable",
    "review_history",
    "run_due_exports",
    "run_export",
    "save_draft",
    "save_history",
    "sign_encounter",
    "stop_prescription",
]
