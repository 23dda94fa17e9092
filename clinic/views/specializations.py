"""The list of specializations that is offered for doctors: kept by administrators."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import access
from accounts.downloads import table
from clinic import services, specialized
from clinic.forms import MergeSpecializationForm, SpecializationFilter, SpecializationForm
from clinic.models import Specialization
from clinic.views.confirm import Question, ask

ANY = "any specialization"


@access("clinic.view_specialization")
def specialization_list(request):
    """The list with the number of doctors, and the words in profiles that are not in it."""
    return render(request, "clinic/specialization_list.html", narrowed(request).context())


@access("clinic.view_specialization")
def specialization_download(request):
    """The same as a table."""
    columns = [
        (_("Specialization"), lambda entry: entry.name),
        (_("Doctors"), lambda entry: entry.doctors),
        (_("State"), lambda entry: entry.words),
    ]
    found = narrowed(request)
    return table(request, found, columns, name="specializations", rows=found.found())


def narrowed(request):
    """The list as its address narrows it."""
    return SpecializationFilter(request.GET, specialized.entries(request.user))


@access("clinic.change_specialization", methods="GET POST")
def specialization_create(request):
    return edit(request, None, _("New specialization"))


@access("clinic.change_specialization", methods="GET POST", object=ANY)
def specialization_edit(request, pk):
    return edit(request, found(request, pk), _("Rename a specialization"))


def edit(request, row, title):
    form = SpecializationForm(
        request.POST or None, instance=row, by=request.user, hospital=request.hospital, back=listed()
    )
    if request.method == "POST" and form.is_valid() and (saved := form.act()):
        messages.success(request, _("%(name)s is saved.") % {"name": saved})
        return redirect(listed())
    lead = _("The words change in every profile that carries them.") if row else ""
    page = {"form": form, "title": title, "trail": trail(), "lead": lead}
    return render(request, "clinic/form.html", page, status=form.status)


@access("clinic.change_specialization", methods="GET POST", object=ANY)
def specialization_merge(request, pk):
    """Two names for one thing become one."""
    row = found(request, pk)
    form = MergeSpecializationForm(request.POST or None, specialization=row, back=listed())
    if request.method == "POST" and form.is_valid():
        try:
            stays = services.merge_specialization(row, into=form.cleaned_data["into"], by=request.user)
        except services.ClinicConflict as refusal:
            return render(request, "errors/409.html", {"refusal": refusal, "back": listed()}, status=409)
        messages.success(request, _("%(name)s is now %(other)s.") % {"name": row, "other": stays})
        return redirect(listed())
    lead = _("Doctors who carry these words get the ones that stay. These words leave the list.")
    title = _("Merge %(name)s") % {"name": row}
    return render(request, "clinic/form.html", {"form": form, "title": title, "trail": trail(), "lead": lead})


@access("clinic.change_specialization", methods="GET POST", object=ANY)
def specialization_retire(request, pk):
    row = found(request, pk)
    question = Question(
        title=_("Retire %(name)s?") % {"name": row},
        verb=_("Retire the specialization"),
        done=_("%(name)s is retired.") % {"name": row},
        warning=_("It is not offered any more. Doctors who carry it keep it."),
        back=listed(),
        facts=[(_("Specialization"), row.name)],
        trail=trail(),
    )
    return ask(request, question, lambda: services.retire_specialization(row, by=request.user))


@access("clinic.change_specialization", methods="GET POST", object=ANY)
def specialization_restore(request, pk):
    row = found(request, pk)
    question = Question(
        title=_("Restore %(name)s?") % {"name": row},
        verb=_("Restore the specialization"),
        done=_("%(name)s is offered again.") % {"name": row},
        back=listed(),
        facts=[(_("Specialization"), row.name)],
        trail=trail(),
    )
    return ask(request, question, lambda: services.restore_specialization(row, by=request.user))


def found(request, pk):
    return get_object_or_404(Specialization.objects.visible_to(request.user), pk=pk)


def listed():
    return reverse("clinic:specialization-list")


def trail():
    return [(_("Doctors"), reverse("clinic:doctor-manage")), (_("Specializations"), listed())]
