"""How allauth works here: what it writes is written by accounts.services, its mails go through the outbox."""

from urllib.parse import urlencode

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.utils import get_next_redirect_url
from allauth.core import context as allauth_context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.httpkit import get_client_ip
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import audit, limits, locked, notices, outbox, passkeys, secrecy, services, sessions
from accounts.models import User


class AccountAdapter(DefaultAccountAdapter):
    """Our rules in allauth's hooks."""

    def is_ajax(self, request):
        """Pages and forms only: nobody gets a form as JSON by naming it in a header."""
        return False

    def is_safe_url(self, url):
        """Whether somebody may be sent on to this address: only to pages of this very site."""
        request = allauth_context.request
        return url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())

    def get_client_ip(self, request):
        return get_client_ip(request) or "unknown"

    # Signing in and out

    def pre_authenticate(self, request, **credentials):
        """Too many failures: the same page for an address we know and one we do not, with the way back."""
        email = services.normalised(credentials.get("email"))
        if limits.is_exhausted(email, self.get_client_ip(request)):
            raise ImmediateHttpResponse(locked.page(request, seconds=limits.ACCOUNT_SECONDS))

    def authentication_failed(self, request, **credentials):
        email = services.normalised(credentials.get("email"))[:254]
        known = User.objects.filter(email=email).first()
        nobody = _("Somebody who was not signed in")
        audit.record(None, "account.sign_in_failed", known, detail={"email": email}, name=nobody)
        limits.note_failure(email, self.get_client_ip(request))

    def _delete_login_attempts_cached_email(self, request, **credentials):
        """A new password by mail is the way back in after too many failures."""
        limits.forget(services.normalised(credentials.get("email")))

    def login(self, request, user):
        """The last step of every way in. No audit row, no sign-in; and never for somebody blocked meanwhile."""
        if not user.is_active:
            raise ImmediateHttpResponse(self.respond_user_inactive(request, user))
        kind = second_factor_used(request, user)
        wished = request.session.get(sessions.WISHED)
        with transaction.atomic():
            audit.record(user, "account.signed_in", user, detail={"second_factor": kind} if kind else None)
            super().login(request, user)
            agent = request.headers.get("User-Agent", "")
            address = self.get_client_ip(request)
            remembered = sessions.begin(request.session, user.sign_in_rule, address=address, agent=agent)
        limits.forget(user.email)
        if wished and not remembered:
            messages.info(request, _("This device is not remembered: the hospital does not allow it for your role."))

    def logout(self, request):
        user = request.user
        with transaction.atomic():
            if user.is_authenticated:
                audit.record(user, "account.signed_out", user)
            super().logout(request)

    # Passwords and addresses

    def clean_email(self, email):
        """An address longer than its column is wrong typing; a service's refusal would read like one that is taken."""
        longest = User._meta.get_field("email").max_length
        if len(email) > longest:
            raise ValidationError(_("An e-mail address has at most %(longest)s characters.") % {"longest": longest})
        return super().clean_email(email)

    def set_password(self, user, password):
        """Reset by a link when nobody is signed in, else changed by its owner. Other sessions end with it."""
        by_link = not self.request.user.is_authenticated
        keep = "" if by_link else self.request.session.session_key
        services.change_password(user, password=password, by=user, how="link" if by_link else "", keep=keep)

    def confirm_email(self, request, email_address):
        """Mark an address as confirmed; it may be the first one of the account or replace another."""
        user, before = email_address.user, email_address.user.email
        try:
            with transaction.atomic():
                confirmed = super().confirm_email(request, email_address)
                if confirmed:
                    services.confirm_email(user, before=before, by=user)
                return confirmed
        except IntegrityError:
            messages.error(request, _("This address belongs to another account now. Yours keeps the one it had."))
            return False

    # Links and mails

    def get_email_confirmation_url(self, request, emailconfirmation):
        """The link carries where the person was going, for a browser other than the one that registered."""
        path = reverse("account_confirm_email", args=[emailconfirmation.key])
        going = get_next_redirect_url(request)
        return outbox.absolute(f"{path}?{urlencode({'next': going})}" if going else path)

    def get_reset_password_from_key_url(self, key):
        number, _dash, token = key.partition("-")
        return outbox.absolute(reverse("account_reset_password_from_key", kwargs={"uidb36": number, "key": token}))

    def send_password_reset_mail(self, user, email, context):
        """An invited person has no password to reset: the invitation is the way in, and may have been revoked."""
        if user.has_usable_password():
            return self.send_mail("account/email/password_reset_key", email, context)
        return self.send_mail("account/email/password_reset_invited", email, {"user": user})

    def send_account_already_exists_mail(self, email):
        self.send_mail("account/email/account_already_exists", email, {})

    def send_mail(self, template_prefix, email, context):
        notices.from_sign_in(template_prefix.rpartition("/")[2], email, context)


class SecondFactorAdapter(DefaultMFAAdapter):
    """Our rules in allauth.mfa's hooks."""

    error_messages = {**DefaultMFAAdapter.error_messages, "incorrect_code": gettext_lazy("That did not fit.")}

    def get_totp_issuer(self):
        """What the authenticator app calls the account: the hospital's name, which stands on every page."""
        hospital = getattr(allauth_context.request, "hospital", None)
        return getattr(hospital, "name", "") or "HMS"

    def encrypt(self, text):
        return secrecy.encrypt(text)

    def decrypt(self, encrypted_text):
        return secrecy.decrypt(encrypted_text)

    def generate_authenticator_name(self, user, type):
        return _("Passkey")

    def get_public_key_credential_rp_entity(self):
        return {"id": passkeys.site(allauth_context.request), "name": self.get_totp_issuer()}

    def get_public_key_credential_user_entity(self, user):
        return super().get_public_key_credential_user_entity(user) | {"display_name": user.name}


def second_factor_used(request, user):
    """What somebody has shown besides the password: totp, webauthn, recovery_codes; empty for nothing."""
    records = get_authentication_records(request, user)
    return next((record["type"] for record in reversed(records) if record.get("method") == "mfa"), "")
