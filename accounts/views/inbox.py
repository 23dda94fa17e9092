"""The inbox: what everybody with an account was told, and what they choose about it."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Max
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts import kinds, preferences, services
from accounts.access import SIGNED_IN, access
from accounts.forms import PreferenceForm, ReadAllForm
from accounts.models import Message

PAGE = 20
OWN = "one's own"


@access(SIGNED_IN, object=OWN)
def inbox_list(request):
    """One's messages, unread ones first."""
    found = Message.everything.addressed_to(request.user)
    page = Paginator(found.unread_first(), PAGE).get_page(request.GET.get("page"))
    for message in page:
        message.title = kinds.title_of(message.kind)
    context = {"page_obj": page, "newest": found.unread().aggregate(newest=Max("pk"))["newest"]}
    return render(request, "accounts/inbox_list.html", context)


@access(SIGNED_IN, methods="POST", object=OWN)
def inbox_open(request, pk):
    """Go to what a message tells of; it counts as read."""
    message = get_object_or_404(Message.everything.addressed_to(request.user), pk=pk)
    services.mark_read(message, by=request.user)
    return redirect(message.link or "accounts:inbox")


@access(SIGNED_IN, methods="POST", object=OWN)
def inbox_read(request, pk):
    """It is read."""
    message = get_object_or_404(Message.everything.addressed_to(request.user), pk=pk)
    services.mark_read(message, by=request.user)
    return redirect("accounts:inbox")


@access(SIGNED_IN, methods="POST", object=OWN)
def inbox_read_all(request):
    """Everything is read that was there when the page was shown; what came since is not."""
    form = ReadAllForm(request.POST)
    if form.is_valid():
        services.mark_all_read(by=request.user, until=form.cleaned_data["until"])
        messages.success(request, _("All of it is marked as read."))
    return redirect("accounts:inbox")


@access(SIGNED_IN, methods="GET POST", object=OWN)
def message_preferences(request):
    """Which messages one gets by which channel, when they keep quiet, and in which language."""
    preference = preferences.of(request.user)
    form = PreferenceForm(request.POST if request.method == "POST" else None, preference=preference)
    if request.method == "POST" and form.is_valid():
        services.set_preferences(request.user, by=request.user, **form.chosen())
        messages.success(request, _("Saved. It counts from the next message on."))
        return redirect("accounts:message-preferences")
    return render(request, "accounts/message_preferences.html", {"form": form})
