"""A word that exists nowhere else, in each clinical text: where it may be read, and where it must not."""

import contextlib
import io

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse

from accounts.models import AuditEvent, Message, Role
from accounts.roles import GROUPS
from records.models import Encounter, Export
from records.services import (
    amend_encounter,
    record_allergy,
    request_export,
    review_history,
    run_export,
    save_history,
    sign_encounter,
)
from records.services.chart import HISTORY_FIELDS
from scheduling.services import cancel
from scheduling.tests.factories import AppointmentFactory

STEMS = "complaint notes diagnosis medicine dose instruction allergen reaction override amendment"
ABOUT_ACCESS = {"view_export", "view_breakglass", "review_breakglass", "view_clinicalgrant", "add_clinicalgrant",
                "confirm_clinicalgrant", "revoke_clinicalgrant", "fetch_export", "export_appointments",
                "export_doctors", "export_patients", "view_figures", "view_monthlyreport",
                "make_monthlyreport"}  # fmt: skip
WORDS = [f"{stem}qzx" for stem in (*STEMS.split(), *HISTORY_FIELDS)]


@pytest.fixture
def told(visit, doctor, patient, settings, tmp_path):
    """A patient all of whose clinical texts hold a word of WORDS."""
    settings.EXPORT_ROOT = tmp_path
    history = save_history(patient, by=patient.user, **{name: f"{name}qzx" for name in HISTORY_FIELDS})
    review_history(history, by=doctor.user)
    record_allergy(patient, by=doctor.user, substance="allergenqzx", reaction="reactionqzx")
    line = {"medicine": "allergenqzx medicineqzx", "dose": "doseqzx", "instructions": "instructionqzx",
            "override_reason": "overrideqzx"}  # fmt: skip
    content = {"diagnoses": [{"words": "diagnosisqzx", "code": "J20.9"}], "prescriptions": [line], "notes": "notesqzx"}
    encounter = sign_encounter(visit, by=doctor.user, complaint="complaintqzx", **content)
    amend_encounter(encounter, by=doctor.user, reason="amendmentqzx", complaint="complaintqzx again", **content)
    export = request_export(patient, by=patient.user)
    assert run_export(export.pk)
    return patient


def pages(patient):
    """Every page that needs no argument, and each page about this patient, their visit and their record."""
    encounter, visit = patient.encounters.get(), patient.appointments.get()
    rows = {
        patient: ["records:chart-detail", "records:history-edit", "records:opening-list", "records:allergy-create",
                  "clinic:patient-detail", "clinic:patient-edit"],
        visit: ["records:encounter-write", "scheduling:appointment-detail", "scheduling:appointment-ics"],
        encounter: ["records:encounter-detail", "records:encounter-amend"],
        encounter.prescriptions.get(): ["records:prescription-stop"],
        patient.allergies.get(): ["records:allergy-edit"],
        Export.objects.get(): ["records:export-detail", "records:export-download"],
    }  # fmt: skip
    yield from (reverse(name, args=[row.pk]) for row, names in rows.items() for name in names)
    for name in all_names(get_resolver()):
        with contextlib.suppress(NoReverseMatch):
            if name != "account_logout":
                yield reverse(name)


def all_names(resolver, prefix=""):
    for entry in resolver.url_patterns:
        if hasattr(entry, "url_patterns"):
            space = f"{prefix}{entry.namespace}:" if entry.namespace else prefix
            yield from all_names(entry, space)
        elif entry.name:
            yield f"{prefix}{entry.name}"


def text_of(answer):
    return b"".join(answer.streaming_content).decode() if answer.streaming else answer.text


def words_seen(client, urls):
    """{url: the words on it} for pages that hold any."""
    seen = {}
    for url in urls:
        text = text_of(client.get(url, follow=True))
        if found := [word for word in WORDS if word in text]:
            seen[url] = found
    return seen


def client_for(user):
    client = Client()
    client.force_login(user)
    return client


def test_the_patient_and_the_treating_doctor_read_every_word(told, doctor):
    patient_reads = words_seen(client_for(told.user), pages(told))
    doctor_reads = words_seen(client_for(doctor.user), pages(told))
    everything = set(WORDS)
    assert set().union(*doctor_reads.values()) == everything
    assert set().union(*patient_reads.values()) == everything


@pytest.mark.parametrize("role", [Role.PATIENT, Role.DOCTOR, Role.RECEPTION, Role.ADMIN])
def test_nobody_else_reads_a_word_on_any_page(role, told, as_stranger, as_other_doctor, as_reception, as_admin):
    clients = {
        Role.PATIENT: as_stranger, Role.DOCTOR: as_other_doctor, Role.RECEPTION: as_reception, Role.ADMIN: as_admin
    }  # fmt: skip
    assert words_seen(clients[role], pages(told)) == {}


def test_no_word_travels_in_mails_the_audit_trail_or_labels(told):
    mails = "".join(
        f"{message.subject}{message.text}{message.html}{message.attachments}" for message in Message.objects.all()
    )
    trail = "".join(f"{event.target_label}{event.detail}{event.action}" for event in AuditEvent.objects.all())
    encounter = Encounter.objects.get(patient=told)
    labels = "".join(
        str(row) for rows in (encounter.diagnoses, encounter.prescriptions, told.allergies) for row in rows.all()
    )
    assert [word for word in WORDS if word in mails + trail + labels] == []


def test_no_clinical_table_can_be_opened_in_the_administration_site():
    registered = {model.__name__ for model in admin.site._registry if model._meta.app_label == "records"}
    assert registered == {"BreakGlass", "ClinicalGrant", "Export", "MonthlyReport"}


def test_administrators_see_that_files_were_made_and_cannot_change_or_fetch_them(told, as_admin):
    export = Export.objects.get()
    page = as_admin.get(reverse("admin:records_export_changelist"))
    assert page.status_code == 200
    assert told.user.name in page.text
    one = as_admin.get(reverse("admin:records_export_change", args=[export.pk]))
    assert (one.status_code, export.file_name in one.text) == (200, False)
    assert as_admin.get(reverse("admin:records_export_add")).status_code == 403
    assert as_admin.post(reverse("admin:records_export_delete", args=[export.pk]), {"post": "yes"}).status_code == 403
    assert as_admin.get(reverse("records:export-download", args=[export.pk])).status_code == 404


def test_reception_and_administrators_hold_no_permission_on_clinical_rows(db):
    for role in (Role.RECEPTION, Role.ADMIN):
        group = Group.objects.get(name=GROUPS[role])
        held = group.permissions.filter(content_type__app_label="records").values_list("codename", flat=True)
        assert set(held) <= ABOUT_ACCESS


def test_a_cancelled_visit_ends_the_care_and_closes_the_chart(told, doctor):
    """A doctor with one planned visit reads the chart; when it is cancelled, not any more."""
    planned = AppointmentFactory(patient=told)
    reader = client_for(planned.doctor.user)
    chart = reverse("records:chart-detail", args=[told.pk])
    assert "diagnosisqzx" in reader.get(chart).text
    cancel(planned, by=told.user)
    assert reader.get(chart).status_code == 404


def test_a_downloaded_file_is_the_one_place_outside_the_pages(told):
    export = Export.objects.get()
    text = text_of(client_for(told.user).get(reverse("records:export-download", args=[export.pk])))
    assert io.StringIO(text).readline().startswith("\ufeff")
    assert "diagnosisqzx" in text
