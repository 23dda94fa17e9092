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
    path("invitations/", views.invitation_list, name="invitation-list"),
    path("invitations/new/", views.invitation_create, name="invitation-create"),
    path("invitations/<id:pk>/resend/", views.invitation_resend, name="invitation-resend"),
    path("invitations/<id:pk>/revoke/", views.invitation_revoke, name="invitation-revoke"),
    path("invitations/accept/<str:token>/", views.invitation_accept, name="invitation-accept"),
    path("messages/", views.message_list, name="message-list"),
    path("messages/<id:pk>/retry/", views.message_retry, name="message-retry"),
    path("messages/<id:pk>/close/", views.message_close, name="message-close"),
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
]
