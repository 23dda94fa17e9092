"""The hospital's list of specializations: added, renamed, merged, retired. Doctors who carry the words follow."""

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from clinic.models import Doctor, Specialization
from clinic.services import rows
from clinic.services.rows import ClinicConflict, ClinicRefused


def carriers(name):
    """The doctors in whose profiles a specialization stands, whatever the case."""
    return Doctor.objects.filter(specialization__iexact=name)


def taken():
    return _("This specialization is in the list already. Two names for one thing can be merged.")


@transaction.atomic
def create_specialization(*, name, by):
    """Add words to the list. ClinicRefused when they are there already."""
    try:
        with transaction.atomic():
            made = Specialization.objects.create(name=_tidy(name))
    except IntegrityError as error:
        raise ClinicRefused(taken()) from error
    audit.record(by, "specialization.created", made)
    return made


@transaction.atomic
def rename_specialization(specialization, *, name, by, seen=""):
    """Write a specialization differently, in the list and in every profile. ClinicRefused when the words are taken."""
    row = _locked(specialization)
    before, name = row.name, _tidy(name)
    try:
        with transaction.atomic():
            changed = rows.change(row, {"name": name}, by=by, seen=seen, told=True)
    except IntegrityError as error:
        raise ClinicRefused(taken()) from error
    if changed:
        _rewrite(before, name, by=by)
    return row


@transaction.atomic
def merge_specialization(specialization, *, into, by):
    """Two names for one thing: the doctors of the first get the words of the second, and the first is gone."""
    pair = {
        row.pk: row for row in Specialization.objects.select_for_update().order_by("pk")
    }  # a short list, in one order
    if specialization.pk not in pair or into.pk not in pair:
        raise ClinicConflict(_("Somebody has just merged one of the two."))
    gone, stays = pair[specialization.pk], pair[into.pk]
    if gone == stays:
        raise ClinicRefused(_("Choose another one."))
    count = _rewrite(gone.name, stays.name, by=by)
    audit.record(by, "specialization.merged", gone, detail={"into": stays.name, "doctors": count})
    gone.delete()
    return stays


@transaction.atomic
def retire_specialization(specialization, *, by):
    """Offer it no more. Doctors keep it."""
    return _set_retired(specialization, timezone.now(), "specialization.retired", by=by)


@transaction.atomic
def restore_specialization(specialization, *, by):
    """Offer it again."""
    return _set_retired(specialization, None, "specialization.restored", by=by)


def _set_retired(specialization, at, action, *, by):
    row = _locked(specialization)
    if bool(row.retired_at) != bool(at):
        row.retired_at = at
        row.save(update_fields=["retired_at"])
        audit.record(by, action, row)
    return row


def _rewrite(before, after, *, by):
    """Put other words into the profiles; how many there were. One by one, since each is searched by its words."""
    found = carriers(before).select_for_update(of=("self",)).order_by("pk")
    return sum(bool(rows.change(doctor, {"specialization": after}, by=by)) for doctor in found)


def _locked(specialization):
    row = Specialization.objects.select_for_update().filter(pk=specialization.pk).first()
    if row is None:
        raise ClinicConflict(_("Somebody has just merged it into another one."))
    return row


def _tidy(name):
    return " ".join(str(name).split())
