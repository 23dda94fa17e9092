"""What a chart shows of a patient, narrowed to who reads it. Each part is one query, made when it is asked for."""

from datetime import date
from functools import cached_property

from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from clinic.models import PatientMerge
from hms.lib.kept import KeptByRole
from records.changes import word_changes
from records.measures import BY_CODE, MEASURES
from records.models import Allergy, Diagnosis, Encounter, MedicalHistory, PrescriptionLine, Vitals
from records.services.chart import HISTORY_FIELDS

VITAL_SIGNS = "vital-signs"
EARLIER = 6  # how many values of one measurement are shown


def _lines(user, patient):
    """The medicines of a patient's signed records, those of the latest record first."""
    signed = {"encounter__patient": patient, "encounter__signed_at__isnull": False}
    lines = PrescriptionLine.objects.visible_to(user).filter(**signed).select_related("encounter")
    return lines.order_by("-encounter__started_at", "pk")


LINES = KeptByRole(_lines, int)


class Chart:
    """The parts of a patient's chart. Whoever makes one has written down that it was opened."""

    def __init__(self, user, patient):
        self.user = user
        self.patient = patient

    def _mine(self, model):
        return model.objects.visible_to(self.user).filter(patient=self.patient)

    def _of_encounters(self, model):
        return model.objects.visible_to(self.user).filter(encounter__patient=self.patient).select_related("encounter")

    @cached_property
    def today(self):
        return timezone.localdate()

    @cached_property
    def all_allergies(self):
        return list(self._mine(Allergy).filter(corrected_by=None))

    @property
    def allergies(self):
        return [row for row in self.all_allergies if not row.ended_on or row.ended_on > self.today]

    @property
    def ended_allergies(self):
        return [row for row in self.all_allergies if row.ended_on and row.ended_on <= self.today]

    @cached_property
    def all_lines(self):
        return LINES(self.user).rows(self.user.pk, self.patient.pk)

    @property
    def medication(self):
        return [line for line in self.all_lines if line.is_current(self.today)]

    @property
    def earlier_medication(self):
        return [line for line in self.all_lines if not line.is_current(self.today)]

    @cached_property
    def conditions(self):
        """One entry per condition however often it was noted: {row (the latest), since, times}; open ones first."""
        found = {}
        rows = self._of_encounters(Diagnosis).filter(encounter__signed_at__isnull=False)
        for row in rows.order_by("encounter__started_at", "pk"):
            first = {"since": row.onset_on or row.encounter.started_at, "times": 0}
            entry = found.setdefault(row.code or row.search, first)
            entry |= {"row": row, "times": entry["times"] + 1}
        latest_first = list(found.values())[::-1]
        return sorted(latest_first, key=lambda entry: entry["row"].resolved_on is not None)

    @cached_property
    def vitals(self):
        """Per measurement the latest value and a few earlier ones: {label, latest, earlier}."""
        return self._measured(self._mine(Vitals).filter(category=VITAL_SIGNS))

    @cached_property
    def other_measurements(self):
        """Laboratory values, scores, answers: the same."""
        return self._measured(self._mine(Vitals).exclude(category=VITAL_SIGNS))

    def _measured(self, rows):
        latest_first = [F("measured_at").desc(), F("pk").desc()]
        place = Window(RowNumber(), partition_by=[F("code"), F("label")], order_by=latest_first)
        stands = rows.exclude(encounter__isnull=False, encounter__signed_at=None)
        by_kind = {}
        for row in stands.annotate(place=place).filter(place__lte=EARLIER).order_by(*latest_first):
            by_kind.setdefault(row.code or row.label, []).append(row)
        order = {measure.code: number for number, measure in enumerate(MEASURES)}
        kinds = sorted(by_kind.items(), key=lambda item: (order.get(item[0], len(order)), item[1][0].label))
        return [
            {
                "label": BY_CODE[code].label if code in BY_CODE else rows[0].label,
                "latest": rows[0],
                "earlier": rows[1:EARLIER],
            }
            for code, rows in kinds
        ]

    @cached_property
    def histories(self):
        return list(self._mine(MedicalHistory).select_related("reviewed_by")[:20])

    @property
    def history(self):
        return self.histories[0] if self.histories else None

    @cached_property
    def histories_of_merged(self):
        """[(number, history)]: the latest of each record merged into this one, and of this one itself, but the current.

        A doctor sees them until a history that was written after the merge has been read and confirmed.
        """
        merges = PatientMerge.objects.standing().filter(absorbed__merged_into=self.patient) if self.histories else []
        newest_merge = max((made.merged_at for made in merges), default=None)
        if newest_merge is None or any(row.reviewed_at and row.written_at > newest_merge for row in self.histories):
            return []
        taken, groups = set(), []
        for made in sorted(merges, key=lambda made: made.pk):
            ids = set(made.rows.get("records.MedicalHistory.patient", [])) - taken
            taken |= ids
            groups.append((made.absorbed.number, self._mine(MedicalHistory).filter(pk__in=ids)))
        own = self._mine(MedicalHistory).filter(written_at__lt=newest_merge).exclude(pk__in=taken)
        latest = [(number, rows.first()) for number, rows in [(self.patient.number, own), *groups]]
        return [(number, row) for number, row in latest if row and row != self.history]

    @property
    def history_has_news(self):
        return any(changes for _label, _text, changes in self.history_parts)

    @cached_property
    def history_parts(self):
        """(label, text, changes since the last review or None) of each part of the history that says something."""
        if not self.history:
            return []
        before = next((row for row in self.histories[1:] if row.reviewed_at), None)
        parts = []
        for name in HISTORY_FIELDS:
            text, earlier = getattr(self.history, name), getattr(before, name) if before else ""
            is_news = before and not self.history.reviewed_at and text != earlier
            changes = word_changes(earlier, text) if is_news else None
            if text or changes:
                parts.append((MedicalHistory._meta.get_field(name).verbose_name, text, changes))
        return parts

    @cached_property
    def encounters(self):
        return self._mine(Encounter).signed().with_content()

    @cached_property
    def latest_encounters(self):
        return list(self.encounters[:3])


def earlier_versions(encounter):
    """How a record read before each amendment, the latest first: {version, content}; dates are dates again."""
    versions = []
    for version in encounter.versions.order_by("-number"):
        content = dict(version.content)
        next_visit = content.get("next_visit_on")
        content["next_visit_on"] = date.fromisoformat(next_visit) if next_visit else None
        content["vitals"] = [measured(row) for row in content.get("vitals", [])]
        versions.append({"version": version, "content": content})
    return versions


def measured(row):
    """A measurement of an earlier version in the shape of a Vitals row."""
    measure = BY_CODE[row["code"]]
    return {"label": measure.label, "number": row["number"], "words": "", "unit": measure.unit, "code": row["code"]}
