"""Recording, correcting and ending allergies."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import audit
from accounts.access import access
from hms.lib.errors import Refused
from hms.lib.seen import ChangedMeanwhile
from records import services
from records.errors import RecordConflict
from records.forms import AllergyForm, EndAllergyForm
from records.models import Allergy, charts_written_by
from records.views.door import on_record, open_chart

FIELDS = ("substance", "reaction", "severity", "noted_on")


@access("records.write_allergy", methods="GET POST", object=gettext_lazy("a patient one treats"))
@on_record
def allergy_create(request, pk):
    """Record an allergy of a patient."""
    patient = open_chart(request, pk, charts=charts_written_by)
    back = reverse("records:chart-detail", args=[patient.pk])
    form = AllergyForm(request.POST or None, patient=patient, verb=_("Record this allergy"), back=back)
    status = 200
    if request.method == "POST":
        status = acted(form, lambda data: services.record_allergy(patient, by=request.user, **data))
    if status == 302:
        messages.success(request, _("The allergy is recorded."))
        return redirect("records:chart-detail", patient.pk)
    return render(request, "records/allergy_form.html", {"patient": patient, "form": form}, status=status)


@access("records.write_allergy", methods="GET POST", object=gettext_lazy("an allergy of a patient one treats"))
@on_record
def allergy_edit(request, pk):
    """Say an allergy better, or end it. Two forms on one page; `end` among what is sent tells which."""
    allergies = Allergy.objects.visible_to(request.user).select_related("patient")
    if request.method != "POST":
        allergies = allergies.filter(corrected_by=None)
    allergy = get_object_or_404(allergies, patient__in=charts_written_by(request.user), pk=pk)
    while "seen" in request.POST and allergy.corrected_by:  # somebody was faster: the form is about what holds now
        allergy = allergy.corrected_by
    services.open_chart(allergy.patient, by=request.user)
    ending, data = "end" in request.POST, request.POST or None
    first = {name: getattr(allergy, name) for name in FIELDS}
    correction = {"allergy": allergy, "initial": first, "verb": _("Save the correction")}
    form = AllergyForm(None if ending else data, patient=allergy.patient, **correction)
    end_form = EndAllergyForm(data if ending else None, patient=allergy.patient)
    status = 200
    if request.method == "POST":
        act = services.end_allergy if ending else services.correct_allergy
        status = acted(end_form if ending else form, lambda data: act(allergy, by=request.user, **data))
    if status == 302:
        messages.success(request, _("The allergy is ended.") if ending else _("The allergy is corrected."))
        return redirect("records:chart-detail", allergy.patient_id)
    context = {"patient": allergy.patient, "allergy": allergy, "form": form, "end_form": end_form}
    return render(request, "records/allergy_form.html", context, status=status)


def acted(form, act):
    """Do what a form is for: 302 when done, 422 when the form says what is wrong, 409 when somebody was faster."""
    if not form.is_valid():
        return 422
    try:
        act(form.cleaned_data)
    except ChangedMeanwhile as changed:
        form.show_both(changed, audit.last_change(changed.row))
        return form.status
    except Refused as refusal:
        form.refuse(refusal)
        return 409 if isinstance(refusal, RecordConflict) else 422
    return 302
