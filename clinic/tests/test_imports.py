"""Taking over lists: what becomes of right rows, of wrong ones, of those who are there, and undoing it all."""

import csv
from datetime import date, timedelta

import pytest
from django.utils import timezone

from accounts.models import AuditEvent, Role
from accounts.tests.factories import UserFactory
from clinic import services
from clinic.models import Department, Doctor, DuplicatePair, Hospital, Import, Patient
from clinic.services import ClinicConflict, importing, imports
from clinic.tests.factories import DepartmentFactory, DoctorFactory, PatientFactory
from clinic.tests.imports import TWO, State, bring, check, files, left_out, run, said, take_over, undo
from hms.lib import leases

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _of_berlin(settings, tmp_path):
    settings.IMPORT_ROOT = tmp_path / "imports"
    Hospital.objects.update(time_zone="Europe/Berlin")


class TestPatients:
    def test_a_list_is_brought_checked_and_taken_over_and_its_file_goes(self, admin):
        imported = check(bring(TWO, by=admin), by=admin)
        assert (imported.state, Patient.objects.count()) == (State.CHECKED, 0)
        assert imported.counts == {"rows": 2, "new": 2, "there": 0, "differs": 0, "alike": 0, "error": 0}
        run(imported, by=admin)
        anna, bo = Patient.objects.order_by("name")
        assert (anna.name, anna.birth_date, anna.gender, anna.address) == (
            "Anna Müller",
            date(1980, 5, 17),
            "female",
            "10115 Berlin",
        )
        assert (anna.phone.as_e164, bo.gender, anna.import_ref) == ("+4930901820", "male", "csv::1")
        assert [patient.name for patient in Patient.objects.matching("muller")] == ["Anna Müller"]
        assert (imported.state, imported.counts["made"], files()) == (State.DONE, 2, [])

    def test_each_of_them_has_a_number_of_ours_and_an_audit_row_that_names_row_and_import(self, admin):
        imported = take_over(TWO, by=admin)
        anna = Patient.objects.get(name="Anna Müller")
        event = AuditEvent.objects.get(action="patient.registered", patient_id=anna.pk)
        assert (event.actor_id, event.detail) == (admin.pk, {"import": imported.pk, "row": 2})
        assert len(anna.number) == 11
        actions = AuditEvent.objects.filter(target_type="clinic.import").order_by("pk").values_list("action", flat=True)
        assert list(actions) == ["import.uploaded", "import.matched", "import.started", "import.done"]

    def test_the_same_list_again_changes_nothing_and_says_so(self):
        take_over(TWO)
        again = take_over(TWO.replace("Bo Li", "Bo Lee"))
        assert (again.counts["there"], again.counts["differs"], again.counts["new"]) == (1, 1, 0)
        assert sorted(Patient.objects.values_list("name", flat=True)) == ["Anna Müller", "Bo Li"]
        assert said(again) == [(3, "", "Is there already with other data, which stay as they are.")]

    def test_without_a_number_the_same_row_is_known_by_name_birth_date_and_contact(self):
        text = "name,born\nAnna Müller,1980-05-17\n"
        take_over(text)
        again = take_over(text + "Bo Li,1990-01-01\n")
        assert (again.counts["there"], again.counts["new"]) == (1, 1)
        assert Patient.objects.count() == 2

    def test_numbers_of_two_systems_do_not_clash_when_they_are_named(self):
        take_over(TWO)
        other = "ID,Name,Date of birth\n1,Carla Diaz,1977-07-07\n"
        clash = check(bring(other))
        assert said(clash) == [(2, "", "Somebody else is known here under this number.")]
        take_over(other, source="north")
        assert Patient.objects.get(name="Carla Diaz").import_ref == "csv:north:1"

    def test_a_list_of_ours_finds_people_by_their_numbers(self):
        here = PatientFactory(user=None, number=services.patients.new_number(), name="Anna Müller")
        text = f"Patient number,Name,Date of birth\n{here.number},Anna Müller,1980-05-17\n"
        imported = check(bring(text))
        assert imported.mapping["number"] == 0
        assert imported.counts["there"] == 1
        unknown = services.patients.new_number()
        wrong = check(bring(f"{text}{unknown},Zed Zero,1970-01-01\n"))
        assert said(wrong) == [(3, "Patient number of this hospital", "Nobody here has this number.")]

    def test_what_is_right_is_taken_over_and_wrong_rows_stay_behind_in_a_file(self):
        text = (
            "First name,Last name,DOB,Gender,Phone,Mail\n"
            "Anna,Müller,17.05.1980,w,030 901820,a@example.org\n"
            "Bo,Li,31.02.1990,m,,\n"
            "Cy,Fox,1.1.54,f,,\n"
            "Dee,,1.1.1954,?,12,nothing\n"
            "=cmd|' /C calc'!A0,Evil,1.1.1954,f,,\n"
            ",,1.1.1954,f,,\n"
            f"{'x' * 300},Long,1.1.1954,f,,\n"
            "Born,Tomorrow,1.1.2999,f,,\n"
        )
        imported = take_over(text)
        assert [patient.name for patient in Patient.objects.all()] == ["Anna Müller"]
        assert (imported.counts["new"], imported.counts["error"]) == (1, 7)
        assert said(imported) == [
            (3, "DOB", "There is no such day. Dates are read like 24.11.2026."),
            (4, "DOB", "Write the year with four digits: 1954, not 54."),
            (5, "Gender", "Write female, male, other or unknown."),
            (5, "Phone", said(imported)[3][2]),
            (5, "Mail", "Enter a valid email address."),
            (6, "First name", "This looks like a formula, not like a name."),
            (7, "Name", "The name is missing."),
            (8, "First name", "300 characters are too many; there is room for 200."),
            (9, "DOB", "This day is in the future."),
        ]
        assert said(imported)[3][2].startswith("This is not a telephone number. Write it like")
        kept = left_out(imported)
        assert "\"'=cmd|' /C calc'!A0\"" in kept
        assert kept.count("\n") == 8

    def test_the_file_of_rows_left_out_can_be_put_right_and_brought_again(self):
        imported = take_over("name,dob,phone\nAnna Müller,1980-05-17,+49 30 901820\nBo Li,1990-02-31,+49 30 901821\n")
        mended = left_out(imported).replace("1990-02-31", "1990-02-28")
        again = take_over(mended)
        assert (again.counts["new"], again.counts["error"]) == (1, 0)
        assert Patient.objects.get(name="Bo Li").phone.as_e164 == "+4930901821"

    def test_cells_without_a_column_come_back_too_and_are_taken_once_they_have_one(self):
        kept = left_out(take_over("name,dob,phone\nLi, Bo,1990-02-28,+49 30 901821\nAnna Müller,1980-05-17,\n"))
        _heading, row = csv.reader(kept.splitlines())
        assert row == ["Li", " Bo", "1990-02-28", "2", "4 cells, where there are 3 columns.", "'+49 30 901821"]
        mended = kept.splitlines()[0] + '\n"Li, Bo",1990-02-28,+49 30 901821,2,\n'
        assert (take_over(mended).counts["new"], Patient.objects.get(name="Li, Bo").birth_date.year) == (1, 1990)

    def test_a_row_that_stands_in_the_file_twice_is_taken_once(self):
        imported = take_over("id,name,dob\n7,Anna Müller,1980-05-17\n8,Bo Li,1990-01-01\n7,Anna Müller,1980-05-17\n")
        assert said(imported) == [(4, "", "This is in the file already, in row 2.")]
        assert Patient.objects.count() == 2

    @pytest.mark.parametrize(("policy", "made"), [("leave", 1), ("take", 3)])
    def test_who_looks_like_somebody_is_left_out_or_taken_with_a_pair_to_decide(self, policy, made):
        PatientFactory(user=None, name="Anna Mueller", birth_date=date(1980, 5, 17))
        text = "id,name,dob\n1,Anna Müller,1980-05-17\n2,Bo Li,1990-01-01\n3,Li Bo,1990-01-01\n"
        imported = check(bring(text), alike=policy)
        assert (imported.counts["new"], imported.counts["alike"]) == (1, 2)
        assert said(imported) == [
            (2, "", "May be somebody who is there already: Similar name, same date of birth."),
            (4, "", "May be the same person as in row 3."),
        ]
        run(imported)
        assert (imported.rows.count(), imported.counts["alike"]) == (made, 2)
        assert DuplicatePair.objects.count() == (1 if policy == "take" else 0)

    def test_a_birth_date_that_an_import_made_up_does_not_compare_everybody_with_everybody(self, monkeypatch):
        monkeypatch.setattr("clinic.importing.matching.CROWDED", 3)
        take_over(
            "id,name,dob\n"
            + "".join(
                f"{n},Person {chr(97 + n)}{chr(98 + n)}xyz,1900-01-01\n".replace("1900", "1950") for n in range(9)
            ),
            alike="take",
        )
        imported = check(bring("id,name,dob\n99,Person abxyz,1950-01-01\n98,Quite Different,1950-01-01\n"))
        assert (imported.counts["alike"], imported.counts["new"]) == (1, 1)


class TestDoctors:
    TEXT = (
        "Id,ORGANIZATION,NAME,GENDER,SPECIALITY\n"
        "a1,o,Víctor Noriega,M,GENERAL PRACTICE\n"
        "a2,o,Dr. Amara Mbeki,F,CARDIOLOGY\n"
    )

    def test_unknown_departments_are_an_error_or_are_made(self, admin):
        DepartmentFactory(name="Cardiology")
        refused = check(bring(self.TEXT, kind="doctors", by=admin), by=admin)
        assert said(refused) == [(2, "Department", "There is no department of this name.")]
        made = check(bring(self.TEXT, kind="doctors", by=admin), by=admin, unknown_departments="make")
        assert made.counts["departments"] == ["GENERAL PRACTICE"]
        assert Department.objects.count() == 1
        run(made, by=admin)
        assert sorted(Doctor.objects.values_list("name", "department__name", "specialization")) == [
            ("Dr. Amara Mbeki", "Cardiology", "CARDIOLOGY"),
            ("Víctor Noriega", "GENERAL PRACTICE", "GENERAL PRACTICE"),
        ]

    def test_undoing_takes_the_department_along_that_it_made(self, admin):
        imported = take_over(self.TEXT, kind="doctors", by=admin, unknown_departments="make")
        assert (Doctor.objects.count(), Department.objects.count()) == (2, 2)
        undo(imported, by=admin)
        assert (Doctor.objects.count(), Department.objects.count()) == (0, 0)
        assert AuditEvent.objects.filter(action="doctor.deleted").count() == 2

    def test_a_retired_department_takes_nobody_and_who_is_there_is_no_new_doctor(self):
        DepartmentFactory(name="General practice", retired_at=timezone.now())
        heart = DepartmentFactory(name="Cardiology")
        DoctorFactory(name="Amara Mbeki", department=heart)
        imported = check(bring(self.TEXT, kind="doctors"))
        assert [row["sentence"] for row in imported.problems] == [
            "This department is retired.",
            "May be somebody who is there already: Same name.",
        ]

    def test_rows_without_a_department_go_where_the_import_says(self):
        heart = DepartmentFactory(name="Cardiology")
        imported = take_over("name;fee\nDr. A;80,50\nDr. B;abc\n", kind="doctors", department=heart)
        assert list(Doctor.objects.values_list("name", "department__name", "fee")) == [("Dr. A", "Cardiology", 80.5)]
        assert said(imported) == [(3, "fee", "Write an amount like 80.00, without currency.")]


class TestUndo:
    def test_an_import_is_removed_with_an_audit_row_for_each(self, admin):
        imported = take_over(TWO, by=admin)
        undo(imported, by=admin)
        assert (imported.state, Patient.objects.count()) == (State.UNDONE, 0)
        assert AuditEvent.objects.filter(action="patient.removed", actor_id=admin.pk).count() == 2
        assert set(imported.rows.values_list("state", flat=True)) == {"removed"}
        assert (imported.problems, files()) == ([], [])

    def test_who_was_changed_or_got_an_account_stays_and_is_named(self, admin):
        imported = take_over(TWO + "3,Cy Fox,1970-01-01,,,,\n", by=admin)
        anna, bo, cy = Patient.objects.order_by("name")
        services.update_patient(anna, by=admin, address="New street 1")
        Patient.objects.filter(pk=bo.pk).update(user=UserFactory(role=Role.PATIENT))
        undo(imported, by=admin)
        assert list(Patient.objects.order_by("name")) == [anna, bo]
        assert list(imported.rows.values_list("state", "reason")) == [
            ("kept", "Kept: somebody has changed the data since."),
            ("kept", "Kept: there is an account."),
            ("removed", ""),
        ]
        assert not Patient.objects.filter(pk=cy.pk).exists()

    def test_pairs_that_were_only_asked_about_go_along_and_merged_records_stay(self, admin):
        here = PatientFactory(user=None, name="Anna Müller", birth_date=date(1980, 5, 17))
        PatientFactory(user=None, name="Bo Li", birth_date=date(1991, 1, 2))
        imported = take_over(TWO, by=admin, alike="take")
        of_anna, of_bo = (DuplicatePair.objects.get(first__name=name) for name in ("Anna Müller", "Bo Li"))
        services.merge(of_anna, keep=here, by=admin, reason="One person")
        undo(imported, by=admin)
        assert Patient.objects.filter(name="Anna Müller").count() == 2
        assert not DuplicatePair.objects.filter(pk=of_bo.pk).exists()
        assert imported.rows.get(state="kept").number == 2

    def test_what_was_kept_can_be_tried_again_and_a_list_undone_can_be_brought_again(self, admin):
        imported = take_over(TWO, by=admin)
        with pytest.raises(ClinicConflict):
            services.run_import(Import.objects.create(kind="patients", file_name="x", owner=admin), by=admin)
        bo = Patient.objects.get(name="Bo Li")
        Patient.objects.filter(pk=bo.pk).update(user=(account := UserFactory(role=Role.PATIENT)))
        undo(imported, by=admin)
        Patient.objects.filter(user=account).update(user=None)
        undo(imported, by=admin)
        assert Patient.objects.count() == 0
        assert not services.can_undo(imported)
        assert take_over(TWO, by=admin).counts["made"] == 2


class TestLeases:
    def test_a_run_that_lost_its_worker_is_finished_by_the_next_without_double_rows(self, monkeypatch, admin):
        monkeypatch.setattr(importing, "BATCH", 2)
        text = (
            "id,name,dob\n"
            + "".join(f"{n},Person {'abcdefghij'[n] * 5},19{60 + n}-01-01\n" for n in range(10))
            + "x,Bad,?\n"
        )
        imported = check(bring(text, by=admin), by=admin)
        services.run_import(imported, by=admin, quiet=True)
        real, batches = importing.make, []

        def dies(*args):
            real(*args)
            batches.append(1)
            if len(batches) == 3:
                raise KeyboardInterrupt

        monkeypatch.setattr(importing, "make", dies)
        with pytest.raises(KeyboardInterrupt):
            services.work_import(imported.pk)
        monkeypatch.setattr(importing, "make", real)
        assert Patient.objects.count() == 4
        assert imports.run_due_imports(timedelta(0)) == 0
        Import.objects.update(claimed_at=timezone.now() - timedelta(minutes=3))
        assert imports.run_due_imports() == 1
        imported.refresh_from_db()
        assert (Patient.objects.count(), imported.state) == (10, State.DONE)
        assert (imported.counts["new"], imported.counts["error"], imported.counts["made"]) == (10, 1, 10)
        assert "Bad" in left_out(imported)

    def test_a_stopped_run_keeps_what_it_made_can_go_on_and_can_be_undone(self, monkeypatch, admin):
        monkeypatch.setattr(importing, "BATCH", 1)
        imported = check(bring(TWO, by=admin), by=admin)
        services.run_import(imported, by=admin, quiet=True)
        real = importing.make

        def stops(*args):
            real(*args)
            Import.objects.filter(pk=imported.pk).update(state=State.CANCELLED, claim="")

        monkeypatch.setattr(importing, "make", stops)
        assert services.work_import(imported.pk) is False
        monkeypatch.setattr(importing, "make", real)
        imported.refresh_from_db()
        assert (Patient.objects.count(), imported.state, services.can_undo(imported)) == (1, State.CANCELLED, True)
        run(imported, by=admin)
        assert (Patient.objects.count(), imported.state) == (2, State.DONE)

    def test_cancelling_a_check_leads_back_to_matching_and_throwing_away_removes_the_file(self, admin):
        imported = bring(TWO, by=admin)
        services.match_import(imported, mapping=imported.mapping, by=admin, quiet=True)
        assert services.cancel_import(imported, by=admin).state == State.DRAFT
        services.discard_import(imported, by=admin)
        imported.refresh_from_db()
        assert (imported.state, imported.stored) == (State.CANCELLED, "")
        with pytest.raises(ClinicConflict):
            services.discard_import(imported, by=admin)

    def test_what_kills_its_worker_three_times_is_given_up(self, admin):
        imported = check(bring(TWO, by=admin), by=admin)
        services.run_import(imported, by=admin, quiet=True)
        Import.objects.update(attempts=leases.ATTEMPTS)
        services.work_import(imported.pk)
        imported.refresh_from_db()
        assert (imported.state, bool(imported.error)) == (State.FAILED, True)
        run(imported, by=admin)
        assert imported.state == State.DONE

    def test_who_lost_the_permission_meanwhile_imports_nothing(self, admin):
        imported = check(bring(TWO, by=admin), by=admin)
        services.run_import(imported, by=admin, quiet=True)
        admin.is_active = False
        admin.save()
        services.work_import(imported.pk)
        imported.refresh_from_db()
        assert (imported.state, Patient.objects.count()) == (State.FAILED, 0)

    def test_a_second_press_of_run_is_the_first_and_another_administrator_is_told(self, admin):
        imported = check(bring(TWO, by=admin), by=admin)
        services.run_import(imported, by=admin, quiet=True)
        services.run_import(imported, by=admin, quiet=True)
        with pytest.raises(ClinicConflict):
            services.run_import(imported, by=UserFactory(role=Role.ADMIN), quiet=True)
        other = check(bring("name,dob\nCy Fox,1970-01-01\n", by=admin), by=admin)
        with pytest.raises(ClinicConflict, match="Another import"):
            services.run_import(other, by=admin, quiet=True)
        assert AuditEvent.objects.filter(action="import.started").count() == 1
