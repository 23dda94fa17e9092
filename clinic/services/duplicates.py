"""Finding people who may be registered twice, and what somebody says about each pair."""

from collections import defaultdict
from itertools import combinations, groupby

from django.db import IntegrityError, transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from clinic import likeness
from clinic.models import DuplicatePair, Patient
from clinic.models.merging import ordered
from clinic.services.rows import ClinicRefused

CROWD = 6  # an address that more people share is a household's or an institution's, and says nothing of one of them
MANY = 80  # people of one birth date or phone; more of them are compared only where they share a word
COMPARED = ("name", "birth_date", "phone", "mail")
State = DuplicatePair.State


class DuplicateConflict(ClinicRefused):
    """Somebody has decided about this pair, or merged one of the two, meanwhile."""


def candidates(*, name, birth_date, phone="", email="", but=None):
    """Patients who may be this person: [(patient, reasons)], the most alike first. All are looked at, whoever asks."""
    asked = likeness.person(None, name, birth_date, phone, email)
    near = Patient.objects.sharing(birth_date=birth_date, phone=asked.phone, email=asked.email)
    near = near.exclude(pk=but.pk) if but else near
    found = [(patient, likeness.reasons(asked, person_of(patient))) for patient in near.select_related("user")]
    if sum(likeness.Reason.EMAIL in reasons for _patient, reasons in found) >= CROWD:
        found = [(row, [one for one in reasons if one != likeness.Reason.EMAIL]) for row, reasons in found]
    alike = [(patient, reasons) for patient, reasons in found if reasons]
    return sorted(alike, key=lambda entry: -likeness.score(entry[1]))


def person_of(patient):
    """A patient as likeness compares people; `patient` comes from with_mail()."""
    return likeness.person(patient.pk, patient.name, patient.birth_date, patient.phone, patient.mail)


def note_alike(patient, *, by, different_from=()):
    """Note whom a patient just registered or changed looks like. For those in `different_from` somebody has said no.

    Pairs that were noted before stay as they are. Returns the new pairs.
    """
    known, denied = known_pairs(patient), {other.pk for other in different_from}
    alike = candidates(
        name=patient.name,
        birth_date=patient.birth_date,
        phone=patient.phone,
        email=patient.contact_email,
        but=patient,
    )
    pairs = []
    for other, reasons in alike:
        if frozenset((patient.pk, other.pk)) not in known:
            pairs.append(_note(patient, other, reasons))
            if other.pk in denied:
                dismiss(pairs[-1], by=by, reason=_("Said when the patient was registered."))
    return pairs


def _note(one, other, reasons, **more):
    """The pair of two patients, made when there is none yet."""
    first, second = ordered(one, other)
    fields = {"reasons": [str(reason) for reason in reasons], "score": likeness.score(reasons), **more}
    try:
        with transaction.atomic():
            return DuplicatePair.objects.create(first=first, second=second, **fields)
    except IntegrityError:
        return DuplicatePair.objects.get(first=first, second=second)


@transaction.atomic
def note_by_hand(one, other, *, by, note=""):
    """Somebody at the desk says that two patients are one person. An open question is not asked twice.

    Raises ClinicRefused for one patient twice, and for pairs on which an administrator has decided.
    """
    if one.pk == other.pk:
        raise ClinicRefused(_("This is the same patient. Enter the number of the other one."))
    note = " ".join(str(note).split())[:300]
    reasons = [*likeness.reasons(*map(person_of, _with_mail(one, other))), likeness.Reason.NOTED]
    pair = DuplicatePair.objects.select_for_update().of(one, other).first()
    if pair is None:
        pair = _note(one, other, reasons, note=note, noted_by_name=by.name[:200])
    elif pair.state != State.OPEN:
        sentence = _("An administrator has decided about these two already: “%(state)s”.")
        raise DuplicateConflict(sentence % {"state": pair.get_state_display()})
    else:
        pair.reasons, pair.score = [str(reason) for reason in reasons], likeness.score(reasons)
        pair.note, pair.noted_by_name = note or pair.note, by.name[:200]
        pair.save(update_fields=["reasons", "score", "note", "noted_by_name"])
    audit.record(by, "duplicate.noted", pair, detail={"numbers": [pair.first.number, pair.second.number]})
    return pair


def _with_mail(*patients):
    return Patient.objects.with_mail().filter(pk__in=[patient.pk for patient in patients])


@transaction.atomic
def dismiss(pair, *, by, reason=""):
    """Two people, not one: nobody is asked about this pair again. Raises DuplicateConflict when that was decided."""
    reason = " ".join(str(reason).split())[:300]
    decide(pair, State.DISMISSED, by=by, reason=reason, possible={State.OPEN, State.UNDONE})
    detail = {"numbers": [pair.first.number, pair.second.number]} | ({"reason": reason} if reason else {})
    audit.record(by, "duplicate.dismissed", pair, detail=detail)
    return pair


def decide(pair, state, *, by, reason, possible):
    """Compare and set: the pair goes from one of the `possible` states to another one."""
    decision = {
        "state": state,
        "decided_at": timezone.now(),
        "decided_by_name": (by.name if by else audit.SYSTEM)[:200],
        "decided_reason": reason,
    }
    if not DuplicatePair.objects.filter(pk=pair.pk, state__in=possible).update(**decision):
        raise DuplicateConflict(_("Somebody has decided about this pair already. Look at how it stands now."))
    for name, value in decision.items():
        setattr(pair, name, value)


def known_pairs(patient=None):
    """Pairs of ids that nobody is asked about again, of all or of one patient.

    A no to somebody who was merged since counts for who stands for them now; an open question does not.
    """
    pairs = DuplicatePair.objects.all()
    if patient is not None:
        ids = [patient.pk, *patient.absorbed.values_list("pk", flat=True)]
        pairs = pairs.filter(Q(first__in=ids) | Q(second__in=ids))
    known = set()
    columns = ("state", "first_id", "first__merged_into", "second_id", "second__merged_into")
    for state, one, one_now, other, other_now in pairs.values_list(*columns):
        is_no = state == State.DISMISSED
        known.add(frozenset((one_now or one, other_now or other) if is_no else (one, other)))
    return known


def find_duplicates():
    """Look through all patients for pairs nobody has noted yet; how many there were. A second run finds none.

    Comparing takes a while and holds no lock; only what was found is written in a transaction.
    """
    found = unnoted_pairs()
    if found:
        note_found(found)
    return len(found)


def unnoted_pairs():
    """{pair of ids: reasons} of patients who look alike and were not noted yet."""
    known, found = known_pairs(), {}
    for key in COMPARED[1:]:
        for block in blocks(key):
            for one, other in worth_comparing(block):
                pair = frozenset((one.pk, other.pk))
                if pair not in known and pair not in found and (reasons := likeness.reasons(one, other)):
                    found[pair] = reasons
    return found


@transaction.atomic
def note_found(found):
    DuplicatePair.objects.bulk_create(
        (as_row(pair, reasons) for pair, reasons in found.items()), batch_size=500, ignore_conflicts=True
    )
    audit.record(None, "duplicates.found", detail={"pairs": len(found)})


def as_row(pair, reasons):
    first, second = sorted(pair)
    words = [str(reason) for reason in reasons]
    return DuplicatePair(first_id=first, second_id=second, reasons=words, score=likeness.score(reasons))


def blocks(key):
    """Lists of people who have one thing in common; so that not everybody is compared with everybody."""
    people = Patient.objects.standing().with_mail().order_by()
    people = people if key == "birth_date" else people.exclude(**{key: ""})
    shared = people.values(key).annotate(number=Count("pk")).filter(number__gt=1)
    if key == "mail":
        shared = shared.filter(number__lt=CROWD)
    rows = people.filter(**{f"{key}__in": shared.values(key)}).order_by(key).values_list("pk", *COMPARED)
    place = 1 + COMPARED.index(key)
    for _value, block in groupby(rows.iterator(), key=lambda row: row[place]):
        yield [likeness.person(*row) for row in block]


def worth_comparing(block):
    """The pairs of a block; in a large one (a birth date made up by an import) those with a word in common."""
    if len(block) <= MANY:
        yield from combinations(block, 2)
        return
    by_word = defaultdict(list)
    for person in block:
        for word in set(person.words):
            by_word[word].append(person)
    for people in by_word.values():
        yield from combinations(people, 2)
