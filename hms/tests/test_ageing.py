"""Whatever changes a row that stands on a kept page makes that page old, however it is written."""

import ast
from datetime import timedelta

import pytest
from django.apps import apps
from django.core.cache import caches
from django.db import transaction
from django.utils import timezone

from accounts.models import Role
from accounts.services import block, unblock
from accounts.tests.factories import UserFactory
from clinic import services as clinic
from clinic import topics
from clinic.models import Patient, PatientMerge
from clinic.services import merging
from clinic.tests.factories import DepartmentFactory, DoctorFactory, PatientFactory
from hms import ageing
from hms.lib import cached
from hms.tests.test_layers import APPS, modules, tree_of
from records import services as records
from records.models import Allergy, Diagnosis, Encounter, MedicalHistory, PrescriptionLine, Vitals
from records.synthea.run import import_export
from records.tests import factories, synthea_export
from scheduling import services
from scheduling.models import Appointment, Status
from scheduling.tests.factories import AppointmentFactory

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def committed(transactional_db, broker):
    """Commits are real, and Redis hears of them."""


def token(topic):
    return caches["redis"].get(f"topic:{topic}")


def makes_old(act, *topics_of):
    """Whether an act gives each of these topics another token, and what it gave back."""
    before = [token(topic) for topic in topics_of]
    act()
    after = [token(topic) for topic in topics_of]
    return all(was != now for was, now in zip(before, after, strict=True))


def with_a_patient():
    """The labels of all models that lead to a patient, directly or through one other row."""
    direct = leading_to({Patient})
    return {model._meta.label for model in {Patient, *direct, *leading_to(direct - {Patient})}}


def leading_to(models):
    """The models with a foreign key to one of these."""
    return {
        model
        for model in apps.get_models()
        if any(field.is_relation and field.related_model in models for field in model._meta.fields)
    }


def test_every_model_with_a_patient_makes_pages_old_or_says_why_not():
    said = {model._meta.label for model in ageing.SHOWN}
    assert with_a_patient() == said | ageing.NOT_SHOWN.keys()
    assert not said & ageing.NOT_SHOWN.keys()


def a_pair():
    return clinic.note_by_hand(PatientFactory(), PatientFactory(user=None), by=UserFactory(role=Role.RECEPTION))


def merged():
    pair = a_pair()
    return PatientMerge.objects.create(
        pair=pair, survivor=pair.first, absorbed=pair.second, reason="Twice", merged_by_name="Ada"
    )


ROWS = {
    Patient: PatientFactory,
    PatientMerge: merged,
    Appointment: AppointmentFactory,
    Encounter: factories.EncounterFactory,
    Diagnosis: factories.DiagnosisFactory,
    PrescriptionLine: factories.PrescriptionLineFactory,
    Vitals: factories.VitalsFactory,
    Allergy: factories.AllergyFactory,
    MedicalHistory: factories.MedicalHistoryFactory,
}


@pytest.mark.parametrize("model", ageing.SHOWN)
def test_a_row_that_is_made_saved_or_deleted_makes_its_patients_pages_old(model):
    row = ROWS[model]()
    names = [topics.patient(pk) for pk in ageing.SHOWN[model](row) if pk]
    assert names
    assert all(token(name) for name in names)  # told when it was made
    row = model.objects.get(pk=row.pk)
    assert makes_old(row.save, *names)
    assert makes_old(row.delete, *names)


@pytest.fixture
def doctor():
    return DoctorFactory(user=UserFactory(role=Role.DOCTOR))


@pytest.fixture
def patient():
    return PatientFactory()


def services_that_write_past_save(patient, doctor):
    """(name, act) of services that use update() or bulk_create(), in an order in which all of them go through."""
    desk, when = UserFactory(role=Role.RECEPTION), timezone.now() + timedelta(hours=9)
    coming = AppointmentFactory(doctor=doctor, patient=patient, starts_at=when)
    begun = AppointmentFactory(
        doctor=doctor, patient=patient, starts_at=timezone.now() - timedelta(minutes=9), status=Status.CHECKED_IN
    )
    allergy = factories.AllergyFactory(patient=patient, substance="Latex")
    history = factories.MedicalHistoryFactory(patient=patient)
    content = {"complaint": "Cough", "notes": "", "diagnoses": [{"words": "Pneumonia"}], "vitals": [],
               "prescriptions": [{"medicine": "Doxycycline"}], "next_visit_on": None}  # fmt: skip
    by, today = {"by": doctor.user}, timezone.localdate()

    def record():
        return Encounter.objects.get(appointment=begun)

    return [
        ("confirm", lambda: services.confirm(coming, by=patient.user)),
        ("cancel", lambda: services.cancel(coming, by=desk)),
        ("annotate", lambda: services.annotate(begun, notes="Deaf in one ear", by=desk)),
        ("draft", lambda: records.save_draft(begun, **by, **content)),
        ("sign", lambda: records.sign_encounter(begun, **by, **content)),
        ("amend", lambda: records.amend_encounter(record(), **by, reason="More", **(content | {"notes": "Rest"}))),
        ("stop", lambda: records.stop_prescription(PrescriptionLine.objects.get(), **by)),
        ("correct", lambda: records.correct_allergy(allergy, **by, substance="Rubber")),
        ("end", lambda: records.end_allergy(Allergy.objects.get(substance="Rubber"), **by, ended_on=today)),
        ("review", lambda: records.review_history(history, **by)),
        ("close", lambda: clinic.close_patient(patient, by=UserFactory(role=Role.ADMIN), reason="Asked for it")),
    ]


def test_services_that_write_past_save_make_the_patients_pages_old(patient, doctor):
    for name, act in services_that_write_past_save(patient, doctor):
        assert makes_old(act, topics.patient(patient.pk)), name


# {module: the watched models whose rows it writes past save()}, and what tells of it.
PAST_SAVE = {
    "clinic.services.importing": {"Patient"},  # new patients have no pages yet
    "clinic.services.merging": {"Patient", "PatientMerge"},  # by the audit rows of the merge, of both
    "clinic.services.signins": {"Patient"},  # within a merge
    "hms.bench_dashboards": {"Appointment"},  # a measurement on made-up rows
    "hms.load_people": {"Patient"},  # makes everything old, as loaders do
    "records.services.chart": {"Allergy", "PrescriptionLine"},  # by their audit rows
    "records.services.content": {"Diagnosis", "PrescriptionLine", "Vitals"},  # by the record that is saved with them
    "records.synthea.building": {"Allergy", "Appointment", "Diagnosis", "Encounter", "Patient", "PrescriptionLine",
                                 "Vitals"},  # makes everything old
    "scheduling.services.links": {"Appointment"},  # from here on by their audit rows
    "scheduling.services.moves": {"Appointment"},
    "scheduling.services.waitlist": {"Appointment"},
}  # fmt: skip


def written_past_save(path):
    """The names of watched models on whose managers a module calls what sends no signals."""
    watched = {model.__name__ for model in ageing.SHOWN}
    calls = [node for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call)]
    named = [call.func for call in calls if isinstance(call.func, ast.Attribute)]
    return {
        node.id
        for func in named
        if func.attr in {"update", "bulk_create", "bulk_update"}
        for node in ast.walk(func.value)
        if isinstance(node, ast.Name) and node.id in watched
    }


def test_every_place_that_writes_past_save_is_known():
    found = {name: written_past_save(path) for name, path in modules(*APPS)}
    assert {name: models for name, models in found.items() if models} == PAST_SAVE


def test_reading_makes_nothing_old(patient, doctor):
    factories.AllergyFactory(patient=patient)
    assert not makes_old(lambda: records.open_chart(patient, by=patient.user), topics.patient(patient.pk))


def test_a_merge_and_its_undoing_make_the_pages_of_both_old():
    pair, admin = a_pair(), UserFactory(role=Role.ADMIN)
    factories.AllergyFactory(patient=pair.second)
    both = [topics.patient(pair.first_id), topics.patient(pair.second_id)]
    assert makes_old(lambda: merging.merge(pair, keep=pair.first, by=admin, reason="Twice"), *both)
    made = PatientMerge.objects.get()
    assert makes_old(lambda: merging.undo_merge(made, by=admin, reason="Not one"), *both)


def test_an_import_of_records_makes_everything_old(tmp_path):
    folder = synthea_export.write(tmp_path / "export")
    assert makes_old(lambda: import_export(folder, say=list), cached.EVERYTHING)


def test_departments_doctors_and_their_accounts_make_the_list_of_departments_old(doctor):
    admin, department = UserFactory(role=Role.ADMIN), DepartmentFactory()
    for act in (
        lambda: clinic.update_department(department, by=admin, name="Cardiology"),
        lambda: clinic.update_doctor(doctor, by=admin, accepting_patients=False),
        lambda: block(doctor.user, by=admin, reason="Left"),
        lambda: unblock(doctor.user, by=admin, reason="Back"),
        lambda: clinic.retire_doctor(doctor, by=admin),
        lambda: clinic.restore_doctor(doctor, by=admin),
        lambda: clinic.retire_department(department, by=admin),
        lambda: clinic.delete_department(department, by=admin),
    ):
        assert makes_old(act, topics.CLINIC)
    user = UserFactory(role=Role.PATIENT)
    assert not makes_old(user.save, topics.CLINIC)


def test_one_transaction_tells_redis_once_and_only_after_it_has_committed(patient, monkeypatch):
    told, original = [], cached.changed
    monkeypatch.setattr(cached, "changed", lambda *names: (told.append(names), original(*names)))
    with transaction.atomic():
        rows = factories.AllergyFactory.create_batch(5, patient=patient)
        assert told == []
    assert told == [(topics.patient(patient.pk),)]
    with transaction.atomic():
        rows[0].save()
        transaction.set_rollback(True)
    assert len(told) == 1
