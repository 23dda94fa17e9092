"""The home page of each role, and whether the site lives and is ready."""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render

from accounts.access import PUBLIC, access
from hms import health


@access(PUBLIC)
def home(request):
    """Where everybody begins."""
    return render(request, "hms/landing.html")


@access(PUBLIC)
def healthz(request):
    """The process lives. Asks nothing of anybody."""
    return HttpResponse("ok", content_type="text/plain")


healthz.without_database = True


@access(PUBLIC)
def readyz(request):
    """Whether this process can serve: 503 without the database or with migrations missing, else 200."""
    report = health.report()
    status = 503 if report["status"] == "unavailable" else 200
    headers = {"Retry-After": "5"} if status == 503 else {}
    return JsonResponse(report, status=status, headers=headers)


readyz.without_database = True
