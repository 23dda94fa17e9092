"""The messages about visits that the hospital may reword. As delivered they stand in templates/scheduling/mail/."""

from functools import partial

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import outbox
from accounts.wordings import Placeholder, Wording, declare

GROUP = _("Visits")
REMINDER = "scheduling/mail/reminder"

WHEN = Placeholder("when", "{{ time }}", _("Day and time of the visit, with the time zone"), required=True)
LINK = Placeholder("link", "{{ url }}", _("The page of the visit, to move or cancel it"), required=True, link=True)
BOOK = Placeholder("link", "{{ booking_url }}", _("Where one books another visit"), link=True)
BEFORE = Placeholder("before", "{{ before }}", _("Day and time it had before"))
PEOPLE = (
    Placeholder("person", "{{ person.name }}", _("Name of who gets the message")),
    Placeholder("patient", "{{ patient.name }}", _("The patient")),
    Placeholder("doctor", "{{ doctor.name }}", _("The doctor")),
)
VISIT = (
    *PEOPLE,
    Placeholder("department", "{{ appointment.department.name }}", _("The department")),
    WHEN,
    Placeholder("where", "{{ place }}", _("Name and address of the hospital")),
    Placeholder("fee", "{{ fee }}", _("The fee")),
    Placeholder("reference", "{{ appointment.reference }}", _("The visit's reference")),
)
ANSWER = Placeholder(
    "answer", "{{ link }}", _("Where one confirms or cancels, without signing in"), required=True, link=True
)
CHOOSE = Placeholder(
    "choose", "{{ link }}", _("Where one chooses another time, without signing in"), required=True, link=True
)
ACCEPT = Placeholder(
    "offer", "{{ link }}", _("Where one accepts or declines, without signing in"), required=True, link=True
)
HELD_UNTIL = Placeholder("held", "{{ held_until }}", _("Until when the time is held"), required=True)
PLACE = Placeholder("link", "{{ url }}", _("The waiting list, with their place on it"), required=True, link=True)
FREE = Placeholder("free", "{{ booking_url }}", _("Where one books a time that is free"), link=True)
STOP = Placeholder("stop", "{{ consents_url }}", _("Where one stops reminders"), link=True)
EXPECTED = Placeholder("expected", "{{ expected }}", _("When the visit will begin"), required=True)
MINUTES = Placeholder("minutes", "{{ minutes }}", _("How many minutes late"))
WRITTEN = (
    Placeholder("person", "{{ person.name }}", _("Name of who gets the message")),
    Placeholder("subject", "{{ subject }}", _("The subject that was typed")),
    Placeholder("text", "{{ text }}", _("The text that was typed"), required=True),
    Placeholder("visits", "{{ visits }}", _("The visits it is about, each on a line"), required=True),
    Placeholder("link", "{{ url }}", _("The page of the first of these visits"), link=True),
)
PAGE = Placeholder("link", "{{ url }}", _("The page of the visit, to move or cancel it"), link=True)


def example(*, is_guardian, has_account=True):
    """What the messages about a visit know."""
    return {
        "person": {
            "name": "Ines Duarte" if is_guardian else "Mara Jansen",
            "is_guardian": is_guardian,
            "account": has_account,
        },
        "patient": {"name": "Noa Duarte" if is_guardian else "Mara Jansen"},
        "doctor": {"name": "Dr Amina Diallo"},
        "appointment": {"department": {"name": "Cardiology"}, "reference": "V7KQ2M"},
        "time": "Tue 24 Nov, 09:30 (Europe/Berlin)",
        "before": "Mon 23 Nov, 16:00 (Europe/Berlin)",
        "place": "Riverside Hospital, 4 Mill Lane",
        "fee": "50.00 EUR",
        "url": outbox.absolute("/appointments/1/"),
        "link": outbox.absolute("/reminders/x7f3/"),
        "consents_url": outbox.absolute(reverse("accounts:consent-list")),
        "held_until": "Mon 23 Nov, 18:00 (Europe/Berlin)",
        "minutes": 25,
        "expected": "09:55",
        "subject": "Please use the entrance in Mill Lane",
        "text": "The main entrance is closed. The one in Mill Lane is open.",
        "visits": "Tue 24 Nov, 09:30 (Europe/Berlin), Dr Amina Diallo, Cardiology",
        "booking_url": outbox.absolute(reverse("scheduling:booking-departments")),
    }


# template, title for the patient, title for who acts for the patient, placeholders
MAILS = (
    ("booked", _("Visit booked"), _("Visit booked, to who acts for the patient"), (*VISIT, LINK)),
    ("moved", _("Visit moved"), _("Visit moved, to who acts for the patient"), (*VISIT, BEFORE, LINK)),
    ("cancelled", _("Visit cancelled"), _("Visit cancelled, to who acts for the patient"), (*VISIT, BOOK)),
    ("delayed", _("Running late"), _("Running late, to who acts for the patient"), (*VISIT, MINUTES, EXPECTED)),
    ("on_time", _("On time again"), _("On time again, to who acts for the patient"), VISIT),
    (
        "another_time",
        _("Another time is needed"),
        _("Another time is needed, to who acts for the patient"),
        (*VISIT, CHOOSE),
    ),
    (
        "offer",
        _("A time has become free"),
        _("A time has become free, to who acts for the patient"),
        (*VISIT, ACCEPT, HELD_UNTIL),
    ),
    (
        "offer_lapsed",
        _("An offered time went to the next"),
        _("An offered time went to the next, to who acts for the patient"),
        (*PEOPLE, WHEN, PLACE, FREE),
    ),
    (
        "stands",
        _("Takes place as booked after all"),
        _("Takes place as booked after all, to who acts for the patient"),
        (*VISIT, LINK),
    ),
)
REMINDERS = (
    ("", _("Reminder"), {"is_guardian": False, "has_account": True}),
    (".guardian", _("Reminder, to who acts for the patient"), {"is_guardian": True, "has_account": True}),
    (".no_account", _("Reminder, to who has no account"), {"is_guardian": False, "has_account": False}),
)


def register():
    """For AppConfig.ready()."""
    shown = partial(example, is_guardian=False)
    declare(
        Wording("scheduling.written", "scheduling/mail/written", GROUP, _("Written by reception"), WRITTEN, shown, {})
    )
    for template, title, for_guardian, own in MAILS:
        name, file = f"scheduling.{template}", f"scheduling/mail/{template}"
        for ending, words, acting in (("", title, False), (".guardian", for_guardian, True)):
            shown = partial(example, is_guardian=acting)
            declare(Wording(name + ending, file, GROUP, words, own, shown, {"person.is_guardian": acting}))
    for ending, words, who in REMINDERS:
        case = {"person.is_guardian": who["is_guardian"], "person.account": who["has_account"]}
        own = (*VISIT, ANSWER, PAGE, STOP) if who["has_account"] else (*VISIT, ANSWER)
        declare(Wording(f"scheduling.reminder{ending}", REMINDER, GROUP, words, own, partial(example, **who), case))
