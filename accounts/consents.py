"""How a person stands to what the hospital asks: read here, written by accounts.services.consents."""

import difflib
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import JSONObject

from accounts.models import ASKED, Consent, ConsentKind, ConsentText, User
from hms.lib.kept import Kept

_patient_of, _merged, _any_merged = [], [], []
ORDER = {kind.value: place for place, kind in enumerate(ConsentKind)}


@dataclass(frozen=True)
class Standing:
    """One kind: the text of today, and the last answer, if there was one: yes or no, to which version, when."""

    text: ConsentText
    given: bool | None = None
    number: int | None = None
    at: datetime | None = None

    @property
    def kind(self):
        return ConsentKind(self.text.kind)

    @property
    def holds(self):
        """Whether the person agrees today."""
        return bool(self.given) and self.number >= self.text.counts_from

    @property
    def is_outdated(self):
        """Whether the person agreed to words that have changed since."""
        return bool(self.given) and not self.holds

    @property
    def is_to_be_asked(self):
        return self.is_outdated or (self.kind.is_required and not self.holds)


def answers_of(user_id=None, patient_id=None):
    """All answers of a person, also those from accounts and records that were merged into theirs."""
    users, patients = next((find(user_id, patient_id) for find in _merged), ((), ()))
    return Consent.objects.of(user_id, patient_id, users=users, patients=patients)


def standings(user_id=None, patient_id=None):
    """A Standing for each kind, in order. One query."""
    known = ASKED_WITH_EACH_PAGE.rows(user_id) if patient_id is None else _answered(user_id, patient_id)
    return [_standing(text, text.last) for text in sorted(known, key=lambda text: ORDER[text.kind])]


def _answered(user_id, patient_id=None):
    """The texts of today, each with the `last` answer."""
    answers = answers_of(user_id, patient_id).filter(text__kind=OuterRef("kind")).order_by("-pk")
    last = Subquery(answers.values(said=JSONObject(given="given", number="text__number", at="at"))[:1])
    return ConsentText.objects.current().annotate(last=last)


ASKED_WITH_EACH_PAGE = Kept(_answered, int)


def _standing(text, last):
    """Of a text and the last answer as the database says it: SQLite writes a truth as 1, an instant without zone."""
    if last is None:
        return Standing(text)
    at = datetime.fromisoformat(last["at"])
    return Standing(text, bool(last["given"]), last["number"], at if at.tzinfo else at.replace(tzinfo=UTC))


def know_patients(find):
    """For AppConfig.ready(): `find(user) -> id` of the patient somebody is, who may have answered on paper before."""
    _patient_of[:] = [find]


def know_merged(find, find_any):
    """For AppConfig.ready(): `find(user_id, patient_id)` gives queries for the ids of the accounts and of the patients
    that were merged into these; `find_any(user_ids, patient_ids)` those of them, as ("user", id) and ("patient", id),
    into whom anything was.
    """
    _merged[:], _any_merged[:] = [find], [find_any]


def patient_id_of(user):
    """The id of the patient an account belongs to; None for others."""
    return next((found for find in _patient_of if (found := find(user))), None)


def who_agrees(kind, people):
    """Those of `people`, pairs (user_id, patient_id), who agree to this today: what `holds` says of each, at one go.

    Three queries, however many they are; and some for each into whom an account or a record was merged.
    """
    users, patients = {user for user, _patient in people if user}, {patient for _user, patient in people if patient}
    merged = {who for find in _any_merged for who in find(users, patients)}
    slowly = {one for one in people if ("user", one[0]) in merged or ("patient", one[1]) in merged}
    theirs = Q(user__in=users) | Q(user=None, patient_id__in=patients)
    rows = Consent.objects.filter(theirs, text__kind=kind).order_by("pk")
    last = {}
    for pk, user, patient, given, number in rows.values_list("pk", "user_id", "patient_id", "given", "text__number"):
        last["user" if user else "patient", user or patient] = (pk, given, number)
    counts_from, nothing = current(kind).counts_from, (0, False, 0)
    agree = {one for one in slowly if holds(kind, user_id=one[0], patient_id=one[1])}
    for one in set(people) - slowly:
        _pk, given, number = max(last.get(("user", one[0]), nothing), last.get(("patient", one[1]), nothing))
        if given and number >= counts_from:
            agree.add(one)
    return agree


def holds(kind, *, user_id=None, patient_id=None):
    """Whether a person agrees to this today; who never answered does not."""
    return any(one.holds for one in standings(user_id, patient_id) if one.kind == kind)


def of_account(user):
    """How the account of those who may be stopped stands; nothing of those who never are. One query."""
    return standings(user.pk) if user.role in ASKED else []


def to_ask(user):
    """What this person is to be asked before anything else. One query."""
    return [one for one in of_account(user) if one.is_to_be_asked]


def unanswered(user, patient_id, known):
    """What this person never answered, on paper neither. `known`: what `of_account` said a moment ago, or nothing.

    No query where the account has answered all of it; else one.
    """
    if known and all(one.given is not None for one in known):
        return []
    return [one for one in standings(user.pk, patient_id) if one.given is None]


def current(kind):
    """The text of today."""
    return ConsentText.objects.current().get(kind=kind)


def current_texts():
    """{kind: the text of today}, in order. One query."""
    texts = sorted(ConsentText.objects.current(), key=lambda text: ORDER[text.kind])
    return {ConsentKind(text.kind): text for text in texts}


def fingerprint(texts):
    """Which texts somebody was shown, for a hidden field: their numbers in the database, joined."""
    return "-".join(str(text.pk) for text in texts)


def differences(before, after):
    """What changed from one text to another, line by line, without empty ones: [("same" | "gone" | "new", line), …]."""
    words = {"  ": "same", "- ": "gone", "+ ": "new"}
    compared = difflib.ndiff(before.splitlines(), after.splitlines())
    return [(words[line[:2]], line[2:]) for line in compared if line[:2] in words and line[2:].strip()]


def numbers(kind):
    """How many people agree to a kind today, how many agreed to an older version, how many said no last."""
    text = current(kind)
    newest = Consent.objects.filter(text__kind=kind).newest()
    agreed = newest.filter(given=True)
    return {
        "agree": agreed.filter(text__number__gte=text.counts_from).count(),
        "outdated": agreed.filter(text__number__lt=text.counts_from).count(),
        "refuse": newest.filter(given=False).count(),
    }


def how_many_are_asked(text):
    """How many people a new version of this text asks again: everybody who may sign in, or those who agree today."""
    if ConsentKind(text.kind).is_required:
        return User.objects.filter(role__in=ASKED, is_active=True).count()
    return numbers(text.kind)["agree"]
