"""One's own profile, and the hospital's settings."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import SIGNED_IN, access
from clinic.forms import HospitalForm, own_row, profile_form


@access(SIGNED_IN, methods="GET POST", object="one's own")
def profile_edit(request):
    """What people may change about themselves, whatever their role."""
    row = own_row(request.user)
    form = profile_form(row)(
        request.POST or None, request.FILES or None, instance=row, by=request.user, hospital=request.hospital
    )
    if request.method == "POST" and form.is_valid() and form.act():
        messages.success(request, _("Your profile is saved."))
        return redirect("clinic:profile-edit")
    return render(request, "clinic/profile.html", {"form": form, "row": row}, status=getattr(form, "status", 200))


@access("clinic.change_hospital", methods="GET POST")
def hospital_edit(request):
    """Name, place and rules of the hospital."""
    form = HospitalForm(
        request.POST or None,
        request.FILES or None,
        instance=request.hospital,
        by=request.user,
        hospital=request.hospital,
    )
    asks = request.POST.get("action") == "preview"
    if request.method == "POST" and not asks and form.is_valid() and form.act():
        messages.success(request, _("The hospital's settings are saved."))
        return redirect("clinic:hospital-edit")
    page = {"form": form, "asks": asks, "effects": form.effects(request.hospital, timezone.now())}
    return render(request, "clinic/hospital_edit.html", page, status=form.status)
