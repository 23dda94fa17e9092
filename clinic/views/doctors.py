"""Doctors: their administration, and their photos. (The public directory is scheduling's: it shows free times.)"""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import access
from clinic import services
from clinic.forms import DoctorFilter, DoctorForm, RetireForm
from clinic.models import Doctor
from clinic.views.confirm import Question, ask

ANY = "any doctor, retired ones too"


@access("clinic.view_doctor", object="all doctors")
def doctor_manage(request):
    """All doctors, to be searched, filtered and opened."""
    doctors = Doctor.objects.visible_to(request.user).select_related("department", "user")
    return render(request, "clinic/doctor_manage.html", DoctorFilter(request.GET, doctors).context())


@access("clinic.add_doctor", methods="GET POST")
def doctor_create(request):
    return edit(request, None, _("New doctor"), {"department": request.GET.get("department")})


@access("clinic.change_doctor", methods="GET POST", object=ANY)
def doctor_edit(request, pk):
    doctor = get_object_or_404(Doctor.objects.visible_to(request.user).select_related("user"), pk=pk)
    return edit(request, doctor, doctor.name)


def edit(request, doctor, title, initial=None):
    form = DoctorForm(
        request.POST or None,
        request.FILES or None,
        instance=doctor,
        initial=initial,
        by=request.user,
        hospital=request.hospital,
        back=reverse("clinic:doctor-manage"),
    )
    if request.method == "POST" and form.is_valid() and (saved := form.act()):
        messages.success(request, said_of(saved, form))
        return redirect("clinic:doctor-edit", saved.pk)
    trail = [(_("Doctors"), reverse("clinic:doctor-manage"))]
    page = {"form": form, "title": title, "trail": trail, "doctor": doctor}
    return render(request, "clinic/doctor_edit.html" if doctor else "clinic/form.html", page, status=form.status)


def said_of(doctor, form):
    """What to tell the administrator after saving."""
    if email := form.cleaned_data.get("email"):
        return _("%(name)s is saved. An invitation is on its way to %(email)s.") % {"name": doctor, "email": email}
    return _("%(name)s is saved.") % {"name": doctor}


def question_about(doctor, **words):
    page = reverse("clinic:doctor-edit", args=[doctor.pk])
    trail = [(_("Doctors"), reverse("clinic:doctor-manage")), (doctor.name, page)]
    facts = [(_("Doctor"), doctor.name), (_("Department"), doctor.department)]
    if doctor.user:
        facts.append((_("Account"), doctor.user.email))
    return Question(back=page, facts=facts, trail=trail, **words)


@access("clinic.change_doctor", methods="GET POST", object=ANY)
def doctor_retire(request, pk):
    doctor = get_object_or_404(Doctor.objects.visible_to(request.user).select_related("department", "user"), pk=pk)
    question = question_about(
        doctor,
        title=_("Retire %(name)s?") % {"name": doctor},
        verb=_("Retire the doctor"),
        done=_("%(name)s is retired.") % {"name": doctor},
        warning=_(
            "Patients do not find the doctor any more, and no visits can be booked. Past visits and records stay. "
            "The account can still sign in: block it if it should not."
        ),
        objection=services.why_not_retire(doctor),
        other_url=f"{reverse('scheduling:appointment-list')}?doctor={doctor.pk}",
        other_verb=_("Show the visits"),
    )
    form = RetireForm(request.POST or None)
    return ask(request, question, lambda reason: services.retire_doctor(doctor, reason=reason, by=request.user), form)


@access("clinic.change_doctor", methods="GET POST", object=ANY)
def doctor_restore(request, pk):
    doctor = get_object_or_404(Doctor.objects.visible_to(request.user).select_related("department", "user"), pk=pk)
    question = question_about(
        doctor,
        title=_("Restore %(name)s?") % {"name": doctor},
        verb=_("Restore the doctor"),
        done=_("%(name)s is back.") % {"name": doctor},
    )
    return ask(request, question, lambda: services.restore_doctor(doctor, by=request.user))


@access("clinic.delete_doctor", methods="GET POST", object=ANY)
def doctor_delete(request, pk):
    doctor = get_object_or_404(Doctor.objects.visible_to(request.user).select_related("department", "user"), pk=pk)
    question = question_about(
        doctor,
        title=_("Delete %(name)s?") % {"name": doctor},
        verb=_("Delete the doctor"),
        done=_("%(name)s is deleted.") % {"name": doctor},
        then=reverse("clinic:doctor-manage"),
        warning=_("This cannot be undone. Working hours go with the doctor; an account stays, and can be blocked."),
        danger=True,
        objection=services.why_kept(doctor),
        other_url=reverse("clinic:doctor-retire", args=[doctor.pk]) if not doctor.is_retired else "",
        other_verb=_("Retire instead"),
    )
    return ask(request, question, lambda: services.delete_doctor(doctor, by=request.user))
