"""The list of messages that did not get through, for reception and administrators to work through."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import kinds, services
from accounts.access import access
from accounts.forms import CloseForm, MessageFilter
from accounts.models import Message
from accounts.services.desk import WAITING

PAGE = 25


@access("accounts.view_message")
def message_list(request):
    """What could not be delivered, newest first; other states by filter."""
    form = MessageFilter(request.GET)
    found = Message.everything.visible_to(request.user).narrowed(**form.chosen)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    for message in page:
        message.title = kinds.title_of(message.kind)
    context = {"form": form, "page_obj": page, "filtered": bool(form.chosen), "waiting": WAITING}
    return render(request, "accounts/message_list.html", context)


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
