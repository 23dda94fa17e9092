"""Accounts: found, looked at, renamed, blocked and unblocked by administrators."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import audit, services
from accounts.access import access
from accounts.downloads import instant, table
from accounts.forms import OptionalReasonForm, ReasonForm, UserFilter, UserForm
from accounts.models import AuditEvent, Invitation, User
from hms.lib.seen import ChangedMeanwhile

HISTORY = 20
ANY = "any account"


@access("accounts.view_user")
def user_list(request):
    """Everybody who has an account."""
    narrowed = UserFilter(request.GET, User.objects.visible_to(request.user))
    return render(request, "accounts/user_list.html", narrowed.context())


@access("accounts.view_user")
def user_download(request):
    """The accounts that the list shows, as a table."""
    narrowed = UserFilter(request.GET, User.objects.visible_to(request.user))
    zone = request.hospital.zone
    columns = [
        (_("Name"), lambda row: row.name),
        (_("E-mail address"), lambda row: row.email),
        (_("Role"), lambda row: row.get_role_display()),
        (_("May sign in"), lambda row: _("Yes") if row.is_active else _("No")),
        (_("Joined"), lambda row: instant(row.date_joined, zone)),
        (_("Last sign-in"), lambda row: instant(row.last_login, zone)),
        (_("Blocked since"), lambda row: instant(row.blocked_at, zone)),
        (_("Closed since"), lambda row: instant(row.closed_at, zone)),
    ]
    return table(request, narrowed, columns, name="accounts")


@access("accounts.view_user", object=ANY)
def user_detail(request, pk):
    """One account, and what was done to it."""
    account = get_object_or_404(User.objects.visible_to(request.user), pk=pk)
    history = AuditEvent.objects.visible_to(request.user).about(account)[:HISTORY]
    invitation = Invitation.objects.visible_to(request.user).filter(user=account, accepted_at=None).first()
    context = {"account": account, "history": history, "invitation": invitation}
    return render(request, "accounts/user_detail.html", context)


@access("accounts.change_user", methods="GET POST", object=ANY)
def user_edit(request, pk):
    """An account's name, and the role of staff."""
    account = get_object_or_404(User.objects.visible_to(request.user), pk=pk)
    back = reverse("accounts:user-detail", args=[pk])
    form = UserForm(request.POST or None, user=account, back=back)
    if request.method == "POST" and form.is_valid():
        try:
            services.edit(account, by=request.user, **form.cleaned_data)
        except ChangedMeanwhile as changed:
            form.show_both(changed, audit.last_change(changed.row))
        except services.AccountRefused as refusal:
            form.refuse(refusal, "role")
        else:
            messages.success(request, _("%(name)s is saved.") % {"name": account.name})
            return redirect(back)
    trail = [(_("Accounts"), reverse("accounts:user-list")), (account.name, back)]
    page = {"form": form, "title": _("Edit the account"), "trail": trail}
    return render(request, "accounts/form.html", page, status=form.status)


@access("accounts.block_user", methods="GET POST", object=ANY)
def user_block(request, pk):
    """Keep somebody out from now on."""
    account = get_object_or_404(User.objects.visible_to(request.user), pk=pk)
    words = {
        "title": _("Block %(name)s?") % {"name": account.name},
        "verb": _("Block the account"),
        "warning": _("They are signed out everywhere at once and cannot sign in. Nothing of theirs is lost."),
        "done": _("%(name)s is blocked.") % {"name": account.name},
        "danger": True,
    }
    return decide(request, account, ReasonForm, services.block, words)


@access("accounts.block_user", methods="GET POST", object=ANY)
def user_unblock(request, pk):
    """Let somebody in again."""
    account = get_object_or_404(User.objects.visible_to(request.user), pk=pk)
    words = {
        "title": _("Let %(name)s in again?") % {"name": account.name},
        "verb": _("Unblock the account"),
        "done": _("%(name)s may sign in again.") % {"name": account.name},
    }
    return decide(request, account, OptionalReasonForm, services.unblock, words)


def decide(request, account, form_class, act, words):
    """Ask for a reason, do it, say it. What was done meanwhile by somebody else is a 409 with the way back."""
    back = reverse("accounts:user-detail", args=[account.pk])
    form = form_class(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            act(account, reason=form.cleaned_data["reason"], by=request.user)
        except services.AccountConflict as refusal:
            return render(request, "errors/409.html", {"refusal": refusal, "back": back}, status=409)
        except services.AccountRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, words["done"])
            return redirect(back)
    trail = [(_("Accounts"), reverse("accounts:user-list")), (account.name, back)]
    facts = [(_("Name"), account.name), (_("E-mail address"), account.email), (_("Role"), account.get_role_display())]
    return render(
        request, "accounts/confirm.html", {**words, "form": form, "facts": facts, "trail": trail, "back": back}
    )
