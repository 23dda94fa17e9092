"""The hospital, once per request, and its zone for every time on a page."""

from django.utils import timezone

from clinic.models import Hospital


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
