"""Answering to the hospital's texts, and writing them."""

from django import forms
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts import consents
from accounts.models import ConsentDraft, ConsentKind
from accounts.services import has_changed
from hms.lib.forms import PageForm
from hms.lib.seen import SeenForm

AGREE = {
    ConsentKind.DATA_USE: _("My data may be used for quality and research, without my name"),
    ConsentKind.REMINDERS_EMAIL: _("Remind me of visits by e-mail"),
    ConsentKind.REMINDERS_SMS: _("Remind me of visits by SMS"),
}


class ShowsTexts(forms.Form):
    """A form beside texts of the hospital. It knows which ones it showed, and is shown again when they have changed.

    A program that drives it from outside may leave `consent_texts` out and answers to the texts of today.
    """

    shown = tuple(ConsentKind)
    consent_texts = forms.CharField(widget=forms.HiddenInput, required=False, max_length=200)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        today = consents.current_texts()
        self.texts = {kind: today[kind] for kind in self.shown}
        self.fields["consent_texts"].initial = consents.fingerprint(self.texts.values())

    def clean(self):
        data = super().clean()
        if data.get("consent_texts") not in {"", None, self.fields["consent_texts"].initial}:
            self.begin_again()
        return data

    def begin_again(self):
        """Keep what was typed, but for the answers: they were to other words."""
        self.data = self.data.copy()
        self.data["consent_texts"] = self.fields["consent_texts"].initial
        for name, field in self.fields.items():
            if isinstance(field, forms.BooleanField):
                self.data.pop(name, None)
        self.add_error(None, has_changed())

    def answered(self):
        """{kind: whether its box was ticked} of the kinds that have a box here."""
        boxes = {kind: f"consent_{kind}" for kind in self.shown}
        return {kind: self.cleaned_data[name] for kind, name in boxes.items() if name in self.cleaned_data}


def link_to(text, words):
    """A link to a text, in a page of its own: what is typed here stays."""
    address = reverse("accounts:consent-text", args=[text.pk])
    return format_html('<a href="{}" target="_blank" rel="noopener">{}</a>', address, words)


def consent_box(kind):
    """A box for what is free to agree to: never ticked beforehand."""
    return forms.BooleanField(label=AGREE[kind], required=False)


def privacy_box():
    """The box that an account needs."""
    return forms.BooleanField(
        label=_("I have read the privacy notice and accept it"),
        error_messages={"required": _("Without the privacy notice there is no account. Please read and accept it.")},
    )


class AskForm(PageForm, ShowsTexts):
    """What somebody is asked before going on: the privacy notice by the button, the others by their boxes."""

    verb = _("Go on")
    next = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, kinds, **kwargs):
        self.shown = kinds
        super().__init__(*args, **kwargs)
        for kind in kinds:
            if not kind.is_required:
                self.fields[f"consent_{kind}"] = consent_box(kind)

    @property
    def needs_privacy(self):
        return ConsentKind.PRIVACY in self.shown

    def answers(self):
        """{ConsentText: yes or no}, for the service."""
        said = self.answered()
        return {text: said.get(kind, True) for kind, text in self.texts.items()}


class DraftForm(SeenForm, PageForm, forms.ModelForm):
    """The next version of a text."""

    seen_when_new = True

    verb = _("Save and look at it")

    class Meta:
        model = ConsentDraft
        fields = ["text", "note", "is_correction"]
        widgets = {"text": forms.Textarea({"rows": 18})}
        help_texts = {
            "text": _("Plain words. An empty line begins a new paragraph."),
            "note": _("One sentence for those who are asked again."),
            "is_correction": _("For a spelling mistake. What people agreed to stays agreed."),
        }


class DeskForm(PageForm, forms.Form):
    """What somebody said on paper."""

    verb = _("Write it down")

    kind = forms.ChoiceField(label=_("What for"), choices=ConsentKind)
    answer = forms.ChoiceField(
        label=_("Answer on the paper"),
        choices=[("yes", _("Agrees")), ("no", _("Does not agree, or not any more"))],
        widget=forms.RadioSelect,
    )
