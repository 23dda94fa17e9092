"""Two people edit one thing: the second is told, sees both, and has lost nothing.

A form about a row carries in its hidden field `seen` what each field said when it was shown, as a short digest each
(SeenForm puts it there). The service that writes locks the row and asks `require_unchanged` before it sets anything.
Whoever sends no `seen` is not asked: programs that send only the documented fields just write.

    form = HospitalForm(request.POST or None, instance=…)        # SeenForm among its bases
    except ChangedMeanwhile as changed: form.show_both(changed)  # then render with status=form.status (409)
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from django import forms
from django.db import models
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from hms.lib.errors import Refused

FIELD = "seen"
LENGTH = 10  # letters of a digest: nobody is kept out by it, it only has to tell values apart


class ChangedMeanwhile(Refused):
    """Somebody else has changed the row since its form was shown. `row` is as it is now, `names` say what differs."""

    def __init__(self, row, names):
        super().__init__(_("Somebody else has changed this since you opened it. Nothing of yours is saved yet."))
        self.row, self.names = row, names


def edition(row, names):
    """What these columns of a row say now, as one short text for the field `seen`."""
    return " ".join(f"{name}.{digest(row, name, _value(row, name))}" for name in names)


def digest(row, name, value):
    """A value of one column in a few letters."""
    plain = row._meta.get_field(name).get_prep_value(value)
    if isinstance(plain, datetime):
        plain = plain.astimezone(UTC)  # one instant, whatever zone it was typed in
    return hashlib.sha256(f"{name}={'' if plain is None else plain}".encode()).hexdigest()[:LENGTH]


def read(seen):
    """{column: digest} of what a form sent; what makes no sense is left out."""
    pairs = (word.partition(".") for word in str(seen or "").split())
    return {name: letters for name, _dot, letters in pairs if letters}


def require_unchanged(row, seen, fields):
    """Raise ChangedMeanwhile when one of `fields`, about to be set on the locked `row`, was not seen as it is now.

    Where both have come to the same value there is nothing to tell: a button that was pressed twice.
    """
    then = read(seen)
    names = [
        name
        for name, value in fields.items()
        if name in then and digest(row, name, _value(row, name)) != then[name] and not _is(row, name, value)
    ]
    if names:
        raise ChangedMeanwhile(row, names)


def _value(row, name):
    return row._meta.get_field(name).value_from_object(row)


def _is(row, name, value):
    """Whether a column says this value already."""
    if isinstance(row._meta.get_field(name), models.FileField):
        return _value(row, name) == (value or "")
    return _value(row, name) == (value.pk if isinstance(value, models.Model) else value)


def in_words(row, name, value):
    """A value of a column as people read it."""
    field = row._meta.get_field(name)
    if isinstance(field, models.FileField):
        return _("a file") if value else "–"
    if value in (None, ""):
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        value = timezone.localtime(value)
    if isinstance(value, (date, time)):
        return formats.localize(value)
    return str(dict(field.flatchoices).get(value, value))


@dataclass(frozen=True)
class Difference:
    """One field that the other has changed: what is saved now, and what was typed here (None: left as it was)."""

    label: str
    theirs: str
    mine: str | None


class SeenForm:
    """Mixin for a ModelForm, before PageForm: the field `seen`, and both versions when somebody was faster."""

    inputs = {}  # {column: the field it is typed in}, where they are not of one name
    seen_when_new = False  # whether also a row that is not there yet can have been written by somebody else
    differences = ()
    changed_by = None  # who was faster and when, where the view knows: (name, instant)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.seen_when_new or not self.instance._state.adding:
            kept = forms.CharField(required=False, max_length=4000, widget=forms.HiddenInput)
            kept.initial = edition(self.instance, self.columns())
            self.fields[FIELD] = kept

    def columns(self):
        """The columns of the row that the form writes."""
        of = {name: column for column, name in self.inputs.items()}
        known = {field.name for field in self.instance._meta.concrete_fields}
        return [column for name in self.fields if (column := of.get(name, name)) in known]

    def _input(self, column):
        return self.inputs.get(column, column)

    @property
    def status(self):
        """The status of the page that shows the form."""
        return 409 if self.differences else 200

    def show_both(self, changed, changed_by=None):
        """Show what the other has saved beside what was typed. Saving again then saves over it, knowing it.

        What was not touched here takes over what the other has saved; what was touched stays as it was typed.
        """
        then, row = read(self.cleaned_data.get(FIELD)), changed.row
        self.data, self.changed_by, found = self.data.copy(), changed_by, []
        for name in changed.names:
            mine, theirs = self.cleaned_data[self._input(name)], getattr(row, name)
            plain = mine.pk if isinstance(mine, models.Model) else mine
            is_file = isinstance(row._meta.get_field(name), models.FileField)
            is_mine = is_file or digest(row, name, plain) != then[name]
            if not is_mine:
                self._take_over(self._input(name), _value(row, name))
            words = in_words(row, name, mine) if is_mine else None
            found.append(Difference(self.fields[self._input(name)].label, in_words(row, name, theirs), words))
        self.data[FIELD] = edition(row, self.columns())
        self.differences = found

    def _take_over(self, name, value):
        """Put a saved value into the input as if it had been typed."""
        key = self.add_prefix(name)
        if isinstance(self.fields[name].widget, forms.CheckboxInput):
            self.data.pop(key, None)
            if value:
                self.data[key] = "on"
        elif isinstance(self.fields[name].widget, forms.MultiWidget):  # a date and a time in the administration site
            for number, part in enumerate(self.fields[name].widget.decompress(value)):
                self.data[f"{key}_{number}"] = "" if part is None else str(part)
        else:
            self.data[key] = "" if value is None else str(value)


class SeenAdminForm(SeenForm, forms.ModelForm):
    """The form of a row in Django's administration site: asked again, with both versions, instead of written over.

    Its ModelAdmin names `seen` among the fields of a row that is there.
    """

    seen = forms.CharField(required=False, max_length=4000, widget=forms.HiddenInput)

    def locked(self):
        """The row as it is now, locked until the transaction ends. Where a service locks others first, so must this."""
        return type(self.instance)._base_manager.select_for_update(of=("self",)).get(pk=self.instance.pk)

    def clean(self):
        data = super().clean()
        if self.errors or self.instance._state.adding:
            return data
        row = self.locked()
        try:
            require_unchanged(row, data.get(FIELD), {name: data[name] for name in self.columns()})
        except ChangedMeanwhile as changed:
            self.cleaned_data = data
            self.show_both(changed)
            self.add_error(None, [str(changed), *(self._told(one) for one in self.differences)])
        return data

    def _told(self, one):
        words = {"field": one.label, "theirs": one.theirs, "mine": one.mine}
        if one.mine is None:
            return _("%(field)s: %(theirs)s, which the form has taken over.") % words
        return _("%(field)s: saved now is %(theirs)s, yours is %(mine)s. Saving again saves yours.") % words
