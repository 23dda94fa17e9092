"""What clinic tells people by mail. The wording stands in templates/clinic/mail/.

A mail to an address that nobody has confirmed yet holds nothing that was typed by whoever asked for it: nobody uses
the hospital to send their own words to a stranger.
"""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import outbox
from accounts.models import Role, User
from clinic.models import Application, Claim, Hospital, Patient

CONFIRM, KNOWN = "application.confirm", "application.known"
APPROVED, DECLINED = "application.approved", "application.declined"
CLAIM, LOCKED, DUPLICATE = "claim.link", "claim.locked", "claim.duplicate"


def confirm_application(application, token):
    """The link that confirms the address of an application."""
    _tell_applicant(
        CONFIRM,
        application,
        key=f"{CONFIRM}:{application.token_hash[:40]}",
        link=outbox.absolute(reverse("clinic:application-confirm", args=[token])),
        until=application.expires_at,
        secret=True,
    )


def application_known(application):
    """Somebody applied again while the application waits: once a day, its owner hears that it is here."""
    _tell_applicant(KNOWN, application, key=f"{KNOWN}:{application.pk}:{timezone.now():%Y%m%d}")


def application_approved(application, doctor):
    """Come and work with us; the invitation to an account is a mail of its own."""
    address = doctor.user.email
    _tell_applicant(APPROVED, application, key=f"{APPROVED}:{application.pk}", doctor=doctor, invited=address)


def application_declined(application):
    """Not this time, and why."""
    _tell_applicant(DECLINED, application, key=f"{DECLINED}:{application.pk}")


def _tell_applicant(kind, application, *, key, secret=False, **context):
    outbox.put(
        kind=kind,
        key=key,
        template=f"clinic/mail/{kind.replace('.', '_')}",
        address=application.email,
        name=application.name,
        about=application,
        context={"application": application, **context},
        secret=secret,
    )


def claim_sent(claim, token):
    """The link by which a patient whom reception has registered makes an account.

    One that was asked for on the public page leaves with the next sweep: waking a worker takes a time that would tell.
    """
    outbox.put(
        kind=CLAIM,
        key=f"{CLAIM}:{claim.token_hash[:40]}",
        template="clinic/mail/claim_link",
        address=claim.email,
        name=claim.patient.name,
        about=claim,
        context={
            "patient": claim.patient,
            "asked": claim.sent_by_id is None,
            "link": outbox.absolute(reverse("clinic:claim-accept", args=[token])),
            "until": claim.expires_at,
        },
        due_at=None if claim.sent_by_id else timezone.now(),
        secret=True,
    )


def claim_locked(claim):
    """Somebody has the link and does not know the date of birth."""
    _tell_staff(LOCKED, claim)


def claim_duplicate(claim):
    """Who has the link has an account, and so a record of their own, already: the two are to be joined."""
    _tell_staff(DUPLICATE, claim, other=Patient.objects.filter(user=claim.account).first())


def _tell_staff(kind, claim, **context):
    """Whoever sent the link; else the hospital's own address; else its administrators. The number alone says who."""
    for number, (user, address) in enumerate(_staff_for(claim)):
        outbox.put(
            kind=kind,
            key=f"{kind}:{claim.pk}:{number}",
            template=f"clinic/mail/{kind.replace('.', '_')}",
            to=user,
            address=address,
            about=claim,
            context={
                "number": claim.patient.number,
                "url": outbox.absolute(reverse("clinic:patient-detail", args=[claim.patient_id])),
                **context,
            },
        )


def _staff_for(claim):
    if claim.sent_by and claim.sent_by.is_active:
        return [(claim.sent_by, "")]
    if address := Hospital.current().email:
        return [(None, address)]
    return [(admin, "") for admin in User.objects.filter(role=Role.ADMIN, is_active=True).order_by("pk")[:5]]


def is_claim_open(message):
    """Asked by the outbox when the mail goes out: does its link still open anything?"""
    found = Claim.objects.open().filter(pk=message.about_id).first()
    return found is not None and message.key == f"{CLAIM}:{found.token_hash[:40]}"


def is_confirmation_wanted(message):
    """Asked by the outbox when the mail goes out: does its link still confirm anything?"""
    found = Application.objects.confirmable().filter(pk=message.about_id).first()
    return found is not None and message.key == f"{CONFIRM}:{found.token_hash[:40]}"


def register():
    """For AppConfig.ready()."""
    outbox.register(CONFIRM, is_confirmation_wanted, title=_("Confirm an application"))
    outbox.register(KNOWN, title=_("Applied again"))
    outbox.register(APPROVED, title=_("Application approved"))
    outbox.register(DECLINED, title=_("Application declined"))
    outbox.register(CLAIM, is_claim_open, title=_("Link to an account"))
    outbox.register(LOCKED, title=_("A link to an account was closed"))
    outbox.register(DUPLICATE, title=_("Who has a link is registered already"))
