"""The door to a chart: whoever comes through has been written down, or does not come through."""

from functools import wraps

from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from records import services
from records.errors import NotOnRecord
from records.models import charts_of


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

    `charts` narrows to those in which one may do more than read.
    """
    patient = get_object_or_404(charts(request.user), pk=pk)
    services.open_chart(patient, by=request.user, action=action)
    return patient
