"""Lists as files: what one sees of them, with the filters of the address, and clinical columns by a grant alone."""

import csv
import errno
import io
import os
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, Message, Role
from accounts.tests.factories import UserFactory
from clinic.models import Hospital, Patient
from clinic.tests.factories import DoctorFactory, PatientFactory
from hms.lib.sheets import BLANK, cell
from records.lists.lines import List
from records.lists.sql import offsets
from records.models import ClinicalGrant, Export
from records.services import exports, making, purge_exports, request_list, run_export
from records.tests.conftest import client_of
from records.tests.factories import AllergyFactory, DiagnosisFactory, EncounterFactory
from scheduling.models import Status
from scheduling.tests.factories import AppointmentFactory

NASTY = ["=1+1", "  +2", "\u3000@x", "-3", "\uff1d1", 'say "hi", now', "two\nlines", "\ttab", "\r\nnew", "a\rb", "आशा",
         "", "\u00a0-1", "O'Brien", "\u200b=1", "9=1", "\x1f=1", "\\=1", "%s", "محمد"]  # fmt: skip
CSV = {"format": "csv"}
KINDS = (Export.Kind.APPOINTMENTS, Export.Kind.DOCTORS, Export.Kind.PATIENTS)


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.EXPORT_ROOT = tmp_path / "exports"
    return settings.EXPORT_ROOT


@pytest.fixture
def admin(db):
    return UserFactory(role=Role.ADMIN)


def page_of(export):
    return reverse("records:export-detail", args=[export.pk])


def download_of(export):
    return reverse("records:export-download", args=[export.pk])


def made(kind, owner, query="", **options):
    """A finished list."""
    export = request_list(kind, by=owner, query=query, **options)
    assert run_export(export.pk)
    export.refresh_from_db()
    return export


def table_of(export, folder):
    """The rows of a finished file as dicts."""
    content = (folder / export.file_name).read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(content, newline="")))


def granting(user, **what):
    """A grant to download that is in force."""
    now = timezone.now()
    others = [UserFactory(role=Role.ADMIN) for _number in range(2)]
    return ClinicalGrant.objects.create(
        user=user, may_export=True, reason="Audit", starts_at=now, until=now + timedelta(days=1),
        asked_by=others[0], confirmed_by=others[1], confirmed_at=now, **what,
    )  # fmt: skip


def written_down(action):
    return AuditEvent.objects.filter(action=action)


def test_from_the_list_to_the_file_with_its_filters(as_admin, visit, folder):
    other = AppointmentFactory(status=Status.CANCELLED)
    shown = as_admin.get(reverse("scheduling:appointment-list"), {"status": "cancelled", "when": "all", "page": "1"})
    start = reverse("records:export-appointments") + "?status=cancelled&amp;when=all"
    assert start in shown.text
    url = start.replace("&amp;", "&")
    assert "1 row: the list as you filtered it." in as_admin.get(url).text
    asked = as_admin.post(url, {"format": "csv_plain"})
    export = Export.objects.get()
    assert asked.url == page_of(export)
    waiting = as_admin.get(page_of(export)).text
    assert 'http-equiv="refresh"' in waiting
    assert reverse("records:export-cancel", args=[export.pk]) in waiting
    assert run_export(export.pk)
    answer = as_admin.get(download_of(export))
    content = b"".join(answer.streaming_content)
    assert not content.startswith(b"\xef\xbb\xbf")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="visits-')
    (row,) = csv.DictReader(io.StringIO(content.decode(), newline=""))
    assert (row["Reference"], row["Status"], row["Patient"]) == (other.reference, "Cancelled", other.patient.name)
    assert not {"Reason for the visit", "Diagnoses"} & set(row)
    steps = ["export.downloaded", "export.made", "export.requested"]
    assert sorted(AuditEvent.objects.filter(action__startswith="export.").values_list("action", flat=True)) == steps
    assert written_down("export.made").get().detail == {"rows": 1}


@pytest.mark.parametrize("sort", ["name", "-name"])
def test_a_list_is_taken_along_in_the_order_in_which_it_is_shown(sort, as_admin, admin, folder):
    for name in ("Bo", "Ada", "Cy"):
        PatientFactory(name=name)
        DoctorFactory(name=f"Dr {name}")
    for kind, page in ((Export.Kind.PATIENTS, "clinic:patient-list"), (Export.Kind.DOCTORS, "clinic:doctor-manage")):
        shown = [row.name for row in as_admin.get(reverse(page), {"sort": sort}).context["page_obj"]]
        file = [row["Name"] for row in table_of(made(kind, admin, f"sort={sort}"), folder)]
        assert file == shown
        assert shown == sorted(shown, reverse=sort == "-name")


def test_a_mail_says_that_it_is_ready_and_nothing_more(admin, visit):
    export = made(Export.Kind.PATIENTS, admin)
    message = Message.objects.get(kind="export.ready")
    assert (message.recipient, message.patient_id) == (admin, None)
    assert page_of(export) in message.text
    assert visit.patient.name not in message.text + message.subject


def test_doctors_take_their_own_visits_alone(as_doctor, visit, folder):
    AppointmentFactory()
    export = made(Export.Kind.APPOINTMENTS, visit.doctor.user, "when=all")
    (row,) = table_of(export, folder)
    assert (row["Reference"], row["Reason for the visit"]) == (visit.reference, visit.reason)
    answers = [as_doctor.get(reverse(f"records:export-{kind}")).status_code for kind in KINDS]
    assert answers == [200, 403, 403]


def test_reception_takes_the_visits_of_a_day_and_no_register_of_people(visit, folder):
    desk = UserFactory(role=Role.RECEPTION)
    as_desk, day = client_of(desk), timezone.localdate(visit.starts_at).isoformat()
    AppointmentFactory(starts_at=visit.starts_at + timedelta(days=3))
    asked = f"?from_day={day}&amp;to_day={day}&amp;sort=time"
    assert reverse("records:export-appointments") + asked in as_desk.get("/day/", {"date": day}).text
    assert reverse("records:export-appointments") in as_desk.get("/appointments/").text
    export = made(Export.Kind.APPOINTMENTS, desk, asked.removeprefix("?").replace("&amp;", "&"))
    (row,) = table_of(export, folder)
    assert row["Reference"] == visit.reference
    assert "Reason for the visit" not in row
    assert visit.reference.encode() in b"".join(as_desk.get(download_of(export)).streaming_content)
    assert [as_desk.get(reverse(f"records:export-{kind}")).status_code for kind in KINDS] == [200, 403, 403]
    theirs = made(Export.Kind.APPOINTMENTS, UserFactory(role=Role.RECEPTION), "when=all")
    assert [as_desk.get(url(theirs)).status_code for url in (page_of, download_of)] == [404, 404]
    assert list(as_desk.get(reverse("records:export-list")).context["page_obj"]) == [export]


def test_administrators_take_patients_and_doctors_without_anything_clinical(admin, folder):
    patient = PatientFactory(name="=SUM(A1)", phone="+491701234567", blood_group="AB-")
    AllergyFactory(patient=patient, substance="Latex")
    (row,) = table_of(made(Export.Kind.PATIENTS, admin, f"q={patient.number}"), folder)
    assert (row["Name"], row["Phone"], row["E-mail"]) == ("'=SUM(A1)", "'+491701234567", patient.contact_email)
    assert "AB" not in str(row).replace(patient.number, "")
    assert "Latex" not in str(row)
    retired = DoctorFactory(retired_at=timezone.now())
    rows = table_of(made(Export.Kind.DOCTORS, admin, "state=retired"), folder)
    assert [row["Name"] for row in rows] == [retired.name]


def test_clinical_columns_hold_the_patients_of_a_grant_alone_and_each_of_them_sees_it(admin, folder):
    within = EncounterFactory(complaint="Cough", appointment__reason="Since Monday")
    DiagnosisFactory(encounter=within, words="Bronchitis", code="J20.9")
    DiagnosisFactory(encounter=EncounterFactory(), words="Not to be seen")
    grant = granting(admin, scope="patient", patient=within.patient)
    page = client_of(admin).get(reverse("records:export-appointments")).text
    assert 'name="clinical"' in page
    export = made(Export.Kind.APPOINTMENTS, admin, "when=all", clinical=True)
    rows = {row["Reference"]: row for row in table_of(export, folder)}
    row = rows.pop(within.appointment.reference)
    assert [row[name] for name in ("Reason for the visit", "Complaint", "Diagnoses")] == [
        "Since Monday", "Cough", "J20.9 Bronchitis"
    ]  # fmt: skip
    assert {other[name] for other in rows.values() for name in ("Reason for the visit", "Complaint", "Diagnoses")} == {
        ""
    }
    (event,) = written_down("export.listed")
    assert (event.patient_id, event.detail["because"], event.detail["number"]) == (within.patient_id, "grant", grant.pk)
    openings = client_of(within.patient.user).get(reverse("records:opening-list", args=[within.patient_id]))
    assert "in a list" in openings.text
    client = client_of(admin)
    b"".join(client.get(download_of(export)).streaming_content)
    ClinicalGrant.objects.update(revoked_at=timezone.now(), revoked_by=grant.asked_by)
    assert client.get(download_of(export)).status_code == 404


def test_patients_with_clinical_columns(admin, folder):
    encounter = EncounterFactory()
    Patient.objects.filter(pk=encounter.patient_id).update(blood_group="O-")
    DiagnosisFactory(encounter=encounter, words="Bronchitis", code="J20.9")
    AllergyFactory(patient=encounter.patient, substance="Latex")
    granting(admin, scope="hospital")
    export = made(Export.Kind.PATIENTS, admin, f"q={encounter.patient.number}", clinical=True)
    (row,) = table_of(export, folder)
    assert (row["Blood group"], row["Allergies"], row["Diagnoses"]) == ("O−", "Latex", "J20.9 Bronchitis")


def test_without_a_grant_nobody_asks_for_clinical_columns(as_admin, visit):
    url = reverse("records:export-patients")
    assert 'name="clinical"' not in as_admin.get(url).text
    as_admin.post(url, CSV | {"clinical": "on"})
    assert Export.objects.get().clinical is False
    with pytest.raises(exports.RecordRefused):
        request_list(Export.Kind.PATIENTS, by=UserFactory(role=Role.ADMIN), clinical=True)


def test_who_loses_the_permission_gets_nothing_made_and_nothing_handed_over(admin, visit, folder):
    export = made(Export.Kind.DOCTORS, admin)
    asked = request_list(Export.Kind.PATIENTS, by=admin)
    admin.groups.clear()
    admin.role = Role.DOCTOR
    admin.save()
    assert not run_export(asked.pk)
    asked.refresh_from_db()
    assert asked.state == Export.State.FAILED
    assert not making.may_fetch(Export.objects.get(pk=export.pk))
    assert [path.name for path in folder.iterdir()] == [export.file_name]


def test_cancelling_works_at_once_also_while_a_worker_is_at_it(as_admin, visit, folder):
    as_admin.post(reverse("records:export-patients"), CSV)
    export = Export.objects.get()
    mine = exports._claim(export.pk)
    cancel = reverse("records:export-cancel", args=[export.pk])
    assert client_of(UserFactory(role=Role.ADMIN)).post(cancel).status_code == 404
    assert as_admin.post(cancel).url == page_of(export)
    with pytest.raises(exports.Lost):
        making.write(mine, lambda **done: exports._tell(mine, **done))
    assert list(folder.iterdir()) == []
    assert as_admin.post(cancel).status_code == 409
    assert not run_export(export.pk)
    assert "nothing of it was kept" in as_admin.get(page_of(export)).text
    assert written_down("export.cancelled").count() == 1
    assert as_admin.post(reverse("records:export-patients"), CSV).status_code == 302


def test_a_full_disk_is_said_and_leaves_nothing(admin, visit, folder, monkeypatch):
    def full(_handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    export = request_list(Export.Kind.PATIENTS, by=admin)
    assert not run_export(export.pk)
    export.refresh_from_db()
    assert (export.state, export.attempts) == (Export.State.FAILED, 1)
    assert "no room" in export.error
    assert list(folder.iterdir()) == []


def test_the_half_of_a_dead_worker_goes_with_the_next_try(admin, visit, folder):
    export = request_list(Export.Kind.PATIENTS, by=admin)
    folder.mkdir()
    (folder / f"{export.pk}-dead.part").write_text("half")
    assert run_export(export.pk)
    export.refresh_from_db()
    assert [path.name for path in folder.iterdir()] == [export.file_name]


def test_what_somebody_looked_for_goes_with_the_file(admin, visit):
    export = made(Export.Kind.PATIENTS, admin, "q=Miller")
    Export.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    purge_exports()
    export.refresh_from_db()
    assert (export.state, export.query) == (Export.State.EXPIRED, "")


def test_another_list_waits_and_the_same_one_is_given_back(as_admin, visit):
    url = reverse("records:export-patients")
    first, again = as_admin.post(url, CSV), as_admin.post(url, CSV)
    assert first.url == again.url
    other = as_admin.post(f"{url}?q=Miller", CSV)
    assert other.status_code == 422
    assert "still being made" in other.text


def test_ones_files_are_found_by_kind_and_state(admin, visit):
    ready, old = made(Export.Kind.PATIENTS, admin), made(Export.Kind.DOCTORS, admin)
    Export.objects.filter(pk=old.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    client, page = client_of(admin), reverse("records:export-list")
    assert 'name="state"' not in client.get(page).text, "two files need no search"

    def found(**asked):
        return list(client.get(page, asked).context["page_obj"])

    assert found() == [old, ready]
    assert found(state="ready") == found(kind="patients") == [ready]
    assert found(state="expired") == [old]
    assert "None of your files is like that." in client.get(page, {"state": "failed"}).text
    assert 'name="state"' in client.get(page, {"state": "nonsense"}).text


@pytest.mark.parametrize("query", ["status=nonsense&when=all", "doctor=999999999999999999999&when=all"])
def test_filters_that_make_no_sense_give_an_empty_list(query, as_admin, visit):
    page = as_admin.get(f"{reverse('records:export-appointments')}?{query}")
    assert (page.status_code, page.context["count"]) == (200, 0)


def test_a_format_that_there_is_not_is_a_message(as_admin, as_patient, visit):
    assert as_admin.post(reverse("records:export-patients"), {"format": "exe"}).status_code == 422
    answer = as_patient.post(reverse("records:export-create"), {"format": "exe"}, follow=True)
    assert "There is no such format." in answer.text
    assert not Export.objects.exists()


@pytest.fixture
def nasty(db):
    """Names that programs take for formulas, and times around the change of clocks."""
    Hospital.objects.update(time_zone="America/St_Johns")
    begin = datetime(2026, 11, 1, 3, tzinfo=UTC)
    for number, name in enumerate(NASTY):
        patient = PatientFactory(name=name, address=name, emergency_name=name, phone="+4420794600" + f"{number:02}")
        at = begin + timedelta(minutes=17 * number, days=-number * (number % 3))
        AppointmentFactory(patient=patient, starts_at=at, ends_at=at + timedelta(minutes=20), status=Status.COMPLETED,
                           fee="12.50" if number % 2 else None)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_postgresql_writes_the_very_same_lines_as_python(kind, nasty, admin):
    rows = List(admin, kind, "when=all&state=all", now=timezone.now())
    here = "".join(text for _number, text in rows.made_here())
    told = list(csv.reader(io.StringIO(here, newline="")))
    assert len(told) == len(rows) >= len(NASTY)
    assert "'=1+1" in here or kind == Export.Kind.DOCTORS
    if connection.vendor == "postgresql":
        assert "".join(text for _number, text in rows.made_by_postgresql()) == here
        with connection.cursor() as cursor:
            cursor.execute("SHOW jit")
            assert cursor.fetchone() != ("off",)


def test_every_cell_of_a_list_goes_through_the_guard_against_formulas():
    spaces = {chr(code) for code in range(0x110000) if chr(code).isspace()}
    assert set(BLANK) == spaces
    assert cell("\u3000=1") == "'\u3000=1"


def test_offsets_of_a_zone_are_those_of_the_clock():
    zone = ZoneInfo("Europe/Berlin")
    (since, there), *_earlier = offsets(zone, 2027)
    assert (since, there) == (datetime(2026, 10, 25, 1, tzinfo=UTC), "+01:00")
    assert offsets(ZoneInfo("Asia/Kolkata"), 2027)[0][1] == "+05:30"


@pytest.mark.parametrize("clinical", [False, True])
def test_a_list_costs_the_same_queries_for_one_row_and_for_three(clinical, admin):
    granting(admin, scope="hospital")
    costs = []
    for more in (1, 2):
        for _number in range(more):
            DiagnosisFactory()
        rows = List(admin, Export.Kind.APPOINTMENTS, "when=all", now=timezone.now(), clinical=clinical)
        with CaptureQueriesContext(connection) as queries:
            len(rows)
            list(rows.batches())
        costs.append(len(queries))
    assert costs[0] == costs[1] < 12
