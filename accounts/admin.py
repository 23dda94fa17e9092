"""Accounts in Django's administration site: looked at freely, changed through the services alone."""

from importlib import import_module

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group
from django.db import transaction
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import audit, jobs, kinds, services
from accounts.admin_rows import NamedFilter, NoneMadeOrLost, ReadOnly, Rows, Visible
from accounts.forms.groups import AccountForm, RoleGroupForm
from accounts.models import (
    AuditEvent,
    Consent,
    ConsentText,
    Invitation,
    JobRun,
    Message,
    MessagePreference,
    MessageText,
    Role,
    SignInRule,
    User,
)
from accounts.roles import GROUPS
from accounts.services.people import STAFF
from hms.lib.seen import SeenAdminForm

for module in ("allauth.account.admin", "allauth.mfa.admin"):
    import_module(module)  # registers what is taken back here: addresses and secrets change with their account
admin.site.unregister([EmailAddress, Authenticator, Group])


@admin.register(User)
class UserAdmin(Visible, NoneMadeOrLost):
    """Name, role of staff, and further groups. Passwords are their owners'; blocking has its page, for the reason."""

    purpose = _("Everybody who signs in: role, further groups. Blocking has its page.")
    form = AccountForm
    list_display = ["name", "email", "role", "is_active", "last_login"]
    list_filter = ["role", "is_active", "groups"]
    search_fields = ["search"]
    filter_horizontal = ["groups"]
    fields = [
        "name",
        "email",
        "role",
        "groups",
        "is_active",
        "blocked_at",
        "blocked_reason",
        "date_joined",
        "last_login",
        "seen",
    ]
    readonly_fields = ["email", "is_active", "blocked_at", "blocked_reason", "date_joined", "last_login"]

    def get_readonly_fields(self, request, obj=None):
        fixed = [] if obj and obj.role in STAFF else ["role"]
        return [*self.readonly_fields, *fixed]

    def formfield_for_choice_field(self, db_field, request, **kwargs):
        if db_field.name == "role":
            kwargs["choices"] = [(role.value, role.label) for role in Role if role in STAFF]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.name == "groups":
            kwargs["queryset"] = Group.objects.exclude(name__in=GROUPS.values())
            kwargs["help_text"] = _("What this account may do beyond its role.")
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def changeform_view(self, request, *args, **kwargs):
        try:
            return super().changeform_view(request, *args, **kwargs)
        except services.AccountRefused as refusal:
            messages.error(request, str(refusal))
            return redirect(request.path)

    def save_model(self, request, obj, form, change):
        if "name" in form.changed_data:
            services.rename(obj, name=form.cleaned_data["name"], by=request.user)
        if "role" in form.changed_data:
            services.set_role(obj, role=form.cleaned_data["role"], by=request.user)

    def save_related(self, request, form, formsets, change):
        if "groups" in form.changed_data:
            services.set_groups(form.instance, groups=form.cleaned_data["groups"], by=request.user)


@admin.register(Group)
class RoleGroupAdmin(Rows, GroupAdmin):
    """Composing groups is what this site is for. The roles' own groups keep their names and stay."""

    form = RoleGroupForm
    purpose = _("What roles and further groups may do. Each change is in the audit trail.")

    def get_readonly_fields(self, request, obj=None):
        return ["name"] if obj and obj.name in GROUPS.values() else []

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and not (obj and obj.name in GROUPS.values())

    def get_actions(self, request):
        return {}

    @transaction.atomic
    def save_related(self, request, form, formsets, change):
        before = set(form.instance.permissions.values_list("codename", flat=True))
        super().save_related(request, form, formsets, change)
        after = set(form.instance.permissions.values_list("codename", flat=True))
        detail = {"granted": sorted(after - before), "withdrawn": sorted(before - after)}
        if "name" in form.changed_data:
            names = [form.initial.get("name", ""), form.instance.name]
            detail |= {"changed": ["name"], "values": {"name": names}}
        if "changed" in detail or before != after:
            audit.record(request.user, "group.changed", form.instance, detail=detail)

    @transaction.atomic
    def delete_model(self, request, obj):
        audit.record(request.user, "group.deleted", obj)
        super().delete_model(request, obj)


@admin.register(Invitation)
class InvitationAdmin(ReadOnly):
    purpose = _("Who was invited; sent and taken back on the page Invitations.")
    about = "user"
    list_filter = ["user__role", ("accepted_at", admin.EmptyFieldListFilter), "created_at"]
    list_display = ["user", "invited_by", "created_at", "expires_at", "accepted_at", "revoked_at"]
    list_select_related = ["user", "invited_by"]
    search_fields = ["user__search"]


class KindFilter(NamedFilter):
    title = _("kind")
    parameter_name = "kind"
    title_of = staticmethod(kinds.title_of)


@admin.register(Message)
class MessageAdmin(ReadOnly):
    purpose = _("Every message that went out or did not; worked on the page Messages.")
    site_page = "accounts:message-list"
    list_display = ["subject", "whom", "what", "state", "created_at"]
    list_filter = ["state", "channel", KindFilter, "created_at"]
    search_fields = ["recipient_name", "address", "subject"]
    fields = [
        "what",
        "channel",
        "recipient_name",
        "recipient",
        "address",
        "subject",
        "text",
        "link",
        "about",
        "state",
        "attempts",
        "created_at",
        "next_try_at",
        "sent_at",
        "answer",
        "note",
    ]
    actions = ["send_again"]

    @admin.display(description=_("kind"), ordering="kind")
    def what(self, message):
        return kinds.title_of(message.kind)

    @admin.display(description=_("to"), ordering="recipient_name")
    def whom(self, message):
        return format_html("<bdi>{}</bdi><br>{}", message.recipient_name, message.address)

    @admin.display(description=_("about"))
    def about(self, message):
        """The row it tells of: "visit 12"."""
        if not message.about_type:
            return None
        return f"{apps.get_model(message.about_type)._meta.verbose_name} {message.about_id}"

    def get_queryset(self, request):
        """An inbox is its owner's alone."""
        return super().get_queryset(request).outgoing()

    def get_fields(self, request, obj=None):
        """A link that signs somebody in is nobody's to read."""
        return [name for name in self.fields if name not in {"text", "link"}] if obj and obj.secret else self.fields

    def has_retry_permission(self, request):
        return request.user.has_perm("accounts.change_message")

    @admin.action(description=_("Send again"), permissions=["retry"])
    def send_again(self, request, queryset):
        def words(number):
            return ngettext("%(n)d message goes out again.", "%(n)d messages go out again.", number) % {"n": number}

        self.each(request, queryset, services.retry, words)


@admin.register(MessagePreference)
class MessagePreferenceAdmin(ReadOnly):
    """What people chose, for who helps them. Changed by themselves alone."""

    purpose = _("By which channel people are told what; chosen by themselves.")
    about = "user"
    list_filter = ["language"]
    list_display = ["user", "quiet_from", "quiet_until", "language", "changed_at"]
    list_select_related = ["user"]
    search_fields = ["user__search"]
    exclude = ["chat_address"]  # of a webhook it is as good as a password


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnly):
    purpose = _("Who did what, and when. Nobody changes it.")
    site_page = "accounts:audit-list"
    list_display = ["at", "actor_name", "actor_role", "action", "target_label", "address"]
    list_filter = ["actor_role", "at"]
    search_fields = ["actor_name", "target_label", "action"]


@admin.register(SignInRule)
class SignInRuleAdmin(Visible, NoneMadeOrLost):
    """What signing in asks of each role."""

    purpose = _("What signing in asks of each role.")
    site_page = "accounts:rule-list"
    form = SeenAdminForm
    list_display = ["role", "second_factor", "idle_minutes", "absolute_hours", "remember_days"]
    fields = ["role", "second_factor", "idle_minutes", "absolute_hours", "remember_days", "seen"]

    def get_readonly_fields(self, request, obj=None):
        return ["role"] if obj is None or obj.can_require else ["role", "second_factor"]

    def save_model(self, request, obj, form, change):
        services.change_rule(obj, by=request.user, **form.cleaned_data)


class JobFilter(NamedFilter):
    title = _("job")
    parameter_name = "task"
    title_of = staticmethod(jobs.title_of)


@admin.register(JobRun)
class JobRunAdmin(ReadOnly):
    purpose = _("What the jobs did; started on the page Jobs.")
    site_page = "job-list"
    search_fields = ["task", "result"]
    list_display = ["what", "started_at", "finished_at", "outcome", "result"]
    list_filter = ["outcome", JobFilter]
    fields = ["what", "started_at", "finished_at", "outcome", "result"]
    date_hierarchy = "started_at"

    @admin.display(description=_("job"), ordering="task")
    def what(self, run):
        return jobs.title_of(run.task)


@admin.register(ConsentText)
class ConsentTextAdmin(ReadOnly):
    """Published words stay as they are; the next ones are written on the page "Consent texts"."""

    purpose = _("Published versions of the hospital’s consent texts; written on their page.")
    site_page = "accounts:consent-text-list"
    list_display = ["kind", "number", "published_at", "published_by", "note"]
    list_filter = ["kind"]
    list_select_related = ["published_by"]
    search_fields = ["note", "text"]


@admin.register(Consent)
class ConsentAdmin(ReadOnly):
    purpose = _("Who agreed to what; given by people themselves or at the desk.")
    list_display = ["at", "name", "text", "given", "how", "by"]
    list_filter = ["text__kind", "given", "how", "at"]
    list_select_related = ["text", "by"]
    search_fields = ["name"]


@admin.register(MessageText)
class MessageTextAdmin(ReadOnly):
    purpose = _("Versions of message texts; written on the page Message texts.")
    site_page = "accounts:message-text-list"
    list_display = ["name", "channel", "language", "number", "as_delivered", "changed_at", "changed_by"]
    list_filter = ["channel", "language", "as_delivered"]
    list_select_related = ["changed_by"]
    search_fields = ["name", "subject", "text"]
    date_hierarchy = "changed_at"
