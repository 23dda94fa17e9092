from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

# What the audit trail calls what happens here.
ACTIONS = {
    "appointment.booked": _("Visit booked"),
    "appointment.overbooked": _("Visit overbooked"),
    "appointment.moved": _("Visit moved"),
    "appointment.cancelled": _("Visit cancelled"),
    "appointment.called": _("Patient told by telephone"),
    "appointment.uncalled": _("Note of a call taken back"),
    "appointment.asked": _("Patient asked for another time"),
    "appointment.call_wanted": _("Patient asks to be called about another time"),
    "appointment.stands": _("Visit takes place as booked after all"),
    "appointment.confirmed": _("Patient says they will come"),
    "appointment.checked_in": _("Patient checked in"),
    "appointment.in_consultation": _("Consultation begun"),
    "appointment.completed": _("Visit completed"),
    "appointment.no_show": _("Marked as no-show"),
    "appointment.annotated": _("Notes by staff changed"),
    "waitlist.joined": _("Joined the waiting list"),
    "waitlist.left": _("Left the waiting list"),
    "offer.made": _("Freed time offered"),
    "offer.declined": _("Offered time declined"),
    "offer.lapsed": _("Offered time not answered"),
    "patient.written_to": _("Written to about a visit"),
    "delay.announced": _("Doctor runs late"),
    "delay.ended": _("Doctor on time again"),
    "hours.added": _("Working hours added"),
    "hours.changed": _("Working hours changed"),
    "hours.removed": _("Working hours removed"),
    "extra_hours.added": _("Extra date added"),
    "extra_hours.changed": _("Extra date changed"),
    "extra_hours.removed": _("Extra date removed"),
    "time_off.added": _("Time off added"),
    "time_off.changed": _("Time off changed"),
    "time_off.removed": _("Time off removed"),
}


class SchedulingConfig(AppConfig):
    """When: working hours, time off, visits, free times."""

    name = "scheduling"
    verbose_name = "Scheduling"

    def ready(self):
        from accounts import audit, jobs, trail
        from scheduling import joining, leaving, mails, notices, services, unreached
        from scheduling.services import waitlist

        joining.register()
        leaving.register()
        mails.register()
        notices.register()
        unreached.register()
        jobs.register(
            jobs.Job(
                task="scheduling.tasks.send_reminders",
                title=_("Remind patients of their visits"),
                command="send_reminders",
                does=services.send_reminders,
                would=services.rehearse_reminders,
            ),
            jobs.Job(
                task="scheduling.tasks.offer_freed_times",
                title=_("Offer freed times to the waiting list"),
                command="offer_freed_times",
                does=waitlist.offer_freed_times,
                would=waitlist.rehearse_offers,
            ),
        )
        trail.lead(
            {
                "clinic.doctor": ("scheduling:doctor-detail", ""),
                "scheduling.appointment": ("scheduling:appointment-detail", "scheduling.view_appointment"),
            }
        )
        audit.name_actions(ACTIONS)
