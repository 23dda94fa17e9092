"""The home page of each role, and whether the site lives and is ready."""

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.access import PUBLIC, access
from accounts.downloads import instant, table
from accounts.models import Role
from hms import access as addresses
from hms import everywhere, health, history, manual, roles
from hms.forms import AccessFilter, HistoryFilter, SearchForm
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


@access(PUBLIC, object="what one may see: visitors doctors and departments, patients also what is theirs")
def search(request):
    """One box for patients, doctors, departments and visits. The same words lead on to each full list."""
    form = SearchForm(request.GET)
    text = form.given.get("q", "")
    groups = everywhere.find(text, request.user) if text else []
    context = {"form": form, "text": text, "groups": groups, "count": sum(group.count for group in groups)}
    context["elsewhere"] = everywhere.elsewhere(text, request.user) if text else []
    return render(request, "hms/search.html", context)


@access("auth.view_group")
def access_list(request):
    """Who may open what, from the declarations that the tests walk along."""
    form = AccessFilter(request.GET)
    groups = addresses_of(form)
    count = sum(len(urls) for _name, urls in groups)
    context = {"form": form, "groups": groups, "count": count, "roles": Role.choices}
    return render(request, "hms/access_list.html", context)


@access("auth.view_group")
def access_download(request):
    """The same as a table."""
    form = AccessFilter(request.GET)
    columns = [
        (_("Part"), lambda row: row[0]),
        (_("Address"), lambda row: row[1].route),
        (_("Methods"), lambda row: ", ".join(row[1].methods)),
        (_("Roles"), lambda row: roles_in_words(row[1])),
        (_("Permission"), lambda row: "" if row[1].roles is None else row[1].audience),
        (_("Which rows"), lambda row: row[1].rows),
    ]
    rows = ((name, url) for name, urls in addresses_of(form) for url in urls)
    return table(request, form, columns, name="access", rows=rows)


def addresses_of(form):
    """[(app's name, URLs)] as a form asks for them."""
    return addresses.by_app(addresses.narrowed(addresses.declared(), **form.given) if form.is_valid() else [])


def roles_in_words(url):
    """Who opens an address, in a line."""
    if url.roles is None:
        return _("Anybody, signed in or not")
    return ", ".join(str(label) for role, label in Role.choices if role in url.roles)


@access("auth.view_group")
def role_list(request):
    """What each role may do, in words."""
    return render(request, "hms/role_list.html", {"roles": roles.in_words()})


@access("clinic.view_hospital")
def setting_history(request):
    """Who changed which setting from what to what."""
    narrowed = HistoryFilter(request.GET, user=request.user)
    context = narrowed.context() | {"entries": history.entries(narrowed.page, request.user)}
    return render(request, "hms/setting_history.html", context)


@access("clinic.view_hospital")
def setting_history_download(request):
    """The same as a table, a row for each field that changed."""
    narrowed = HistoryFilter(request.GET, user=request.user)
    columns = [
        (_("When"), lambda line: instant(line[0].event.at, request.hospital.zone)),
        (_("Who"), lambda line: line[0].event.actor_name),
        (_("What"), lambda line: line[0].words),
        (_("On"), lambda line: line[0].event.target_label),
        (_("Field"), lambda line: line[1]),
        (_("Before"), lambda line: line[2]),
        (_("After"), lambda line: line[3]),
    ]
    rows = history.lines(narrowed.found(), request.user)
    return table(request, narrowed, columns, name="settings-history", rows=rows)


@access(PUBLIC)
def help_own(request):
    """The help of one's own role; of patients for visitors."""
    return redirect("help", manual.page_of(getattr(request.user, "role", None)))


@access(PUBLIC, object="any role")
def help_page(request, role):
    """What people of a role do here, in short steps. Everybody may read each page; links are to one's own."""
    if role not in manual.PAGES:
        raise Http404
    whose, _words = manual.PAGES[role]
    own = own_id(request.user) if getattr(request.user, "role", None) == whose else None
    context = {
        "help": manual.read(role, get_language(), own),
        "pages": [(name, words) for name, (_whose, words) in manual.PAGES.items()],
        "name": role,
    }
    return render(request, "hms/help.html", context)


def own_id(user):
    """The id of one's own patient or doctor row, or None."""
    row = getattr(user, {Role.PATIENT: "patient", Role.DOCTOR: "doctor"}.get(user.role, ""), None)
    return row.pk if row else None


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
