"""The files that people bring: whose they are to read, when they go, what is refused, in which letters they are."""

import os
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from clinic import services
from clinic.models import Hospital, Import, ImportedRow, Patient
from clinic.services import ClinicRefused, importing
from clinic.tests.imports import TWO, State, bring, check, files, said, take_over

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _of_berlin(settings, tmp_path):
    settings.IMPORT_ROOT = tmp_path / "imports"
    Hospital.objects.update(time_zone="Europe/Berlin")


class TestFiles:
    def test_files_are_nobody_elses_to_read_and_go_after_a_day_with_what_was_told_of_rows(self, admin):
        imported = check(bring(TWO + "3,Cy,?,,,,\n", by=admin), by=admin)
        assert {path.stat().st_mode & 0o777 for path in settings.IMPORT_ROOT.iterdir()} == {0o600}
        assert len(files()) == 2
        assert services.purge_imports() == 0
        Import.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
        assert services.purge_imports() == 1
        imported.refresh_from_db()
        assert (imported.state, imported.problems, files()) == (State.EXPIRED, [], [])

    def test_what_no_row_knows_of_goes_as_well(self):
        settings.IMPORT_ROOT.mkdir()
        (stray := settings.IMPORT_ROOT / "stray.part").write_text("x")
        assert services.purge_imports() == 0
        old = (timezone.now() - timedelta(hours=2)).timestamp()
        os.utime(stray, (old, old))
        assert services.purge_imports() == 1

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"", "empty"),
            (b" \n\n", "empty"),
            (b"PK\x03\x04rest", "workbook or a zip"),
            (b"%PDF-1.7", "PDF"),
            (b"name,dob\n\x00\x01\x02", "not a text file"),
            (b"\xff\xfe", "no rows"),
        ],
    )
    def test_what_is_no_table_is_refused_with_a_sentence_and_not_kept(self, content, words):
        with pytest.raises(ClinicRefused, match=words):
            bring(content)
        assert files() == []

    def test_what_is_too_large_is_refused_before_it_is_read_whole(self, monkeypatch):
        monkeypatch.setattr("clinic.services.importfiles.LARGEST", 100)
        with pytest.raises(ClinicRefused, match="too large"):
            services.bring_import("patients", iter([b"x" * 60] * 1000), name="x.csv", by=None)
        assert files() == []

    def test_more_rows_than_a_list_may_have_end_the_check(self, monkeypatch):
        monkeypatch.setattr(importing, "MOST_ROWS", 1)
        imported = check(bring(TWO))
        assert (imported.state, "more than 1 rows" in imported.error) == (State.FAILED, True)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_the_encoding_is_found_out(encoding):
    marked = "\ufeff" + TWO if encoding == "utf-16-le" else TWO
    take_over(marked.encode(encoding))
    assert Patient.objects.filter(name="Anna Müller").exists()


def test_a_person_who_sees_wrong_letters_chooses_another_encoding():
    imported = bring(TWO.encode("mac_roman"))
    assert "Anna MŸller" in services.first_rows(imported)[0]
    imported = services.reread_import(imported, encoding="mac_roman", delimiter=",", has_heading=True, by=None)
    assert "Anna Müller" in services.first_rows(imported)[0]
    wrong = services.reread_import(imported, encoding="utf-8-sig", delimiter=",", has_heading=True, by=None)
    assert said(check(wrong)) == [(2, "", "Letters of this row cannot be read in the chosen encoding.")]


def test_synthea_lists_are_understood_by_the_names_of_their_columns():
    text = (
        "Id,BIRTHDATE,DEATHDATE,SSN,PREFIX,FIRST,LAST,SUFFIX,GENDER,ADDRESS,CITY,STATE,COUNTY,ZIP\n"
        "3edac2e3-d223-6fae-d515-daf96ef6bc76,2014-10-06,,999-17-5017,Ms.,Maynard46,Mosciski958,,M,"
        "784 Stamm Lock,Somerville,Massachusetts,Middlesex,02155\n"
    )
    take_over(text)
    patient = Patient.objects.get()
    assert (patient.name, patient.address) == (
        "Ms. Maynard46 Mosciski958",
        "784 Stamm Lock\n02155 Somerville\nMassachusetts",
    )
    assert ImportedRow.objects.get().target_id == patient.pk
