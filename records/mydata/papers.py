"""How each kind of row reads on paper: a title and pairs of label and words. Rows come as `shapes` tells them."""

from datetime import date, datetime

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Channel, ConsentKind, How, MessageGroup, MessageState
from clinic.models import Answer, BloodGroup, Gender, Kind, Origin, Scope
from hms.lib import when
from records.measures import value_words
from records.models import Allergy, Export, MedicalHistory
from records.services.chart import HISTORY_FIELDS
from scheduling.models import AppointmentEvent, Status


class Local:
    """Writes days, instants and sums of money as the hospital does."""

    def __init__(self, hospital):
        self.zone, self.currency = hospital.zone, hospital.currency

    def __call__(self, value):
        if isinstance(value, datetime):
            return date_format(value.astimezone(self.zone), "DATETIME_FORMAT")
        return date_format(value, "DATE_FORMAT") if isinstance(value, date) else ""

    def money(self, amount):
        return when.money(amount, self.currency)


def filled(*pairs):
    """The pairs that say something."""
    return [(str(label), str(words)) for label, words in pairs if words not in ("", None)]


def word_of(choices, value):
    """A choice in words; what is unknown stays."""
    return str(choices(value).label) if value in choices.values else value


def patient(row, local):
    return filled(
        (_("Patient number"), row["number"]),
        (_("Name"), row["name"]),
        (_("Date of birth"), local(row["birth_date"])),
        (_("Gender"), word_of(Gender, row["gender"])),
        (_("Blood group"), word_of(BloodGroup, row["blood_group"])),
        (_("Phone"), row["phone"]),
        (_("Address"), row["address"]),
        (_("Emergency contact"), ", ".join(filter(None, [row["emergency_name"], row["emergency_phone"]]))),
        (_("Registered"), local(row["created_at"])),
    )


def account(row, local):
    return filled(
        (_("E-mail address"), row["email"]),
        (_("Account since"), local(row["date_joined"])),
        (_("Last sign-in"), local(row["last_login"])),
    )


def care(row, local):
    return row["doctor"], filled(
        (_("Department"), row["department"]), (_("Since"), local(row["since"])), (_("Until"), local(row["until"]))
    )


def visit(row, local):
    happened = [
        " · ".join(
            filter(None, [local(event["at"]), kind_of(event), event["by_name"], event["reason"]]),
        )
        for event in row["events"]
    ]
    return local(row["starts_at"]), filled(
        (_("Doctor"), row["doctor"]),
        (_("Department"), row["department"]),
        (_("Status"), word_of(Status, row["status"])),
        (_("Reason"), row["reason"]),
        (_("Reference"), row["reference"]),
        (_("Fee"), local.money(row["fee"])),
        (_("Reason for overbooking"), row["overbook_reason"]),
        (_("What happened"), "\n".join(happened)),
    )


def waiting(row, local):
    offered = [local(offer["starts_at"]) for offer in row["offers"]]
    return local(row["joined_at"]), filled(
        (_("Doctor"), row["doctor"]),
        (_("Department"), row["department"]),
        (_("Until"), local(row["until"])),
        (_("Ended"), local(row["ended_at"])),
        (_("Offered"), ", ".join(offered)),
    )


def kind_of(event):
    """What happened to a visit, with where it stood afterwards when that is what changed."""
    kind = word_of(AppointmentEvent.Kind, event["kind"])
    return f"{kind}: {word_of(Status, event['status'])}" if event["kind"] == "status" else kind


def encounter(row, local):
    earlier = [
        f"{version['number']}: {local(version['replaced_at'])} · {version['replaced_by_name']} · {version['reason']}"
        for version in row["earlier_versions"]
    ]
    return local(row["started_at"]), filled(
        (_("Doctor"), row["doctor"]),
        (_("Complaint"), row["complaint"]),
        (_("Diagnoses"), "\n".join(f"{each['words']} {each['code']}".strip() for each in row["diagnoses"])),
        (_("Prescriptions"), "\n".join(prescription(each, local) for each in row["prescriptions"])),
        (_("Measurements"), "\n".join(f"{each['label']}: {value_words(each)}" for each in row["measurements"])),
        (_("Notes"), row["notes"]),
        (_("Next visit"), local(row["next_visit_on"])),
        (_("Earlier versions"), "\n".join(earlier)),
    )


def prescription(row, local):
    names = ("medicine", "dose", "route", "frequency", "duration", "instructions")
    line = ", ".join(row[name] for name in names if row[name])
    if row["stopped_on"]:
        line += " · " + _("stopped %(day)s") % {"day": local(row["stopped_on"])}
    return line


def measurement(row, local):
    return row["label"], filled((_("Value"), value_words(row)), (_("When"), local(row["measured_at"])))


def allergy(row, local):
    return row["substance"], filled(
        (_("Reaction"), row["reaction"]),
        (_("Severity"), word_of(Allergy.Severity, row["severity"])),
        (_("Noted"), local(row["noted_on"])),
        (_("Ended"), local(row["ended_on"])),
        (_("Recorded by"), row["recorded_by_name"]),
        (_("Corrected later"), _("Yes") if row["corrected"] else ""),
    )


def history(row, local):
    names = {name: MedicalHistory._meta.get_field(name).verbose_name for name in HISTORY_FIELDS}
    return local(row["written_at"]), filled(
        (_("Written by"), row["written_by_name"]),
        *((capfirst(names[name]), row[name]) for name in HISTORY_FIELDS),
        (_("Reviewed"), local(row["reviewed_at"])),
    )


def message(row, local):
    return row["subject"], filled(
        (_("By"), word_of(Channel, row["channel"])),
        (_("To"), row["address"]),
        (_("State"), word_of(MessageState, row["state"])),
        (_("Sent"), local(row["sent_at"])),
        (_("Text"), row["text"].strip()),
    )


def message_preference(row, local):
    chosen = [
        (word_of(MessageGroup, group), ", ".join(str(word_of(Channel, one)) for one in by) or _("only in the inbox"))
        for group, by in row["chosen"].items()
    ]
    return local(row["changed_at"]), filled(
        *chosen,
        (_("Address in the chat"), row["chat_address"]),
        (_("Quiet from"), row["quiet_from"]),
        (_("Quiet until"), row["quiet_until"]),
        (_("Language"), row["language"]),
    )


def opening(row, local):
    return local(row["at"]), filled(
        (_("Who"), f"{row['who']} ({row['role']})" if row["role"] else row["who"]),
        (_("As"), _("guardian") if row["as_guardian"] else ""),
        (_("What"), row["what"]),
        (_("Why"), row["why"]),
        (_("Visit"), local(row["visit_at"])),
    )


def event(row, local):
    return local(row["at"]), filled(
        (_("What"), audit.words_for(row["action"])),
        (_("Who"), row["actor_name"]),
        (_("Network address"), row["address"]),
    )


def link(row, local):
    return local(row["created_at"]), filled(
        (_("Sent to"), row["email"]), (_("Used"), local(row["used_at"])), (_("Taken back"), local(row["revoked_at"]))
    )


def download(row, local):
    return local(row["requested_at"]), filled(
        (_("What"), word_of(Export.Kind, row["kind"])), (_("State"), word_of(Export.State, row["state"]))
    )


def grant(row, local):
    return row["for"], filled(
        (_("Why"), row["reason"]),
        (_("From"), local(row["starts_at"])),
        (_("Until"), local(row["until"])),
        (_("May download"), _("Yes") if row["may_export"] else _("No")),
        (_("Taken back"), local(row["revoked_at"])),
    )


def guardianship(row, local):
    return _("%(guardian)s for %(patient)s") % row, filled(
        (_("As"), word_of(Kind, row["kind"])),
        (_("Scope"), word_of(Scope, row["scope"])),
        (_("How it was agreed"), word_of(Origin, row["origin"])),
        (_("Papers seen, and why"), row["note"]),
        (_("Since"), local(row["since"])),
        (_("Until"), local(row["until"])),
        (_("Ended"), local(row["ended_at"])),
        (_("Reason for the end"), row["ended_reason"]),
    )


def guardian_request(row, local):
    return local(row["asked_at"]), filled(
        (_("For"), row["patient"]),
        (_("Asked"), row["address"]),
        (_("Scope"), word_of(Scope, row["scope"])),
        (_("Until"), local(row["until"])),
        (_("Answer"), word_of(Answer, row["answer"]) if row["answer"] else _("None yet")),
    )


def consent(row, local):
    return local(row["at"]), filled(
        (_("What"), word_of(ConsentKind, row["kind"])),
        (_("Version"), row["version"]),
        (_("Answer"), _("Agreed") if row["given"] else _("Not agreed")),
        (_("How"), word_of(How, row["how"])),
        (_("Written down by"), row["written_by"]),
    )


def merge(row, local):
    return _("%(merged)s, joined with %(kept)s") % row, filled(
        (_("When"), local(row["merged_at"])), (_("Why"), row["reason"]), (_("Undone"), local(row["undone_at"]))
    )


def session(row, local):
    return row["device"] or _("Unknown device"), filled(
        (_("Network address"), row["address"]),
        (_("Signed in"), local(row["began_at"])),
        (_("Last used"), local(row["seen_at"])),
        (_("Remembered"), _("Yes") if row["remembered"] else _("No")),
    )


def second_factor(row, local):
    names = {"totp": _("Authenticator app"), "webauthn": _("Passkey"), "recovery_codes": _("Recovery codes")}
    return names.get(row["type"], row["type"]), filled(
        (_("Name"), row["name"]), (_("Set up"), local(row["created_at"])), (_("Last used"), local(row["last_used_at"]))
    )
