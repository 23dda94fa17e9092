"""Signing in: allauth's pages under the names it knows them by, those of its second factor that we leave to it."""

from allauth.mfa.base import views as second_step
from allauth.mfa.webauthn import views as passkeys
from django.urls import include, path

from accounts import views

urlpatterns = [
    path("", include("allauth.account.urls")),
    path("login/second-step/", second_step.authenticate, name="mfa_authenticate"),
    path("login/passkey/", views.passkey_sign_in, name="mfa_login_webauthn"),
    path("reauthenticate/code/", second_step.reauthenticate, name="mfa_reauthenticate"),
    path("reauthenticate/passkey/", passkeys.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
]
