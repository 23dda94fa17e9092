"""The hospital's rules for signing in, set by administrators."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import audit, services
from accounts.access import access
from accounts.forms import SignInRuleForm
from accounts.models import AuditEvent, SignInRule
from hms.lib.seen import ChangedMeanwhile

HISTORY = 20


@access("accounts.view_signinrule")
def rule_list(request):
    """What signing in asks of each role, and how long it lasts."""
    rules = SignInRule.objects.visible_to(request.user)
    history = AuditEvent.objects.visible_to(request.user).filter(action="sign_in_rule.changed")[:HISTORY]
    return render(request, "accounts/rule_list.html", {"rules": rules, "history": history})


@access("accounts.change_signinrule", methods="GET POST", object="any role")
def rule_edit(request, pk):
    """The rule of one role."""
    rule = get_object_or_404(SignInRule.objects.visible_to(request.user), pk=pk)
    back = reverse("accounts:rule-list")
    form = SignInRuleForm(request.POST or None, instance=rule, back=back)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_rule(rule, by=request.user, **form.cleaned_data)
        except ChangedMeanwhile as changed:
            form.show_both(changed, audit.last_change(changed.row))
        except services.AccountRefused as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Saved. It holds for everybody of this role from their next page on."))
            return redirect(back)
    lead = _("It holds from the next page on, for sessions that are open too.")
    title = _("Signing in: %(role)s") % {"role": rule.get_role_display()}
    trail = [(_("Sign-in rules"), back)]
    page = {"form": form, "title": title, "lead": lead, "trail": trail}
    return render(request, "accounts/form.html", page, status=form.status)
