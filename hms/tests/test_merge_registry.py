"""Every foreign key to Patient has a rule for when two patients' records are merged (clinic/merging.py)."""

from clinic import merging
from clinic.models import Patient


def keys_to_patient():
    """{path: model} of every relation to Patient, hidden ones too."""
    relations = [field for field in Patient._meta.get_fields(include_hidden=True) if field.auto_created]
    return {
        f"{relation.related_model._meta.label}.{relation.field.name}": relation.related_model
        for relation in relations
        if relation.is_relation
    }


def test_every_table_that_points_to_a_patient_says_what_a_merge_does_with_it():
    undeclared = sorted(keys_to_patient().keys() - merging.declared())
    assert undeclared == [], "Say in the app's ready(): merging.moves(path) or merging.stays(path, why=…)"


def test_nothing_is_declared_that_does_not_exist():
    assert sorted(merging.declared() - keys_to_patient().keys()) == []


def test_what_belongs_to_a_row_of_the_same_patient_follows_it():
    """A measurement has a patient, and an encounter that has one too: undoing a merge must not part them."""
    moving = {entry.path: entry for entry in merging.moving()}
    models = {entry.model: entry for entry in moving.values() if entry.path != "clinic.Patient.merged_into"}
    forgotten = [
        f"{entry.path} follows {field.name}"
        for entry in models.values()
        for field in entry.model._meta.fields
        if field.is_relation
        and field.related_model in models
        and field.name not in entry.follows
        and field.related_model is not entry.model
    ]
    assert forgotten == []


def test_a_unique_rule_with_the_patient_in_it_is_declared_with_per():
    """Else two rows of the two patients would be one too many at the one who stays."""
    wrong = [
        f"{entry.path}: {rule.name}"
        for entry in merging.moving()
        for rule in entry.model._meta.constraints
        if entry.name in getattr(rule, "fields", ()) and set(rule.fields) - {entry.name} != set(entry.per)
    ]
    assert wrong == []


def test_the_registry_knows_hidden_relations():
    assert "records.Export.patient" in keys_to_patient()
    assert {"clinic.PatientMerge.survivor", "clinic.CareRelationship.patient"} <= keys_to_patient().keys()
