"""A list that people work with: narrowed by its address, put in order by its headings, page by page.

    class UserFilter(NarrowedList):
        q = search_field(_("Name or e-mail address"))
        columns = (Column("name", _("Name"), "name"), …)
        first = "name"

    narrowed = UserFilter(request.GET, User.objects.visible_to(request.user))
    return render(request, "accounts/user_list.html", narrowed.context())

django-filter reads and checks what the address asks for. A wrong filter finds nothing, and the form says why beside the
field; a wrong order, page or length is the usual one. The same class gives an export its rows: `found()`.
"""

from dataclasses import dataclass

import django_filters
from django import forms
from django.core.paginator import Paginator
from django.db.models import F
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from hms.lib.forms import PageForm

SIZES = (25, 50, 100)  # rows of a page one may choose from


class ListForm(PageForm, forms.Form):
    """The filters of a list as a form."""

    quiet = True
    method = "get"


class SpanForm(ListForm):
    """Filters of which two, `span`, are the first and the last day of something."""

    span = ("since", "until")

    def clean(self):
        cleaned = super().clean()
        first, last = (cleaned.get(name) for name in self.span)
        if first and last and last < first:
            self.add_error(self.span[1], _("This day comes before the first one."))
        return cleaned


@dataclass(frozen=True)
class Column:
    """A heading that puts the list in order by `fields`; only the first is turned round. `empty`: it may hold none."""

    key: str
    label: str
    fields: tuple
    empty: bool = False

    def order(self, *, backwards):
        """What order_by() takes. Rows without a value come last, on every database; no two rows stand alike."""
        first, *rest = self.fields
        if self.empty:
            head = F(first).desc(nulls_last=True) if backwards else F(first).asc(nulls_last=True)
        else:
            head = f"-{first}" if backwards else first
        return [head, *rest, "-pk" if backwards else "pk"]


def column(key, label, *fields, empty=False):
    """A Column of these fields; of the field of that name where none is given."""
    return Column(key, label, fields or (key,), empty)


@dataclass(frozen=True)
class Head:
    """A heading as it stands now: "ascending", "descending" or "", and the order that a press asks for."""

    key: str
    label: str
    state: str
    next: str


class AsField(django_filters.Filter):
    """A filter whose field is any form field: AsField(forms.IntegerField, min_value=1)."""

    def __init__(self, field_class, **kwargs):
        self.field_class = field_class
        super().__init__(**kwargs)


def search_field(label):
    """Words to look for."""
    return django_filters.CharFilter(label=label, max_length=100, widget=forms.TextInput({"type": "search"}))


def choice_field(label, choices):
    """One of some choices; the first of them, ("", words), is what is shown when nothing is chosen."""
    (_nothing, words), *others = choices
    return django_filters.ChoiceFilter(label=label, choices=others, empty_label=words)


class ListFilter(django_filters.FilterSet):
    """`columns` put it in order, `first` is the order without being asked ("-joined"); "" leaves the QuerySet's own."""

    columns = ()
    first = ""
    size = SIZES[0]

    class Meta:
        form = ListForm

    @property
    def given(self):
        """{name: value} of what is asked for and could be read."""
        known = self.form.cleaned_data if self.form.is_valid() else {}
        return {name: value for name, value in known.items() if value not in (None, "")}

    @property
    def chosen(self):
        """Whether any filter is set, so that an empty list can say so."""
        return bool(self.given) if self.form.is_valid() else True

    @property
    def sort(self):
        """The order that is asked for, if it is one; else the usual one."""
        asked = self.data.get("sort", "")
        return asked if asked.removeprefix("-") in {one.key for one in self.columns} else self.first

    def in_order(self, rows):
        """Rows as the headings ask for."""
        by_key = {one.key: one for one in self.columns}
        if self.sort.removeprefix("-") not in by_key:
            return rows
        return rows.order_by(*by_key[self.sort.removeprefix("-")].order(backwards=self.sort.startswith("-")))

    def found(self):
        """What is asked for, in order; nothing when a filter makes no sense."""
        return self.in_order(self.filter_queryset(self.queryset)) if self.form.is_valid() else self.queryset.none()

    @property
    def heads(self):
        """{key: Head} for the template."""
        states = {self.sort.removeprefix("-"): "descending" if self.sort.startswith("-") else "ascending"}
        return {
            one.key: Head(
                one.key,
                one.label,
                states.get(one.key, ""),
                f"-{one.key}" if states.get(one.key) == "ascending" else one.key,
            )
            for one in self.columns
        }

    @cached_property
    def page(self):
        """The page that is asked for, of as many rows as are asked for."""
        return paged(self.found(), self.data, size=self.size)

    def context(self):
        """What the partials of a list need: narrowed, form, page_obj, heads, filtered."""
        return {
            "narrowed": self,
            "form": self.form,
            "page_obj": self.page,
            "heads": self.heads,
            "filtered": self.chosen,
        }


class NarrowedList(ListFilter):
    """A list whose QuerySet itself knows how to search: `rows.narrowed(**what is asked for)`."""

    def filter_queryset(self, queryset):
        return queryset.narrowed(**self.given)


def paged(rows, asked, *, size=SIZES[0]):
    """The page of some rows that an address asks for: `page`, and `size` where it is one of SIZES."""
    wanted = asked.get("size", "")
    page = Paginator(rows, int(wanted) if wanted in {str(one) for one in SIZES} else size).get_page(asked.get("page"))
    page.sizes = SIZES if page.paginator.count > min(SIZES) else ()
    return page
