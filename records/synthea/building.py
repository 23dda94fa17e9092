"""How understood rows become rows of our tables, a batch at a time. Each function returns how many it wrote."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from clinic.models import Doctor, Patient
from clinic.numbers import new_number
from hms.lib.bulk import unused
from records.models import Allergy, Diagnosis, Encounter, PrescriptionLine, Vitals
from records.synthea import rows
from scheduling.models import Appointment, AppointmentEvent, Lane, Status
from scheduling.services import random_reference

SHORTEST = timedelta(minutes=1)  # a visit that ends as it begins
WITHOUT_END = timedelta(minutes=30)


def unknown(column, file):
    return _("%(column)s names nothing that stands in %(file)s.") % {"column": column, "file": file}


def ref_of(item, column):
    """The import_ref of the row that a column names."""
    return f"{rows.SOURCE}{item.row[column]}"


def by_ref(model, refs, *columns):
    """{import_ref: (pk, *columns)} of the rows that are there."""
    found = model.objects.filter(import_ref__in=set(refs)).values_list("import_ref", "pk", *columns)
    return {ref: values for ref, *values in found}


def patients_by_ref(refs):
    """{import_ref: [pk]} of the patients that are there; of one merged into another, the pk of that one."""
    found = Patient.objects.filter(import_ref__in=set(refs)).values_list("import_ref", "pk", "merged_into_id")
    return {ref: [stands or pk] for ref, pk, stands in found}


def doctors(load, items):
    """Doctors without accounts, in departments named for their specialities."""
    built = []
    for item in items:
        if not knows_organization(load, item):
            continue
        place = load.organizations.get(item.row["ORGANIZATION"])
        about = _("Practises at %(place)s.") % {"place": place} if place else ""
        built.append(Doctor(department=load.department(item.fields["specialization"]), about=about, **item.fields))
    return len(Doctor.objects.bulk_create(built))


def knows_organization(load, item):
    """Whether the organization is known or none is named; told when it is not."""
    named = item.row["ORGANIZATION"]
    if named and named not in load.organizations:
        load.bad(item.place, unknown("ORGANIZATION", "organizations.csv"))
        return False
    return True


def patients(load, items):
    """Patients without accounts, each with a number of ours."""
    today = timezone.localdate()
    born = [item for item in items if item.fields["birth_date"] <= today]
    for item in items:
        if item.fields["birth_date"] > today:
            load.bad(item.place, _("BIRTHDATE lies in the future."))
    numbers = unused(new_number, Patient, "number", len(born))
    return len(
        Patient.objects.bulk_create(
            Patient(number=number, **item.fields) for number, item in zip(numbers, born, strict=True)
        )
    )


def encounters(load, items):
    """Past visits in the history lane, each with its signed record and one event that says where it comes from."""
    patients = patients_by_ref(ref_of(item, "PATIENT") for item in items)
    doctors = by_ref(Doctor, (ref_of(item, "PROVIDER") for item in items), "department_id")
    past = [item for item in items if is_past(load, item) and knows_organization(load, item)]
    told = [item for item in past if has_people(load, item, patients, doctors)]
    references = unused(random_reference, Appointment, "reference", len(told))
    visits = Appointment.objects.bulk_create(
        past_visit(item, reference, patients[ref_of(item, "PATIENT")], doctors[ref_of(item, "PROVIDER")])
        for item, reference in zip(told, references, strict=True)
    )
    AppointmentEvent.objects.bulk_create(arrival(visit) for visit in visits)
    load.care.update((visit.doctor_id, visit.patient_id) for visit in visits)
    signed = (signed_record(load, item, visit) for item, visit in zip(told, visits, strict=True))
    return len(Encounter.objects.bulk_create(signed))


def is_past(load, item):
    """Only what is over is history. What is planned has to be booked under our rules."""
    if (item.fields["ended_at"] or item.fields["started_at"]) <= timezone.now():
        return True
    load.left_out.add(ref_of(item, "Id"))
    load.note(item.place, _("lies in the future; planned visits are booked here, not imported."))
    return False


def has_people(load, item, patients, doctors):
    """Whether patient and doctor are known; told when one is not."""
    for column, known, file in (("PATIENT", patients, "patients.csv"), ("PROVIDER", doctors, "providers.csv")):
        if ref_of(item, column) not in known:
            load.bad(item.place, unknown(column, file))
            return False
    return True


def past_visit(item, reference, patient, doctor):
    began, ended = item.fields["started_at"], item.fields["ended_at"]
    return Appointment(
        reference=reference,
        patient_id=patient[0],
        doctor_id=doctor[0],
        department_id=doctor[1],
        starts_at=began,
        ends_at=max(ended, began + SHORTEST) if ended else began + WITHOUT_END,
        status=Status.COMPLETED,
        lane=Lane.HISTORY,
        import_ref=item.ref,
    )


def arrival(visit):
    """The event of a visit that was over before it came here, at the time it was over."""
    return AppointmentEvent(
        appointment=visit,
        at=visit.ends_at,
        kind=AppointmentEvent.Kind.STATUS,
        status=Status.COMPLETED,
        starts_at=visit.starts_at,
        by_name=audit.SYSTEM,
        reason=_("Imported from Synthea"),
    )


def signed_record(load, item, visit):
    """What happened at the visit. Its reason stays here: it is a diagnosis more often than not."""
    place = load.organizations.get(item.row["ORGANIZATION"], "")
    fields = item.fields | {"notes": "\n".join(filter(None, [item.fields["notes"], place]))}
    return Encounter(appointment=visit, patient_id=visit.patient_id, doctor_id=visit.doctor_id, **fields)


def linked(load, items):
    """[(item, patient's pk, encounter's pk or None)] of those whose links hold; the others are told."""
    patients = patients_by_ref(ref_of(item, "PATIENT") for item in items)
    encounters = by_ref(Encounter, (ref_of(item, "ENCOUNTER") for item in items), "patient_id")
    held = []
    for item in items:
        patient = patients.get(ref_of(item, "PATIENT"), [None])[0]
        encounter, of_patient = encounters.get(ref_of(item, "ENCOUNTER"), (None, patient))
        if ref_of(item, "ENCOUNTER") in load.left_out:
            load.note(item.place, _("belongs to an encounter that was left out."))
        elif patient is None:
            load.bad(item.place, unknown("PATIENT", "patients.csv"))
        elif item.row["ENCOUNTER"] and encounter is None:
            load.bad(item.place, unknown("ENCOUNTER", "encounters.csv"))
        elif of_patient != patient:
            load.bad(item.place, _("ENCOUNTER is another patient's."))
        else:
            held.append((item, patient, encounter))
    return held


def of_some_encounter(load, items, begins):
    """[(item, pk of encounter)]: what belongs to no encounter gets one without a visit, on the day `begins` says."""
    held = linked(load, items)
    loose = {item.ref: entry(item, patient, begins) for item, patient, encounter in held if encounter is None}
    for item, _patient, encounter in held:
        if encounter is None:
            load.note(item.place, _("names no encounter; kept in an entry without a visit."))
    wanted = {built.import_ref: built for built in loose.values()}
    there = by_ref(Encounter, wanted)
    Encounter.objects.bulk_create(built for ref, built in wanted.items() if ref not in there)
    there = by_ref(Encounter, wanted)
    return [(item, encounter or there[loose[item.ref].import_ref][0]) for item, _patient, encounter in held]


def entry(item, patient, begins):
    """A signed entry of a day, for what was found or prescribed outside of any visit."""
    began = rows.midnight(item.fields[begins])
    return Encounter(
        import_ref=rows.ref("entry", item.row["PATIENT"], began.isoformat()),
        patient_id=patient,
        started_at=began,
        signed_at=began,
        kind="history",
    )


def diagnoses(load, items):
    pairs = of_some_encounter(load, items, "onset_on")
    return len(Diagnosis.objects.bulk_create(Diagnosis(encounter_id=pk, **item.fields) for item, pk in pairs))


def prescriptions(load, items):
    pairs = of_some_encounter(load, items, "starts_on")
    lines = (PrescriptionLine(encounter_id=pk, **item.fields) for item, pk in pairs)
    return len(PrescriptionLine.objects.bulk_create(lines))


def allergies(load, items):
    recorded = {"recorded_by_name": _("Import from Synthea")}
    return len(
        Allergy.objects.bulk_create(
            Allergy(patient_id=patient, encounter_id=encounter, **item.fields, **recorded)
            for item, patient, encounter in linked(load, items)
        )
    )


def vitals(load, items):
    """Measurements and answers. Some belong to no encounter: they are the patient's all the same."""
    return len(
        Vitals.objects.bulk_create(
            Vitals(patient_id=patient, encounter_id=encounter, **item.fields)
            for item, patient, encounter in linked(load, items)
        )
    )
