"""One visit: looking at it, moving it, cancelling it, taking it along in a calendar."""

from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _

from accounts.access import access
from scheduling.models import Appointment


@access("scheduling.view_appointment", object=_("a visit one may see"))
def appointment_detail(request, pk):
    """A visit with what one can do about it."""
    visit = get_object_or_404(Appointment.objects.visible_to(request.user).with_people(), pk=pk)
    return render(request, "scheduling/appointment_detail.html", {"visit": visit})
