"""A second factor: set up, taken away, recovery codes; and the sign-in by passkey alone."""

import json
from base64 import b64encode
from functools import wraps

from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from allauth.core.exceptions import ReauthenticationRequired
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from allauth.mfa.webauthn.internal import auth as ceremony
from allauth.mfa.webauthn.views import LoginWebAuthnView
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts import passkeys, secrecy, services, sessions
from accounts.access import PUBLIC, SIGNED_IN, access
from accounts.adapter import SecondFactorAdapter
from accounts.forms import AppForm, PasskeyForm, PasskeySignInForm, SecondFactorResetForm
from accounts.models import User
from accounts.services import second_factor
from accounts.views.people import ANY, decide

OWN = "one's own account"
SECRET, CODES_MADE = "second_factor_secret", "recovery_codes_made"
FRESH = 300  # seconds after signing in during which a first second factor is set up without the password again
TRAIL = "accounts:security"
Kind = Authenticator.Type


def freshly_signed_in(view):
    """Ask who it is before a second factor is added, but not right after signing in, where it is the first one."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        age = timezone.now().timestamp() - request.session.get(sessions.BEGAN, 0)
        first = age < FRESH and not request.user.has_second_factor
        if not first and not did_recently_reauthenticate(request):
            raise ReauthenticationRequired
        return view(request, *args, **kwargs)

    return guarded


def not_just_made(request):
    """Recovery codes that were just made in this session are shown without asking."""
    return timezone.now().timestamp() - request.session.get(CODES_MADE, 0) > FRESH


def trail():
    return [(_("Security"), reverse(TRAIL))]


def mine(request, kind):
    """One's own rows of a kind; never another's."""
    return request.user.authenticator_set.filter(type=kind)


def changed(request, said):
    """Say what was done and keep this session, whose proof has to be renewed: the others have ended."""
    request.user.refresh_from_db(fields=["session_epoch"])
    update_session_auth_hash(request, request.user)
    messages.success(request, f"{said} {_('Every other device was signed out.')}")


def added(request, said):
    """On to the recovery codes when this was the first second factor."""
    first = request.user.authenticator_set.exclude(type=Kind.RECOVERY_CODES).count() == 1
    changed(request, said)
    if not first:
        return redirect(TRAIL)
    request.session[CODES_MADE] = timezone.now().timestamp()
    return redirect("accounts:recovery-codes")


@never_cache
@access(SIGNED_IN, methods="GET POST", object=OWN)
@freshly_signed_in
def app_add(request):
    """An authenticator app: scan the code, type what the app shows."""
    if mine(request, Kind.TOTP).exists():
        return redirect(TRAIL)
    secret = secret_of(request)
    form = AppForm(request.POST or None, back=reverse(TRAIL))
    if request.method == "POST" and form.is_valid():
        keep, code = request.session.session_key, form.cleaned_data["code"]
        try:
            second_factor.add_app(request.user, secret=secret, code=code, by=request.user, keep=keep)
        except services.AccountRefused as refusal:
            form.refuse(refusal, "code")
        else:
            del request.session[SECRET]
            return added(request, _("The authenticator app is your second factor now."))
    adapter = SecondFactorAdapter()
    url = adapter.build_totp_url(request.user, secret)
    context = {
        "form": form,
        "secret_parts": [secret[start : start + 4] for start in range(0, len(secret), 4)],
        "url": url,
        "picture": picture_of(adapter.build_totp_svg(url)),
        "trail": trail(),
    }
    return render(request, "accounts/app_add.html", context)


def picture_of(svg):
    """An SVG as the address of an image."""
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"


def secret_of(request):
    """The secret being set up in this session, encrypted there. Looking at the page again keeps it."""
    if SECRET not in request.session:
        request.session[SECRET] = secrecy.encrypt(generate_totp_secret())
    return secrecy.decrypt(request.session[SECRET])


@access(SIGNED_IN, methods="GET POST", object=OWN)
def app_remove(request):
    """Take the authenticator app away, after asking."""
    app = mine(request, Kind.TOTP).first()
    return take_away(request, app, _("Remove the authenticator app?")) if app else redirect(TRAIL)


@access(SIGNED_IN, methods="GET POST", object="one's own passkeys")
def passkey_remove(request, pk):
    """Take a passkey away, after asking."""
    passkey = mine(request, Kind.WEBAUTHN).filter(pk=pk).first()
    return take_away(request, passkey, _("Remove this passkey?"))


def take_away(request, authenticator, title):
    if authenticator is None:
        raise Http404
    if not did_recently_reauthenticate(request):
        raise ReauthenticationRequired
    if request.method == "POST":
        try:
            second_factor.remove(authenticator, by=request.user, keep=request.session.session_key)
        except services.AccountConflict as refusal:
            context = {"refusal": refusal, "back": reverse(TRAIL)}
            return render(request, "errors/409.html", context, status=409)
        changed(request, _("It is removed."))
        return redirect(TRAIL)
    last = request.user.authenticator_set.exclude(type=Kind.RECOVERY_CODES).count() == 1
    context = {
        "title": title,
        "verb": _("Remove"),
        "danger": True,
        "warning": warning_of(request.user, last),
        "facts": [(_("What"), str(authenticator)), (_("Since"), timezone.localdate(authenticator.created_at))],
        "trail": trail(),
        "back": reverse(TRAIL),
    }
    return render(request, "accounts/confirm.html", context)


def warning_of(user, last):
    if not last:
        return ""
    if user.sign_in_rule.second_factor:
        return _("It is your last second factor, and the hospital asks for one: you set up another one at once.")
    return _("It is your last second factor: your password alone will let you in. Your recovery codes go too.")


@never_cache
@access(SIGNED_IN, methods="GET POST", object=OWN)
@freshly_signed_in
def passkey_add(request):
    """A passkey: the browser makes it, we keep the public half."""
    if not passkeys.possible(request):
        context = {"trail": trail(), "where": passkeys.where_they_work()}
        return render(request, "accounts/passkey_impossible.html", context)
    form = PasskeyForm(request.POST or None, user=request.user, back=reverse(TRAIL))
    if request.method == "POST" and form.is_valid():
        name, credential = form.cleaned_data["name"], form.cleaned_data["credential"]
        keep = request.session.session_key
        second_factor.add_passkey(request.user, name=name, credential=credential, by=request.user, keep=keep)
        return added(request, _("The passkey is added."))
    options = json.dumps(ceremony.begin_registration(request.user, True))
    return render(request, "accounts/passkey_add.html", {"form": form, "options": options, "trail": trail()})


def own_codes(request):
    codes = mine(request, Kind.RECOVERY_CODES).first()
    if codes is None:
        raise Http404
    return codes.wrap().get_unused_codes()


@never_cache
@access(SIGNED_IN, object=OWN)
@reauthentication_required(enabled=not_just_made)
def recovery_codes(request):
    """The codes that are left, to be written down, printed or saved."""
    going = reverse("home") if not_just_made(request) else request.session.get(sessions.GOING, reverse("home"))
    context = {"codes": own_codes(request), "trail": trail(), "going": going}
    return render(request, "accounts/recovery_codes.html", context)


@never_cache
@access(SIGNED_IN, object=OWN)
@reauthentication_required(enabled=not_just_made)
def recovery_codes_download(request):
    """The codes that are left, as a text file."""
    lines = [request.get_host(), request.user.email, "", *own_codes(request)]
    headers = {"Content-Disposition": 'attachment; filename="recovery-codes.txt"'}
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8", headers=headers)


@access(SIGNED_IN, methods="GET POST", object=OWN)
@reauthentication_required()
def recovery_codes_renew(request):
    """New codes in the place of the old ones, after asking."""
    if request.method == "POST":
        try:
            second_factor.renew_recovery_codes(request.user, by=request.user)
        except services.AccountConflict as refusal:
            context = {"refusal": refusal, "back": reverse(TRAIL)}
            return render(request, "errors/409.html", context, status=409)
        messages.success(request, _("These are your new codes. The ones before are void."))
        return redirect("accounts:recovery-codes")
    context = {
        "title": _("Make new recovery codes?"),
        "verb": _("Make new codes"),
        "warning": _("The codes that you have now stop working."),
        "trail": trail(),
        "back": reverse(TRAIL),
    }
    return render(request, "accounts/confirm.html", context)


class PasskeySignIn(LoginWebAuthnView):
    """allauth's, with a page of its own for the browser's part: it has no script on the page of the password."""

    form_class = PasskeySignInForm
    template_name = "accounts/passkey_sign_in.html"

    def get(self, request, *args, **kwargs):
        return self.render_to_response(self.get_context_data())

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        context["options"] = json.dumps(ceremony.begin_authentication(user=None))
        context["possible"], context["where"] = passkeys.possible(self.request), passkeys.where_they_work()
        return context

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form))


passkey_sign_in = access(PUBLIC, methods="GET POST")(PasskeySignIn.as_view())


@access("accounts.reset_second_factor", methods="GET POST", object=ANY)
def user_reset_second_factor(request, pk):
    """Take a lost second factor off somebody's account."""
    account = get_object_or_404(User.objects.visible_to(request.user), pk=pk)
    words = {
        "title": _("Reset the second factor of %(name)s?") % {"name": account.name},
        "verb": _("Reset the second factor"),
        "warning": _(
            "App, passkeys and recovery codes stop working, and they are signed out everywhere. Their password alone "
            "lets them in until they set up a new one. Make sure that you know who asks: by face or by telephone."
        ),
        "done": _("The second factor of %(name)s is reset, and they were told by mail.") % {"name": account.name},
        "danger": True,
    }
    return decide(request, account, SecondFactorResetForm, second_factor.reset, words)
