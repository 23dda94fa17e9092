"""The hospital's own data and rules."""

from django.db import transaction

from clinic.services import endings, rows


@transaction.atomic
def update_hospital(hospital, *, by, seen="", **fields):
    """Change the hospital's data and rules. Returns it as it is now.

    ChangedMeanwhile when it does not say any more what the form had shown (`seen`).
    """
    hospital = rows.locked(hospital)
    if "time_zone" in rows.change(hospital, fields, by=by, seen=seen, told=True):
        endings.follow_time_zone(hospital, by=by)
    return hospital
