"""Consents: answers given and withdrawn, texts written and published."""

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit, consents
from accounts.errors import AccountConflict, AccountRefused
from accounts.models import Consent, ConsentDraft, ConsentKind, ConsentText
from accounts.services.people import locked
from hms.lib.seen import require_unchanged


def has_changed():
    """What somebody is told who answered to words that are no longer those of today."""
    return _("The text has changed while you were reading. Please read the new one and answer again.")


@transaction.atomic
def answer(answers, *, how, by, user=None, patient=None):
    """Write down what somebody said: {ConsentText: yes or no}. What they said before already is not written twice.

    `user` is whose account it is, `patient` the patient at the desk, known here by number and name; or both.
    Raises AccountConflict when a text is not the one of today any more.
    """
    if user is not None:
        locked(user)
    today = {one.text.pk: one for one in consents.standings(*_keys(user, patient))}
    if not {text.pk for text in answers} <= today.keys():
        raise AccountConflict(has_changed())
    for text, given in answers.items():
        _write(today[text.pk], given, how=how, by=by, user=user, patient=patient)


def _keys(user, patient):
    """(user_id, patient_id) under which a person's answers stand."""
    if patient is None and user is not None:
        return user.pk, consents.patient_id_of(user)
    return (user.pk if user else None, patient.pk if patient else None)


def _write(standing, given, *, how, by, user, patient):
    text = standing.text
    if (standing.given, standing.number) == (given, text.number):
        return
    person = user or patient
    user_id, patient_id = _keys(user, patient)
    Consent.objects.create(
        text=text, user_id=user_id, patient_id=patient_id, name=str(person)[:200], given=given, how=how, by=by
    )
    action = "consent.given" if given else "consent.withdrawn" if standing.holds else "consent.refused"
    detail = {"kind": text.kind, "version": text.number, "how": how}
    audit.record(by, action, person, patient=patient, detail=detail)


def register_answers(user, chosen, *, how):
    """What a new account agrees to: {kind: yes or no}, by the texts of today. What is not ticked is no row."""
    texts = consents.current_texts()
    said = {texts[ConsentKind(kind)]: True for kind, given in chosen.items() if given}
    answer(said, how=how, by=user, user=user)


@transaction.atomic
def save_draft(kind, *, text, note, is_correction, by, seen=""):
    """Begin the next version of a text, or go on with it. Nobody is asked anything yet.

    ChangedMeanwhile when the draft does not say any more what the form had shown (`seen`).
    """
    begun = {"text": consents.current(kind).text}
    draft, created = ConsentDraft.objects.select_for_update().get_or_create(kind=kind, defaults=begun)
    values = {"text": text, "note": note, "is_correction": is_correction}
    require_unchanged(draft, seen, values)
    if not created and values == {name: getattr(draft, name) for name in values}:
        return draft
    draft.text, draft.note, draft.is_correction = text, note, is_correction
    draft.changed_at, draft.changed_by = timezone.now(), by
    draft.revision += 0 if created else 1
    draft.save()
    audit.record(by, "consent_text.drafted", draft)
    return draft


@transaction.atomic
def discard_draft(kind, *, by):
    """Throw a draft away."""
    draft = _draft(kind)
    audit.record(by, "consent_text.discarded", draft)
    draft.delete()


@transaction.atomic
def publish(kind, *, revision, by):
    """Make the draft the text of today. Who agreed before is asked again, unless it only corrects the wording.

    Raises AccountConflict when the draft is not the `revision` that was previewed.
    """
    draft, before = _draft(kind), consents.current(kind)
    if str(draft.revision) != str(revision):
        raise AccountConflict(_("Somebody has changed the draft since you read it. Look at it again."))
    if draft.text == before.text:
        raise AccountRefused(_("The draft says exactly what the text of today says."))
    number = before.number + 1
    counts_from = before.counts_from if draft.is_correction else number
    try:
        with transaction.atomic():
            text = ConsentText.objects.create(
                kind=kind, number=number, counts_from=counts_from, text=draft.text, note=draft.note, published_by=by
            )
    except IntegrityError as error:
        raise AccountConflict(_("Somebody has just published another version.")) from error
    draft.delete()
    audit.record(by, "consent_text.published", text, detail={"version": number, "asks_again": not draft.is_correction})
    return text


def _draft(kind):
    draft = ConsentDraft.objects.select_for_update().filter(kind=kind).first()
    if draft is None:
        raise AccountConflict(_("There is no draft of this text any more."))
    return draft
