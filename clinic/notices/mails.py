"""The messages of clinic that the hospital may reword. As delivered they stand in templates/clinic/mail/."""

from datetime import date, timedelta
from functools import partial

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import outbox
from accounts.wordings import Placeholder, Wording, declare

APPLICATIONS, ACCOUNTS = _("Applications of doctors"), _("From the desk to an account")
FAMILY, MERGING = _("Acting for somebody else"), _("Records joined")

PERSON = Placeholder("person", "{{ to.name }}", _("Name of who gets the message"))
GUARDIAN = Placeholder("guardian", "{{ guardian.name }}", _("Who acts for the patient"), required=True)
PATIENT = Placeholder("patient", "{{ patient.name }}", _("The patient"), required=True)
FAMILY_LINK = Placeholder("link", "{{ family_url }}", _("The page Family"), required=True, link=True)
NUMBER = Placeholder("number", "{{ number }}", _("The patient's number"), required=True)
LINK = Placeholder("link", "{{ link }}", _("The link; it works once"), required=True, link=True)
UNTIL = Placeholder("until", '{{ until|date:"DATETIME_FORMAT" }}', _("Until when the link works"))
RECORD_LINK = Placeholder("link", "{{ url }}", _("The patient's page"), required=True, link=True)
HOME_LINK = Placeholder("link", "{{ url }}", _("Where one signs in"), link=True)
APPLICANT = Placeholder("person", "{{ application.name }}", _("Name of who applied"))
DAY = Placeholder("until", '{{ day|date:"DATE_FORMAT" }}', _("The day on which it ends"), required=True)
ACCOUNT = Placeholder("person", "{{ person.name }}", _("Name of who gets the message"))

ASKED = (
    PATIENT,
    Placeholder("link", "{{ link }}", _("Where one accepts or declines"), required=True, link=True),
    Placeholder("register_link", "{{ signup_url }}", _("Where one registers"), link=True),
    Placeholder("until", '{{ expires|date:"DATE_FORMAT" }}', _("The last day for an answer")),
)
APPROVED = (
    APPLICANT,
    Placeholder("department", "{{ doctor.department.name }}", _("The department")),
    Placeholder("address", "{{ invited }}", _("The address that the invitation goes to")),
)
DECLINED = (APPLICANT, Placeholder("reason", "{{ application.reason }}", _("Why, as written"), required=True))
ANOTHER = (
    NUMBER,
    Placeholder("other", "{% if other %}{{ other.number }}{% else %}–{% endif %}", _("Number of the other record")),
    RECORD_LINK,
)
REFUSED = (PERSON, Placeholder("guardian", "{{ who }}", _("Who was asked"), required=True), FAMILY_LINK)
ANSWERED = (PERSON, GUARDIAN, FAMILY_LINK)
BOTH = (PERSON, GUARDIAN, PATIENT, FAMILY_LINK)


def example(**case):
    """What the messages of this app know, all at once."""
    now = timezone.now()
    return {
        "to": {"name": "Jonas Weber"},
        "person": {"name": "Jonas Weber"},
        "guardian": {"name": "Ines Duarte"},
        "who": "Ines Duarte",
        "patient": {"name": "Mara Jansen"},
        "application": {"name": "Lin Okafor", "reason": "The position is filled."},
        "doctor": {"department": {"name": "Cardiology"}},
        "invited": "lin@example.org",
        "number": "P-104233",
        "other": {"number": "P-100087"},
        "day": date(now.year + 1, 3, 14),
        "expires": now + timedelta(days=14),
        "until": now + timedelta(days=3),
        "link": outbox.absolute("/example/"),
        "signup_url": outbox.absolute(reverse("account_signup")),
        "family_url": outbox.absolute(reverse("clinic:family")),
        "url": outbox.absolute(reverse("home")) + "patients/1/",
    } | case


# template, what follows it in the name, group, title, placeholders, case
MAILS = (
    ("application_confirm", "", APPLICATIONS, _("Confirm the address"), (LINK, UNTIL), {}),
    ("application_known", "", APPLICATIONS, _("Applied again while the first one waits"), (), {}),
    ("application_approved", "", APPLICATIONS, _("Approved"), APPROVED, {}),
    ("application_declined", "", APPLICATIONS, _("Declined"), DECLINED, {}),
    ("claim_link", "", ACCOUNTS, _("Link to an account, sent by reception"), (PATIENT, LINK, UNTIL), {"asked": False}),
    ("claim_link", ".asked", ACCOUNTS, _("Link to an account, asked for"), (PATIENT, LINK, UNTIL), {"asked": True}),
    ("claim_locked", "", ACCOUNTS, _("To staff: wrong dates of birth"), (NUMBER, RECORD_LINK), {}),
    ("claim_duplicate", "", ACCOUNTS, _("To staff: perhaps two records of one patient"), ANOTHER, {}),
    ("asked", "", FAMILY, _("Asked to book visits"), ASKED, {"reads": False}),
    ("asked", ".reads", FAMILY, _("Asked to book visits and to read the record"), ASKED, {"reads": True}),
    ("accepted", "", FAMILY, _("Accepted: books visits"), ANSWERED, {"reads": False}),
    (
        "accepted",
        ".reads",
        FAMILY,
        _("Accepted: reads the record too"),
        ANSWERED,
        {"reads": True},
    ),
    ("declined", "", FAMILY, _("Declined"), REFUSED, {}),
    ("recorded", "", FAMILY, _("Recorded at the desk: books visits"), BOTH, {"reads": False}),
    ("recorded", ".reads", FAMILY, _("Recorded at the desk: reads the record too"), BOTH, {"reads": True}),
    ("ended", "", FAMILY, _("Ended"), BOTH, {}),
    ("ends_soon", "", FAMILY, _("Ends soon, as agreed"), (PERSON, PATIENT, DAY, FAMILY_LINK), {"by_age": False}),
    (
        "ends_soon",
        ".of_age",
        FAMILY,
        _("Ends soon: a child comes of age, without an account"),
        (PERSON, PATIENT, DAY, FAMILY_LINK),
        {"by_age": True, "has_account": False},
    ),
    (
        "ends_soon",
        ".of_age_with_account",
        FAMILY,
        _("Ends soon: a child comes of age and has an account"),
        (PERSON, PATIENT, DAY, FAMILY_LINK),
        {"by_age": True, "has_account": True},
    ),
    ("merged", "", MERGING, _("Two records are one now"), (ACCOUNT, HOME_LINK), {"is_closed": False}),
    (
        "merged",
        ".closed",
        MERGING,
        _("Two records are one now: this account is closed"),
        (ACCOUNT,),
        {"is_closed": True},
    ),
    ("unmerged", "", MERGING, _("The record stands for itself again"), (ACCOUNT, HOME_LINK), {}),
)


def register():
    """For AppConfig.ready()."""
    for template, ending, group, title, own, case in MAILS:
        name, file = f"clinic.{template}{ending}", f"clinic/mail/{template}"
        declare(Wording(name, file, group, title, own, partial(example, **case), case))
