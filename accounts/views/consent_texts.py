"""The hospital's texts: written, looked at and published by administrators."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import audit, consents, services
from accounts.access import access
from accounts.downloads import instant, table
from accounts.forms import DraftForm
from accounts.models import ConsentDraft, ConsentText
from accounts.views.consents import named
from hms.lib.lists import ListFilter
from hms.lib.seen import ChangedMeanwhile

PAGE = 25


@access("accounts.view_consenttext")
def consent_text_list(request):
    """What is asked today, how many agree, what is being written, and every version there was."""
    drafts = {draft.kind: draft for draft in ConsentDraft.objects.visible_to(request.user).select_related("changed_by")}
    rows = [
        {"text": text, "numbers": consents.numbers(kind), "draft": drafts.get(kind.value)}
        for kind, text in consents.current_texts().items()
    ]
    page = Paginator(versions(request.user), PAGE).get_page(request.GET.get("page"))
    return render(request, "accounts/consent_text_list.html", {"rows": rows, "page_obj": page})


@access("accounts.view_consenttext")
def consent_text_download(request):
    """Every version there was, as a table; with the text of today, how many agree. The words stand on their page."""
    numbers = {text: consents.numbers(kind) for kind, text in consents.current_texts().items()}
    columns = [
        (_("Text"), lambda row: row.get_kind_display()),
        (_("Version"), lambda row: row.number),
        (_("Published"), lambda row: instant(row.published_at, request.hospital.zone)),
        (_("By"), lambda row: row.published_by.name if row.published_by else ""),
        (_("What has changed"), lambda row: row.note),
        (_("Text of today"), lambda row: _("Yes") if row in numbers else _("No")),
        (_("Agree"), lambda row: numbers[row]["agree"] if row in numbers else ""),
        (_("Agreed to an older version"), lambda row: numbers[row]["outdated"] if row in numbers else ""),
        (_("Do not agree, or not any more"), lambda row: numbers[row]["refuse"] if row in numbers else ""),
    ]
    return table(request, ListFilter({}, versions(request.user)), columns, name="consent-texts")


def versions(user):
    """Every version there was, the newest first."""
    return ConsentText.objects.visible_to(user).select_related("published_by").order_by("-published_at", "-pk")


@access("accounts.change_consenttext", methods="GET POST", object="any text")
def consent_text_edit(request, kind):
    """Write the next version. Nobody is asked anything until it is published."""
    text = named(kind)
    draft = ConsentDraft.objects.visible_to(request.user).filter(kind=kind).first()
    form = DraftForm(request.POST or None, instance=draft or ConsentDraft(kind=kind, text=text.text), back=listed())
    if request.method == "POST" and form.is_valid():
        try:
            services.save_draft(kind, by=request.user, **form.cleaned_data)
        except ChangedMeanwhile as changed:
            form.show_both(changed, audit.last_change(changed.row))
        else:
            return redirect("accounts:consent-text-publish", kind)
    title = _("Next version: %(kind)s") % {"kind": text.get_kind_display()}
    lead = _("A draft. Nobody sees it, and nobody is asked anything, before you publish it.")
    page = {"form": form, "title": title, "lead": lead, "trail": [(_("Consent texts"), listed())]}
    return render(request, "accounts/form.html", page, status=form.status)


@access("accounts.change_consenttext", methods="GET POST", object="any text")
def consent_text_publish(request, kind):
    """Look at the draft beside the text of today, then make it the text of today."""
    text = named(kind)
    if request.method == "POST":
        return publish(request, kind)
    draft = ConsentDraft.objects.visible_to(request.user).filter(kind=kind).first()
    if draft is None:
        return redirect("accounts:consent-text-edit", kind)
    context = {
        "draft": draft,
        "text": text,
        "number": text.number + 1,
        "differences": consents.differences(text.text, draft.text),
        "asked_again": 0 if draft.is_correction else consents.how_many_are_asked(text),
        "trail": [(_("Consent texts"), listed())],
    }
    return render(request, "accounts/consent_text_publish.html", context)


def publish(request, kind):
    try:
        text = services.publish(kind, revision=request.POST.get("revision", ""), by=request.user)
    except services.AccountRefused as refusal:
        return conflict(request, refusal)
    messages.success(request, _("%(text)s is the text of today.") % {"text": text})
    return redirect(listed())


@access("accounts.change_consenttext", methods="POST", object="any text")
def consent_text_discard(request, kind):
    """Throw the draft away."""
    named(kind)
    try:
        services.discard_draft(kind, by=request.user)
    except services.AccountConflict as refusal:
        return conflict(request, refusal)
    messages.success(request, _("The draft is gone. The text of today stays as it is."))
    return redirect(listed())


def listed():
    return reverse("accounts:consent-text-list")


def conflict(request, refusal):
    return render(request, "errors/409.html", {"refusal": refusal, "back": listed()}, status=409)
