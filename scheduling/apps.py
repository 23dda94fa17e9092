from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SchedulingConfig(AppConfig):
    """When: working hours, time off, visits, free times."""

    name = "scheduling"
    verbose_name = "Scheduling"

    def ready(self):
        from accounts import audit, trail
        from scheduling import joining, leaving, mails, notices

        joining.register()
        leaving.register()
        mails.register()
        notices.register()
        trail.lead(
            {
                "clinic.doctor": ("scheduling:doctor-detail", ""),
                "scheduling.appointment": ("scheduling:appointment-detail", "scheduling.view_appointment"),
            }
        )
        audit.name_actions(
            {
                "appointment.booked": _("Visit booked"),
                "appointment.overbooked": _("Visit overbooked"),
                "appointment.moved": _("Visit moved"),
                "appointment.cancelled": _("Visit cancelled"),
                "appointment.checked_in": _("Patient checked in"),
                "appointment.in_consultation": _("Consultation begun"),
                "appointment.completed": _("Visit completed"),
                "appointment.no_show": _("Marked as no-show"),
                "appointment.annotated": _("Notes by staff changed"),
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
        )
