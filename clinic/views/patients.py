"""Patients: search, contact data, registration at the desk."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import access
from clinic import family, services
from clinic.forms import PatientForm, PatientSearch
from clinic.models import Claim, Patient


@access("clinic.view_patient", object="all patients; for doctors those they treat")
def patient_list(request):
    """Patients by name, number, phone, e-mail or date of birth."""
    narrowed = PatientSearch(request.GET, Patient.objects.visible_to(request.user).select_related("user"))
    return render(request, "clinic/patient_list.html", narrowed.context() | {"text": narrowed.given.get("q", "")})


@access("clinic.view_patient", object="a patient one may see")
def patient_detail(request, pk):
    """Who somebody is and how to reach them. Nothing clinical."""
    patient = get_object_or_404(Patient.objects.visible_to(request.user).select_related("user"), pk=pk)
    links = Claim.objects.visible_to(request.user).filter(patient=patient)
    claim = links.select_related("patient", "sent_by", "account__patient").first()
    context = {"patient": patient, "claim": claim, "closable": services.has_contact(patient)}
    context |= {"guardians": family.guardians_of(patient), "is_of_age": services.is_of_age(patient)}
    context["earlier_numbers"] = patient.absorbed.order_by("pk").values_list("number", flat=True)
    return render(request, "clinic/patient_detail.html", context)


@access("clinic.add_patient", methods="GET POST")
def patient_create(request):
    return edit(request, None, _("Register a patient"), reverse("clinic:patient-list"))


@access("clinic.change_patient", methods="GET POST", object="a patient one may see")
def patient_edit(request, pk):
    patient = get_object_or_404(Patient.objects.visible_to(request.user).select_related("user"), pk=pk)
    return edit(request, patient, patient.name, reverse("clinic:patient-detail", args=[pk]))


def edit(request, patient, title, back):
    form = PatientForm(request.POST or None, instance=patient, by=request.user, hospital=request.hospital, back=back)
    if request.method == "POST" and form.is_valid() and (saved := form.act()):
        messages.success(request, said_of(saved, is_new=patient is None))
        return redirect("clinic:patient-detail", saved.pk)
    trail = [(_("Patients"), reverse("clinic:patient-list"))]
    if patient:
        trail.append((title, back))
    page = {"form": form, "title": title, "trail": trail}
    return render(request, "clinic/patient_form.html", page, status=form.status)


def said_of(patient, *, is_new):
    """What to tell reception after saving: a new number is to be read out or written down."""
    if is_new:
        words = _("%(name)s is registered under the number %(number)s.")
        return words % {"name": patient.name, "number": patient.number}
    return _("%(name)s is saved.") % {"name": patient.name}
