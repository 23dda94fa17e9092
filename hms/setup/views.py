"""The pages of setting up. Steps that are done can be opened again and gone back to; a second press adds nothing."""

from allauth.account.internal.flows.logout import logout
from allauth.account.utils import perform_login
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts import beginning
from accounts import services as accounts
from accounts.access import PUBLIC, access
from accounts.models import Role
from clinic.models import Department, Doctor, Hospital
from hms.setup.forms import BeginForm, DepartmentsStep, DoctorStep, HospitalStep
from hms.setup.steps import steps
from scheduling import free


@sensitive_post_parameters("password1", "password2")
@never_cache
@access(PUBLIC, methods="GET POST", object="a new installation whose link one has")
def begin(request, token):
    """The first administrator. The link comes from where the installation was started; see accounts/beginning.py."""
    if getattr(request.user, "role", None) == Role.ADMIN:
        return redirect("setup:hospital")
    if not beginning.opens(token):
        return render(request, "hms/setup/gone.html", status=404)
    form = BeginForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = form.write()
        except accounts.AccountConflict:
            return render(request, "hms/setup/gone.html", status=409)
        except accounts.AccountRefused as refusal:
            form.refuse(refusal)
        else:
            logout(request, show_message=False)
            return perform_login(request, user, redirect_url=reverse("setup:hospital"))
    return render(request, "hms/setup/begin.html", {"form": form})


@access("clinic.change_hospital", methods="GET POST")
def hospital(request):
    """Who and where the hospital is."""
    is_new = request.hospital.name == Hospital._meta.get_field("name").default
    form = HospitalStep(
        request.POST or None,
        initial={"name": ""} if is_new else None,
        instance=request.hospital,
        by=request.user,
        hospital=request.hospital,
    )
    if request.method == "POST" and form.is_valid() and form.act():
        return redirect("setup:departments")
    return show(request, "hospital", form, guesses_zone=is_new and not form.is_bound)


@access("clinic.add_department", methods="GET POST")
def departments(request):
    """Several departments at once."""
    present = list(Department.objects.visible_to(request.user).values_list("name", flat=True))
    form = DepartmentsStep(request.POST if request.method == "POST" else None, present=present)
    if request.method == "POST" and form.is_valid():
        if made := form.write(by=request.user):
            said = ngettext("%(count)d department is open.", "%(count)d departments are open.", made)
            messages.success(request, said % {"count": made})
        return redirect("setup:doctor")
    return show(request, "departments", form, present=present)


@access("clinic.add_doctor", methods="GET POST")
def doctor(request):
    """The first doctor with working hours."""
    if not Department.objects.visible_to(request.user).open().exists():
        messages.info(request, _("A doctor belongs to a department: open one first."))
        return redirect("setup:departments")
    form = DoctorStep(request.POST or None, hospital=request.hospital)
    if request.method == "POST" and form.is_valid() and (saved := form.act(by=request.user)):
        messages.success(request, _("%(name)s is saved.") % {"name": saved})
        return redirect("setup:done")
    present = Doctor.objects.visible_to(request.user).filter(retired_at=None)[:10]
    return show(request, "doctor", form, present=present)


@access("clinic.change_hospital")
def done(request):
    """The first time that a patient can book, and what to do next."""
    now = timezone.now()
    terms = free.terms_for(AnonymousUser(), request.hospital, now)  # as patients may book
    doctors = list(Doctor.objects.visible_to(request.user).bookable().select_related("department"))
    soonest = free.next_free(doctors, terms=terms)
    found = [(slot.starts, one) for one in doctors if (slot := soonest[one.pk])]
    first = min(found, key=lambda pair: pair[0], default=None)
    return render(request, "hms/setup/done.html", {"first": first, "path": path(request), "last_day": terms.last_day})


def show(request, name, form, **more):
    """The page of a step."""
    there = path(request, current=name)
    step = next(one for one in there if one.name == name)
    status = getattr(form, "status", 200)
    return render(request, f"hms/setup/{name}.html", {"form": form, "path": there, "step": step, **more}, status=status)


def path(request, current=""):
    """The steps as the path on top of each page."""
    counts = {
        "departments": Department.objects.visible_to(request.user).open().count(),
        "doctors": Doctor.objects.visible_to(request.user).filter(retired_at=None).count(),
    }
    found = steps(request.hospital, **counts)
    for step in found:
        step.state = "current" if step.name == current else "done" if step.is_done else ""
    return found
