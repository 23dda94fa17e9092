"""What stands against a doctor leaving: visits that are still planned."""

from django.utils.translation import ngettext

from clinic import services


def planned_visits(doctor):
    """A sentence on the visits a doctor still has; empty when there are none."""
    count = doctor.appointments.planned().count()
    if not count:
        return ""
    sentence = ngettext(
        "%(count)d visit is still planned. Move or cancel it first, so that nobody comes in vain.",
        "%(count)d visits are still planned. Move or cancel them first, so that nobody comes in vain.",
        count,
    )
    return sentence % {"count": count}


def register():
    """For AppConfig.ready()."""
    services.before_retire.append(planned_visits)
