"""A patient leaves: by themselves with their password, or an administrator does it on their written request."""

from django.contrib.auth import logout
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts.access import PUBLIC, access
from clinic import services
from clinic.forms import CloseOwnForm, ClosePatientForm
from clinic.models import Patient
from clinic.views.confirm import Question, ask
from clinic.views.throttle import too_many
from hms.lib.errors import Refused

TRIES, SECONDS = 5, 60 * 5  # passwords typed by one account


@sensitive_post_parameters("password")
@never_cache
@access("clinic.close_own_account", methods="GET POST", object="one's own")
def profile_close(request):
    """Name what goes and what stays, ask for the password, close the account for good."""
    patient = get_object_or_404(Patient.objects.visible_to(request.user).filter(user=request.user))
    if request.method == "POST" and (
        page := too_many(request, "close-account", most=TRIES, seconds=SECONDS, who=f"account {request.user.pk}")
    ):
        return page
    form = CloseOwnForm(request.POST or None, user=request.user)
    objection, status = services.why_not_close(patient), 200
    if request.method == "POST" and form.is_valid():
        try:
            services.close_patient(patient, by=request.user)
        except Refused as refusal:
            objection, status = str(refusal), 409
        else:
            logout(request)
            return redirect("clinic:profile-closed")
    acted_for = services.acted_for(request.user.pk)
    context = {"form": form, "patient": patient, "objection": objection, "acted_for": acted_for}
    return render(request, "clinic/profile_close.html", context, status=status)


@access(PUBLIC)
def profile_closed(request):
    """Goodbye."""
    return render(request, "clinic/profile_closed.html")


@access("clinic.close_patient", methods="GET POST", object="any patient")
def patient_close(request, pk):
    """Close a patient's account, or remove the contact data of somebody without one, on written request."""
    patient = get_object_or_404(Patient.objects.visible_to(request.user).select_related("user"), pk=pk)
    page = reverse("clinic:patient-detail", args=[pk])
    facts = [(_("Patient"), patient.name), (_("Patient number"), patient.number)]
    if patient.contact_email:
        facts.append((_("E-mail"), patient.contact_email))
    if names := ", ".join(row.patient.name for row in services.acted_for(patient.user_id)):
        facts.append((_("Does not act any more for"), names))
    warning = _(
        "This cannot be undone. Phone, e-mail, address and emergency contact are deleted, and mails in which they "
        "stood are emptied. Name, number and the medical record stay, as the law asks."
    )
    if patient.user:
        warning += " " + _("The account cannot sign in any more; a last mail says so; its address is free again.")
    question = Question(
        title=(_("Close %(name)s's account?") if patient.user else _("Remove %(name)s's contact data?"))
        % {"name": patient.name},
        verb=_("Close for good") if patient.user else _("Remove for good"),
        done=_("It is done. The record stays under the number %(number)s.") % {"number": patient.number},
        back=page,
        facts=facts,
        trail=[(_("Patients"), reverse("clinic:patient-list")), (patient.name, page)],
        warning=warning,
        danger=True,
        objection=services.why_not_close(patient),
        other_url=f"{reverse('scheduling:appointment-list')}?patient={patient.pk}",
        other_verb=_("Show the visits"),
    )
    form = ClosePatientForm(request.POST or None)
    return ask(request, question, lambda reason: services.close_patient(patient, reason=reason, by=request.user), form)


profile_close.asks_nothing = True  # who does not agree may leave
