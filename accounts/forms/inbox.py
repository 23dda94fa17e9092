"""What somebody says about their messages."""

from dataclasses import dataclass

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts import consents, preferences
from accounts.carriers import by_apprise
from accounts.models import Channel, ConsentKind, MessageGroup
from hms.lib.forms import PageForm

ABOUT = {
    MessageGroup.BOOKINGS: _("A visit is booked, moved or cancelled."),
    MessageGroup.REMINDERS: _(
        "A visit is coming up. Its link answers for you without signing in, so it does not stand in the inbox."
    ),
    MessageGroup.RECORDS: _("There is something new to read. What it says stands only here, after signing in."),
    MessageGroup.REPORTS: _("A report or a download is ready."),
    MessageGroup.SAFETY: _(
        "Password, sign-in, who acts for you, who opened your record. Always by e-mail: it cannot be switched off, so "
        "that nobody changes your account unnoticed."
    ),
}


class ReadAllForm(forms.Form):
    """Up to which message all are read."""

    until = forms.IntegerField(min_value=0, max_value=2**63 - 1)


@dataclass(frozen=True)
class Box:
    """One box of the table. `is_fixed`: nobody can change it, ticked always or never."""

    name: str
    channel: str
    channel_label: str
    label: str
    is_ticked: bool
    is_fixed: bool


@dataclass(frozen=True)
class Row:
    group: MessageGroup
    about: str
    boxes: list
    errors: list


class PreferenceForm(PageForm, forms.Form):
    """Boxes for each group and channel, one's address in the chat, quiet hours, language."""

    chat_address = forms.CharField(
        label=_("Your address in the chat"),
        max_length=500,
        required=False,
        help_text=_("In Google Chat: the address of a webhook that you made in a space of your own."),
    )
    quiet_from = forms.TimeField(label=_("Quiet from"), required=False)
    quiet_until = forms.TimeField(label=_("Quiet until"), required=False)
    language = forms.ChoiceField(label=_("Language of messages"), choices=[])

    def __init__(self, *args, preference, **kwargs):
        names = ("chat_address", "quiet_from", "quiet_until")
        known = {name: getattr(preference, name) for name in names}
        known["language"] = preferences.language_for(preference)
        super().__init__(*args, initial=known, **kwargs)
        self.preference, self.channels = preference, preferences.offered()
        for group in MessageGroup:
            self.fields[group.value] = forms.MultipleChoiceField(
                label=group.label,
                required=False,
                choices=[(channel.value, channel.label) for channel in self.channels],
                initial=preference.channels(group),
            )
        self.fields["language"].choices = settings.LANGUAGES
        if len(settings.LANGUAGES) < 2:
            del self.fields["language"]
        if Channel.CHAT not in self.channels:
            del self.fields["chat_address"]

    def table(self):
        """The rows of boxes."""
        for group in MessageGroup:
            ticked = [*(self[group.value].value() or []), Channel.INBOX]
            boxes = [self._box(group, channel, ticked) for channel in self.channels]
            yield Row(group, ABOUT[group], boxes, self[group.value].errors)

    def _box(self, group, channel, ticked):
        fixed = channel == Channel.INBOX or (channel == Channel.EMAIL and group == MessageGroup.SAFETY)
        never = channel == Channel.INBOX and group == MessageGroup.REMINDERS
        label = _now("%(group)s by %(channel)s") % {"group": group.label, "channel": channel.label}
        return Box(group.value, channel.value, channel.label, label, not never and (fixed or channel in ticked), fixed)

    def needs_consent(self):
        """Whether reminders by SMS are wanted, and the consent to them is not there."""
        user = self.preference.user
        if Channel.SMS not in self.channels:
            return False
        patient_id = consents.patient_id_of(user)
        return not consents.holds(ConsentKind.REMINDERS_SMS, user_id=user.pk, patient_id=patient_id)

    def clean_chat_address(self):
        address = by_apprise.normalised(self.cleaned_data["chat_address"], Channel.CHAT)
        if address and by_apprise.why_not_sendable(address, Channel.CHAT):
            raise ValidationError(_now("This is no address in the chat. Copy the whole address and paste it here."))
        return address

    def clean(self):
        data = super().clean()
        if {"quiet_from", "quiet_until"} <= data.keys():
            self._check_hours(data["quiet_from"], data["quiet_until"])
        wants_chat = any(Channel.CHAT in data.get(group.value, ()) for group in MessageGroup)
        if wants_chat and "chat_address" in data and not data["chat_address"]:
            self.add_error("chat_address", _now("Without an address nothing can reach you in the chat."))
        return data

    def _check_hours(self, start, end):
        if (start is None) != (end is None):
            self.add_error("quiet_from" if start is None else "quiet_until", _now("Give both times, or none."))
        elif start is not None and start == end:
            self.add_error("quiet_until", _now("The quiet hours end when they begin. Choose another time."))

    def chosen(self):
        """What services.set_preferences takes. What the page does not ask stays as it was."""
        kept = self.preference
        asked = {name: self.cleaned_data.get(name) for name in ("quiet_from", "quiet_until")}
        return asked | {
            "chosen": {group: self._channels_for(group) for group in MessageGroup},
            "chat_address": self.cleaned_data.get("chat_address", kept.chat_address),
            "language": self.cleaned_data.get("language", kept.language),
        }

    def _channels_for(self, group):
        """What was ticked, and what was chosen before of channels that are not offered at the moment."""
        hidden = [channel for channel in self.preference.channels(group) if channel not in self.channels]
        return [*self.cleaned_data[group.value], *hidden]
