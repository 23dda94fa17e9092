"""Saying that a doctor runs late today."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy, ngettext

from accounts.access import access
from accounts.models import Role
from clinic.models import Doctor
from scheduling import services
from scheduling.forms.desk import DelayForm
from scheduling.models import Delay


def _doctor(request, pk):
    """A doctor of this hospital; for doctors themselves alone."""
    doctors = Doctor.objects.visible_to(request.user).select_related("department")
    return get_object_or_404(doctors.filter(user=request.user) if request.user.role == Role.DOCTOR else doctors, pk=pk)


@access("scheduling.announce_delay", methods="GET POST", object=gettext_lazy("any doctor; for doctors themselves"))
def delay(request, pk):
    """How late the doctor runs, and who is told. POST takes `minutes`; 0 is on time again."""
    doctor = _doctor(request, pk)
    now = timezone.now()
    said = Delay.objects.of(doctor, now.astimezone(request.hospital.zone).date())
    form = DelayForm(request.POST or None, doctor=doctor, initial={"minutes": said.minutes if said else 15})
    if request.method == "POST" and form.is_valid():
        told = form.save(by=request.user)
        words = ngettext("Noted. %(n)d patient is told.", "Noted. %(n)d patients are told.", told) % {"n": told}
        messages.success(request, words)
        return redirect("scheduling:day")
    context = {
        "doctor": doctor,
        "form": form,
        "said": said,
        "waiting": services.waiting_for(doctor, request.hospital, now),
        "back": reverse("scheduling:day"),
    }
    return render(request, "scheduling/delay.html", context, status=422 if form.errors else 200)
