"""Taking a list of the hospital along as a file: what one sees of it, with the filters of its address."""

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from accounts.access import access
from hms.lib.errors import Refused
from records import services
from records.forms.exports import ListForm
from records.lists.rows import LISTINGS, LONGEST_QUERY, rows_of
from records.models import Export

SEEN = gettext_lazy("the rows that one sees in the list")


@access("records.export_appointments", methods="GET POST", object=SEEN)
def export_appointments(request):
    """Visits: a doctor's own; all of them for reception and administrators."""
    return ask(request, Export.Kind.APPOINTMENTS)


@access("records.export_doctors", methods="GET POST", object=SEEN)
def export_doctors(request):
    """Doctors with their contact data."""
    return ask(request, Export.Kind.DOCTORS)


@access("records.export_patients", methods="GET POST", object=SEEN)
def export_patients(request):
    """Patients with their contact data."""
    return ask(request, Export.Kind.PATIENTS)


def ask(request, kind):
    """Say how many rows it will have, and ask for it. The filters stand in the address, as in the list itself."""
    query, listing = filters_of(request), LISTINGS[kind]
    back = reverse(listing.list_url) + (f"?{query}" if query else "")
    may_clinical = listing.clinical is not None and bool(services.grants_of(request.user))
    form = ListForm(request.POST if request.method == "POST" else None, may_clinical=may_clinical, back=back)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            export = services.request_list(kind, by=request.user, query=query, **form.cleaned_data)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            return redirect("records:export-detail", export.pk)
    if form.errors:
        status = 422
    context = {"form": form, "kind": kind, "title": Export.Kind(kind).label, "back": back, "is_filtered": bool(query)}
    context["count"] = rows_of(request.user, kind, query, timezone.now()).count()
    return render(request, "records/export_ask.html", context, status=status)


def filters_of(request):
    """The filters and the order of the address, without the page; none when longer than any page makes them."""
    asked = request.GET.copy()
    for name in ("page", "size"):
        asked.pop(name, None)
    query = asked.urlencode()
    return query if len(query) <= LONGEST_QUERY else ""
