"""URLs of accounts."""

from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("users/", views.user_list, name="user-list"),
    path("users/<id:pk>/", views.user_detail, name="user-detail"),
    path("users/<id:pk>/edit/", views.user_edit, name="user-edit"),
    path("users/<id:pk>/block/", views.user_block, name="user-block"),
    path("users/<id:pk>/unblock/", views.user_unblock, name="user-unblock"),
    path("users/<id:pk>/reset-second-factor/", views.user_reset_second_factor, name="user-reset-second-factor"),
    path("account/security/", views.security, name="security"),
    path("account/security/app/", views.app_add, name="app-add"),
    path("account/security/app/remove/", views.app_remove, name="app-remove"),
    path("account/security/passkeys/new/", views.passkey_add, name="passkey-add"),
    path("account/security/passkeys/<id:pk>/remove/", views.passkey_remove, name="passkey-remove"),
    path("account/security/codes/", views.recovery_codes, name="recovery-codes"),
    path("account/security/codes/download/", views.recovery_codes_download, name="recovery-codes-download"),
    path("account/security/codes/renew/", views.recovery_codes_renew, name="recovery-codes-renew"),
    path("account/security/sessions/end/", views.session_end, name="session-end"),
    path("account/security/sessions/end-all/", views.sessions_end, name="sessions-end"),
    path("sign-in-rules/", views.rule_list, name="rule-list"),
    path("sign-in-rules/<id:pk>/edit/", views.rule_edit, name="rule-edit"),
    path("invitations/", views.invitation_list, name="invitation-list"),
    path("invitations/new/", views.invitation_create, name="invitation-create"),
    path("invitations/<id:pk>/resend/", views.invitation_resend, name="invitation-resend"),
    path("invitations/<id:pk>/revoke/", views.invitation_revoke, name="invitation-revoke"),
    path("invitations/accept/<str:token>/", views.invitation_accept, name="invitation-accept"),
    path("messages/", views.message_list, name="message-list"),
    path("messages/<id:pk>/retry/", views.message_retry, name="message-retry"),
    path("messages/<id:pk>/close/", views.message_close, name="message-close"),
    path("message-texts/", views.message_text_list, name="message-text-list"),
    path(
        "message-texts/<str:wording>/<str:channel>/<str:language>/edit/",
        views.message_text_edit,
        name="message-text-edit",
    ),
    path(
        "message-texts/<str:wording>/<str:channel>/<str:language>/restore/",
        views.message_text_restore,
        name="message-text-restore",
    ),
    path("consents/", views.consent_list, name="consent-list"),
    path("consents/ask/", views.consent_ask, name="consent-ask"),
    path("consents/texts/<id:pk>/", views.consent_text, name="consent-text"),
    path("consents/<str:kind>/give/", views.consent_give, name="consent-give"),
    path("consents/<str:kind>/withdraw/", views.consent_withdraw, name="consent-withdraw"),
    path("consent-texts/", views.consent_text_list, name="consent-text-list"),
    path("consent-texts/<str:kind>/edit/", views.consent_text_edit, name="consent-text-edit"),
    path("consent-texts/<str:kind>/publish/", views.consent_text_publish, name="consent-text-publish"),
    path("consent-texts/<str:kind>/discard/", views.consent_text_discard, name="consent-text-discard"),
    path("audit/", views.audit_list, name="audit-list"),
    path("audit/download/", views.audit_download, name="audit-download"),
]
