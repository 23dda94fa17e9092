"""A patient's own visits with what was found and prescribed; a doctor's own records."""

from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext_lazy

from accounts.access import access
from clinic.inname import acts_for
from hms.lib.lists import paged
from records import figures, search, services, visits
from records.forms import EncounterFilter, VisitFilter
from records.models import Encounter, charts_exported_by, charts_of
from records.views.door import on_record
from scheduling import wall
from scheduling.models import Appointment, Status

PAGE = 20


@access("records.read_visits", object=gettext_lazy("one's own visits; `patient`: somebody whose record one reads"))
@on_record
def visit_list(request):
    """All visits of a patient, booked here or taken over from elsewhere, with diagnoses, prescriptions and notes."""
    number = request.GET.get("patient", "")
    wanted = {"pk": number if number.isdecimal() and len(number) < 19 else 0} if number else {"user": request.user}
    patient = get_object_or_404(charts_of(request.user), **wanted)
    services.open_chart(patient, by=request.user, action="visits.opened")
    form = VisitFilter(request.GET)
    keys = visits.keys(*narrowed_visits(request, patient, form))
    page = paged(keys, request.GET, size=PAGE)
    page.object_list = visits.load(request.user, page.object_list)
    context = {"patient": patient, "form": form, "page_obj": page, "for_whom": for_whom(request.user, patient)}
    context["clear"] = f"{request.path}?patient={patient.pk}" if context["for_whom"] else request.path
    context["may_take"] = not context["for_whom"] or charts_exported_by(request.user).filter(pk=patient.pk).exists()
    return render(request, "records/visit_list.html", context)


def for_whom(user, patient):
    """The patient's name where somebody reads for them; empty for one's own."""
    return patient.name if acts_for(user, patient) else ""


def narrowed_visits(request, patient, form):
    """(appointments, records without an appointment) that the filter leaves."""
    appointments = Appointment.objects.visible_to(request.user).filter(patient=patient)
    encounters = Encounter.objects.visible_to(request.user).signed().filter(patient=patient, appointment=None)
    if not form.is_valid():
        return appointments.none(), encounters.none()
    if status := form.given("status"):
        appointments = appointments.filter(status=status)
        encounters = encounters if status == Status.COMPLETED else encounters.none()
    span = form.span(request.hospital.zone)
    appointments = search.between(appointments, "starts_at", span)
    encounters = search.between(encounters, "started_at", span)
    return search.visits_with(request.user, appointments, encounters, form.given("q") or "")


@access("records.write_encounter", object=gettext_lazy("the records one wrote"))
def encounter_list(request):
    """All records a doctor wrote, drafts first of all to be found."""
    encounters = Encounter.objects.written_by(request.user).with_content()
    narrowed = EncounterFilter(request.GET, encounters, zone=request.hospital.zone)
    return render(request, "records/encounter_list.html", narrowed.context())


@access("records.write_encounter", object=gettext_lazy("visits to oneself"))
def unfinished_list(request):
    """The doctor's visits whose record is still to be written or signed: what the first page counts."""
    zone = request.hospital.zone
    today = wall.day_begins(timezone.now().astimezone(zone).date(), zone)
    mine = Appointment.objects.visible_to(request.user)
    found = figures.unfinished(mine, today).select_related("patient", "encounter").order_by("starts_at", "pk")
    page = paged(found, request.GET, size=PAGE)
    return render(request, "records/unfinished_list.html", {"page_obj": page})
