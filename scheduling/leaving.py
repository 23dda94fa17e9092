"""What stands against a doctor or a patient leaving: visits that are still planned."""

from django.db.models import Count
from django.utils.translation import ngettext

from accounts import services as accounts
from clinic import services
from scheduling import services as visits
from scheduling.models import Appointment, Status
from scheduling.services.waitlist import forget_waiting


def planned_visits(doctors):
    """{id: a sentence on the visits that doctor still has}, of those who have any."""
    planned = Appointment.objects.planned().filter(doctor__in=doctors)
    counted = planned.order_by().values_list("doctor").annotate(number=Count("pk"))
    return {doctor: in_words(count) for doctor, count in counted}


def in_words(count):
    sentence = ngettext(
        "%(count)d visit is still planned. Move or cancel it first, so that nobody comes in vain.",
        "%(count)d visits are still planned. Move or cancel them first, so that nobody comes in vain.",
        count,
    )
    return sentence % {"count": count}


def planned_visits_of(patient):
    """A sentence on the visits a patient still has; empty when there are none.

    They are not cancelled along the way: each cancellation tells a doctor, and may be too late to be made at all.
    """
    count = patient.appointments.planned().exclude(status=Status.HELD).count()
    if not count:
        return ""
    sentence = ngettext(
        "%(count)d visit is still planned. Cancel it first, so that nobody waits in vain.",
        "%(count)d visits are still planned. Cancel them first, so that nobody waits in vain.",
        count,
    )
    return sentence % {"count": count}


def forget_mails_about_visits(patient):
    """Mails and links about the visits of somebody without an account: their addresses go too."""
    ids = list(patient.appointments.values_list("pk", flat=True))
    visits.forget_links(patient)
    accounts.forget_messages(about_type=Appointment._meta.label_lower, about_id__in=ids, recipient=None)


def register():
    """For AppConfig.ready()."""
    services.before_close.append(planned_visits_of)
    services.on_close.append(forget_waiting)
    services.on_close.append(forget_mails_about_visits)
    services.before_retire.append(planned_visits)
