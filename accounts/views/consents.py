"""What one is asked, what one has agreed to, and changing one's mind."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from accounts import consents, services
from accounts.access import PUBLIC, SIGNED_IN, access
from accounts.forms import AskForm
from accounts.models import ConsentKind, ConsentText, How

OWN = "one's own"
HISTORY = 100


@access(PUBLIC, object="a published text")
def consent_text(request, pk):
    """One version of a text, to read."""
    text = get_object_or_404(ConsentText.objects.visible_to(request.user), pk=pk)
    today = consents.current(text.kind)
    return render(request, "accounts/consent_text.html", {"text": text, "today": today})


consent_text.asks_nothing = True


@access(SIGNED_IN, object=OWN)
def consent_list(request):
    """What one has agreed to, in today's words, and all one has answered."""
    patient_id = consents.patient_id_of(request.user)
    mine = consents.answers_of(request.user.pk, patient_id).select_related("text", "by")[:HISTORY]
    context = {"standings": consents.standings(request.user.pk, patient_id), "history": mine}
    return render(request, "accounts/consent_list.html", context)


@access(SIGNED_IN, methods="GET POST", object=OWN)
def consent_ask(request):
    """What has to be answered before one can go on, and then back to where one was going."""
    going = safe_next(request)
    asked = consents.to_ask(request.user)
    if not asked:
        return redirect(going)
    kinds = [one.kind for one in asked]
    sent = request.POST if request.method == "POST" else None  # with nothing in it, the button alone is an answer
    form = AskForm(sent, kinds=kinds, initial={"next": going})
    if request.method == "POST" and form.is_valid():
        try:
            services.answer(form.answers(), how=How.PAGE, by=request.user, user=request.user)
        except services.AccountConflict:
            form.begin_again()
        else:
            messages.success(request, _("Thank you. You can change your answers at any time under “My consents”."))
            return redirect(going)
    return render(request, "accounts/consent_ask.html", {"form": form, "asked": asked})


consent_ask.asks_nothing = True


def safe_next(request):
    """Where somebody was going: a page of this site that is not this one."""
    going = request.POST.get("next") or request.GET.get("next", "")
    hosts = {request.get_host()}
    is_ours = going.startswith("/") and url_has_allowed_host_and_scheme(going, hosts, require_https=request.is_secure())
    return going if is_ours and not going.startswith(reverse("accounts:consent-ask")) else reverse("home")


@access(SIGNED_IN, methods="POST", object=OWN)
def consent_give(request, kind):
    """Agree to the text of today."""
    text = named(kind)
    if request.POST.get("consent_texts") not in {None, "", str(text.pk)}:
        return conflict(request, services.has_changed())
    return write(request, text, given=True, said=_("Noted: you agree."))


@access(SIGNED_IN, methods="GET POST", object=OWN)
def consent_withdraw(request, kind):
    """Agree no longer; with the privacy notice after a page that says what that means."""
    text = named(kind)
    if request.method == "POST":
        return write(request, text, given=False, said=_("Noted: you do not agree. It counts from now on."))
    back = reverse("accounts:consent-list")
    context = {
        "title": _("Do you not agree any more?"),
        "verb": _("I do not agree any more"),
        "facts": [(_("What for"), text.get_kind_display())],
        "warning": what_it_means(text),
        "danger": ConsentKind(text.kind).is_required,
        "trail": [(_("My consents"), back)],
        "back": back,
    }
    return render(request, "accounts/confirm.html", context)


def what_it_means(text):
    if ConsentKind(text.kind).is_required:
        return _(
            "Without the privacy notice you cannot use your account: until you accept it again every page leads to it. "
            "Visits that are booked stay booked and your record is kept as the law asks. To move or cancel a visit, "
            "speak to the hospital. Patients can still take a copy of their data, and close the account."
        )
    return _("It counts from now on. Nothing else changes for you, and you can agree again at any time.")


def named(kind):
    if kind not in ConsentKind.values:
        raise Http404
    return consents.current(kind)


def write(request, text, *, given, said):
    try:
        services.answer({text: given}, how=How.PAGE, by=request.user, user=request.user)
    except services.AccountConflict as refusal:
        return conflict(request, refusal)
    messages.success(request, said)
    return redirect("accounts:consent-list")


def conflict(request, refusal):
    back = reverse("accounts:consent-list")
    return render(request, "errors/409.html", {"refusal": refusal, "back": back}, status=409)


for view in (consent_list, consent_give, consent_withdraw):
    view.asks_nothing = True
