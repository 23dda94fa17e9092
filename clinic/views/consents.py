"""Consents that somebody gave or withdrew on paper, written down at the desk."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import consents
from accounts.access import access
from accounts.forms import DeskForm
from accounts.models import How
from accounts.services import AccountRefused, answer
from clinic.models import Patient

HISTORY = 100


@access("accounts.add_consent", methods="GET POST", object="a patient one may see")
def patient_consents(request, pk):
    """What a patient agrees to, with or without an account, and a form for what is on paper."""
    patient = get_object_or_404(Patient.objects.visible_to(request.user).select_related("user"), pk=pk)
    form = DeskForm(request.POST or None, back=reverse("clinic:patient-detail", args=[pk]))
    if request.method == "POST" and form.is_valid():
        text = consents.current(form.cleaned_data["kind"])
        said = {text: form.cleaned_data["answer"] == "yes"}
        try:
            answer(said, how=How.DESK, by=request.user, user=patient.user, patient=patient)
        except AccountRefused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Written down."))
            return redirect("clinic:patient-consents", pk)
    context = {
        "patient": patient,
        "form": form,
        "standings": consents.standings(patient.user_id, pk),
        "history": consents.answers_of(patient.user_id, pk).select_related("text", "by")[:HISTORY],
    }
    return render(request, "clinic/patient_consents.html", context)
