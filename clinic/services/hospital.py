"""The hospital's own data and rules."""

from django.db import transaction

from clinic.services import endings, rows


@transaction.atomic
def update_hospital(hospital, *, by, **fields):
    """Change the hospital's data and rules. Returns it as it is now."""
    hospital = rows.locked(hospital)
    if "time_zone" in rows.change(hospital, fields, by=by):
        endings.follow_time_zone(hospital, by=by)
    return hospital
