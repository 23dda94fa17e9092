"""The hospital in figures, and the rows behind those figures that no list of visits can be asked for."""

from django.db.models import Q
from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import access
from accounts.downloads import table
from clinic import topics
from clinic.models import Doctor
from hms.figures import charts, periods, rows
from hms.figures.forms import RangeForm, presets
from hms.figures.links import Links
from hms.lib import cached
from hms.lib.kept import KeptByRole
from records import figures, tallies

OBJECT = _("visits, without what was found")


@access("records.view_figures")
def figures_page(request):
    """Charts of some days of the hospital or of a department. Nothing clinical: counts, times and sums."""
    form, today = asked(request)
    context = {"form": form, "presets": preset_links(form, today)}
    if form.is_valid():
        context |= shown(request, form, today)
    return render(request, "hms/figures.html", context)


def asked(request):
    """The form of a page, and what day it is here."""
    today = timezone.now().astimezone(request.hospital.zone).date()
    return RangeForm(request.GET, user=request.user, today=today), today


def preset_links(form, today):
    """[(label, address, whether it is what is shown)]."""
    department = form.cleaned_data.get("department") if form.is_valid() else None
    links, days = Links(department), form.cleaned_data.get("days")
    return [(label, links.figures(first, last), days == (first, last)) for label, first, last in presets(today)]


def shown(request, form, today):
    """The figures of a valid form."""
    days, department = form.range(request.hospital.zone), form.cleaned_data["department"]
    reading = read(request.user, figures.Scope(department=department), days)
    doctors = busiest(request.user, reading, department)
    found = charts.Figures(
        reading=reading,
        days=days,
        today=today,
        links=Links(department),
        currency=request.hospital.currency,
        departments=form.departments,
        doctors=doctors,
        opened=figures.minutes_open_by(doctors[: charts.SHOWN], days),
    )
    return {
        "department": department,
        "days": days,
        "stats": charts.headlines(found),
        "charts": charts.all_charts(found),
    }


def read(user, scope, days):
    """What was counted of these days, kept for some minutes until a visit changes."""
    return cached.remember(
        "hospital in figures",
        topics.FIGURES_SECONDS,
        lambda: tallies.read(scope, days, by_month=periods.is_by_month(days)),
        scope=f"{cached.personal(user)}:{days}:{scope.department and scope.department.pk}",
        topics=[topics.VISITS],
    )


def _named(doctors):
    return doctors.order_by("name", "pk").values_list("pk", "name", "retired_at", named=True)


def _of_department(user, department, there):
    return _named(Doctor.objects.visible_to(user).filter(Q(department=department) | Q(pk__in=there)))


DOCTORS = KeptByRole(lambda user: _named(Doctor.objects.visible_to(user)))
OF_DEPARTMENT = KeptByRole(_of_department, int, [int])


def busiest(user, reading, department):
    """The doctors who belong there or were there, those with the most time used first."""
    if department:
        found = OF_DEPARTMENT(user).rows(user.pk, department.pk, list(reading.doctors))
    else:
        found = DOCTORS(user).rows(user.pk)
    used = {
        doctor.pk: reading.doctors[doctor.pk].minutes_used if doctor.pk in reading.doctors else 0 for doctor in found
    }
    there = [doctor for doctor in found if used[doctor.pk] or not doctor.retired_at]
    return sorted(there, key=lambda doctor: -used[doctor.pk])


@access("records.view_figures", object=OBJECT)
def figure_rows(request, which):
    """The visits behind a figure, as they are now."""
    narrowed = rows_of(request, which)
    context = narrowed.context() | {"figure": which, "title": rows.TITLES[which]}
    if narrowed.form.is_valid():
        days, department = narrowed.form.range(request.hospital.zone), narrowed.form.cleaned_data["department"]
        back = Links(department).figures(days.first_day, days.last_day)
        context |= {"days": days, "department": department, "back": back}
    for visit in narrowed.page:
        visit.words = narrowed.words(visit)
    return render(request, "hms/figure_rows.html", context)


@access("records.view_figures", object=OBJECT)
def figure_download(request, which):
    """The same visits, all of them, as a table."""
    narrowed = rows_of(request, which)
    return table(request, narrowed, narrowed.table(), name=f"figure-{which}")


def rows_of(request, which):
    """The FigureRows that an address asks for; 404 for a figure that has none."""
    if which not in rows.KINDS:
        raise Http404
    form, _today = asked(request)
    return rows.KINDS[which](form, user=request.user, zone=request.hospital.zone)
