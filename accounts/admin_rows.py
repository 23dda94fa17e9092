"""What every list of rows in the administration site has: searches without accents, and the way to the page."""

from operator import itemgetter

from django.contrib import admin
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ERROR_FLAG, PAGE_VAR
from django.db.models.constants import LOOKUP_SEP
from django.urls import reverse

from accounts import trail
from accounts.models import AuditEvent
from hms.lib import many
from hms.lib.search import fold
from hms.lib.seen import FIELD

PAGE = 100  # acts on one page of a row's history
WAYS = {"exact", "in", "isnull", "isempty", "gt", "gte", "lt", "lte", "year", "month", "day"}  # to compare a column


def column_of(listed):
    """What an entry of `list_filter` narrows by."""
    if isinstance(listed, type):
        return listed.parameter_name
    return listed if isinstance(listed, str) else listed[0]


class NamedFilter(admin.SimpleListFilter):
    """Narrows by a column of names, `parameter_name`: those that occur, in the words of `title_of(name)`."""

    title_of = staticmethod(str)

    def lookups(self, request, model_admin):
        names = model_admin.get_queryset(request).order_by().values_list(self.parameter_name, flat=True).distinct()
        return sorted(((name, str(self.title_of(name))) for name in names), key=itemgetter(1))

    def queryset(self, request, queryset):
        return queryset.filter(**{self.parameter_name: self.value()}) if self.value() else queryset


class Rows(admin.ModelAdmin):
    """The base of all: `purpose` stands on the site's first page; "View on site" leads to the row's own page."""

    purpose = ""  # what one finds here and, where it is changed elsewhere, where
    about = ""  # the field that names the row whose page is meant, where these rows have none
    site_page = ""  # or the name of a page that needs no id
    show_full_result_count = False
    empty_value_display = "–"
    list_per_page = 50

    def each(self, request, rows, act, done):
        """Do `act(row, by=…)` to each ticked row, in a transaction of its own; say how many are done, in the words of
        `done(number)`, what was refused and why, and how many ticked ones are not there (any more)."""
        outcomes = many.each(rows, lambda row: act(row, by=request.user))
        many.tell(request, outcomes, done=done)
        if request.POST.get("select_across") != "1":
            many.tell_missing(request, len(set(request.POST.getlist(ACTION_CHECKBOX_NAME))) - len(outcomes))

    def lookup_allowed(self, lookup, value, request=None):
        """Rows are narrowed by what the list offers, and by id. The site would take any column, also one that it shows
        to nobody: who asks it letter by letter reads a link that signs somebody in, or what a doctor wrote."""
        column, _sep, way = lookup.rpartition(LOOKUP_SEP)
        offered = {self.model._meta.pk.name, "pk", self.date_hierarchy, *map(column_of, self.get_list_filter(request))}
        return lookup in offered or (way in WAYS and column.removesuffix("__id") in offered)

    def get_changelist_instance(self, request):
        """A year that no calendar has, an id that no column holds, a column that is not offered: like every filter that
        makes no sense. The site asks the fields before it asks the database, and only the latter stumbles over some."""
        try:
            return super().get_changelist_instance(request)
        # OSError: a time zone whose name no file can have
        except (ValueError, OverflowError, OSError, DisallowedModelAdminLookup) as error:
            if not request.GET or ERROR_FLAG in request.GET:
                raise
            raise IncorrectLookupParameters(error) from error

    def get_fieldsets(self, request, obj=None):
        """Who may only look has nothing to send, and is not shown the hidden field of hms/lib/seen.py as a row."""
        found = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return found
        return [
            (title, parts | {"fields": [name for name in parts["fields"] if name != FIELD]}) for title, parts in found
        ]

    def response_action(self, request, queryset):
        """What is no id among the ticks is left out; the site would stumble over it."""
        ids = request.POST.getlist(ACTION_CHECKBOX_NAME)
        if len(good := many.ticked(ids)) < len(ids):
            request.POST = request.POST.copy()
            request.POST.setlist(ACTION_CHECKBOX_NAME, good)
        return super().response_action(request, queryset)

    def view_on_site(self, obj):
        """The address of the page of that row, or None."""
        if self.site_page:
            return reverse(self.site_page)
        row = getattr(obj, self.about) if self.about else obj
        return trail.page_of(row) if row else None

    def history_view(self, request, object_id, extra_context=None):
        """What the audit trail says of the row: the site's own log knows only what was done on the site."""
        response = super().history_view(request, object_id, extra_context)
        if row := (getattr(response, "context_data", None) or {}).get("object"):
            acts = AuditEvent.objects.visible_to(request.user).about(row)
            allowed = request.user.has_perm("accounts.view_auditevent")
            page = self.get_paginator(request, acts if allowed else acts.none(), PAGE).get_page(
                request.GET.get(PAGE_VAR)
            )
            response.context_data |= {"acts": page, "acts_range": page.paginator.get_elided_page_range(page.number)}
        return response

    def get_search_results(self, request, queryset, search_term):
        """By the words as they are typed or without accents: some columns are folded, others are not."""
        found, doubled = super().get_search_results(request, queryset, search_term)
        if (folded := fold(search_term)) and folded != search_term.strip():
            found = found | super().get_search_results(request, queryset, folded)[0]
        return found, doubled


class NoneMadeOrLost(Rows):
    """Rows that come and go by services only."""

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class LookedAt(NoneMadeOrLost):
    """Shows rows and changes none, whatever permissions somebody was given."""

    def has_change_permission(self, request, obj=None):
        return False


class Visible:
    """Mixin: of all rows those that this person may see."""

    def get_queryset(self, request):
        return super().get_queryset(request).visible_to(request.user)


class ReadOnly(Visible, LookedAt):
    """Rows that this person may see, to be looked at."""
