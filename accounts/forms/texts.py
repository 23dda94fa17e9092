"""Putting messages into the hospital's own words."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts import wordings
from accounts.forms.filters import Filter, search_input
from accounts.models import Channel
from hms.lib.forms import PageForm

SHORT_LENGTH = 300


class MessageTextForm(PageForm, forms.Form):
    """One message in one channel and language. `version` is what was shown when the writing began."""

    long = True
    subject = forms.CharField(label=_("Subject"), max_length=300)
    text = forms.CharField(
        label=_("Text"),
        max_length=10_000,
        widget=forms.Textarea({"rows": 16}),
        help_text=_("Plain words with placeholders. An empty line begins a new paragraph."),
    )
    html = forms.CharField(
        label=_("Formatted text"),
        max_length=20_000,
        required=False,
        widget=forms.Textarea({"rows": 8}),
        help_text=_(
            "For programs that show formatted mail; the text above goes along. **bold**, *italic*, # heading, "
            "- list, [words](https://…). No pictures, no HTML."
        ),
    )
    version = forms.IntegerField(min_value=0, max_value=2**31 - 2, widget=forms.HiddenInput)

    def __init__(self, *args, wording, channel, **kwargs):
        super().__init__(*args, **kwargs)
        self.wording, self.channel = wording, channel
        for part in (wordings.SUBJECT, wordings.TEXT, wordings.HTML):
            if part not in wordings.parts(channel):
                del self.fields[part]
        if channel in wordings.SHORT:
            self.fields["text"] = forms.CharField(
                label=_("Text"),
                max_length=SHORT_LENGTH,
                widget=forms.Textarea({"rows": 4}),
                help_text=_("One short text with placeholders. A long one becomes several messages."),
            )

    @property
    def texts(self):
        """{part: what was typed}."""
        return {part: self.cleaned_data.get(part, "") for part in wordings.parts(self.channel)}

    def clean(self):
        data = super().clean()
        for part, sentences in wordings.problems(self.wording, self.channel, self.texts).items():
            if part not in self.errors:
                self.add_error(part, sentences)
        return data


class MessageTextFilter(Filter):
    """Which texts are listed."""

    q = search_input(_("Message"))
    channel = forms.ChoiceField(label=_("Channel"), choices=Channel)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    state = forms.ChoiceField(
        label=_("State"), choices=[("", _("All")), ("changed", _("Changed")), ("broken", _("Not used: to be mended"))]
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("channel", "language"):
            if len(self.fields[name].choices) < 2:
                del self.fields[name]
