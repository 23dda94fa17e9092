"""All that is kept in Redis: for how long, and which topics make it old. Figures and times only, nothing clinical."""

VISITS = "visits"  # any visit of the hospital

FREE_SECONDS = 180  # a doctor's next free time, for searches and for the cards of booking
FIGURES_SECONDS = 300  # the numbers of an administrator's dashboards


def times(doctor_id):
    """One doctor's hours, time off and visits."""
    return f"times:{doctor_id}"
