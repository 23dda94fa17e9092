"""All that is kept in Redis: for how long, and which topics make it old. What tells of a person is kept sealed."""

VISITS = "visits"  # any visit of the hospital
CLINIC = "clinic"  # departments and doctors: names, who works where, who is listed

FREE_SECONDS = 180  # a doctor's next free time, for searches and for the cards of booking
FIGURES_SECONDS = 300  # the numbers of an administrator's dashboards
HOME_SECONDS = 120  # what lies behind a patient, on the first page; sealed
CHART_SECONDS = 300  # a patient's own medical history; sealed
DEPARTMENTS_SECONDS = 300  # the open departments, which all see alike


def times(doctor_id):
    """One doctor's hours, time off and visits."""
    return f"times:{doctor_id}"


def patient(patient_id):
    """One patient: data, visits and everything in the record."""
    return f"patient:{patient_id}"
