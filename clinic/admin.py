"""Clinic in Django's administration site: contact data only, and every change through the services."""

from django import forms
from django.contrib import admin, messages
from django.db.models import CharField
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from phonenumber_field.modelfields import PhoneNumberField

from accounts.admin_rows import LookedAt, ReadOnly, Rows, Visible
from clinic import services
from clinic.models import (
    Application,
    CareRelationship,
    Claim,
    Department,
    Doctor,
    DuplicatePair,
    Guardianship,
    Hospital,
    Import,
    Patient,
    PatientMerge,
    Specialization,
)
from clinic.phones import PhoneField
from hms.lib.errors import Refused
from hms.lib.forms import one_line
from hms.lib.seen import FIELD, SeenAdminForm


class ThroughServices(Visible, Rows):
    """Saves and deletes by calling services; what they refuse is a message on the page one came from."""

    formfield_overrides = {PhoneNumberField: {"form_class": PhoneField}}
    actions_on_bottom = False

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(field, PhoneField):
            field.bind_to(request.hospital)
        if isinstance(db_field, CharField):
            field.validators.append(one_line)
        return field

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect(request.get_full_path())

    def delete_view(self, request, object_id, extra_context=None):
        try:
            return super().delete_view(request, object_id, extra_context)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect(request.get_full_path())

    def save_model(self, request, obj, form, change):
        if change:
            changed = {name: form.cleaned_data[name] for name in form.changed_data if name != FIELD}
            saved = self.change_row(obj, request.user, changed)
        else:
            fields = {name: value for name, value in form.cleaned_data.items() if name != FIELD}
            saved = self.create_row(request.user, fields)
        obj.__dict__.update(saved.__dict__)  # the site goes on with its own instance

    def get_actions(self, request):
        """Many at once are not deleted: each is asked about on its own page."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions


class DeletableWhenUnused(ThroughServices):
    """Departments and doctors: deleted while nothing refers to them, retired and restored afterwards."""

    actions = ["retire", "restore"]

    def has_delete_permission(self, request, obj=None):
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or (obj.retired_at is None and not services.why_kept(obj)))

    @admin.action(description=_("Retire"), permissions=["change"])
    def retire(self, request, rows):
        self.each(
            request, rows, self.retire_row, lambda n: ngettext("%(n)d is retired.", "%(n)d are retired.", n) % {"n": n}
        )

    @admin.action(description=_("Restore"), permissions=["change"])
    def restore(self, request, rows):
        self.each(
            request, rows, self.restore_row, lambda n: ngettext("%(n)d is back.", "%(n)d are back.", n) % {"n": n}
        )


@admin.register(Hospital)
class HospitalAdmin(ThroughServices):
    """The one row: changed, never added or deleted. The logo is changed on the hospital's own page."""

    purpose = _("Name, zone, currency and rules of booking; the logo on the page Hospital.")
    site_page = "clinic:hospital-edit"
    form = SeenAdminForm
    exclude = ["logo"]
    list_display = ["name", "time_zone", "currency", "booking_window_days"]

    def get_queryset(self, request):
        return Rows.get_queryset(self, request)

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def change_row(self, row, by, fields):
        return services.update_hospital(row, by=by, **fields)


@admin.register(Department)
class DepartmentAdmin(DeletableWhenUnused):
    purpose = _("Departments: added, renamed, retired.")
    form = SeenAdminForm
    list_display = ["name", "head", "location", "colour", "retired_at"]
    list_select_related = ["head"]
    fields = ["name", "description", "location", "opening", "head", "colour", "retired_at", "seen"]
    list_filter = [("retired_at", admin.EmptyFieldListFilter)]
    search_fields = ["name", "description"]
    readonly_fields = ["retired_at"]

    def get_fields(self, request, obj=None):
        return [name for name in self.fields if obj or name not in {"head", "seen"}]

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "head":
            known = request.resolver_match.kwargs.get("object_id")
            kwargs["queryset"] = (
                Doctor.objects.filter(department=known, retired_at=None) if known else Doctor.objects.none()
            )
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def create_row(self, by, fields):
        return services.create_department(by=by, **fields)

    def change_row(self, row, by, fields):
        return services.update_department(row, by=by, **fields)

    def delete_model(self, request, obj):
        services.delete_department(obj, by=request.user)

    def retire_row(self, row, *, by):
        services.retire_department(row, by=by)

    def restore_row(self, row, *, by):
        services.restore_department(row, by=by)


@admin.register(Specialization)
class SpecializationAdmin(ThroughServices):
    """The list, looked at and renamed. Adding, merging and retiring have their page, which counts the doctors."""

    purpose = _("The words offered for what doctors are specialized in; renamed here, the rest on the page.")
    site_page = "clinic:specialization-list"
    form = SeenAdminForm
    fields = ["name", "retired_at", "seen"]
    list_display = ["name", "retired_at"]
    list_filter = [("retired_at", admin.EmptyFieldListFilter)]
    search_fields = ["name"]
    readonly_fields = ["retired_at"]

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def change_row(self, row, by, fields):
        return services.rename_specialization(row, by=by, **fields) if fields else row


@admin.register(Doctor)
class DoctorAdmin(DeletableWhenUnused):
    """Doctors. An account comes by invitation, never by choosing one here; the photo is changed on the page."""

    purpose = _("Doctors and their profiles; the photo on the doctor’s page.")

    class Form(SeenAdminForm):
        email = forms.EmailField(label=_("E-mail address for an invitation"), required=False, max_length=254)

    form = Form
    list_display = ["name", "department", "specialization", "user", "accepting_patients", "retired_at"]
    list_filter = ["department", "accepting_patients", ("retired_at", admin.EmptyFieldListFilter)]
    list_select_related = ["department", "user"]
    search_fields = ["name"]
    autocomplete_fields = ["department"]
    fields = [
        "department",
        "name",
        "user",
        "email",
        "specialization",
        "qualification",
        "experience_years",
        "fee",
        "gender",
        "phone",
        "languages",
        "about",
        "accepting_patients",
        "retired_at",
        "retired_reason",
        "seen",
    ]
    readonly_fields = ["user", "retired_at", "retired_reason"]

    def get_search_results(self, request, queryset, search_term):
        return queryset.matching(search_term), False

    def get_fields(self, request, obj=None):
        return [name for name in self.fields if name != ("seen" if obj is None else "email")]

    def create_row(self, by, fields):
        return services.create_doctor(by=by, **fields)

    def change_row(self, row, by, fields):
        return services.update_doctor(row, by=by, **fields)

    def delete_model(self, request, obj):
        services.delete_doctor(obj, by=request.user)

    def retire_row(self, row, *, by):
        services.retire_doctor(row, by=by)

    def restore_row(self, row, *, by):
        services.restore_doctor(row, by=by)


@admin.register(Patient)
class PatientAdmin(ThroughServices):
    """Who patients are and how to reach them. What is clinical is not here and never will be."""

    purpose = _("Who patients are and how to reach them. Nothing clinical.")
    form = SeenAdminForm
    list_display = ["name", "number", "birth_date", "phone", "email", "user"]
    list_filter = ["gender", ("user", admin.EmptyFieldListFilter)]
    list_select_related = ["user"]
    search_fields = ["name"]
    search_help_text = _("Name, number, phone, e-mail or date of birth")
    fields = [
        "number",
        "user",
        "name",
        "birth_date",
        "gender",
        "phone",
        "email",
        "address",
        "emergency_name",
        "emergency_phone",
        "died_on",
        "created_at",
        "seen",
    ]
    readonly_fields = ["number", "user", "created_at"]

    def get_fields(self, request, obj=None):
        return [name for name in self.fields if obj or name != "seen"]

    def get_search_results(self, request, queryset, search_term):
        return queryset.meant_by(search_term), False

    def create_row(self, by, fields):
        return services.register_patient(by=by, **fields)

    def change_row(self, row, by, fields):
        return services.update_patient(row, by=by, **fields)


class MergesToLookAt(ReadOnly):
    """Decided on the pages under Duplicates, looked at here."""

    one_permission = "clinic.merge_patient"

    def has_module_permission(self, request):
        return request.user.has_perm(self.one_permission)

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm(self.one_permission)


@admin.register(DuplicatePair)
class DuplicatePairAdmin(MergesToLookAt):
    purpose = _("People who may be one; decided on the page Duplicates.")
    site_page = "clinic:duplicate-list"
    list_display = ["first", "second", "score", "state", "found_at", "decided_by_name"]
    list_filter = ["state"]
    list_select_related = ["first", "second"]
    search_fields = ["first__search", "second__search"]


@admin.register(PatientMerge)
class PatientMergeAdmin(MergesToLookAt):
    purpose = _("Which records were merged; undone on the page Duplicates.")
    about = "survivor"
    date_hierarchy = "merged_at"
    list_display = ["merged_at", "absorbed", "survivor", "merged_by_name", "undone_at", "undone_by_name"]
    list_filter = [("undone_at", admin.EmptyFieldListFilter)]
    list_select_related = ["absorbed", "survivor"]
    search_fields = ["absorbed__search", "survivor__search"]
    fields = [
        "pair",
        "survivor",
        "absorbed",
        "reason",
        "merged_at",
        "merged_by_name",
        "undone_at",
        "undone_by_name",
        "undone_reason",
    ]


@admin.register(CareRelationship)
class CareRelationshipAdmin(LookedAt):
    """Who treats whom. Follows from the visits; nobody writes it by hand."""

    purpose = _("Who treats whom; follows from the visits.")
    about = "patient"
    list_display = ["doctor", "patient", "since", "until"]
    list_select_related = ["doctor", "patient"]
    list_filter = [("until", admin.EmptyFieldListFilter)]
    search_fields = ["doctor__search", "patient__search"]


@admin.register(Guardianship)
class GuardianshipAdmin(ReadOnly):
    """Who acts for whom. Begun and ended on the patient's page, where both sides are told."""

    purpose = _("Who acts for whom; begun and ended on the patient’s page.")
    about = "patient"
    list_display = ["guardian", "patient", "kind", "scope", "since", "until", "ended_at"]
    list_select_related = ["guardian", "patient"]
    list_filter = ["kind", "scope", "origin", ("ended_at", admin.EmptyFieldListFilter)]
    search_fields = ["guardian__search", "patient__search"]


@admin.register(Application)
class ApplicationAdmin(ReadOnly):
    """Doctors' applications. They are decided on their own page, which asks for department or reason."""

    purpose = _("Doctors who want to work here; decided on the page Applications.")
    site_page = "clinic:application-list"
    list_display = ["name", "email", "specialization", "department", "state", "confirmed_at", "decided_by_name"]
    list_filter = ["state", "department"]
    list_select_related = ["department"]
    search_fields = ["search"]
    exclude = ["search", "expires_at"]


@admin.register(Claim)
class ClaimAdmin(ReadOnly):
    """Links to accounts: who got one, and what became of it. They are sent on the patient's page."""

    purpose = _("Links by which patients get their account; sent on the patient’s page.")
    about = "patient"
    list_display = ["patient", "email", "sent_by", "created_at", "expires_at", "tries", "used_at", "revoked_at"]
    list_filter = [("used_at", admin.EmptyFieldListFilter), ("revoked_at", admin.EmptyFieldListFilter), "created_at"]
    list_select_related = ["patient", "sent_by"]
    search_fields = ["patient__search", "email"]


@admin.register(Import)
class ImportAdmin(LookedAt):
    """Lists that were taken over, and by whom. They are worked on under Imports; no row of a file is shown here."""

    purpose = _("Lists of doctors and patients that were taken over; worked on under Imports.")
    list_display = ["requested_at", "kind", "file_name", "owner", "step", "state", "finished_at", "expires_at"]
    list_filter = ["kind", "state"]
    list_select_related = ["owner"]
    search_fields = ["file_name"]
    fields = ["kind", "file_name", "owner", "asked_by", "step", "state", "counts", "error", *list_display[-2:]]
