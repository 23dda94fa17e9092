"""An export that is not what it should be: a sentence with file and line, and nothing half-done."""

import pytest

from accounts.models import AuditEvent
from clinic.models import Department, Doctor, Patient
from records.models import Diagnosis, Encounter
from records.synthea.reading import ImportRefused
from records.synthea.run import import_export
from records.tests import synthea_export
from scheduling.models import Appointment

pytestmark = pytest.mark.django_db
VISIT = synthea_export.PAST["encounters.csv"][0] | {"Id": "enc-9"}
FOUND = synthea_export.PAST["conditions.csv"][0] | {"CODE": "9"}
MEASURED = synthea_export.PAST["observations.csv"][0] | {"CODE": "9-9"}
PERSON = synthea_export.PEOPLE["patients.csv"][0] | {"Id": "pat-9"}


def refused(folder):
    """What the import says when it refuses; it must have kept nothing."""
    with pytest.raises(ImportRefused) as error:
        import_export(folder, say=lambda line: None)
    for model in (Department, Doctor, Patient, Appointment, Encounter, AuditEvent):
        assert not model.objects.exists()
    return str(error.value)


@pytest.mark.parametrize(
    ("file", "row", "sentence"),
    [
        ("patients.csv", PERSON | {"BIRTHDATE": "1996-13-05"}, "line 5: BIRTHDATE is no date: 1996-13-05."),
        ("patients.csv", PERSON | {"BIRTHDATE": ""}, "line 5: BIRTHDATE is empty."),
        ("patients.csv", PERSON | {"BIRTHDATE": "2999-01-01"}, "line 5: BIRTHDATE lies in the future."),
        ("patients.csv", PERSON | {"DEATHDATE": "1990-01-01"},
         "line 5: the end lies before the beginning (BIRTHDATE, DEATHDATE)."),
        ("patients.csv", PERSON | {"FIRST": "12", "LAST": "34"}, "line 5: FIRST, LAST is empty."),
        ("patients.csv", PERSON | {"LAST": "x" * 300}, "line 5: FIRST, LAST is longer than 200 characters."),
        ("patients.csv", PERSON | {"Id": synthea_export.ANA}, "line 5: this Id stands in the file twice."),
        ("providers.csv", synthea_export.PEOPLE["providers.csv"][0] | {"Id": "prov-9", "ORGANIZATION": "org-9"},
         "line 4: ORGANIZATION names nothing that stands in organizations.csv."),
        ("encounters.csv", VISIT | {"PATIENT": "pat-9"}, "line 5: PATIENT names nothing that stands in patients.csv."),
        ("encounters.csv", VISIT | {"PROVIDER": ""}, "line 5: PROVIDER names nothing that stands in providers.csv."),
        ("encounters.csv", VISIT | {"START": "yesterday"}, "line 5: START is no time: yesterday."),
        ("encounters.csv", VISIT | {"START": "2023-01-27T16:00:00"},
         "line 5: START does not say its time zone: 2023-01-27T16:00:00."),
        ("encounters.csv", VISIT | {"START": "0001-01-01T00:00:00Z"},
         "line 5: START lies outside the years 1850 to 9998."),
        ("encounters.csv", VISIT | {"STOP": "2020-01-01T00:00:00Z"},
         "line 5: the end lies before the beginning (START, STOP)."),
        ("conditions.csv", FOUND | {"ENCOUNTER": "enc-9"},
         "line 4: ENCOUNTER names nothing that stands in encounters.csv."),
        ("conditions.csv", FOUND | {"PATIENT": synthea_export.BO}, "line 4: ENCOUNTER is another patient's."),
        ("conditions.csv", FOUND | {"DESCRIPTION": ""}, "line 4: DESCRIPTION is empty."),
        ("observations.csv", MEASURED | {"VALUE": "tall"}, "line 5: VALUE is no number: tall."),
        ("observations.csv", MEASURED | {"VALUE": "99999999999"},
         "line 5: VALUE is no number that can be kept: 99999999999."),
        ("observations.csv", MEASURED | {"VALUE": "NaN"}, "line 5: VALUE is no number that can be kept: NaN."),
        ("observations.csv", MEASURED | {"VALUE": "1e400"}, "line 5: VALUE is no number: 1e400."),
    ],
)  # fmt: skip
def test_a_wrong_row_is_told_with_its_line_and_nothing_is_kept(file, row, sentence, tmp_path):
    folder = synthea_export.write(tmp_path / "export", {file: [row]})
    assert refused(folder) == f"{file}, {sentence}"


def test_every_wrong_row_is_told_at_once(tmp_path):
    wrong = {"patients.csv": [PERSON | {"BIRTHDATE": "soon"}], "observations.csv": [MEASURED | {"VALUE": "tall"}] * 2}
    assert refused(synthea_export.write(tmp_path / "export", wrong)).splitlines() == [
        "patients.csv, line 5: BIRTHDATE is no date: soon.",
        "observations.csv, line 5: VALUE is no number: tall.",
        "observations.csv, line 6: VALUE is no number: tall.",
    ]


def test_after_fifty_wrong_rows_it_stops_telling(tmp_path):
    wrong = {"observations.csv": [MEASURED | {"VALUE": "tall"}] * 80}
    lines = refused(synthea_export.write(tmp_path / "export", wrong)).splitlines()
    assert (len(lines), lines[-1]) == (51, "There may be more.")


@pytest.mark.parametrize("name", list(synthea_export.PEOPLE | synthea_export.PAST))
def test_a_missing_file_is_named(name, tmp_path):
    folder = synthea_export.write(tmp_path / "export")
    (folder / name).unlink()
    assert refused(folder) == f"{folder} is no Synthea CSV export: it has no {name}."


def test_a_missing_folder_is_named(tmp_path):
    assert refused(tmp_path / "nothing") == f"{tmp_path / 'nothing'} is no folder."


@pytest.fixture
def spoilt(tmp_path):
    """Write an export whose encounters.csv went through a function of its bytes."""

    def spoil(change):
        folder = synthea_export.write(tmp_path / "export")
        file = folder / "encounters.csv"
        file.write_bytes(change(file.read_bytes()))
        return folder

    return spoil


def test_missing_columns_are_named(spoilt):
    folder = spoilt(lambda text: text.replace(b"START", b"BEGIN").replace(b"PROVIDER", b"DOCTOR"))
    assert refused(folder) == "encounters.csv, line 1: these columns are missing: START, PROVIDER."


def test_an_empty_file_has_no_columns(spoilt):
    assert refused(spoilt(lambda text: b"")).startswith("encounters.csv, line 1: these columns are missing: Id, START")


def test_a_file_cut_off_in_a_row_is_refused(spoilt):
    folder = spoilt(lambda text: text[:-60])
    assert refused(folder) == "encounters.csv, line 4: 3 fields, where the first line has 9. Is the file cut off?"


def test_a_quote_never_closed_is_refused(spoilt):
    folder = spoilt(lambda text: text.replace(b"Check up", b'"Check up'))
    assert refused(folder) == "encounters.csv, line 4: not readable as CSV (unexpected end of data)."


def test_another_encoding_is_told_with_its_line(spoilt):
    folder = spoilt(lambda text: text.replace(b"Check up", "Prüfung".encode("latin-1")))
    assert refused(folder).startswith("encounters.csv, line 3: not in UTF-8 (byte ")


def test_sixteen_bit_text_is_refused(spoilt):
    folder = spoilt(lambda text: text.decode().encode("utf-16"))
    assert refused(folder) == "encounters.csv, line 1: a NUL byte: this is not a text file, or not in UTF-8."


def test_a_line_without_end_does_not_fill_the_memory(spoilt):
    assert "longer than a line of text can be" in refused(spoilt(lambda text: text + b"x" * 2_000_000))


def test_a_byte_order_mark_and_windows_line_ends_are_welcome(spoilt):
    folder = spoilt(lambda text: b"\xef\xbb\xbf" + text.replace(b"\n", b"\r\n"))
    import_export(folder, say=lambda line: None)
    assert Encounter.objects.count() == 3


def test_a_break_late_in_the_export_takes_back_what_came_before(tmp_path):
    folder = synthea_export.write(tmp_path / "export")
    with (folder / "observations.csv").open("a") as file:
        file.write("2024-02-02,")
    assert refused(folder) == "observations.csv, line 5: 2 fields, where the first line has 9. Is the file cut off?"


def test_wrong_rows_are_left_out_when_that_is_asked_for(tmp_path):
    wrong = {"patients.csv": [PERSON | {"BIRTHDATE": "soon"}], "encounters.csv": [VISIT | {"PATIENT": "pat-9"}],
             "conditions.csv": [FOUND | {"PATIENT": "pat-9", "ENCOUNTER": "enc-9"}]}  # fmt: skip
    folder = synthea_export.write(tmp_path / "export", wrong)
    report, counts = import_export(folder, say=lambda line: None, skip_bad_rows=True)
    assert report.problems == [
        "patients.csv, line 5: BIRTHDATE is no date: soon.",
        "encounters.csv, line 5: PATIENT names nothing that stands in patients.csv.",
        "conditions.csv, line 4: PATIENT names nothing that stands in patients.csv.",
    ]
    assert (counts["patients"], counts["encounters"], Diagnosis.objects.count()) == (3, 3, 2)
