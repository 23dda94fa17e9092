"""From a patient whom reception has registered to an account: the link is sent, asked for, taken back, used."""

from allauth.account.internal.flows.logout import logout
from allauth.account.utils import perform_login
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts.access import PUBLIC, access
from accounts.services import AccountRefused
from clinic import services
from clinic.forms import ClaimAskForm, ClaimForm
from clinic.models import Patient
from clinic.services import ClinicRefused
from clinic.views.throttle import too_many

MOST, SECONDS = 30, 60 * 10  # requests from one network address
A_PATIENT = "a patient one may see"


@access("clinic.send_claim", methods="POST", object=A_PATIENT)
def claim_send(request, pk):
    """Mail a link; the one before stops working."""
    return change(request, pk, services.send_claim, _("A link is on its way to %(email)s."))


@access("clinic.send_claim", methods="POST", object=A_PATIENT)
def claim_revoke(request, pk):
    """Take the link back."""
    return change(request, pk, services.revoke_claim, _("The link that %(email)s got does not work any more."))


def change(request, pk, act, done):
    patient = get_object_or_404(Patient.objects.visible_to(request.user), pk=pk)
    back = reverse("clinic:patient-detail", args=[pk])
    try:
        claim = act(patient, by=request.user)
    except ClinicRefused as refusal:
        return render(request, "errors/409.html", {"refusal": refusal, "back": back}, status=409)
    messages.success(request, done % {"email": claim.email})
    return redirect(back)


@access(PUBLIC, methods="GET POST")
def claim_ask(request):
    """I have been here before. The answer is the same whoever was or was not."""
    form = ClaimAskForm(request.POST or None, back=reverse("account_signup"))
    if request.method == "POST" and form.is_valid():
        if page := too_many(request, "claim", most=MOST, seconds=SECONDS):
            return page
        services.ask_for_claim(**form.cleaned_data)
        return redirect("clinic:claim-asked")
    return render(request, "clinic/claim_ask.html", {"form": form})


@access(PUBLIC)
def claim_asked(request):
    """What happens next, if anything."""
    return render(request, "clinic/claim_asked.html")


@sensitive_post_parameters("password1", "password2")
@never_cache
@access(PUBLIC, methods="GET POST", object="the patient whose link one has")
def claim_accept(request, token):
    """Say the date of birth, choose a password, begin. A link that opens nothing any more opens a page that says so."""
    claim = services.find_claim(token)
    if claim is None:
        return render(request, "clinic/claim_gone.html", status=404)
    known = services.has_account(claim)
    form = ClaimForm(request.POST or None, has_account=known)
    if request.method == "POST" and form.is_valid():
        try:
            return accept(request, token, form.cleaned_data)
        except services.ClaimGone as refusal:
            return render(request, "clinic/claim_gone.html", {"refusal": refusal}, status=409)
        except services.WrongBirthDate as refusal:
            form.refuse(refusal, "birth_date")
        except AccountRefused as refusal:
            form.refuse(refusal, "password1")
    return render(request, "clinic/claim_accept.html", {"form": form, "claim": claim, "known": known})


def accept(request, token, said):
    user = services.accept_claim(token=token, birth_date=said["birth_date"], password=said.get("password1", ""))
    if user is None:
        return render(request, "clinic/claim_duplicate.html")
    logout(request, show_message=False)
    messages.success(request, _("Welcome. Your visits are here, also those from before."))
    return perform_login(request, user, redirect_url=reverse("home"))
