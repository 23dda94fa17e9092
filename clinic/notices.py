"""What clinic tells people by mail. The wording stands in templates/clinic/mail/.

A mail to an address that nobody has confirmed yet holds nothing that was typed by whoever asked for it: nobody uses
the hospital to send their own words to a stranger.
"""

from django.urls import reverse
from django.utils import timezone

from accounts import outbox
from clinic.models import Application

CONFIRM, KNOWN = "application.confirm", "application.known"
APPROVED, DECLINED = "application.approved", "application.declined"


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


def is_confirmation_wanted(message):
    """Asked by the outbox when the mail goes out: does its link still confirm anything?"""
    found = Application.objects.confirmable().filter(pk=message.about_id).first()
    return found is not None and message.key == f"{CONFIRM}:{found.token_hash[:40]}"


def register():
    """For AppConfig.ready()."""
    outbox.register(CONFIRM, is_confirmation_wanted)
