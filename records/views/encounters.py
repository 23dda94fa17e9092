"""Writing, signing, reading and amending the record of a visit."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import access
from accounts.models import Role
from hms.lib.errors import Refused
from records import services
from records.charts import Chart, earlier_versions
from records.differing import differences
from records.errors import AllergyConflict, RecordConflict
from records.forms import AmendForm, EncounterForms
from records.models import Encounter, charts_of
from records.services.content import content_of, normal
from records.views.door import BY_GRANT, on_record, until_it_closes
from scheduling.models import PLANNED, Appointment, Status


@access("records.write_encounter", methods="GET POST", object=gettext_lazy("a visit to oneself"))
@on_record
def encounter_write(request, pk):
    """Write what happens at a visit, with the patient's chart beside. `action` is save or sign; `add` adds a row."""
    visit = get_object_or_404(Appointment.objects.visible_to(request.user).with_people(), pk=pk)
    encounter = Encounter.objects.written_by(request.user).filter(appointment=visit).first()
    if request.method != "POST":
        return show(request, visit, encounter)
    if "add" in request.POST:
        forms = EncounterForms.with_another_row(request.POST["add"], data=request.POST, visit_day=day_of(visit))
        return page(request, visit, forms, encounter)
    return write(request, visit, encounter, signing=request.POST.get("action") == "sign")


def show(request, visit, encounter):
    """The form with what was saved so far; a signed record instead of it; a reason when there is nothing to write."""
    if encounter and encounter.is_signed:
        return redirect("records:encounter-detail", encounter.pk)
    if visit.status not in {*PLANNED, Status.COMPLETED} - {Status.HELD}:
        return render(request, "records/encounter_closed.html", {"visit": visit, "encounter": encounter}, status=409)
    content = content_of(encounter) if encounter else None
    forms = EncounterForms(visit_day=day_of(visit), content=content, seen=encounter.saves if encounter else 0)
    return page(request, visit, forms, encounter)


def write(request, visit, encounter, *, signing):
    """Save or sign what was sent; whatever stands against it, all that was typed comes back."""
    forms = EncounterForms(visit_day=day_of(visit), data=request.POST, draft=not signing)
    if not forms.is_valid():
        return page(request, visit, forms, encounter, status=422)
    act = services.sign_encounter if signing else services.save_draft
    try:
        done = act(visit, by=request.user, seen=forms.form.cleaned_data["seen"], **forms.content())
    except AllergyConflict as conflict:
        forms.refuse_allergies(conflict.lines)
        return page(request, visit, forms, encounter, status=422)
    except Refused as refusal:
        return refused(request, visit, forms, refusal)
    if signing:
        messages.success(request, _("The record is signed and the visit is completed."))
        return redirect("records:encounter-detail", done.pk)
    messages.success(request, _("Saved. The record is not signed yet; only you can read it."))
    warn_of_allergies(request, visit.patient, forms)
    return redirect("records:encounter-write", visit.pk)


def warn_of_allergies(request, patient, forms):
    """A draft may hold a medicine that meets an allergy; it is said at once, and again at signing."""
    for substances in services.allergy_conflicts(patient, forms.content()["prescriptions"]).values():
        words = {"substances": ", ".join(substances)}
        messages.warning(request, _("A medicine meets an allergy of this patient: %(substances)s.") % words)


def refused(request, visit, forms, refusal):
    """409 with what was typed. Was the record signed meanwhile, the way on is an amendment with this text."""
    now = Encounter.objects.written_by(request.user).filter(appointment=visit).first()
    if now and now.is_signed:
        kept = EncounterForms.unjudged(data=request.POST, visit_day=day_of(visit), form_class=AmendForm)
        kept.saw(now.saves)
        return amend_page(request, now, kept, refusal=refusal, other=apart(now, forms), status=409)
    other = apart(now, forms) if now else ()
    if now and isinstance(refusal, RecordConflict):
        forms.saw(now.saves)
    visit.refresh_from_db(fields=["status"])
    return page(request, visit, forms, now, refusal=refusal, other=other, status=409)


def apart(now, forms):
    """In what a record that another window has saved differs from what was typed; nothing where none was faster."""
    if forms.form.cleaned_data["seen"] in {None, now.saves}:
        return ()
    return differences(content_of(now), normal(**forms.content()))


def page(request, visit, forms, encounter, *, refusal=None, other=(), status=200):
    services.open_chart(visit.patient, by=request.user)
    context = {
        "visit": visit,
        "patient": visit.patient,
        "forms": forms,
        "encounter": encounter,
        "refusal": refusal,
        "differences": other,
        "chart": Chart(request.user, visit.patient),
    }
    return render(request, "records/encounter_write.html", context, status=status)


@access(
    "records.read_chart",
    object=gettext_lazy("a signed record in a chart one may read; for doctors also what they wrote"),
    also=BY_GRANT,
)
@on_record
def encounter_detail(request, pk):
    """The record of one visit, with how it read before each amendment."""
    encounter = get_object_or_404(Encounter.objects.visible_to(request.user).with_content(), pk=pk)
    ground = services.open_chart(encounter.patient, by=request.user, action="encounter.opened", target=encounter)
    is_author = encounter.doctor is not None and encounter.doctor.user_id == request.user.pk
    context = {
        "encounter": encounter,
        "patient": encounter.patient,
        "versions": earlier_versions(encounter),
        "can_open_chart": charts_of(request.user).filter(pk=encounter.patient_id).exists(),
        "ground": ground,
        "is_author": is_author,
        "today": timezone.localdate(),
        "plain": request.user.role == Role.PATIENT,
        "can_amend": is_author and encounter.is_signed and encounter.import_ref is None,
    }
    return until_it_closes(render(request, "records/encounter_detail.html", context), ground)


@access("records.write_encounter", methods="GET POST", object=gettext_lazy("a record one wrote"))
@on_record
def encounter_amend(request, pk):
    """Correct a signed record, with a reason; how it read before is kept."""
    encounter = get_object_or_404(Encounter.objects.written_by(request.user).with_content(), pk=pk)
    services.require_amendable(encounter)
    options = {"visit_day": timezone.localdate(encounter.started_at), "form_class": AmendForm}
    if request.method != "POST":
        forms = EncounterForms(content=content_of(encounter), seen=encounter.saves, **options)
        return amend_page(request, encounter, forms)
    if "add" in request.POST:
        forms = EncounterForms.with_another_row(request.POST["add"], data=request.POST, **options)
        return amend_page(request, encounter, forms)
    return amend(request, encounter, EncounterForms(data=request.POST, **options))


def amend(request, encounter, forms):
    if not forms.is_valid():
        return amend_page(request, encounter, forms, status=422)
    data = forms.form.cleaned_data
    try:
        services.amend_encounter(
            encounter, by=request.user, reason=data["reason"], seen=data["seen"], **forms.content()
        )
    except AllergyConflict as conflict:
        forms.refuse_allergies(conflict.lines)
        return amend_page(request, encounter, forms, status=422)
    except RecordConflict as refusal:
        now = Encounter.objects.written_by(request.user).with_content().get(pk=encounter.pk)
        other = apart(now, forms)
        forms.saw(now.saves)
        return amend_page(request, now, forms, refusal=refusal, other=other, status=409)
    except Refused as refusal:
        return amend_page(request, encounter, forms, refusal=refusal, status=422)
    messages.success(request, _("The record is amended. How it read before is kept below it."))
    return redirect("records:encounter-detail", encounter.pk)


def amend_page(request, encounter, forms, *, refusal=None, other=(), status=200):
    services.open_chart(encounter.patient, by=request.user, action="encounter.opened", target=encounter)
    context = {"encounter": encounter, "patient": encounter.patient, "forms": forms}
    context |= {"refusal": refusal, "differences": other}
    return render(request, "records/encounter_amend.html", context, status=status)


def day_of(visit):
    """The day of a visit at the hospital."""
    return timezone.localdate(visit.starts_at)
