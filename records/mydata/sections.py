"""What is held about a patient with an account, table by table: where it is found, why it is kept, how it is told."""

from collections.abc import Callable
from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts import consents
from accounts.models import AuditEvent, Message, MessagePreference, Session
from clinic.models import CareRelationship, Claim, GuardianRequest, Guardianship, PatientMerge
from records import openings
from records.models import Allergy, ClinicalGrant, Encounter, Export, MedicalHistory, Vitals
from records.mydata import papers, shapes
from scheduling.models import Appointment, WaitlistEntry

AT_ONCE = 50  # rows in memory at a time
TREATMENT = _("To treat you. Medical records are kept as long as the law asks of a hospital, also after you leave.")
ACCOUNT = _("So that only you get in, and you can see what was done. Kept as evidence.")


@dataclass(frozen=True)
class Section:
    """One kind of rows. `find(user, patient)` is a queryset, the newest first; `tell` makes a row plain values."""

    name: str
    title: str
    why: str
    find: Callable
    tell: Callable
    on_paper: Callable  # (row as plain values, papers.Local) -> (title, [(label, words), …])
    prepare: Callable = lambda rows, patient: rows  # what makes rows of the database into what `tell` takes

    def rows(self, user, patient):
        """The rows as plain values, a few at a time."""
        found = self.find(user, patient).iterator(chunk_size=AT_ONCE)
        for some in batches(found):
            yield from (self.tell(row) for row in self.prepare(some, patient))


def batches(rows):
    """Lists of at most AT_ONCE rows."""
    batch = []
    for row in rows:
        batch.append(row)
        if len(batch) == AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def of_patient(model):
    return lambda user, patient: model.objects.visible_to(user).filter(patient=patient)


def encounters(user, patient):
    found = Encounter.objects.visible_to(user).signed().filter(patient=patient)
    return found.with_content().prefetch_related("versions")


def messages(user, patient):
    """Those sent to the account, and those about visits from before there was one."""
    of_visits = Q(about_type=Appointment._meta.label_lower, about_id__in=patient.appointments.values("pk"))
    return Message.everything.filter(Q(recipient=user) | of_visits & Q(recipient=None))


def account_events(user, patient):
    own = Q(actor_id=user.pk, action__startswith="account.")
    about = Q(target_type=user._meta.label_lower, target_id=user.pk)
    return AuditEvent.objects.filter(own | about)


def waiting(user, patient):
    """Where the patient waits or has waited, with what was offered."""
    found = WaitlistEntry.objects.filter(patient=patient).select_related("doctor", "department")
    return found.prefetch_related("offers__freed").order_by("-joined_at", "-pk")


def merges(user, patient):
    """Records that are part of this one, and those that were for a while."""
    made = PatientMerge.objects.filter(Q(survivor=patient) | Q(absorbed=patient))
    return made.select_related("survivor", "absorbed").order_by("-merged_at", "-pk")


def grants(user, patient):
    """Those that two administrators gave for this very record."""
    return ClinicalGrant.objects.filter(patient=patient, confirmed_at__isnull=False).select_related("user")


FAMILY = _("So that they can book for you, or you for them, and nobody else can.")

SECTIONS = (
    Section(
        "treating_doctors",
        _("Doctors who treat you"),
        _("So that they, and no other doctors, can open your record."),
        lambda user, patient: (
            CareRelationship.objects.filter(patient=patient)
            .select_related("doctor__department")
            .order_by("-since", "-pk")
        ),
        shapes.care,
        papers.care,
    ),
    Section(
        "visits",
        _("Visits"),
        TREATMENT,
        lambda user, patient: (
            of_patient(Appointment)(user, patient)
            .with_people()
            .prefetch_related("events")
            .order_by("-starts_at", "-pk")
        ),
        shapes.visit,
        papers.visit,
    ),
    Section(
        "waiting_list",
        _("Waiting list"),
        _("So that a time that becomes free can be offered to you in turn."),
        waiting,
        shapes.waiting,
        papers.waiting,
    ),
    Section("encounters", _("What was found and decided"), TREATMENT, encounters, shapes.encounter, papers.encounter),
    Section(
        "measurements",
        _("Measurements outside of visits"),
        TREATMENT,
        lambda user, patient: of_patient(Vitals)(user, patient).filter(encounter=None),
        shapes.measurement,
        papers.measurement,
    ),
    Section("allergies", _("Allergies"), TREATMENT, of_patient(Allergy), shapes.allergy, papers.allergy),
    Section(
        "histories",
        _("Medical history in your own words"),
        TREATMENT,
        of_patient(MedicalHistory),
        shapes.history,
        papers.history,
    ),
    Section(
        "messages",
        _("Messages sent to you"),
        _("To tell you about your visits and your account, and to see whether it arrived."),
        messages,
        shapes.message,
        papers.message,
    ),
    Section(
        "message_preferences",
        _("By which way you want to be told what"),
        _("So that you are told as you asked."),
        lambda user, patient: MessagePreference.objects.filter(user=user).order_by("pk"),
        shapes.message_preference,
        papers.message_preference,
    ),
    Section(
        "openings",
        _("Who opened your record"),
        _("So that you can see it. Nobody can change or delete it."),
        lambda user, patient: openings.of_patient(patient, own=True),
        shapes.opening,
        papers.opening,
        prepare=openings.described,
    ),
    Section(
        "grants",
        _("Permissions to read your record without treating you"),
        _("Given by two administrators, for a time. Each reading is among the openings."),
        grants,
        shapes.grant,
        papers.grant,
    ),
    Section(
        "guardianships",
        _("Who acts for you, and for whom you act"),
        FAMILY,
        lambda user, patient: Guardianship.objects.visible_to(user).with_people(),
        shapes.guardianship,
        papers.guardianship,
    ),
    Section(
        "guardian_requests",
        _("Whom you asked to act for you, and who asked you"),
        FAMILY,
        lambda user, patient: GuardianRequest.objects.visible_to(user).select_related("patient"),
        shapes.guardian_request,
        papers.guardian_request,
    ),
    Section(
        "consents",
        _("What you agreed to or refused"),
        _("So that the hospital does what you said, and can show it."),
        lambda user, patient: consents.answers_of(user.pk, patient.pk).select_related("text", "by"),
        shapes.consent,
        papers.consent,
    ),
    Section(
        "merges",
        _("Records joined with yours"),
        _("So that everything about you stands in one place, and older numbers still find it."),
        merges,
        shapes.merge,
        papers.merge,
    ),
    Section(
        "sessions",
        _("Where you are signed in"),
        ACCOUNT,
        lambda user, patient: Session.objects.visible_to(user).order_by("-seen_at"),
        shapes.session,
        papers.session,
    ),
    Section(
        "second_factors",
        _("Second factors of your account"),
        _("So that a stolen password lets nobody in. The secrets themselves are in no copy."),
        lambda user, patient: Authenticator.objects.filter(user=user).order_by("-created_at", "-pk"),
        shapes.second_factor,
        papers.second_factor,
    ),
    Section(
        "account_events",
        _("Sign-ins and changes of your account"),
        ACCOUNT,
        account_events,
        shapes.event,
        papers.event,
    ),
    Section(
        "links",
        _("Links to your account"),
        ACCOUNT,
        lambda user, patient: Claim.objects.filter(patient=patient),
        shapes.link,
        papers.link,
    ),
    Section(
        "downloads",
        _("Files you asked for"),
        _("To make them, and to delete them after a day."),
        lambda user, patient: Export.objects.visible_to(user),
        shapes.download,
        papers.download,
    ),
)


def held(user, patient):
    """[(section, how many rows)], for the page that says what is held and why."""
    return [(section, section.find(user, patient).count()) for section in SECTIONS]
