"""Fields for what people write: any script, any length up to a limit that is said, never cut off unseen."""

from django import forms
from django.utils.translation import ngettext_lazy

TOO_LONG = ngettext_lazy(
    "This is longer than %(limit_value)d character (it has %(show_value)d). Nothing was cut off; please shorten it.",
    "This is longer than %(limit_value)d characters (it has %(show_value)d). Nothing was cut off; please shorten it.",
    "limit_value",
)


class Words(forms.CharField):
    """Text on one line. Without the browser's maxlength, which cuts off what is pasted without a word."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        for validator in self.validators:
            if validator.code == "max_length":
                validator.message = TOO_LONG

    def widget_attrs(self, widget):
        attrs = {name: value for name, value in super().widget_attrs(widget).items() if name != "maxlength"}
        return attrs | {"dir": "auto"}

    def to_python(self, value):
        return self.tidy(super().to_python(value))

    def tidy(self, text):
        return " ".join(text.split())


class LongWords(Words):
    """Text on several lines. A line break counts as one character, as people count."""

    def __init__(self, *, rows=4, **kwargs):
        super().__init__(widget=forms.Textarea(attrs={"rows": rows}), **kwargs)

    def tidy(self, text):
        return text.replace("\r\n", "\n").replace("\r", "\n").strip()
