"""What becomes of the family when somebody leaves for good: nobody is left with a guardian who is not there."""

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import services as accounts
from clinic import notices
from clinic.models import Answer, GuardianRequest, Guardianship, Origin
from clinic.services.endings import end_guardianship


def acted_for(account_id):
    """The guardianships that end when this account is closed; none for no account."""
    rows = Guardianship.objects.current().filter(guardian=account_id) if account_id else Guardianship.objects.none()
    return rows.select_related("patient").order_by("patient__name", "pk")


def asked_by(patient):
    """The guardianships that the patient agreed to by themselves. Those of parents, and on papers, stay."""
    return Guardianship.objects.current().filter(patient=patient, origin=Origin.AGREED)


def leave_family(patient, *, by):
    """The patient acts for nobody any more, and whom they asked does not act for them; open requests are answered.

    Call it in the transaction of the closing, while the patient still has the account and with all of them locked.
    """
    for row in [*acted_for(patient.user_id), *asked_by(patient)]:
        end_guardianship(row, by=by, reason=_("The account was closed."))
    made = GuardianRequest.objects.filter(patient=patient)
    made.filter(answer="").update(answer=Answer.WITHDRAWN, answered_at=timezone.now())
    received = GuardianRequest.objects.none()
    if patient.user is not None:
        received = GuardianRequest.objects.filter(address=patient.user.email)
        _decline(received.waiting(), patient.user)
    for requests in (made, received):
        ids = list(requests.values_list("pk", flat=True))
        accounts.forget_messages(about_type=GuardianRequest._meta.label_lower, about_id__in=ids, recipient=None)
    made.update(address="")


def _decline(requests, account):
    for request in requests.select_related("patient__user"):
        GuardianRequest.objects.filter(pk=request.pk).update(answer=Answer.DECLINED, answered_at=timezone.now())
        notices.family.declined(request, by=account)
