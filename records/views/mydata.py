"""What the hospital holds about a patient, why, and a copy of all of it."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy

from accounts.access import access
from hms.lib.errors import Refused
from records import services
from records.models import Export, charts_of
from records.mydata.sections import held

OWN = gettext_lazy("what is held about oneself")
SHOWN = 10
EVERYTHING = Export.Kind.EVERYTHING


@access("records.copy_own_data", object=OWN)
def my_data(request):
    """What is held and why; copies one has asked for; the way to close the account."""
    patient = get_object_or_404(charts_of(request.user), user=request.user)
    copies = Export.objects.visible_to(request.user).filter(kind=EVERYTHING)[:SHOWN]
    context = {"patient": patient, "held": held(request.user, patient), "copies": copies}
    return render(request, "records/my_data.html", context)


@access("records.copy_own_data", methods="POST", object=OWN)
def copy_create(request):
    """Ask for a copy of everything. A worker makes it."""
    patient = get_object_or_404(charts_of(request.user), user=request.user)
    try:
        export = services.request_export(patient, by=request.user, kind=EVERYTHING)
    except Refused as refusal:
        messages.warning(request, str(refusal))
        return redirect("records:my-data")
    return redirect("records:export-detail", export.pk)


my_data.asks_nothing = True  # who does not agree takes their data along and leaves
