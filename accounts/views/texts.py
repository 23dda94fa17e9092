"""What messages say: looked at, put into the hospital's own words, and back."""

from dataclasses import dataclass, replace

from django.conf import settings
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts import outbox, services, wordings
from accounts.access import access
from accounts.forms import MessageTextFilter, MessageTextForm
from accounts.models import Channel, MessageText

HISTORY = 20


@dataclass(frozen=True)
class Place:
    """One message in one channel and language. 404 where there is no such one."""

    wording: wordings.Wording
    channel: Channel
    language: str

    @classmethod
    def at(cls, wording, channel, language):
        found = wordings.named(wording)
        if found is None or channel not in Channel or language not in dict(settings.LANGUAGES):
            raise Http404
        return cls(found, Channel(channel), language)

    def versions(self, user):
        """What the hospital wrote, the newest first."""
        found = MessageText.objects.visible_to(user).versions_of(self.wording.name, self.channel, self.language)
        return found.select_related("changed_by")

    def delivered(self):
        with translation.override(self.language):
            return wordings.delivered(self.wording, self.channel)

    def example(self):
        """[(placeholder, a value it may have)], each compulsory or not in this channel."""
        with translation.override(self.language):
            known = wordings.values(self.wording, outbox.known(self.wording.example()))
            compulsory = wordings.required(self.wording, self.channel)
        found = [replace(one, required=one.name in compulsory) for one in self.wording.placeholders]
        return [(one, known[one.name]) for one in found]

    def filled(self, texts):
        """How it reads with example data."""
        with translation.override(self.language):
            return wordings.filled(self.wording, self.channel, texts, outbox.known(self.wording.example()))

    @property
    def keys(self):
        return (self.wording.name, str(self.channel), self.language)

    @property
    def words(self):
        """What tells it from the same message elsewhere."""
        return f"{self.channel.label} · {dict(settings.LANGUAGES)[self.language]}"


@access("accounts.view_messagetext")
def message_text_list(request):
    """Every message that the hospital may reword, in one channel and language: as delivered, or changed by whom."""
    form = MessageTextFilter(request.GET)
    chosen = form.given
    channel = chosen.get("channel", Channel.EMAIL.value)
    language = chosen.get("language", settings.LANGUAGES[0][0])
    current = MessageText.objects.visible_to(request.user).current().filter(channel=channel, language=language)
    texts = {text.name: text for text in current.select_related("changed_by")}
    rows = [row(wording, channel, texts.get(wording.name)) for wording in wordings.declared()]
    rows = [one for one in rows if form.is_valid() and is_asked_for(one, **chosen)]
    context = {
        "form": form,
        "rows": rows,
        "filtered": bool(chosen or form.errors),
        "channel": channel,
        "language": language,
    }
    return render(request, "accounts/message_text_list.html", context)


def row(wording, channel, text):
    changed = text if text and not text.as_delivered else None
    broken = bool(changed and wordings.problems(wording, channel, changed.texts))
    return {"wording": wording, "group": wording.group, "text": text, "changed": changed, "broken": broken}


def is_asked_for(found, q="", state="", **_elsewhere):
    said = f"{found['group']} {found['wording'].title}".casefold()
    return all(word in said for word in q.casefold().split()) and (not state or bool(found[state]))


@access("accounts.change_messagetext", methods="GET POST", object="any text")
def message_text_edit(request, wording, channel, language):
    """Write, look at it with example data, mail it to oneself, save it."""
    place = Place.at(wording, channel, language)
    form = MessageTextForm(
        request.POST or None, wording=place.wording, channel=place.channel, initial=begun_with(request, place)
    )
    if request.method == "POST" and form.is_valid():
        return act(request, place, form)
    return editor(request, place, form)


def begun_with(request, place):
    """The text to go on from: the newest one, an older one (?from=2), or the delivered one."""
    versions = place.versions(request.user)
    newest = versions.first()
    asked = request.GET.get("from", "")
    older = versions.filter(number=asked).first() if asked.isascii() and asked.isdigit() and len(asked) < 10 else None
    text = older or newest
    texts = text.texts if text and not text.as_delivered else place.delivered()
    return texts | {"version": newest.number if newest else 0}


def act(request, place, form):
    action = request.POST.get("action")
    if action == "save":
        return save(request, place, form)
    if action == "test":
        services.send_test(*(place.wording, place.channel, place.language), form.texts, by=request.user)
        messages.success(request, _("A test is on its way to %(address)s.") % {"address": request.user.email})
    return editor(request, place, form, preview=place.filled(form.texts))


def save(request, place, form):
    version = form.cleaned_data["version"]
    try:
        services.change_text(
            *(place.wording, place.channel, place.language), version=version, by=request.user, **form.texts
        )
    except services.AccountConflict as refusal:
        return conflict(request, place, form, refusal)
    messages.success(request, _("Saved. The next message of this kind says so."))
    return redirect(listed(place))


def conflict(request, place, form, refusal):
    """Somebody else has changed it: what they wrote is shown, what was typed here is kept, and may be saved over it."""
    newest = place.versions(request.user).first()
    form.data = form.data.copy()
    form.data["version"] = newest.number if newest else 0
    return editor(request, place, form, status=409, refusal=refusal, newest=newest)


def editor(request, place, form, status=200, **shown):
    versions = list(place.versions(request.user)[: HISTORY + 1])
    context = {
        "form": form,
        "place": place,
        "placeholders": place.example(),
        "versions": versions[:HISTORY],
        "changed": bool(versions) and not versions[0].as_delivered,
        "trail": [(_("Message texts"), listed(place))],
        **shown,
    }
    return render(request, "accounts/message_text_edit.html", context, status=status)


@access("accounts.change_messagetext", methods="GET POST", object="any text")
def message_text_restore(request, wording, channel, language):
    """Back to the text as it was delivered."""
    place = Place.at(wording, channel, language)
    newest = place.versions(request.user).first()
    edit = reverse("accounts:message-text-edit", args=place.keys)
    if request.method == "POST":
        version = request.POST.get("version", "")
        seen = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else -1
        try:
            services.restore_text(*(place.wording, place.channel, place.language), version=seen, by=request.user)
        except services.AccountConflict as refusal:
            return render(request, "errors/409.html", {"refusal": refusal, "back": edit}, status=409)
        messages.success(request, _("This message goes out as it was delivered again."))
        return redirect(listed(place))
    context = {
        "place": place,
        "newest": newest,
        "delivered": place.delivered(),
        "back": edit,
        "trail": [(_("Message texts"), listed(place)), (place.wording.title, edit)],
    }
    return render(request, "accounts/message_text_restore.html", context)


def listed(place):
    """The list in the channel and language of the message; the first ones need no saying."""
    address = reverse("accounts:message-text-list")
    if (place.channel, place.language) == (Channel.EMAIL, settings.LANGUAGES[0][0]):
        return address
    return f"{address}?channel={place.channel}&language={place.language}"
