"""Scheduling in the administration site: visits to look at, hours to change, every change through the services."""

from django.contrib import admin, messages
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.admin_rows import LookedAt, ReadOnly, Rows
from clinic.admin import ThroughServices
from clinic.models import Patient
from hms.lib.seen import FIELD, SeenAdminForm
from scheduling import services, stranded
from scheduling.models import (
    Appointment,
    AppointmentEvent,
    Delay,
    ExtraHours,
    FreedTime,
    OfferLink,
    PhoneCall,
    Proposal,
    Status,
    TimeOff,
    VisitLink,
    WaitlistEntry,
    WaitlistOffer,
    Weekday,
    WorkingHours,
)
from scheduling.services import guard
from scheduling.services.hours import review


class VisitForm(SeenAdminForm):
    """Notes by staff, read again behind the locks that everybody takes who changes a visit."""

    def locked(self):
        return guard.lock_visit(self.instance)


@admin.register(Appointment)
class AppointmentAdmin(ThroughServices):
    """Visits: time and status change by booking, moving and cancelling alone; only notes by staff are written here."""

    form = VisitForm
    purpose = gettext_lazy("Visits: looked at here, booked, moved and cancelled on their pages; notes by staff.")
    list_display = ["reference", "starts_at", "patient", "doctor", "department", "status", "lane"]
    list_filter = ["starts_at", "status", "lane", "department", "doctor"]
    list_select_related = ["patient", "doctor", "department"]
    search_fields = ["reference"]
    search_help_text = gettext_lazy("Patient's name, number, phone or e-mail, or the visit's reference")
    readonly_fields = [
        "reference",
        "doctor",
        "patient",
        "department",
        "starts_at",
        "ends_at",
        "status",
        "lane",
        "overbook_reason",
        "fee",
        "booked_by",
        "created_at",
        "held_until",
        "moved_count",
        "confirmed_at",
    ]
    fields = [*readonly_fields, "staff_notes", FIELD]

    def get_search_results(self, request, queryset, search_term):
        if not search_term.strip():
            return queryset, False
        people = Patient.objects.visible_to(request.user).meant_by(search_term)
        called = Appointment.objects.referenced(search_term).values("pk")
        return queryset.filter(Q(patient__in=people) | Q(pk__in=called)), False

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        """An offer that waits for an answer is no visit yet: there is nothing to note."""
        is_offer = obj is not None and obj.status == Status.HELD
        return request.user.has_perm("scheduling.annotate_appointment") and not is_offer

    def has_delete_permission(self, request, obj=None):
        return False

    def change_row(self, row, by, fields):
        return services.annotate(row, notes=fields["staff_notes"], by=by) if fields else row


class Traces(ReadOnly):
    """What is written along the way on the pages, for who may read what happened to visits."""

    one_permission = "scheduling.view_appointmentevent"

    def has_module_permission(self, request):
        return request.user.has_perm(self.one_permission)

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm(self.one_permission)


@admin.register(VisitLink)
class VisitLinkAdmin(Traces):
    """Links that were mailed with reminders; the token itself is kept nowhere."""

    purpose = gettext_lazy("Links in reminders by which patients answer.")
    about = "appointment"
    list_filter = ["created_at"]
    list_display = ["created_at", "appointment", "name", "address", "expires_at"]
    list_select_related = ["appointment"]
    search_fields = ["appointment__reference", "name", "address"]
    fields = ["created_at", "appointment", "name", "address", "expires_at"]


@admin.register(PhoneCall)
class PhoneCallAdmin(Traces):
    """Who was told by telephone; noted and taken back on the pages."""

    purpose = gettext_lazy("Who was told by telephone; noted on the page To call.")
    about = "appointment"
    date_hierarchy = "at"
    list_display = ["at", "appointment", "by", "note", "undone_at"]
    list_select_related = ["appointment", "by"]
    list_filter = [("undone_at", admin.EmptyFieldListFilter)]
    search_fields = ["appointment__reference", "by__search"]
    fields = ["at", "appointment", "by", "note", "undone_at", "undone_by"]


@admin.register(Proposal)
class ProposalAdmin(Traces):
    """Who was asked for another time, and what came of it; asked and answered on the pages."""

    purpose = gettext_lazy("Who was asked for another time, since the doctor is away; worked on under Another time.")
    about = "appointment"
    date_hierarchy = "asked_at"
    list_display = ["asked_at", "appointment", "by", "call_wanted_at", "ended_at", "outcome"]
    list_filter = ["outcome"]
    list_select_related = ["appointment", "by"]
    search_fields = ["appointment__reference"]
    fields = ["asked_at", "appointment", "by", "call_wanted_at", "ended_at", "outcome"]


@admin.register(WaitlistEntry)
class WaitlistEntryAdmin(Traces):
    """Who waits or has waited; joined and left on the pages."""

    purpose = gettext_lazy("Who waits for an earlier time; joined and left on the page Waiting list.")
    site_page = "scheduling:waitlist"
    date_hierarchy = "joined_at"
    list_display = ["joined_at", "patient", "department", "doctor", "until", "ended_at", "outcome"]
    list_filter = ["outcome", "department"]
    list_select_related = ["patient", "department", "doctor"]
    search_fields = ["patient__number", "patient__search"]
    fields = ["patient", "department", "doctor", "on_days", "in_parts", "until", "joined_at", "ended_at", "outcome"]
    readonly_fields = ["on_days", "in_parts"]

    @admin.display(description=gettext_lazy("weekdays"))
    def on_days(self, entry):
        return ", ".join(str(Weekday(day).label) for day in entry.days)

    @admin.display(description=gettext_lazy("parts of the day"))
    def in_parts(self, entry):
        return ", ".join(map(str, entry.part_names))


@admin.register(FreedTime)
class FreedTimeAdmin(Traces):
    """Times that became free while somebody waited."""

    purpose = gettext_lazy("Times that became free while somebody waited for such a one.")
    list_filter = [("done_at", admin.EmptyFieldListFilter)]
    date_hierarchy = "freed_at"
    list_display = ["freed_at", "doctor", "starts_at", "done_at"]
    list_select_related = ["doctor"]
    search_fields = ["doctor__search"]
    fields = ["freed_at", "doctor", "starts_at", "done_at"]


@admin.register(WaitlistOffer)
class WaitlistOfferAdmin(Traces):
    """To whom a freed time was offered, and what they said."""

    purpose = gettext_lazy("To whom a freed time was offered, and what they said.")
    date_hierarchy = "made_at"
    list_display = ["made_at", "entry", "freed", "expires_at", "ended_at", "outcome"]
    list_filter = ["outcome"]
    list_select_related = ["entry", "freed"]
    search_fields = ["entry__patient__number"]
    fields = ["made_at", "entry", "freed", "appointment", "expires_at", "ended_at", "outcome"]


@admin.register(OfferLink)
class OfferLinkAdmin(Traces):
    """Links that were mailed with offers; the token itself is kept nowhere."""

    purpose = gettext_lazy("Links in offers by which patients answer.")
    list_filter = ["offer__outcome"]
    list_display = ["offer", "name", "address"]
    list_select_related = ["offer"]
    search_fields = ["name", "address"]
    fields = ["offer", "name", "address"]


@admin.register(Delay)
class DelayAdmin(Traces):
    """How late doctors ran; said on the pages."""

    purpose = gettext_lazy("How late doctors ran; said on the day.")
    about = "doctor"
    date_hierarchy = "day"
    list_display = ["day", "doctor", "minutes", "at", "by"]
    list_filter = ["doctor"]
    list_select_related = ["doctor", "by"]
    search_fields = ["doctor__search"]
    fields = ["day", "doctor", "minutes", "version", "at", "by"]


@admin.register(AppointmentEvent)
class AppointmentEventAdmin(LookedAt):
    """What happened to visits. Append-only, so to be read alone."""

    purpose = gettext_lazy("What happened to each visit, who did it and why.")
    about = "appointment"
    list_display = ["at", "appointment", "kind", "status", "starts_at", "by_name", "reason"]
    list_filter = ["kind", "status", "at"]
    list_select_related = ["appointment"]
    search_fields = ["appointment__reference", "by_name"]
    fields = ["at", "appointment", "kind", "status", "starts_at", "by_name", "reason"]


class HoursForm(SeenAdminForm):
    """Says beside the field what the service would refuse."""

    beside = {"from_day": "starts_at", "until_day": "ends_at"}

    def locked(self):
        guard.lock_doctors(self.instance.doctor)
        return super().locked()

    def _post_clean(self):
        super()._post_clean()
        if self.errors:
            return
        try:
            review(self.instance)
        except services.HoursRefused as refusal:
            field = self.beside.get(refusal.field, refusal.field)
            self.add_error(field if field in self.fields else None, str(refusal))


class OfDoctor(ThroughServices):
    """Hours, extra dates and time off: one permission for all of them, one calendar each."""

    about = "doctor"
    one_permission = "scheduling.change_workinghours"
    form = HoursForm
    list_filter = [("doctor", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["doctor"]
    search_fields = ["doctor__search"]
    autocomplete_fields = ["doctor"]

    def get_queryset(self, request):
        return Rows.get_queryset(self, request).managed_by(request.user)

    def get_readonly_fields(self, request, obj=None):
        return ["doctor"] if obj else []

    def get_fields(self, request, obj=None):
        return [name for name in super().get_fields(request, obj) if obj or name != FIELD]

    def has_module_permission(self, request):
        return request.user.has_perm(self.one_permission)

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm(self.one_permission)

    has_change_permission = has_delete_permission = has_view_permission

    def has_add_permission(self, request):
        return request.user.has_perm(self.one_permission)

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        self.tell_stranded(request, obj.doctor)

    def delete_model(self, request, obj):
        self.remove_row(obj, by=request.user)
        self.tell_stranded(request, obj.doctor)

    def tell_stranded(self, request, doctor):
        """Visits stay booked: say where those are listed that are to be moved now."""
        if count := len(stranded.of_doctor(doctor, now=timezone.now())):
            words = ngettext("%(count)d visit is to be moved.", "%(count)d visits are to be moved.", count)
            link = reverse("scheduling:hours-list", args=[doctor.pk])
            text = format_html('{} <a href="{}">{}</a>', words % {"count": count}, link, _("See the working hours"))
            messages.warning(request, text)


@admin.register(WorkingHours)
class WorkingHoursAdmin(OfDoctor):
    purpose = gettext_lazy("Weekly hours of each doctor.")
    list_display = ["doctor", "weekday", "starts", "ends", "slot_minutes", "valid_from", "valid_until"]
    list_filter = ["weekday", *OfDoctor.list_filter]

    def create_row(self, by, fields):
        return services.add_hours(by=by, **fields)

    def change_row(self, row, by, fields):
        return services.change_hours(row, by=by, **fields)

    def remove_row(self, row, *, by):
        services.remove_hours(row, by=by)


@admin.register(ExtraHours)
class ExtraHoursAdmin(OfDoctor):
    purpose = gettext_lazy("Hours on one date, beside the weekly ones.")
    date_hierarchy = "date"
    list_display = ["doctor", "date", "starts", "ends", "slot_minutes"]

    def create_row(self, by, fields):
        return services.add_extra(by=by, **fields)

    def change_row(self, row, by, fields):
        return services.change_extra(row, by=by, **fields)

    def remove_row(self, row, *, by):
        services.remove_extra(row, by=by)


@admin.register(TimeOff)
class TimeOffAdmin(OfDoctor):
    purpose = gettext_lazy("When doctors are away.")
    date_hierarchy = "starts_at"
    list_display = ["doctor", "starts_at", "ends_at", "reason"]

    def create_row(self, by, fields):
        return services.add_time_off(by=by, **fields)

    def change_row(self, row, by, fields):
        return services.change_time_off(row, by=by, **fields)

    def remove_row(self, row, *, by):
        services.remove_time_off(row, by=by)
