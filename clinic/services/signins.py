"""What a merge of two patients' records does with their accounts: one person signs in with one of them."""

from django.utils.translation import gettext as _

from accounts import audit
from accounts import services as accounts
from accounts.models import User
from clinic.models import Guardianship, Patient


def join(survivor, absorbed, *, keep, by):
    """See that the survivor has the account that stays: the only one, or `keep`. The other one is closed for sign-in.

    Returns what PatientMerge keeps: (account, {"survivor_user": [before, after], "absorbed_user": […]}).
    """
    ours, theirs = survivor.user, absorbed.user
    kept = theirs if ours is None or (theirs is not None and keep is not None and keep.pk == theirs.pk) else ours
    users = {"survivor_user": [survivor.user_id, kept and kept.pk], "absorbed_user": [absorbed.user_id, None]}
    account = {"kept": kept and kept.pk, "closed": None, "because": "", "renamed": None, "acts_for": []}
    if ours is not None and theirs is not None:
        closed = ours if kept.pk == theirs.pk else theirs
        users["absorbed_user"][1] = closed.pk
        reason = _("Joined with the account of %(number)s.") % {"number": survivor.number}
        account["acts_for"] = hand_on(closed, kept, by=by)
        if accounts.set_aside(closed, reason=reason, by=by):
            account |= {"closed": closed.pk, "because": reason}
    give(survivor, absorbed, users["survivor_user"][1], users["absorbed_user"][1])
    return account, users


def hand_on(before, after, *, by):
    """For whom one account acts, another one acts from now on; but for oneself and whom it acts for already. Ids."""
    known = Guardianship.objects.filter(guardian=after, ended_at=None).values("patient")
    rows = Guardianship.objects.current().filter(guardian=before).exclude(patient__in=known)
    rows = list(rows.exclude(patient__user=after).select_related("patient").order_by("pk"))
    for row in rows:
        _let_act(row, after, by=by)
    return [row.pk for row in rows]


def hand_back(made, *, by):
    """The same the other way round, for what still stands as the merge left it."""
    ids, kept, closed = (made.account.get(name) for name in ("acts_for", "kept", "closed"))
    closed = closed or made.values["absorbed_user"][1]
    known = Guardianship.objects.filter(guardian=closed, ended_at=None).values("patient")
    rows = Guardianship.objects.current().filter(pk__in=ids or [], guardian=kept).exclude(patient__in=known)
    for row in rows.select_related("patient").order_by("pk"):
        _let_act(row, User.objects.get(pk=closed), by=by)


def _let_act(row, account, *, by):
    Guardianship.objects.filter(pk=row.pk).update(guardian=account)
    detail = {"guardian": account.name, "account": account.pk}
    audit.record(by, "guardianship.handed_on", row, patient=row.patient, detail=detail)


def give(survivor, absorbed, ours, theirs):
    """Link two patients to accounts (ids); an account is linked to one patient at a time."""
    rows = Patient.objects.filter(pk__in=[survivor.pk, absorbed.pk])
    rows.update(user=None)
    for patient, user_id in ((survivor, ours), (absorbed, theirs)):
        if user_id:
            Patient.objects.filter(pk=patient.pk).update(user=user_id)
        patient.user = User.objects.get(pk=user_id) if user_id else None


def name_as(survivor, account, *, by):
    """The account goes by the name that the patient has now."""
    if survivor.user and survivor.user.name != survivor.name:
        account["renamed"] = [survivor.user.name, survivor.name]
        accounts.rename(survivor.user, name=survivor.name, by=by)


def put_back(made, survivor, absorbed):
    """Give each patient the account they had, unless the survivor's is another one by now."""
    ours, theirs = made.values["survivor_user"], made.values["absorbed_user"]
    if survivor.user_id == ours[1] and absorbed.user_id == theirs[1]:
        give(survivor, absorbed, ours[0], theirs[0])


def part(made, *, by):
    """Let the closed account in again, and call the other one as before, unless somebody has seen to it meanwhile."""
    hand_back(made, by=by)
    if closed := User.objects.filter(pk=made.account["closed"]).first():
        accounts.bring_back(closed, because=made.account["because"], reason=_("The merge was undone."), by=by)
    kept = User.objects.filter(pk=made.account["kept"]).first()
    before, after = made.account["renamed"] or (None, None)
    if kept and before and kept.name == after:
        accounts.rename(kept, name=before, by=by)
