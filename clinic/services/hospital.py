"""The hospital's own data and rules."""

from django.db import transaction

from clinic.services import rows


@transaction.atomic
def update_hospital(hospital, *, by, **fields):
    """Change the hospital's data and rules. Returns it as it is now."""
    hospital = rows.locked(hospital)
    rows.change(hospital, fields, by=by)
    return hospital
