"""The hospital, once per request, and its zone for every time on a page; the way on from a merged patient's address."""

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from clinic.models import Hospital, Patient


class HospitalZoneMiddleware:
    """Puts the hospital on the request and makes its zone the current one for as long as the request lasts.

    A view marked `without_database` (liveness) is left alone.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        with timezone.override(None):
            return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if not getattr(view, "without_database", False):
            request.hospital = Hospital.current()
            timezone.activate(request.hospital.zone)


class MergedPatientMiddleware:
    """Where a page about a patient is a 404 because the record was merged, who may see the other one gets there.

    Old links and bookmarks go on; a form that was open meanwhile is a 409. For everybody else it stays a 404.
    """

    PLACES = "patients/<id:pk>/"  # what the route of every page about one patient begins with

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        match = request.resolver_match
        if response.status_code != 404 or match is None or not match.route.startswith(self.PLACES):
            return response
        stands = Patient.objects.visible_to(request.user).filter(absorbed=match.kwargs["pk"]).first()
        if stands is None:
            return response
        if request.method not in {"GET", "HEAD"}:
            return render(request, "clinic/merged.html", {"patient": stands}, status=409)
        query = f"?{request.GET.urlencode()}" if request.GET else ""
        return redirect(reverse(match.view_name, kwargs=match.kwargs | {"pk": stands.pk}) + query)
