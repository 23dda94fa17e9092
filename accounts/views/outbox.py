"""The list of messages that did not get through, for reception and administrators to work through."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import kinds, services
from accounts.access import access
from accounts.downloads import instant, table
from accounts.forms import CloseForm, MessageFilter
from accounts.models import Message
from accounts.services.desk import WAITING


@access("accounts.view_message")
def message_list(request):
    """What could not be delivered, newest first; other states by filter."""
    narrowed = MessageFilter(request.GET, Message.objects.visible_to(request.user).with_calls())
    for message in narrowed.page:
        message.title = kinds.title_of(message.kind)
    return render(request, "accounts/message_list.html", narrowed.context() | {"waiting": WAITING})


@access("accounts.view_message")
def message_download(request):
    """The messages that the list shows, as a table: to whom and what became of it, never what it said."""
    narrowed = MessageFilter(request.GET, Message.objects.visible_to(request.user).with_calls())
    zone = request.hospital.zone
    columns = [
        (_("Written"), lambda row: instant(row.created_at, zone)),
        (_("To"), lambda row: row.recipient_name),
        (_("Address"), lambda row: row.address),
        (_("Channel"), lambda row: row.get_channel_display()),
        (_("Kind"), lambda row: kinds.title_of(row.kind)),
        (_("State"), lambda row: row.get_state_display()),
        (_("Attempts"), lambda row: row.attempts),
        (_("Answer"), lambda row: row.answer),
        (_("Sent"), lambda row: instant(row.sent_at, zone)),
        (_("Note"), lambda row: row.note),
        (_("Told by telephone"), lambda row: instant(row.told_at, zone)),
        (_("By"), lambda row: row.told_by),
        (_("Note of the call"), lambda row: row.told_note),
    ]
    return table(request, narrowed, columns, name="messages")


@access("accounts.change_message", methods="POST", object="any message")
def message_retry(request, pk):
    """Send it again now."""
    message = get_object_or_404(Message.objects.visible_to(request.user), pk=pk)
    try:
        services.retry(message, by=request.user)
    except services.AccountConflict as refusal:
        return conflict(request, refusal)
    except services.AccountRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("It goes out again. If it fails once more, it comes back to this list."))
    return redirect("accounts:message-list")


@access("accounts.change_message", methods="GET POST", object="any message")
def message_close(request, pk):
    """Take it off the list, with a note on what was done."""
    message = get_object_or_404(Message.objects.visible_to(request.user), pk=pk)
    form = CloseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.close(message, note=form.cleaned_data["note"], by=request.user)
        except services.AccountConflict as refusal:
            return conflict(request, refusal)
        messages.success(request, _("Noted. The message is off the list."))
        return redirect("accounts:message-list")
    back = reverse("accounts:message-list")
    facts = [(_("To"), message.recipient_name), (_("Address"), message.address or "–"), (_("Subject"), message.subject)]
    context = {
        "title": _("Close this message?"),
        "verb": _("Close the message"),
        "warning": _("It is not sent any more."),
        "form": form,
        "facts": facts,
        "trail": [(_("Messages"), back)],
        "back": back,
    }
    return render(request, "accounts/confirm.html", context)


def conflict(request, refusal):
    return render(
        request, "errors/409.html", {"refusal": refusal, "back": reverse("accounts:message-list")}, status=409
    )
