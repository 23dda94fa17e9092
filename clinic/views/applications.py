"""Doctors apply on a public page, confirm their address by a mailed link, and administrators decide."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.access import PUBLIC, access
from accounts.downloads import instant, table
from accounts.services import AccountRefused
from clinic import services
from clinic.forms import ApplicationFilter, ApplicationForm, ApproveForm, DeclineForm
from clinic.models import Application, Doctor
from clinic.services import ClinicConflict, ClinicRefused
from clinic.services.applications import VALID_FOR
from clinic.views.confirm import Question
from clinic.views.throttle import too_many

PAGE = 25
MOST, SECONDS = 20, 60 * 10  # applications from one network address
CONFIRMED = "those whose address was confirmed"


@access(PUBLIC, methods="GET POST")
def application_create(request):
    """Apply to work here as a doctor. The answer is the same whatever the address is."""
    form = ApplicationForm(request.POST or None, hospital=request.hospital, back=reverse("home"))
    if request.method == "POST" and form.is_valid():
        if page := too_many(request, "application", most=MOST, seconds=SECONDS):
            return page
        form.act()
        return redirect("clinic:application-sent")
    return render(request, "clinic/application_form.html", {"form": form})


@access(PUBLIC)
def application_sent(request):
    """What happens next."""
    return render(request, "clinic/application_sent.html", {"days": VALID_FOR.days})


@never_cache
@access(PUBLIC, methods="GET POST", object="the application whose link one has")
def application_confirm(request, token):
    """Show what was sent and confirm the address. A link that opens nothing any more opens a page that says so."""
    application = services.find_application(token)
    if application is None:
        return render(request, "clinic/application_gone.html", status=404)
    if request.method == "POST":
        try:
            services.confirm_application(token)
        except ClinicConflict:
            return render(request, "clinic/application_gone.html", status=409)
        return render(request, "clinic/application_confirmed.html", {"application": application})
    return render(request, "clinic/application_confirm.html", {"application": application})


@access("clinic.view_application", object=CONFIRMED)
def application_list(request):
    """Applications to read, and those that were decided."""
    return render(request, "clinic/application_list.html", asked(request).context())


@access("clinic.view_application", object=CONFIRMED)
def application_download(request):
    """The same as a table. What applicants tell about themselves stays on their pages, where it ends with them."""
    zone = request.hospital.zone
    columns = [
        (_("Name"), lambda row: row.name),
        (_("E-mail address"), lambda row: row.email),
        (_("Specialization"), lambda row: row.specialization),
        (_("Department wanted"), lambda row: row.department.name if row.department else _("No preference")),
        (_("Sent"), lambda row: instant(row.confirmed_at, zone)),
        (_("State"), lambda row: row.get_state_display()),
        (_("Decided"), lambda row: instant(row.decided_at, zone)),
        (_("By"), lambda row: row.decided_by_name),
    ]
    return table(request, asked(request), columns, name="applications")


def asked(request):
    """The list as its address narrows it."""
    applications = Application.objects.visible_to(request.user).select_related("department")
    return ApplicationFilter(request.GET, applications)


def found(request, pk):
    rows = Application.objects.visible_to(request.user).select_related("department", "doctor")
    return get_object_or_404(rows, pk=pk)


@access("clinic.view_application", object=CONFIRMED)
def application_detail(request, pk):
    """What an applicant tells, and what was decided."""
    application = found(request, pk)
    same = Doctor.objects.visible_to(request.user).filter(name__iexact=application.name)[:3]
    return render(request, "clinic/application_detail.html", {"application": application, "same": same})


@access("clinic.decide_application", methods="GET POST", object=CONFIRMED)
def application_approve(request, pk):
    """Take the applicant in: a doctor's profile, and an invitation."""
    application = found(request, pk)
    form = ApproveForm(request.POST or None, application=application)
    question = question_about(
        application,
        title=_("Approve %(name)s?") % {"name": application.name},
        verb=_("Approve and invite"),
        done=_("%(name)s is approved. The invitation is on its way.") % {"name": application.name},
        warning=_(
            "The applicant becomes a doctor here and gets two mails: a welcome, and a link to choose a password. "
            "No visits can be booked until you or the doctor allow it."
        ),
    )
    return decide(request, application, form, services.approve_application, question)


@access("clinic.decide_application", methods="GET POST", object=CONFIRMED)
def application_decline(request, pk):
    """Turn the applicant down, with a reason."""
    application = found(request, pk)
    question = question_about(
        application,
        title=_("Decline %(name)s?") % {"name": application.name},
        verb=_("Decline"),
        done=_("%(name)s is declined and is told so by mail.") % {"name": application.name},
        danger=True,
    )
    return decide(request, application, DeclineForm(request.POST or None), services.decline_application, question)


def question_about(application, **words):
    page = reverse("clinic:application-detail", args=[application.pk])
    trail = [(_("Applications"), reverse("clinic:application-list")), (application.name, page)]
    facts = [
        (_("Name"), application.name),
        (_("E-mail address"), application.email),
        (_("Specialization"), application.specialization),
        (_("Registration or licence number"), application.licence),
    ]
    return Question(back=page, facts=facts, trail=trail, **words)


def decide(request, application, form, act, question):
    """Ask, do it, say it. Decided meanwhile by somebody else: 409; anything else that is refused stands in the form."""
    status = 200
    if not application.is_waiting:
        question.objection = _("Somebody has decided on this application already.")
        status = 409 if request.method == "POST" else 200
    elif request.method == "POST" and form.is_valid():
        try:
            act(application, by=request.user, **form.cleaned_data)
        except ClinicConflict as refusal:
            question.objection, status = str(refusal), 409
        except AccountRefused as refusal:
            form.refuse(refusal, "email")
        except ClinicRefused as refusal:
            form.refuse(refusal, "department")
        else:
            messages.success(request, question.done)
            return redirect(question.back)
    return render(request, "clinic/confirm.html", {"question": question, "form": form}, status=status)
