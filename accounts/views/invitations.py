"""Invitations: sent, sent again and taken back by administrators, accepted by whoever has the link."""

from allauth.account.internal.flows.logout import logout
from allauth.account.utils import perform_login
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts import services
from accounts.access import PUBLIC, access
from accounts.downloads import instant, table
from accounts.forms import InvitationFilter, InvitationForm, PasswordForm
from accounts.models import Invitation


@access("accounts.view_invitation")
def invitation_list(request):
    """Who was invited, and what became of it."""
    return render(request, "accounts/invitation_list.html", invited(request).context())


@access("accounts.view_invitation")
def invitation_download(request):
    """The same as a table."""
    zone = request.hospital.zone
    columns = [
        (_("Name"), lambda row: row.user.name),
        (_("E-mail address"), lambda row: row.user.email),
        (_("Role"), lambda row: row.user.get_role_display()),
        (_("Invited"), lambda row: instant(row.created_at, zone)),
        (_("By"), lambda row: row.invited_by.name if row.invited_by else ""),
        (_("State"), lambda row: row.state.label),
        (_("Valid until"), lambda row: instant(row.expires_at, zone)),
        (_("Accepted"), lambda row: instant(row.accepted_at, zone)),
        (_("Taken back"), lambda row: instant(row.revoked_at, zone)),
    ]
    return table(request, invited(request), columns, name="invitations")


def invited(request):
    """The list as its address narrows it."""
    invitations = Invitation.objects.visible_to(request.user).select_related("user", "invited_by")
    return InvitationFilter(request.GET, invitations)


@access("accounts.invite_user", methods="GET POST")
def invitation_create(request):
    """Invite somebody to the desk or to administration. Doctors are invited with their profile."""
    back = reverse("accounts:invitation-list")
    form = InvitationForm(request.POST or None, back=back)
    if request.method == "POST" and form.is_valid():
        try:
            user = services.invite(by=request.user, **form.cleaned_data)
        except services.AccountRefused as refusal:
            form.refuse(refusal, "email")
        else:
            messages.success(request, _("The invitation is on its way to %(email)s.") % {"email": user.email})
            return redirect(back)
    trail = [(_("Invitations"), back)]
    lead = _("Doctors are invited where their profile is made.")
    context = {"form": form, "title": _("Invite somebody"), "trail": trail, "lead": lead}
    return render(request, "accounts/form.html", context)


@access("accounts.invite_user", methods="POST", object="any invitation")
def invitation_resend(request, pk):
    """Mail a new link; the one before stops working."""
    done = _("A new link is on its way to %(email)s. The one before does not work any more.")
    return change(request, pk, services.resend, done)


@access("accounts.invite_user", methods="POST", object="any invitation")
def invitation_revoke(request, pk):
    """Take an invitation back."""
    return change(request, pk, services.revoke, _("The link that %(email)s got does not work any more."))


def change(request, pk, act, done):
    invitation = get_object_or_404(Invitation.objects.visible_to(request.user).select_related("user"), pk=pk)
    back = reverse("accounts:invitation-list")
    try:
        act(invitation, by=request.user)
    except services.AccountConflict as refusal:
        return render(request, "errors/409.html", {"refusal": refusal, "back": back}, status=409)
    messages.success(request, done % {"email": invitation.user.email})
    return redirect(back)


@sensitive_post_parameters("password1", "password2")
@never_cache
@access(PUBLIC, methods="GET POST", object="the invitation whose link one has")
def invitation_accept(request, token):
    """Choose a password and begin. A link that was used, has run out or was taken back opens a page that says so."""
    invitation = services.find_invitation(token)
    if invitation is None:
        return render(request, "accounts/invitation_gone.html", status=404)
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = services.accept(token=token, password=form.cleaned_data["password1"])
        except services.AccountRefused as refusal:
            form.refuse(refusal, "password1")
        else:
            logout(request, show_message=False)
            return perform_login(request, user, redirect_url=reverse("home"))
    return render(request, "accounts/invitation_accept.html", {"form": form, "person": invitation.user})
