"""Departments: public pages, and their administration."""

from django.contrib import messages
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import PUBLIC, access
from accounts.downloads import instant, table
from accounts.models import Role
from clinic import directory, services
from clinic.forms import DepartmentForm, DepartmentSearch
from clinic.models import Department, Doctor
from clinic.views.confirm import Question, ask
from hms.lib.lists import ListFilter

ANY = "any department, retired ones too"
SEARCHED = 7  # as many departments are more than one look takes in


@access(PUBLIC, object="open departments; retired ones for administrators")
def department_list(request):
    """What the hospital treats, as cards; of many, those that a text speaks of."""
    departments, form = directory.open_departments(), DepartmentSearch(request.GET)
    found = directory.treating(departments, form.given.get("q", "")) if form.is_valid() else []
    is_searched = bool(form.given) or not form.is_valid()
    context = {"departments": found, "form": form, "is_searched": is_searched}
    context["has_search"] = is_searched or len(departments) >= SEARCHED
    if getattr(request.user, "role", None) == Role.ADMIN:
        visible = Department.objects.visible_to(request.user)
        context["retired"] = visible.exclude(retired_at=None).order_by("name")
    return render(request, "clinic/department_list.html", context)


@access("clinic.view_department", object=ANY)
def department_download(request):
    """All departments as a table."""
    found = Department.objects.visible_to(request.user).order_by("name")
    found = found.select_related("head").annotate(at_work=Count("doctors", filter=Q(doctors__retired_at=None)))
    columns = [
        (_("Name"), lambda row: row.name),
        (_("Description"), lambda row: row.description),
        (_("Where"), lambda row: row.location),
        (_("Open"), lambda row: row.opening),
        (_("Head"), lambda row: row.head.name if row.head else ""),
        (_("Colour"), lambda row: row.get_colour_display()),
        (_("Doctors at work"), lambda row: row.at_work),
        (_("Retired"), lambda row: instant(row.retired_at, request.hospital.zone)),
    ]
    return table(request, ListFilter({}, found), columns, name="departments")


@access(PUBLIC, object="an open department; a retired one for administrators")
def department_detail(request, pk):
    """One department and its doctors."""
    department = get_object_or_404(Department.objects.visible_to(request.user).select_related("head"), pk=pk)
    doctors = Doctor.objects.listed().filter(department=department)
    return render(request, "clinic/department_detail.html", {"department": department, "doctors": doctors})


@access("clinic.add_department", methods="GET POST")
def department_create(request):
    return edit(request, None, _("New department"), reverse("clinic:department-list"))


@access("clinic.change_department", methods="GET POST", object=ANY)
def department_edit(request, pk):
    department = get_object_or_404(Department.objects.visible_to(request.user), pk=pk)
    return edit(request, department, _("Edit the department"), page_of(department))


def edit(request, department, title, back):
    form = DepartmentForm(
        request.POST or None, instance=department, by=request.user, hospital=request.hospital, back=back
    )
    asks = request.POST.get("action") == "preview"
    if request.method == "POST" and not asks and form.is_valid() and (saved := form.act()):
        messages.success(request, _("%(name)s is saved.") % {"name": saved})
        return redirect("clinic:department-detail", saved.pk)
    trail = [(_("Departments"), reverse("clinic:department-list"))]
    if department:
        trail.append((department.name, back))
    page = {"form": form, "title": title, "trail": trail, "asks": asks}
    return render(request, "clinic/department_form.html", page, status=form.status)


def page_of(department):
    return reverse("clinic:department-detail", args=[department.pk])


def question_about(department, **words):
    trail = [(_("Departments"), reverse("clinic:department-list")), (department.name, page_of(department))]
    doctors = department.doctors.filter(retired_at=None).count()
    facts = [(_("Department"), department.name), (_("Doctors at work"), doctors)]
    return Question(back=page_of(department), facts=facts, trail=trail, **words)


@access("clinic.change_department", methods="GET POST", object=ANY)
def department_retire(request, pk):
    department = get_object_or_404(Department.objects.visible_to(request.user), pk=pk)
    question = question_about(
        department,
        title=_("Retire %(name)s?") % {"name": department},
        verb=_("Retire the department"),
        done=_("%(name)s is retired.") % {"name": department},
        warning=_("Nobody finds it any more, and no visits can be booked. Past visits stay. It can be restored."),
    )
    return ask(request, question, lambda: services.retire_department(department, by=request.user))


@access("clinic.change_department", methods="GET POST", object=ANY)
def department_restore(request, pk):
    department = get_object_or_404(Department.objects.visible_to(request.user), pk=pk)
    question = question_about(
        department,
        title=_("Restore %(name)s?") % {"name": department},
        verb=_("Restore the department"),
        done=_("%(name)s is open again.") % {"name": department},
    )
    return ask(request, question, lambda: services.restore_department(department, by=request.user))


@access("clinic.delete_department", methods="GET POST", object=ANY)
def department_delete(request, pk):
    department = get_object_or_404(Department.objects.visible_to(request.user), pk=pk)
    question = question_about(
        department,
        title=_("Delete %(name)s?") % {"name": department},
        verb=_("Delete the department"),
        done=_("%(name)s is deleted.") % {"name": department},
        then=reverse("clinic:department-list"),
        warning=_("This cannot be undone."),
        danger=True,
        objection=services.why_kept(department),
        other_url=reverse("clinic:department-retire", args=[department.pk]) if not department.retired_at else "",
        other_verb=_("Retire it instead"),
    )
    return ask(request, question, lambda: services.delete_department(department, by=request.user))
