"""The home page of each role, and whether the site lives and is ready."""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.access import PUBLIC, access
from accounts.models import Role
from hms import health
from hms.access import by_app, declared, narrowed
from hms.forms import AccessFilter
from hms.home import admin, doctor, patient, reception, visitor

PAGES = {
    Role.PATIENT: patient.page,
    Role.DOCTOR: doctor.page,
    Role.RECEPTION: reception.page,
    Role.ADMIN: admin.page,
}


@access(PUBLIC, object="what concerns oneself")
def home(request):
    """Where everybody begins: visitors on the landing page, people with what is theirs to do."""
    page = PAGES.get(getattr(request.user, "role", None), visitor.page)
    template, context = page(request, timezone.now())
    return render(request, template, context)


@access("auth.view_group")
def access_list(request):
    """Who may open what, from the declarations that the tests walk along."""
    form = AccessFilter(request.GET)
    groups = by_app(narrowed(declared(), **form.chosen))
    count = sum(len(urls) for _name, urls in groups)
    context = {"form": form, "groups": groups, "count": count, "roles": Role.choices}
    return render(request, "hms/access_list.html", context)


@access(PUBLIC)
def healthz(request):
    """The process lives. Asks nothing of anybody."""
    return HttpResponse("ok", content_type="text/plain; charset=utf-8")


healthz.without_database = True


@access(PUBLIC)
def readyz(request):
    """Whether this process can serve: 503 without the database or with migrations missing, else 200."""
    report = health.report()
    status = 503 if report["status"] == "unavailable" else 200
    headers = {"Retry-After": "5"} if status == 503 else {}
    return JsonResponse(report, status=status, headers=headers)


readyz.without_database = True
