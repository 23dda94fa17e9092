"""Several doctors or departments leave at once: a page that names them, with what stands against each."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.access import access
from clinic import services
from clinic.forms import RetireForm
from clinic.models import Department, Doctor
from hms.lib import many

NOTHING = gettext_lazy("Tick at least one.")


@dataclass(frozen=True)
class Leaving:
    """What the page says and does. `rows` are (row, what stands beside its name, why it cannot be retired or "").

    `act(rows, by=…)` gives Outcomes, `words(number)` says how many are done.
    """

    title: str
    lead: str
    field: str
    rows: list
    back: str
    everybody: QuerySet
    act: Callable
    words: Callable

    @property
    def possible(self):
        """Whether any of them can be retired."""
        return any(not against for _row, _beside, against in self.rows)


@access("clinic.change_doctor", methods="GET POST", object="the doctors that are ticked")
def doctors_retire(request):
    """Names the doctors of `doctor` (ids); on POST retires them, with `reason`."""
    form = RetireForm(request.POST or None)
    doctors = Doctor.objects.visible_to(request.user).filter(retired_at=None).select_related("department")
    asked = list(doctors.filter(pk__in=many.ticked(request.GET.getlist("doctor"))))
    against = services.why_not_retire_those(asked)
    page = Leaving(
        title=_("Retire doctors"),
        lead=_("Patients do not find them any more, and no visits can be booked. Past visits and records stay."),
        field="doctor",
        rows=[(doctor, doctor.department.name, against[doctor.pk]) for doctor in asked],
        back=reverse("clinic:doctor-manage"),
        everybody=Doctor.objects.visible_to(request.user),
        act=services.retire_doctors,
        words=words_of_doctors,
    )
    return decide(request, page, form)


@access("clinic.change_department", methods="GET POST", object="any department")
def departments_retire(request):
    """Names the departments that are open; on POST retires those of `department` (ids)."""
    departments = Department.objects.visible_to(request.user).filter(retired_at=None).order_by("name")
    at_work = Count("doctors", filter=Q(doctors__retired_at=None))
    page = Leaving(
        title=_("Retire departments"),
        lead=_("Nobody finds them any more, and no visits can be booked. Past visits stay. They can be restored."),
        field="department",
        rows=[
            (row, "", services.why_not_retire_department(row.at_work)) for row in departments.annotate(at_work=at_work)
        ],
        back=reverse("clinic:department-list"),
        everybody=Department.objects.visible_to(request.user),
        act=services.retire_departments,
        words=words_of_departments,
    )
    return decide(request, page)


def decide(request, page, form=None):
    """Ask, or do it, and say what became of each. Where nothing could be done it is a 409 with the reasons."""
    ids, status = many.ticked(request.POST.getlist(page.field)), 200
    if request.method == "POST" and (form is None or form.is_valid()):
        chosen = list(page.everybody.filter(pk__in=ids).order_by("name", "pk"))
        if not chosen:
            messages.error(request, str(NOTHING))
        outcomes = page.act(chosen, by=request.user, **(form.cleaned_data if form else {}))
        many.tell(request, outcomes, done=page.words)
        many.tell_missing(request, len(ids) - len(chosen))
        if any(not outcome.refusal for outcome in outcomes):
            return redirect(page.back)
        status = 409
    elif request.method == "GET" and form:  # they were ticked in the list already
        ids = [row.pk for row, _beside, against in page.rows if not against]
    context = {"page": page, "form": form, "ticked": ids}
    return render(request, "clinic/retire_many.html", context, status=422 if form and form.errors else status)


def words_of_doctors(number):
    return ngettext("%(n)d doctor is retired.", "%(n)d doctors are retired.", number) % {"n": number}


def words_of_departments(number):
    return ngettext("%(n)d department is retired.", "%(n)d departments are retired.", number) % {"n": number}
