"""Family: for whom one acts, who acts for oneself; and what the desk records about it."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import access
from clinic import family, services
from clinic.forms.family import AskForm, ChildForm, ContactForm, GuardianForm, ReasonForm
from clinic.models import GuardianRequest, Guardianship, Patient
from clinic.views.confirm import Question, ask
from hms.lib.errors import Refused

HAVE = "clinic.have_family"


def trail():
    return [(_("Family"), reverse("clinic:family"))]


@access(HAVE)
def family_page(request):
    """For whom one acts, who acts for oneself, requests that wait."""
    own = family.own_patient(request.user)
    to_me, by_me = family.requests_of(request.user)
    context = {
        "own": own,
        "acting_for": family.acting_for(request.user),
        "acting_for_me": family.guardians_of(own) if own else [],
        "to_me": to_me,
        "by_me": by_me,
        "done": family.done_for(own) if own else [],
    }
    return render(request, "clinic/family.html", context)


@access(HAVE, methods="GET POST")
def child_create(request):
    """A child the hospital does not know yet; who adds it acts for it until it comes of age."""
    back = reverse("clinic:family")
    form = ChildForm(request.POST or None, by=request.user, hospital=request.hospital, back=back)
    if request.method == "POST" and form.is_valid() and (made := form.act()):
        words = _("%(name)s is registered under the number %(number)s. You act for %(name)s until %(day)s.")
        facts = {"name": made.patient.name, "number": made.patient.number, "day": made.last_day}
        messages.success(request, words % facts)
        return redirect(back)
    lead = _("The child has been here before? Please come to the desk with papers: we connect the record with you.")
    return show(request, form, _("Add a child"), lead)


@access(HAVE, methods="GET POST")
def guardian_ask(request):
    """Ask somebody to act for oneself. The answer is the same whether or not the address is known here."""
    own = family.own_patient(request.user)
    if own is None:
        messages.warning(request, _("Complete your profile first."))
        return redirect("clinic:profile-edit")
    back = reverse("clinic:family")
    form = AskForm(request.POST or None, by=request.user, hospital=request.hospital, patient=own, back=back)
    if request.method == "POST" and form.is_valid() and form.act():
        messages.success(request, _("A request is on its way to %(email)s.") % {"email": form.cleaned_data["email"]})
        return redirect(back)
    lead = _("Somebody you trust books and changes visits for you. You see what they do, and end it when you like.")
    return show(request, form, _("Ask somebody to act for you"), lead)


def show(request, form, title, lead):
    context = {"form": form, "title": title, "trail": trail(), "lead": lead}
    return render(request, "clinic/form.html", context, status=getattr(form, "status", 200))


ANSWERS = {
    "accept": (services.accept_request, gettext_lazy("Accepted: you can book visits for %(name)s now.")),
    "decline": (services.decline_request, gettext_lazy("Declined. %(name)s is told.")),
    "withdraw": (services.withdraw_request, gettext_lazy("The request is taken back.")),
}


@access(HAVE, methods="GET POST", object=gettext_lazy("a request one made, or made to one's own address"))
def guardian_request(request, pk):
    """Accept or decline it; who made it takes it back. `answer`: accept, decline or withdraw."""
    requests = GuardianRequest.objects.visible_to(request.user).select_related("patient__user")
    wanted = get_object_or_404(requests, pk=pk)
    mine = wanted.patient.user_id == request.user.pk
    context = {"wanted": wanted, "mine": mine, "trail": trail(), "refusal": None}
    answer = request.POST.get("answer", "")
    if answer in ({"withdraw"} if mine else {"accept", "decline"}):
        act, done = ANSWERS[answer]
        try:
            act(wanted, by=request.user)
        except Refused as refusal:
            wanted.refresh_from_db()
            return render(request, "clinic/guardian_request.html", context | {"refusal": refusal}, status=409)
        messages.success(request, done % {"name": wanted.patient.name})
        return redirect("clinic:family")
    return render(request, "clinic/guardian_request.html", context, status=422 if request.method == "POST" else 200)


@access(HAVE, methods="GET POST", object=gettext_lazy("a guardianship one is a side of"))
def guardianship_give_up(request, pk):
    """Either side ends it."""
    found = get_object_or_404(Guardianship.objects.visible_to(request.user).with_people(), pk=pk)
    mine = found.patient.user_id == request.user.pk
    other = found.guardian.name if mine else found.patient.name
    question = Question(
        title=_("%(name)s acts for you no more?") % {"name": other}
        if mine
        else _("Act for %(name)s no more?") % {"name": other},
        verb=_("End it now"),
        done=_("It is ended."),
        back=reverse("clinic:family"),
        facts=facts_of(found),
        trail=trail(),
        warning=_("It ends at once. Visits that are booked stay booked. The other side is told by mail."),
        danger=True,
        objection="" if found.is_current else _("This has ended already."),
    )
    return ask(request, question, lambda: services.end_guardianship(found, by=request.user))


def facts_of(guardianship):
    return [
        (_("Patient"), guardianship.patient.name),
        (_("Guardian"), guardianship.guardian.name),
        (_("May"), guardianship.get_scope_display()),
    ]


@access(HAVE, methods="GET POST", object=gettext_lazy("a guardianship of one's own, for somebody without an account"))
def ward_edit(request, pk):
    """Phone, address and emergency contact of somebody who has no account to do it with."""
    mine = Guardianship.objects.visible_to(request.user).acting().filter(guardian=request.user, patient__user=None)
    found = get_object_or_404(mine.with_people(), pk=pk)
    form = ContactForm(
        request.POST or None,
        guardianship=found,
        by=request.user,
        hospital=request.hospital,
        back=reverse("clinic:family"),
    )
    if request.method == "POST" and form.is_valid() and form.act():
        messages.success(request, _("%(name)s is saved.") % {"name": found.patient.name})
        return redirect("clinic:family")
    lead = _("Name and date of birth identify a person: reception corrects them.")
    return show(request, form, _("Contact data of %(name)s") % {"name": found.patient.name}, lead)


@access("clinic.add_guardianship", methods="GET POST", object=gettext_lazy("a patient one may see"))
def guardian_create(request, pk):
    """At the desk: record who acts for a patient, and which paper was seen."""
    patient = get_object_or_404(Patient.objects.visible_to(request.user).select_related("user"), pk=pk)
    back = reverse("clinic:patient-detail", args=[pk])
    form = GuardianForm(request.POST or None, by=request.user, hospital=request.hospital, patient=patient, back=back)
    if request.method == "POST" and form.is_valid() and (made := form.act()):
        messages.success(
            request,
            _("%(guardian)s acts for %(name)s now.") % {"guardian": made.guardian.name, "name": patient.name},
        )
        return redirect(back)
    context = {
        "form": form,
        "title": _("Record a guardian"),
        "trail": [(_("Patients"), reverse("clinic:patient-list")), (patient.name, back)],
        "lead": _("For a child whose parent shows papers, or for an adult who cannot ask by themselves. "
                  "Others ask somebody from their own account."),
    }  # fmt: skip
    return render(request, "clinic/form.html", context)


@access("clinic.change_guardianship", methods="GET POST", object=gettext_lazy("any guardianship"))
def guardianship_end(request, pk):
    """An administrator ends it, with a reason. Takes `reason`."""
    found = get_object_or_404(Guardianship.objects.visible_to(request.user).with_people(), pk=pk)
    back = reverse("clinic:patient-detail", args=[found.patient_id])
    question = Question(
        title=_("End this guardianship?"),
        verb=_("End it now"),
        done=_("The guardianship is ended."),
        back=back,
        facts=facts_of(found),
        trail=[(_("Patients"), reverse("clinic:patient-list")), (found.patient.name, back)],
        warning=_("It ends at once. Visits that are booked stay booked. Both sides are told by mail."),
        danger=True,
        objection="" if found.is_current else _("This has ended already."),
    )
    form = ReasonForm(request.POST if request.method == "POST" else None)
    return ask(request, question, lambda reason: services.end_guardianship(found, by=request.user, reason=reason), form)
