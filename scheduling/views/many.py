"""One thing done to many visits: a day is cancelled, everybody who comes is written to."""

from hashlib import sha256

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy, ngettext

from accounts import outbox
from accounts.access import access
from hms.lib import many, when
from scheduling import notices, services
from scheduling.forms.many import CancelManyForm, ChosenVisits, LetterForm
from scheduling.services import MOST, BookingRefused

CHOSEN = gettext_lazy("the visits that are ticked, or that the filters find")
NOTHING = gettext_lazy("Tick at least one visit.")


def name_of(request):
    """How a visit is called in a sentence."""
    now = timezone.now()
    return lambda visit: f"{visit.patient.name}, {when.moment(visit.starts_at, request.hospital.zone, now)}"


@access("scheduling.cancel_many", methods="GET POST", object=CHOSEN)
def appointments_cancel(request):
    """Names the visits that will be cancelled, and those that stay; on POST cancels those in `visit`. Takes `reason`,
    and `close` from who may enter time off."""
    now = timezone.now()
    chosen = ChosenVisits(request, now)
    may_close = chosen.days is not None and not chosen.ids and request.user.has_perm("scheduling.change_workinghours")
    form = CancelManyForm(request.POST or None, may_close=may_close)
    status, ids = 200, ids_in(request)
    if request.method == "POST":
        response = cancelled(request, chosen, form, ids) if form.is_valid() else None
        if response:
            return response
        status = 422 if form.errors else 409
    whole = list(chosen.visits[: MOST + 1])
    going = set(services.cancellable(chosen.visits, now).values_list("pk", flat=True))
    context = {
        "chosen": chosen,
        "form": form,
        "going": [visit for visit in whole if visit.pk in going],
        "staying": [visit for visit in whole if visit.pk not in going],
        "ticked": going if ids is None else ids,
        "too_many": len(whole) > MOST,
        "most": MOST,
    }
    return render(request, "scheduling/appointments_cancel.html", context, status=status)


def ids_in(request):
    """The ids that a form names; None before there is one."""
    return many.ticked(request.POST.getlist("visit")) if request.method == "POST" else None


def cancelled(request, chosen, form, ids):
    """Cancel them and go back to the page, which shows what is left. None when nothing could be done: it says why."""
    visits, reason, closed = list(chosen.named(ids)), form.cleaned_data["reason"], []
    if not visits:
        messages.error(request, NOTHING)
        return None
    try:
        if form.cleaned_data.get("close"):
            closed = services.close_days(visits, *chosen.days, by=request.user, reason=reason)
        outcomes = services.cancel_many(visits, by=request.user, reason=reason)
    except BookingRefused as refusal:
        messages.error(request, str(refusal))
        return None
    many.tell(request, outcomes, done=words_of_cancelling, name=name_of(request))
    many.tell(request, closed, done=words_of_closing)
    many.tell_missing(request, len(ids) - len(visits))
    return None if all(outcome.refusal for outcome in outcomes) else redirect(request.get_full_path())


def words_of_cancelling(number):
    words = ngettext(
        "%(n)d visit is cancelled. Whoever it concerns is told.",
        "%(n)d visits are cancelled. Whoever they concern is told.",
        number,
    )
    return words % {"n": number}


def words_of_closing(number):
    words = ngettext("Time off is entered for %(n)d doctor.", "Time off is entered for %(n)d doctors.", number)
    return words % {"n": number}


@access("scheduling.write_to_patients", methods="GET POST", object=CHOSEN)
def appointments_write(request):
    """Write to everybody whom some visits concern: `subject` and `text` to those of `visit`. First it is a preview;
    with `action=send`, and `seen` from the preview of these very words, it goes out."""
    now, ids = timezone.now(), ids_in(request)
    chosen = ChosenVisits(request, now)
    form = LetterForm(request.POST or None)
    whole = list(services.writable(chosen.visits, now)[: MOST + 1])
    visits = whole if ids is None else list(services.writable(chosen.named(ids), now))
    people = services.recipients_of(visits)
    context = {
        "chosen": chosen,
        "form": form,
        "whole": whole,
        "ticked": {visit.pk for visit in visits},
        "people": people,
        "unreachable": [one for one in people if not one.person.account and not one.person.address],
        "too_many": len(whole) > MOST,
        "most": MOST,
    }
    if request.method == "POST" and form.is_valid():
        if not visits:
            messages.error(request, NOTHING)
        elif request.POST.get("action") == "send" and request.POST.get("seen") == mark_of(form):
            return sent(request, form, visits, missing=len(ids) - len(visits))
        else:
            words = {name: form.cleaned_data[name] for name in ("subject", "text")}
            known = notices.written_context(people[0], request.hospital, **words)
            context |= {"preview": outbox.render("scheduling/mail/written", known), "seen": mark_of(form)}
    return render(request, "scheduling/appointments_write.html", context, status=422 if form.errors else 200)


def mark_of(form):
    """Tells the words of one preview from others."""
    return sha256(f"{form.cleaned_data['subject']}\n{form.cleaned_data['text']}".encode()).hexdigest()[:32]


def sent(request, form, visits, *, missing):
    """Write it to everybody, and say to how many. The same press a second time writes to nobody."""
    try:
        outcomes = services.write_to_patients(visits, by=request.user, **form.cleaned_data)
    except BookingRefused as refusal:
        return render(request, "errors/409.html", {"refusal": refusal, "back": request.get_full_path()}, status=409)
    if number := sum(not outcome.refusal for outcome in outcomes):
        words = ngettext("The message goes out to %(n)d person.", "The message goes out to %(n)d people.", number)
        messages.success(request, words % {"n": number})
    if again := len(outcomes) - number:
        words = ngettext(
            "%(n)d person has it already and gets it once.", "%(n)d people have it already and get it once.", again
        )
        messages.info(request, words % {"n": again})
    many.tell_missing(request, missing)
    return redirect(f"{reverse('scheduling:appointment-list')}?{days_in_address(visits, request.hospital)}")


def days_in_address(visits, hospital):
    """The visits' days as the filters of the list take them."""
    days = [visit.starts_at.astimezone(hospital.zone).date() for visit in visits]
    return urlencode({"from_day": min(days).isoformat(), "to_day": max(days).isoformat()})
