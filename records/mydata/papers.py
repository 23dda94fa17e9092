"""How each kind of row reads on paper: a title and pairs of label and words. Rows come as `shapes` tells them."""

from datetime import date, datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import MessageState
from clinic.models import BloodGroup, Gender
from records.measures import value_words
from records.models import Allergy, Export, MedicalHistory
from records.services.chart import HISTORY_FIELDS
from scheduling.models import AppointmentEvent, Status


class Dates:
    """Writes days and instants by the hospital's clock."""

    def __init__(self, zone):
        self.zone = zone

    def __call__(self, value):
        if isinstance(value, datetime):
            return date_format(value.astimezone(self.zone), "DATETIME_FORMAT")
        return date_format(value, "DATE_FORMAT") if isinstance(value, date) else ""


def filled(*pairs):
    """The pairs that say something."""
    return [(str(label), str(words)) for label, words in pairs if words not in ("", None)]


def word_of(choices, value):
    """A choice in words; what is unknown stays."""
    return str(choices(value).label) if value in choices.values else value


def patient(row, dates):
    return filled(
        (_("Patient number"), row["number"]),
        (_("Name"), row["name"]),
        (_("Date of birth"), dates(row["birth_date"])),
        (_("Gender"), word_of(Gender, row["gender"])),
        (_("Blood group"), word_of(BloodGroup, row["blood_group"])),
        (_("Phone"), row["phone"]),
        (_("Address"), row["address"]),
        (_("Emergency contact"), ", ".join(filter(None, [row["emergency_name"], row["emergency_phone"]]))),
        (_("Registered"), dates(row["created_at"])),
    )


def account(row, dates):
    return filled(
        (_("E-mail address"), row["email"]),
        (_("Account since"), dates(row["date_joined"])),
        (_("Last sign-in"), dates(row["last_login"])),
    )


def care(row, dates):
    return row["doctor"], filled(
        (_("Department"), row["department"]), (_("Since"), dates(row["since"])), (_("Until"), dates(row["until"]))
    )


def visit(row, dates):
    happened = [
        " · ".join(
            filter(None, [dates(event["at"]), kind_of(event), event["by_name"], event["reason"]]),
        )
        for event in row["events"]
    ]
    return dates(row["starts_at"]), filled(
        (_("Doctor"), row["doctor"]),
        (_("Department"), row["department"]),
        (_("Status"), word_of(Status, row["status"])),
        (_("Reason"), row["reason"]),
        (_("Reference"), row["reference"]),
        (_("Fee"), row["fee"]),
        (_("Reason for overbooking"), row["overbook_reason"]),
        (_("What happened"), "\n".join(happened)),
    )


def kind_of(event):
    """What happened to a visit, with where it stood afterwards when that is what changed."""
    kind = word_of(AppointmentEvent.Kind, event["kind"])
    return f"{kind}: {word_of(Status, event['status'])}" if event["kind"] == "status" else kind


def encounter(row, dates):
    earlier = [
        f"{version['number']}: {dates(version['replaced_at'])} · {version['replaced_by_name']} · {version['reason']}"
        for version in row["earlier_versions"]
    ]
    return dates(row["started_at"]), filled(
        (_("Doctor"), row["doctor"]),
        (_("Complaint"), row["complaint"]),
        (_("Diagnoses"), "\n".join(f"{each['words']} {each['code']}".strip() for each in row["diagnoses"])),
        (_("Prescriptions"), "\n".join(prescription(each, dates) for each in row["prescriptions"])),
        (_("Measurements"), "\n".join(f"{each['label']}: {value_words(each)}" for each in row["measurements"])),
        (_("Notes"), row["notes"]),
        (_("Next visit"), dates(row["next_visit_on"])),
        (_("Earlier versions"), "\n".join(earlier)),
    )


def prescription(row, dates):
    names = ("medicine", "dose", "route", "frequency", "duration", "instructions")
    line = ", ".join(row[name] for name in names if row[name])
    if row["stopped_on"]:
        line += " · " + _("stopped %(day)s") % {"day": dates(row["stopped_on"])}
    return line


def measurement(row, dates):
    return row["label"], filled((_("Value"), value_words(row)), (_("When"), dates(row["measured_at"])))


def allergy(row, dates):
    return row["substance"], filled(
        (_("Reaction"), row["reaction"]),
        (_("Severity"), word_of(Allergy.Severity, row["severity"])),
        (_("Noted"), dates(row["noted_on"])),
        (_("Ended"), dates(row["ended_on"])),
        (_("Recorded by"), row["recorded_by_name"]),
        (_("Corrected later"), _("Yes") if row["corrected"] else ""),
    )


def history(row, dates):
    names = {name: MedicalHistory._meta.get_field(name).verbose_name for name in HISTORY_FIELDS}
    return dates(row["written_at"]), filled(
        (_("Written by"), row["written_by_name"]),
        *((names[name], row[name]) for name in HISTORY_FIELDS),
        (_("Reviewed"), dates(row["reviewed_at"])),
    )


def message(row, dates):
    return row["subject"], filled(
        (_("To"), row["address"]),
        (_("State"), word_of(MessageState, row["state"])),
        (_("Sent"), dates(row["sent_at"])),
        (_("Text"), row["text"].strip()),
    )


def opening(row, dates):
    return dates(row["at"]), filled(
        (_("Who"), f"{row['who']} ({row['role']})" if row["role"] else row["who"]),
        (_("What"), row["what"]),
        (_("Visit"), dates(row["visit_at"])),
    )


def event(row, dates):
    return dates(row["at"]), filled(
        (_("What"), audit.words_for(row["action"])),
        (_("Who"), row["actor_name"]),
        (_("Network address"), row["address"]),
    )


def link(row, dates):
    return dates(row["created_at"]), filled(
        (_("Sent to"), row["email"]), (_("Used"), dates(row["used_at"])), (_("Taken back"), dates(row["revoked_at"]))
    )


def download(row, dates):
    return dates(row["requested_at"]), filled(
        (_("What"), word_of(Export.Kind, row["kind"])), (_("State"), word_of(Export.State, row["state"]))
    )
