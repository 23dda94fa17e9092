"""The pages of imports, as an administrator uses them; and the command, which is another door to the same."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts.models import AuditEvent, Role
from accounts.tests.factories import UserFactory
from clinic import services
from clinic.models import Department, Doctor, Import, Patient
from clinic.tests.imports import State, bring, check, run

pytestmark = pytest.mark.django_db

LIST = "Nr;Nachname;Vorname;Geburtsdatum;Geschlecht\r\n17;Müller;Anna;17.05.1980;w\r\n18;Li;Bo;31.02.1990;m\r\n"


@pytest.fixture(autouse=True)
def _imports_here(settings, tmp_path):
    settings.IMPORT_ROOT = tmp_path / "imports"


@pytest.fixture
def admin(client):
    user = UserFactory(role=Role.ADMIN)
    client.force_login(user)
    return user


def page(name, imported):
    return reverse(f"clinic:import-{name}", args=[imported.pk])


def send(client, content, kind="patients", name="liste.csv"):
    return client.post(reverse("clinic:import-create"), {"kind": kind, "file": SimpleUploadedFile(name, content)})


def test_an_administrator_brings_matches_checks_imports_looks_and_undoes(client, admin):
    answer = send(client, LIST.encode("cp1252"))
    imported = Import.objects.get()
    assert answer.url == page("match", imported)
    text = client.get(answer.url).content.decode()
    assert "Müller" in text
    assert "Geburtsdatum: 17.05.1980" in text
    answer = client.post(page("match", imported), {
        "column_former": "0", "column_last_name": "1", "column_first_name": "2", "column_birth_date": "3",
        "column_gender": "4", "dates": "dmy", "alike": "leave",
    })  # fmt: skip
    assert answer.url == page("detail", imported)
    assert "It begins in a moment" in client.get(answer.url).content.decode()
    services.work_import(imported.pk)
    text = client.get(answer.url).content.decode()
    assert "1 person can be taken over" in text
    assert "17 May 1980" in text
    assert "There is no such day" in text
    assert client.post(page("run", imported)).url == page("detail", imported)
    services.work_import(imported.pk)
    anna = Patient.objects.get()
    assert anna.name in client.get(page("rows", imported)).content.decode()
    left = client.get(page("left-out", imported))
    assert left.headers["Content-Disposition"] == f'attachment; filename="left-out-patients-{imported.pk}.csv"'
    assert "Li" in b"".join(left.streaming_content).decode("utf-8-sig")
    assert AuditEvent.objects.filter(action="import.downloaded").count() == 1
    assert "Everybody who came by this import is removed" in client.get(page("undo", imported)).content.decode()
    client.post(page("undo", imported))
    services.work_import(imported.pk)
    assert Patient.objects.count() == 0
    assert "everybody who came by it is removed" in client.get(page("detail", imported)).content.decode()


def test_a_file_that_is_no_table_is_refused_beside_the_field(client, admin):
    answer = send(client, b"PK\x03\x04binary")
    assert (answer.status_code, Import.objects.count()) == (422, 0)
    assert "This is a workbook or a zip" in answer.content.decode()
    assert client.post(reverse("clinic:import-create"), {"kind": "patients"}).status_code == 422


def test_a_file_of_100_megabytes_is_answered_with_413(client, admin):
    answer = client.generic(
        "POST", "/imports/new/", b"x", content_type="multipart/form-data", CONTENT_LENGTH=str(100 * 2**20)
    )
    assert answer.status_code == 413
    assert "choose a smaller file" in answer.content.decode()


def test_other_pages_take_no_more_than_before(client, admin, settings):
    body = b"x" * (settings.MAX_BODY_BYTES + 1)
    assert client.generic("POST", "/hospital/", body, content_type="text/csv").status_code == 413


def test_columns_that_are_needed_are_asked_for_and_what_was_chosen_stays(client, admin):
    imported = bring(LIST)
    answer = client.post(page("match", imported), {"column_former": "0", "dates": "dmy", "alike": "leave"})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Choose the column with the dates of birth." in text
    assert "Choose the column with the names" in text
    assert '<option value="0" selected>' in text


def test_another_encoding_or_delimiter_is_chosen_on_the_page(client, admin):
    imported = bring("name,dob\nAnna Müller,1980-05-17\n".encode("mac_roman"), by=admin)
    client.post(page("reread", imported), {"encoding": "mac_roman", "delimiter": ",", "has_heading": "on"})
    assert "Anna Müller" in client.get(page("match", imported)).content.decode()
    assert client.post(page("reread", imported), {"encoding": "rot13", "delimiter": "!"}).status_code == 302
    client.post(page("reread", imported), {"encoding": "mac_roman", "delimiter": ","})
    imported.refresh_from_db()
    assert imported.columns == ["Column 1", "Column 2"]


def test_what_is_not_the_moment_for_is_a_conflict(client, admin):
    imported = bring(LIST, by=admin)
    assert client.post(page("run", imported)).status_code == 409
    assert client.post(page("undo", imported)).status_code == 409
    assert client.post(page("cancel", imported)).status_code == 409
    run(check(imported, by=admin, dates="dmy"), by=admin)
    assert client.post(page("discard", imported)).status_code == 409
    assert client.post(page("reread", imported), {"encoding": "cp1252", "delimiter": ","}).status_code == 409
    assert client.post(page("match", imported), {}).status_code == 302


def test_pressing_run_twice_makes_everybody_once(client, admin):
    imported = check(bring(LIST, by=admin), by=admin, dates="dmy", mapping={"former": 0})
    assert client.post(page("run", imported)).status_code == 302
    assert client.post(page("run", imported)).status_code == 302
    services.work_import(imported.pk)
    services.work_import(imported.pk)
    assert client.post(page("run", imported)).status_code == 302
    assert Patient.objects.count() == 1


def test_stopping_and_throwing_away(client, admin):
    imported = bring(LIST, by=admin)
    services.match_import(imported, mapping=imported.mapping, by=admin, quiet=True)
    assert client.post(page("cancel", imported)).status_code == 302
    assert client.post(page("discard", imported)).status_code == 302
    assert "thrown away" in client.get(page("detail", imported)).content.decode()
    assert client.get(page("left-out", imported)).status_code == 404


@pytest.mark.parametrize("role", [Role.RECEPTION, Role.DOCTOR, Role.PATIENT])
def test_nobody_else_comes_in(role, client):
    client.force_login(UserFactory(role=role))
    assert client.get(reverse("clinic:import-list")).status_code == 403


@pytest.mark.parametrize("rows", [1, 3])
def test_pages_cost_the_same_however_much_was_imported(rows, client, admin, django_assert_max_num_queries):
    text = "id,name,dob\n" + "".join(f"{n},Person {'abc'[n] * 5},19{60 + n}-01-01\n{n}x,Wrong,?\n" for n in range(rows))
    imported = run(check(bring(text, by=admin), by=admin), by=admin)
    for _more in range(rows):
        bring(LIST, by=admin)
    for address, most in (
        (reverse("clinic:import-list"), 9),
        (page("rows", imported), 11),
        (page("detail", imported), 11),
    ):
        with django_assert_max_num_queries(most):
            assert client.get(address).status_code == 200


class TestCommand:
    def run(self, *arguments):
        out = io.StringIO()
        call_command("import_csv", *arguments, stdout=out)
        return out.getvalue()

    def test_a_dry_run_tells_and_keeps_nothing(self, tmp_path):
        (file := tmp_path / "p.csv").write_text(LIST)
        told = self.run("patients", str(file), "--dry-run", "--mapping", "former=Nr")
        assert "2 rows, 1 new, 0 there already, 0 there with other data, 0 likely duplicates, 1 errors." in told
        assert "row 3, Geburtsdatum: “31.02.1990” There is no such day" in told
        assert (Patient.objects.count(), Import.objects.get().state) == (0, State.CANCELLED)

    def test_it_imports_and_a_second_time_nobody_is_new(self, tmp_path):
        admin = UserFactory(role=Role.ADMIN)
        (file := tmp_path / "p.csv").write_text(LIST)
        assert "1 imported." in self.run("patients", str(file), "--by", admin.email, "--mapping", "former=1")
        assert "0 imported." in self.run("patients", str(file), "--mapping", "former=1")
        assert Patient.objects.get().import_ref == "csv::17"

    def test_doctors_with_their_departments(self, tmp_path):
        (file := tmp_path / "d.csv").write_text("Name|Speciality\nDr. Ada|Cardiology\n")
        self.run("doctors", str(file), "--make-departments")
        assert Doctor.objects.get().department == Department.objects.get()

    def test_what_cannot_be_is_said(self, tmp_path):
        (file := tmp_path / "p.csv").write_text(LIST)
        (broken := tmp_path / "b.csv").write_bytes(b"PK\x03\x04")
        for arguments, words in (
            (("patients", str(tmp_path / "none.csv")), "There is no file"),
            (("patients", str(broken)), "workbook"),
            (("patients", str(file), "--mapping", "nose=1"), "no field nose"),
            (("patients", str(file), "--mapping", "former=99"), "no column 99"),
            (("patients", str(file), "--mapping", "birth_date="), "birth_date: Choose"),
            (("patients", str(file), "--by", "nobody@example.org"), "no account"),
        ):
            with pytest.raises(CommandError, match=words):
                self.run(*arguments)
        assert set(Import.objects.values_list("state", flat=True)) == {State.CANCELLED}

    def test_the_worker_has_a_command_too(self, capsys):
        imported = bring(LIST)
        services.match_import(imported, mapping=imported.mapping, by=None, quiet=True)
        call_command("run_imports", "--dry-run")
        call_command("run_imports")
        imported.refresh_from_db()
        assert imported.state == State.CHECKED
        assert "1 worked on" in capsys.readouterr().out
