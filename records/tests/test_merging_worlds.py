"""Any three patients, anything in their charts, merged and separated in any order: no row is lost or a fourth one's."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Role
from accounts.tests.factories import UserFactory
from clinic import merging
from clinic.models import DuplicatePair, Patient, PatientMerge
from clinic.services import merge, undo_merge
from clinic.services.duplicates import _note
from clinic.tests.factories import DoctorFactory, PatientFactory
from hms.lib.errors import Refused
from records.models import Diagnosis, PrescriptionLine
from records.tests.factories import (
    AllergyFactory,
    DiagnosisFactory,
    EncounterFactory,
    MedicalHistoryFactory,
    PrescriptionLineFactory,
    VitalsFactory,
)
from records.tests.pairs import everything
from scheduling.models import Status
from scheduling.tests.factories import AppointmentFactory
from scheduling.tests.test_care import recomputed, stored

pytestmark = pytest.mark.django_db
PATIENTS, DOCTORS = 3, 2
KINDS = ["visit", "planned", "allergy", "history", "vitals"]
things = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(0, PATIENTS - 1), st.integers(0, DOCTORS - 1)), max_size=10
)
acts = st.lists(
    st.tuples(st.booleans(), st.sampled_from([(0, 1), (1, 2), (0, 2)]), st.booleans()), min_size=1, max_size=5
)


def put(kind, patient, doctor, number):
    at = timezone.now() - timedelta(days=5 + number)
    match kind:
        case "visit":
            visit = AppointmentFactory(patient=patient, doctor=doctor, starts_at=at, status=Status.COMPLETED)
            encounter = EncounterFactory(appointment=visit)
            for factory in (DiagnosisFactory, PrescriptionLineFactory):
                factory(encounter=encounter)
            VitalsFactory(patient=patient, encounter=encounter)
        case "planned":
            AppointmentFactory(patient=patient, doctor=doctor, starts_at=timezone.now() + timedelta(days=1 + number))
        case "allergy":
            AllergyFactory(patient=patient)
        case "history":
            MedicalHistoryFactory(patient=patient)
        case "vitals":
            VitalsFactory(patient=patient)


def clinical_rows():
    """How many rows of each kind there are, whoever's they are."""
    counts = Counter({entry.path: entry.rows().count() for entry in merging.moving()})
    return counts | {model.__name__: model.objects.count() for model in (Diagnosis, PrescriptionLine)}


def require_whole(people, bystander):
    """Every row belongs to somebody who stands, what hangs together belongs to one, the bystander has her own alone."""
    for entry in merging.moving():
        if not entry.per and entry.path != "clinic.Patient.merged_into":
            owners = set(entry.rows().values_list(entry.name, flat=True))
            assert owners <= {patient.pk for patient in Patient.objects.standing()}, entry.path
        for relation in entry.follows:
            for row in entry.rows(**{f"{relation}__isnull": False}):
                assert row.patient_id == getattr(row, relation).patient_id, f"{entry.path} {row.pk}"
    assert everything(bystander[0]) == bystander[1]
    assert stored() == recomputed(timezone.now())


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(contents=things, story=acts)
def test_nothing_is_lost_and_undoing_everything_gives_the_beginning_back(contents, story, db):
    with transaction.atomic():
        admin, doctors = UserFactory(role=Role.ADMIN), DoctorFactory.create_batch(DOCTORS)
        people = [
            PatientFactory(name="Mina Alvarez", **({} if number else {"user": None})) for number in range(PATIENTS)
        ]
        for number, (kind, who, doctor) in enumerate(contents):
            put(kind, people[who], doctors[doctor], number)
        other = PatientFactory()
        put("visit", other, doctors[0], len(contents))
        bystander, before, rows = (other, everything(other)), everything(*people), clinical_rows()
        for is_merge, (one, two), keep_first in story:
            try:
                if is_merge:
                    pair = DuplicatePair.objects.of(people[one], people[two]).first()
                    pair = pair or _note(people[one], people[two], ["name"])
                    merge(pair, keep=pair.first if keep_first else pair.second, by=admin, reason="One person")
                else:
                    made = PatientMerge.objects.standing().order_by("pk" if keep_first else "-pk")[:1]
                    undo_merge(made.get(), by=admin, reason="Two people")
            except (Refused, PatientMerge.DoesNotExist):
                continue
            require_whole(people, bystander)
            assert {path: number for path, number in clinical_rows().items() if "merged_into" not in path} == {
                path: number for path, number in rows.items() if "merged_into" not in path
            }
        for made in PatientMerge.objects.standing().order_by("-pk"):
            undo_merge(made, by=admin, reason="Two people")
        assert everything(*people) == before
        transaction.set_rollback(True)
