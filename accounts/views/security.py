"""Everything about how one signs in, on one page; and the list of one's sessions."""

from allauth.account.decorators import reauthentication_required
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import passkeys, services
from accounts.access import SIGNED_IN, access
from accounts.models import Session

OWN = "one's own account"
MINE = "one's own sessions"


@access(SIGNED_IN, object=OWN)
def security(request):
    """Password, address, second factor, and where one is signed in."""
    user, here = request.user, request.session.session_key
    factors = owned(user)
    rows = Session.objects.visible_to(user).lasting(user.sign_in_rule, timezone.now())
    context = {
        "sessions": sorted(rows, key=lambda row: row.session_key != here),
        "here": here,
        "rule": user.sign_in_rule,
        "must_set_up": user.sign_in_rule.second_factor and not user.has_second_factor,
        "passkeys_possible": passkeys.possible(request),
        "where_passkeys_work": passkeys.where_they_work(),
        **factors,
    }
    return render(request, "accounts/security.html", context)


def owned(user):
    """What somebody has: app, codes (or None, each), their number left, and the passkeys, the oldest first."""
    kinds = {"totp": [], "recovery_codes": [], "webauthn": []}
    for row in user.authenticator_set.order_by("pk"):
        kinds[row.type].append(row)
    codes = next(iter(kinds[Authenticator.Type.RECOVERY_CODES]), None)
    return {
        "app": next(iter(kinds[Authenticator.Type.TOTP]), None),
        "codes": codes,
        "codes_left": codes_left(codes),
        "keys": kinds[Authenticator.Type.WEBAUTHN],
    }


def codes_left(codes):
    """How many are not used up; told without opening them, since another SECRET_KEY may have closed them."""
    return 0 if codes is None else 10 - codes.data.get("used_mask", 0).bit_count()


@access(SIGNED_IN, methods="POST", object=MINE)
@reauthentication_required()
def session_end(request):
    """Sign out one other device."""
    try:
        services.end_session(request.user, handle=request.POST.get("session", "")[:64], by=request.user)
    except services.AccountRefused as refusal:
        messages.info(request, str(refusal))
    else:
        messages.success(request, _("That session has ended."))
    return redirect("accounts:security")


@access(SIGNED_IN, methods="POST", object=MINE)
@reauthentication_required()
def sessions_end(request):
    """Sign out everywhere: everywhere else, or here as well."""
    here_too = "here" in request.POST
    keep = "" if here_too else request.session.session_key
    ended = services.sign_out_everywhere(request.user, by=request.user, keep=keep)
    if here_too:
        request.session.flush()
        messages.success(request, _("You are signed out everywhere."))
        return redirect("account_login")
    update_session_auth_hash(request, request.user)
    said = ngettext("%(number)s other session has ended.", "%(number)s other sessions have ended.", ended)
    messages.success(request, said % {"number": ended})
    return redirect(f"{reverse('accounts:security')}#sessions")
