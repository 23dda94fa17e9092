"""Clinical columns of a list: filled for those patients alone whose charts a grant lets its holder take along now."""

from collections import defaultdict

from django.utils.translation import gettext_lazy as _

from clinic.models import BloodGroup, Patient
from records.models import Allergy, Encounter
from records.models.reading import granted_to
from scheduling.models import Appointment


def within_grants(owner, patients):
    """The ids of those patients whose charts may leave by a grant."""
    return set(granted_to(owner, exporting=True).filter(pk__in=patients).order_by().values_list("pk", flat=True))


def found_at(encounters):
    """The diagnoses of some encounters in one cell, each on a line of its own."""
    rows = [f"{row.code} {row.words}".strip() for encounter in encounters for row in encounter.diagnoses.all()]
    return "\n".join(dict.fromkeys(rows))


class Visits:
    """What stands beside a visit."""

    titles = (_("Reason for the visit"), _("Complaint"), _("Diagnoses"))

    def __init__(self, owner):
        self.owner = owner

    def cells(self, pks):
        """({pk of a visit: its cells}, ids of the patients whose charts were read) in a fixed number of queries."""
        visits = list(
            Appointment.objects.visible_to(self.owner).filter(pk__in=pks).values_list("pk", "patient", "reason")
        )
        opened = within_grants(self.owner, {patient for _pk, patient, _reason in visits})
        readable = Encounter.objects.visible_to(self.owner).signed().filter(appointment__in=pks, patient__in=opened)
        of_visit = {row.appointment_id: row for row in readable.prefetch_related("diagnoses")}
        cells = {}
        for pk, patient, reason in visits:
            if patient in opened:
                encounter = of_visit.get(pk)
                found = (encounter.complaint, found_at([encounter])) if encounter else ("", "")
                cells[pk] = (reason, *found)
        return cells, opened


class Patients:
    """What stands beside a patient."""

    titles = (_("Blood group"), _("Allergies"), _("Diagnoses"))

    def __init__(self, owner):
        self.owner = owner

    def cells(self, pks):
        """({pk of a patient: cells}, ids of the patients whose charts were read) in a fixed number of queries."""
        opened = within_grants(self.owner, pks)
        groups, allergies, encounters = dict(BloodGroup.choices), defaultdict(list), defaultdict(list)
        for allergy in Allergy.objects.visible_to(self.owner).filter(patient__in=opened, ended_on=None):
            allergies[allergy.patient_id].append(allergy.substance)
        readable = Encounter.objects.visible_to(self.owner).signed().filter(patient__in=opened)
        for encounter in readable.prefetch_related("diagnoses"):
            encounters[encounter.patient_id].append(encounter)
        known = Patient.objects.visible_to(self.owner).filter(pk__in=opened).values_list("pk", "blood_group")
        cells = {
            pk: (str(groups.get(group, "")), "\n".join(allergies[pk]), found_at(encounters[pk])) for pk, group in known
        }
        return cells, opened
