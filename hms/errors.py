"""What people see when something does not work."""

from django.http import HttpResponse


def bad_request(request, exception):
    return HttpResponse("Bad request", status=400)


def denied(request, exception):
    return HttpResponse("Not allowed", status=403)


def missing(request, exception):
    return HttpResponse("Not found", status=404)


def broken(request):
    return HttpResponse("Broken", status=500)


def csrf_failure(request, reason=""):
    return HttpResponse("Form expired", status=403)
