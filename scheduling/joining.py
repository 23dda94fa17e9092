"""What scheduling says when two patients' records are merged: visits move, none may overlap, care follows."""

from django.db.models import Count, Exists, Max, Min, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic import merging
from clinic.models import CareRelationship, Doctor
from hms.lib import when
from scheduling.models import BLOCKING, PLANNED, Appointment, Lane
from scheduling.services import refresh_care

SHOWN = 5


def local(at):
    """Tue 24 Nov, 09:30 in the current zone: the hospital's, while a request lasts."""
    return when.moment(at, timezone.get_current_timezone(), timezone.now())


def overlaps(survivor, absorbed):
    """Visits of the two that take the same time: nobody is in two places at once, so one of each has to be settled."""
    counting = Appointment.objects.filter(status__in=BLOCKING).exclude(lane=Lane.HISTORY)
    rivals = counting.filter(patient=absorbed, starts_at__lt=OuterRef("ends_at"), ends_at__gt=OuterRef("starts_at"))
    clashing = list(counting.filter(Exists(rivals), patient=survivor).with_people()[:SHOWN])
    if not clashing:
        return []
    others = [rival for visit in clashing for rival in _rivals_of(visit, counting.filter(patient=absorbed))]
    sentence = _("Both have visits at the same time. Move or cancel one of each, then merge.")
    return [merging.Objection(sentence, [_link(visit) for visit in [*clashing, *dict.fromkeys(others)]])]


def _rivals_of(visit, visits):
    return visits.overlapping(visit.starts_at, visit.ends_at).with_people()


def _link(visit):
    words = _("%(time)s, %(doctor)s (%(number)s)")
    names = {"time": local(visit.starts_at), "doctor": visit.doctor.name, "number": visit.patient.number}
    return words % names, reverse("scheduling:appointment-detail", args=[visit.pk])


def facts(patient):
    """How many visits, and from when to when."""
    told = Appointment.objects.filter(patient=patient).aggregate(
        number=Count("pk"),
        planned=Count("pk", filter=Q(status__in=PLANNED)),
        first=Min("starts_at"),
        last=Max("starts_at"),
    )
    return [
        (_("Visits"), told["number"]),
        (_("Still planned"), told["planned"]),
        (_("First visit"), told["first"] and local(told["first"])),
        (_("Latest visit"), told["last"] and local(told["last"])),
    ]


def keep_care_true(survivor, absorbed):
    """Who treats whom follows from the visits. Whoever treated both has done so since the earlier beginning."""
    ours, theirs = ({care.doctor_id: care for care in patient.care.all()} for patient in (survivor, absorbed))
    for doctor_id in ours.keys() & theirs.keys():
        since = min(ours[doctor_id].since, theirs[doctor_id].since)
        CareRelationship.objects.filter(pk=ours[doctor_id].pk).update(since=since)
    for doctor in Doctor.objects.filter(pk__in={*ours, *theirs}).order_by("pk"):
        refresh_care(doctor, survivor)
        refresh_care(doctor, absorbed)


def keep_care_true_apart(made):
    """The same once the visits are back with their patients."""
    doctors = Doctor.objects.filter(care__patient__in=[made.survivor, made.absorbed]).distinct().order_by("pk")
    for doctor in doctors:
        refresh_care(doctor, made.survivor)
        refresh_care(doctor, made.absorbed)


def register():
    """For AppConfig.ready()."""
    merging.moves("scheduling.Appointment.patient", named=True)
    merging.moves("scheduling.WaitlistEntry.patient", per=["department", "doctor"])
    merging.objections.append(overlaps)
    merging.facts.append(facts)
    merging.after_merge.append(keep_care_true)
    merging.after_undo.append(keep_care_true_apart)
