"""The content of an encounter as plain values, and putting it into rows. For the services beside it."""

import json
from datetime import date

from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from clinic.models import Hospital
from records.durations import last_day
from records.measures import BY_CODE, plain
from records.models import CodeSystem, Diagnosis, PrescriptionLine, Vitals

DIAGNOSIS_FIELDS = ("words", "code", "system")
LINE_FIELDS = ("medicine", "dose", "route", "frequency", "duration", "instructions", "override_reason")

STOP_FIELDS = ("stopped_on", "stopped_by_name", "stopped_reason")


def today():
    """The day it is at the hospital."""
    return timezone.localdate(timezone=Hospital.current().zone)


def content_of(encounter):
    """All that an encounter says, in plain values: what a version keeps, and what two savings are compared by."""
    measured = [row for row in encounter.vitals.all() if row.number is not None]
    return as_json(
        {
            "complaint": encounter.complaint,
            "notes": encounter.notes,
            "next_visit_on": encounter.next_visit_on,
            "diagnoses": [_values(row, DIAGNOSIS_FIELDS) for row in encounter.diagnoses.all()],
            "prescriptions": [_values(row, LINE_FIELDS) for row in encounter.prescriptions.all()],
            "vitals": [{"code": row.code, "number": plain(row.number)} for row in measured],
        }
    )


def _values(row, names):
    return {name: getattr(row, name) for name in names}


def normal(*, complaint, notes="", diagnoses=(), prescriptions=(), vitals=(), next_visit_on=None):
    """What somebody wants an encounter to say, in the shape of `content_of`.

    `diagnoses` are dicts with words and, where known, code and system; `prescriptions` with medicine and the other
    LINE_FIELDS; `vitals` with the code of a measure in `measures.MEASURES` and a number.
    """
    return as_json(
        {
            "complaint": complaint,
            "notes": notes,
            "next_visit_on": next_visit_on,
            "diagnoses": [_diagnosis(**row) for row in diagnoses],
            "prescriptions": [_line(**row) for row in prescriptions],
            "vitals": [{"code": row["code"], "number": plain(row["number"])} for row in vitals],
        }
    )


def _diagnosis(*, words, code="", system=CodeSystem.ICD10):
    return {"words": words, "code": code, "system": system if code else CodeSystem.NONE}


def _line(*, medicine, **details):
    return dict.fromkeys(LINE_FIELDS, "") | {"medicine": medicine} | details


def as_json(content):
    """Through JSON and back, so that a date from a form and one from a kept version are the same."""
    return json.loads(json.dumps(content, cls=DjangoJSONEncoder))


def is_same(one, other):
    """Whether two contents say the same; the order of measurements says nothing."""
    measured = [sorted(content["vitals"], key=lambda row: row["code"]) for content in (one, other)]
    return measured[0] == measured[1] and {**one, "vitals": None} == {**other, "vitals": None}


def write(encounter, content):
    """Make an encounter and its rows say `content`. Call it with the encounter locked."""
    encounter.complaint, encounter.notes = content["complaint"], content["notes"]
    encounter.next_visit_on = date.fromisoformat(content["next_visit_on"]) if content["next_visit_on"] else None
    encounter.saves += 1
    encounter.save()
    encounter.diagnoses.all().delete()
    Diagnosis.objects.bulk_create(Diagnosis(encounter=encounter, **row) for row in content["diagnoses"])
    _write_lines(encounter, content["prescriptions"])
    _write_vitals(encounter, content["vitals"])


def _write_lines(encounter, lines):
    """A line that says the same as before stays stopped if somebody had stopped it."""
    begins = timezone.localdate(encounter.started_at, Hospital.current().zone)
    stops = {
        tuple(_values(row, LINE_FIELDS).values()): _values(row, STOP_FIELDS)
        for row in encounter.prescriptions.exclude(stopped_on=None)
    }
    encounter.prescriptions.all().delete()
    PrescriptionLine.objects.bulk_create(
        PrescriptionLine(
            encounter=encounter,
            starts_on=begins,
            ends_on=last_day(begins, line["duration"]),
            **line,
            **stops.get(tuple(line[name] for name in LINE_FIELDS), {}),
        )
        for line in lines
    )


def _write_vitals(encounter, measured):
    """What was measured already keeps its time; what is new was measured now, but not after the visit's end."""
    before = {row.code: row.measured_at for row in encounter.vitals.all()}
    now = timezone.now()
    at = min(now, encounter.appointment.ends_at) if encounter.appointment else now
    encounter.vitals.all().delete()
    Vitals.objects.bulk_create(
        Vitals(
            patient_id=encounter.patient_id,
            encounter=encounter,
            measured_at=before.get(row["code"], at),
            code=row["code"],
            label=str(BY_CODE[row["code"]].label),
            number=row["number"],
            unit=BY_CODE[row["code"]].unit,
        )
        for row in measured
    )
