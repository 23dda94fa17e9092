"""What people are told about acting for one another: never anything about a visit or about health."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import outbox
from clinic.models import GuardianRequest, Guardianship, Hospital, Kind

ASKED, ACCEPTED, DECLINED = "guardianship.asked", "guardianship.accepted", "guardianship.declined"
RECORDED, ENDED, ENDS_SOON = "guardianship.recorded", "guardianship.ended", "guardianship.ends_soon"


def asked(request):
    """The same mail to every address, whether or not somebody has an account with it."""
    _put(
        ASKED,
        request,
        patient=request.patient,
        address=request.address,
        link=_link("clinic:guardian-request", request.pk),
        reads=request.scope == "read",
        expires=_day(request.expires_at),
        signup_url=_link("account_signup"),
    )


def accepted(guardianship):
    """To the patient who asked."""
    _put(ACCEPTED, guardianship, to=guardianship.patient.user, **_of(guardianship))


def declined(request, *, by):
    """To the patient who asked."""
    _put(DECLINED, request, to=request.patient.user, patient=request.patient, who=by.name)


def recorded(guardianship):
    """To both sides: to the guardian, and to the patient's own account where there is one."""
    for account in (guardianship.guardian, guardianship.patient.user):
        if account is not None:
            _put(RECORDED, guardianship, to=account, **_of(guardianship))


def ended(guardianship, *, by):
    """To the sides that did not do it."""
    for account in (guardianship.guardian, guardianship.patient.user):
        if account is not None and account.is_active and (by is None or account.pk != by.pk):
            _put(ENDED, guardianship, to=account, **_of(guardianship))


def ends_soon(guardianship):
    """To the guardian, a month ahead; for a child: how the young person gets an account of their own."""
    day = _day(guardianship.until)
    _put(
        ENDS_SOON,
        guardianship,
        to=guardianship.guardian,
        version=f"{guardianship.until:%Y%m%d%H%M}",
        day=day,
        by_age=guardianship.kind == Kind.PARENT,
        has_account=guardianship.patient.user_id is not None,
        **_of(guardianship),
    )


def _of(guardianship):
    """What the templates know of a guardianship."""
    return {"patient": guardianship.patient, "guardian": guardianship.guardian, "guardianship": guardianship,
            "reads": guardianship.reads}  # fmt: skip


def _day(instant):
    return timezone.localdate(instant, Hospital.current().zone)


def _link(name, *arguments):
    return outbox.absolute(reverse(name, args=arguments))


def _put(kind, row, *, patient, to=None, address="", version="", **context):
    outbox.put(
        kind=kind,
        key=":".join(str(part) for part in (kind, row.pk, to.pk if to else "", version) if part),
        template=f"clinic/mail/{kind.partition('.')[2]}",
        to=to,
        address=address,
        about=row,
        context={"patient": patient, "to": to, "family_url": _link("clinic:family"), **context},
        link=reverse("clinic:family"),
    )


def is_waiting(message):
    """Whether a request can still be answered when its mail goes out."""
    return GuardianRequest.objects.waiting().filter(pk=message.about_id).exists()


def is_acting(message):
    """Whether the guardian still acts for the patient when the mail goes out."""
    return Guardianship.objects.acting().filter(pk=message.about_id).exists()


def register():
    """For AppConfig.ready()."""
    outbox.register(ASKED, is_waiting, title=_("Somebody asks you to act for them"))
    outbox.register(ACCEPTED, is_acting, title=_("Somebody accepted to act for you"))
    outbox.register(DECLINED, title=_("Somebody declined to act for you"))
    outbox.register(RECORDED, is_acting, title=_("Somebody acts for somebody else"))
    outbox.register(ENDED, title=_("Acting for somebody has ended"))
    outbox.register(ENDS_SOON, is_acting, title=_("Acting for somebody ends soon"))
