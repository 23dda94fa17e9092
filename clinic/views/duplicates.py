"""People who may be registered twice: the list, the comparison, merging and undoing it."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import access
from accounts.downloads import instant, table
from clinic import comparing, merging, services
from clinic.forms import ChoiceForm, DismissForm, DuplicateFilter, MergeForm, NoteForm, UndoForm
from clinic.models import DuplicatePair, Patient, PatientMerge
from clinic.services import DuplicateConflict
from clinic.services import merging as engine
from clinic.views.confirm import Question, ask
from hms.lib.errors import Refused

PAGE = 25
MERGES = "clinic.merge_patient"
ANY = "any pair of patients"
State = DuplicatePair.State


def trail(pair=None):
    steps = [(_("Duplicates"), reverse("clinic:duplicate-list"))]
    return [*steps, (str(pair), reverse("clinic:duplicate-detail", args=[pair.pk]))] if pair else steps


def pair_of(request, pk):
    pairs = DuplicatePair.objects.visible_to(request.user).select_related("first__user", "second__user")
    return get_object_or_404(pairs, pk=pk)


@access(MERGES, object="all pairs")
def duplicate_list(request):
    """Pairs of patients who may be one person, the likeliest first."""
    return render(request, "clinic/duplicate_list.html", pairs_of(request).context())


@access(MERGES, object="all pairs")
def duplicate_download(request):
    """The same as a table."""
    zone = request.hospital.zone
    columns = [
        (_("Patient"), lambda pair: pair.first.name),
        (_("Number"), lambda pair: pair.first.number),
        (_("Date of birth"), lambda pair: pair.first.birth_date),
        (_("Other patient"), lambda pair: pair.second.name),
        (_("Number of the other record"), lambda pair: pair.second.number),
        (_("Date of birth there"), lambda pair: pair.second.birth_date),
        (_("Why"), lambda pair: ", ".join(map(str, pair.why))),
        (_("Score"), lambda pair: pair.score),
        (_("State"), lambda pair: pair.get_state_display()),
        (_("Found"), lambda pair: instant(pair.found_at, zone)),
        (_("Decided"), lambda pair: instant(pair.decided_at, zone)),
        (_("By"), lambda pair: pair.decided_by_name),
    ]
    return table(request, pairs_of(request), columns, name="duplicates")


def pairs_of(request):
    """The list as its address narrows it."""
    pairs = DuplicatePair.objects.visible_to(request.user).select_related("first", "second")
    return DuplicateFilter(request.GET, pairs)


@access(MERGES, object=ANY)
def duplicate_detail(request, pk):
    """The two side by side; what was decided, or what to keep of each."""
    pair = pair_of(request, pk)
    return render(request, "clinic/duplicate_detail.html", compared(request, pair))


def compared(request, pair):
    merges = PatientMerge.objects.visible_to(request.user).filter(pair=pair).select_related("survivor", "absorbed")
    gone = [patient for patient in (pair.first, pair.second) if patient.merged_into_id]
    form = ChoiceForm(pair=pair)
    return {
        "pair": pair,
        "sides": [(comparing.FIRST, pair.first), (comparing.SECOND, pair.second)],
        "rows": comparing.rows(pair, form.chosen),
        "chosen": form.chosen,
        "merges": merges,
        "standing": next((made for made in merges if made.undone_at is None), None),
        "gone": gone,
        "can_merge": not gone,
        "trail": trail(),
    }


@access(MERGES, methods="GET POST", object=ANY)
def duplicate_merge(request, pk):
    """What a merge will do, and why it is done; then do it. What has to be settled first is a 409 with links to it."""
    pair = pair_of(request, pk)
    form = MergeForm(request.POST if request.method == "POST" else None, pair=pair)
    if request.method != "POST":
        choices = ChoiceForm(request.GET, pair=pair)
        if pair.first.merged_into_id or pair.second.merged_into_id or not choices.is_valid():
            return redirect("clinic:duplicate-detail", pk)
        form = MergeForm(initial=choices.chosen, pair=pair)
        return show_merge(request, choices, form)
    if not form.is_valid():
        return show_merge(request, form, form, status=422)
    try:
        made = form.merge(by=request.user)
    except DuplicateConflict as conflict:
        return show_merge(request, form, form, conflict=conflict, status=409)
    said = _("%(number)s is merged into %(survivor)s. Both were told by mail, where they have an account.")
    messages.success(request, said % {"number": made.absorbed.number, "survivor": made.survivor.number})
    return redirect("clinic:duplicate-detail", pk)


def show_merge(request, choices, form, *, conflict=None, status=200):
    """The page that names what will happen. `choices` say what was chosen, `form` is what is sent."""
    objections = engine.standing_objections(choices.survivor, choices.absorbed)
    moving = [(entry, entry.ids_of(choices.absorbed)) for entry in merging.moving()]
    context = {
        "pair": choices.pair,
        "choices": choices,
        "form": form,
        "objections": objections,
        "conflict": conflict if conflict and not objections else None,
        "moving": comparing.tables([(entry, ids) for entry, ids in moving if ids]),
        "one_died": bool(choices.survivor.died_on) != bool(choices.absorbed.died_on),
        "trail": trail(choices.pair),
    }
    return render(request, "clinic/duplicate_merge.html", context, status=status)


@access(MERGES, methods="GET POST", object=ANY)
def duplicate_dismiss(request, pk):
    """Two people, not one."""
    pair = pair_of(request, pk)
    question = Question(
        title=_("Two different people"),
        verb=_("They are two people"),
        done=_("Nobody is asked about these two again."),
        back=reverse("clinic:duplicate-detail", args=[pk]),
        then=reverse("clinic:duplicate-list"),
        facts=[(patient.number, patient.name) for patient in (pair.first, pair.second)],
        trail=trail(pair),
        warning=_("The question is not asked again for these two; the records stay as they are."),
    )
    if pair.state not in {State.OPEN, State.UNDONE}:
        question.objection = _("This has been decided: %(state)s.") % {"state": pair.get_state_display()}
    form = DismissForm(request.POST if request.method == "POST" else None)
    return ask(request, question, lambda reason: services.dismiss(pair, reason=reason, by=request.user), form)


@access(MERGES, methods="GET POST", object=ANY)
def duplicate_undo(request, pk):
    """What goes back, what stays and why; then undo the merge."""
    pair = pair_of(request, pk)
    merges = PatientMerge.objects.visible_to(request.user).filter(pair=pair).select_related("survivor", "absorbed")
    made = merges.standing().first()
    form = UndoForm(request.POST if request.method == "POST" else None)
    if made is None:
        refusal = _("This merge has been undone already.") if merges else _("These two were never merged.")
        return show_undo(request, pair, None, form, refusal=refusal, status=409)
    if request.method != "POST" or not form.is_valid():
        return show_undo(request, pair, made, form, status=422 if form.is_bound else 200)
    try:
        services.undo_merge(made, reason=form.cleaned_data["reason"], by=request.user)
    except Refused as refusal:
        return show_undo(request, pair, made, form, refusal=refusal, status=409)
    messages.success(request, _("The merge is undone: the two records are two again."))
    return redirect("clinic:duplicate-detail", pk)


def show_undo(request, pair, made, form, *, refusal="", status=200):
    context = {"pair": pair, "made": made, "form": form, "trail": trail(pair)}
    context["refusal"] = refusal or (made and services.why_not_undo(made))
    if made and not context["refusal"]:
        labels = {name: Patient._meta.get_field(name).verbose_name for name in engine.CHOICES}
        context |= {
            "back": comparing.tables(engine.going_back(made)),
            "staying": comparing.tables(engine.staying(made)),
            "restored": [labels[name] for name in engine.restored(made, made.survivor)],
            "kept": [labels[name] for name in engine.kept_since(made, made.survivor)],
        }
    return render(request, "clinic/duplicate_undo.html", context, status=status)


@access("clinic.change_patient", methods="GET POST", object="a patient one may see")
def patient_duplicate(request, pk):
    """Somebody at the desk notes that a patient has another record; administrators decide."""
    patient = get_object_or_404(Patient.objects.visible_to(request.user), pk=pk)
    back = reverse("clinic:patient-detail", args=[pk])
    form = NoteForm(request.POST if request.method == "POST" else None, patient=patient, by=request.user, back=back)
    if request.method == "POST" and form.is_valid() and (pair := form.act()):
        messages.success(request, _("Noted. An administrator will look at the two records."))
        if request.user.has_perm(MERGES):
            return redirect("clinic:duplicate-detail", pair.pk)
        return redirect(back)
    steps = [(_("Patients"), reverse("clinic:patient-list")), (patient.name, back)]
    page = {"form": form, "title": _("Registered twice?"), "trail": steps}
    return render(request, "clinic/form.html", page, status=422 if form.is_bound else 200)
