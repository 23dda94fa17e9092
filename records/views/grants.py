"""Clinical grants: asked for, confirmed, taken back; and the charts that they open."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import access
from accounts.downloads import instant, table
from hms.lib.errors import Refused
from records import services
from records.errors import RecordConflict
from records.forms import GrantedFilter, GrantFilter, GrantForm, RevokeForm
from records.models import ClinicalGrant
from records.models.reading import granted_to
from records.views.door import BY_GRANT, GRANTEES

ANY = gettext_lazy("any grant; for whom it is for their own")


@access("records.view_clinicalgrant", object=ANY, also=GRANTEES)
def grant_list(request):
    """The grants there are; those in force or to come first of all."""
    return render(request, "records/grant_list.html", grants_of(request).context())


@access("records.view_clinicalgrant", object=ANY, also=GRANTEES)
def grant_download(request):
    """The same as a table, without the words of the reason."""
    zone = request.hospital.zone
    columns = [
        (_("For"), lambda grant: grant.user.name),
        (_("Role"), lambda grant: grant.user.get_role_display()),
        (_("Charts of"), lambda grant: grant.about),
        (_("Number"), lambda grant: grant.patient.number if grant.patient else ""),
        (_("Downloads"), lambda grant: _("Yes") if grant.may_export else _("No")),
        (_("From"), lambda grant: instant(grant.starts_at, zone)),
        (_("Until"), lambda grant: instant(grant.until, zone)),
        (_("State"), lambda grant: grant.state.label),
        (_("Asked by"), lambda grant: grant.asked_by.name),
        (_("Confirmed by"), lambda grant: grant.confirmed_by.name if grant.confirmed_by else ""),
        (_("Taken back by"), lambda grant: grant.revoked_by.name if grant.revoked_by else ""),
        (_("Taken back"), lambda grant: instant(grant.revoked_at, zone)),
    ]
    return table(request, grants_of(request), columns, name="grants")


def grants_of(request):
    """The list as its address narrows it."""
    return GrantFilter(request.GET, ClinicalGrant.objects.visible_to(request.user).with_people())


@access("records.add_clinicalgrant", methods="GET POST")
def grant_create(request):
    """Ask that somebody may read charts beyond their role. Another administrator confirms."""
    back = reverse("records:grant-list")
    form = GrantForm(request.POST or None, by=request.user, zone=request.hospital.zone, back=back)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            grant = services.ask_grant(by=request.user, **form.grant())
        except Refused as refusal:
            form.refuse(refusal)
            status = 422
        else:
            messages.success(request, _("Asked for. It opens nothing until another administrator confirms it."))
            return redirect("records:grant-detail", grant.pk)
    elif request.method == "POST":
        status = 422
    context = {
        "form": form,
        "title": _("Ask for a clinical grant"),
        "lead": _("Somebody reads charts beyond their role, for a time. A second administrator has to agree."),
        "trail": [(_("Clinical grants"), back)],
    }
    return render(request, "accounts/form.html", context, status=status)


@access("records.view_clinicalgrant", object=ANY, also=GRANTEES)
def grant_detail(request, pk):
    """One grant: for whom, what, why, until when, by whom."""
    grant = get_object_or_404(ClinicalGrant.objects.visible_to(request.user).with_people(), pk=pk)
    is_party = request.user.pk in {grant.user_id, grant.asked_by_id}
    is_waiting = grant.state == ClinicalGrant.State.WAITING
    context = {"grant": grant, "is_waiting": is_waiting, "can_confirm": is_waiting and not is_party}
    return render(request, "records/grant_detail.html", context)


@access("records.confirm_clinicalgrant", methods="GET POST", object=gettext_lazy("any grant"))
def grant_confirm(request, pk):
    """The second administrator agrees: from its first day on the grant opens charts."""
    grant = get_object_or_404(ClinicalGrant.objects.visible_to(request.user).with_people(), pk=pk)
    words = {
        "title": _("Confirm this grant?"),
        "verb": _("Confirm the grant"),
        "warning": _("%(name)s will read medical records. Each opening is written down, and the patient sees it.")
        % {"name": grant.user.name},
        "done": _("The grant is confirmed."),
    }
    return decide(request, grant, words, services.confirm_grant)


@access("records.revoke_clinicalgrant", methods="GET POST", object=gettext_lazy("any grant"))
def grant_revoke(request, pk):
    """Take a grant back, or decline one that waits."""
    grant = get_object_or_404(ClinicalGrant.objects.visible_to(request.user).with_people(), pk=pk)
    words = {
        "title": _("Take this grant back?"),
        "verb": _("Take it back"),
        "warning": _("What it opens is closed at once."),
        "done": _("The grant is taken back."),
        "danger": True,
    }
    return decide(request, grant, words, services.revoke_grant, RevokeForm(request.POST or None))


def decide(request, grant, words, act, form=None):
    """Ask, do it, say it. What another administrator did meanwhile is a 409."""
    back = reverse("records:grant-detail", args=[grant.pk])
    status, refused = 200, ""
    if request.method == "POST" and (form is None or form.is_valid()):
        try:
            act(grant, by=request.user, **(form.cleaned_data if form else {}))
        except RecordConflict as refusal:
            return render(request, "errors/409.html", {"refusal": refusal, "back": back}, status=409)
        except Refused as refusal:
            status, refused = 422, str(refusal)
        else:
            messages.success(request, words["done"])
            return redirect(back)
    elif request.method == "POST":
        status = 422
    context = {
        **words,
        "form": form,
        "facts": facts_of(grant),
        "trail": [(_("Clinical grants"), reverse("records:grant-list")), (str(grant), back)],
        "back": back,
        "warning": refused or words["warning"],
    }
    return render(request, "accounts/confirm.html", context, status=status)


def facts_of(grant):
    return [
        (_("For"), f"{grant.user.name} ({grant.user.get_role_display()})"),
        (_("Charts of"), grant.about),
        (_("Downloads"), _("Yes") if grant.may_export else _("No, reading alone")),
        (_("Reason"), grant.reason),
        (_("Asked by"), grant.asked_by.name),
    ]


@access("records.view_clinicalgrant", object=gettext_lazy("patients within a grant to oneself"), also=BY_GRANT)
def granted_list(request):
    """The patients whose charts a grant opens to the person at the screen: names and numbers, a link to each chart."""
    narrowed = GrantedFilter(request.GET, granted_to(request.user))
    grants = ClinicalGrant.objects.held_by(request.user).with_people()
    return render(request, "records/granted_list.html", narrowed.context() | {"grants": grants})
