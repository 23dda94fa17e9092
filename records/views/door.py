"""The door to a chart: whoever comes through has been written down, or does not come through."""

from functools import wraps

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.access import Beyond
from records import services
from records.errors import NotOnRecord
from records.models import ClinicalGrant, charts_of

BY_GRANT = Beyond(_("who holds a clinical grant"), lambda user: ClinicalGrant.objects.held_by(user).exists())
BY_EXPORT_GRANT = Beyond(
    _("who holds a clinical grant to download"),
    lambda user: ClinicalGrant.objects.held_by(user).filter(may_export=True).exists(),
)
GRANTEES = Beyond(
    _("whom a grant is or was for"), lambda user: ClinicalGrant.objects.visible_to(user).filter(user=user).exists()
)


def on_record(view):
    """Answer 503 instead of showing anything when the opening of a chart could not be written down."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        try:
            return view(request, *args, **kwargs)
        except NotOnRecord:
            words = {
                "icon_name": "lock",
                "title": _("This record stays closed for the moment"),
                "text": _("Every opening of a medical record is written down, and that did not work just now. "
                          "Please try again in a minute."),
            }  # fmt: skip
            return render(request, "errors/page.html", words, status=503)

    return guarded


def open_chart(request, pk, *, action="chart.opened", charts=charts_of):
    """The patient with this id, if the person at the screen may read the chart; the opening is on record then.

    `charts` narrows further: `charts_written_by` where somebody is about to write. `patient.ground` says why they may.
    """
    patient = get_object_or_404(charts(request.user), pk=pk)
    patient.ground = services.open_chart(patient, by=request.user, action=action)
    return patient


def until_it_closes(response, ground):
    """Lets the browser leave a page of a chart in the moment the chart closes: nothing stays on an open screen."""
    if ground.is_break_glass:
        response.headers["Refresh"] = f"{ground.seconds_left + 1}; url={reverse('records:break-glass-list')}"
    return response
