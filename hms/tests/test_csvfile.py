"""CSV files that people bring: encodings, what stands between the cells, quotes, and what is no table at all."""

import pytest

from hms.lib import csvfile, sheets
from hms.lib.csvfile import Form, Table, Unreadable, form_of


@pytest.fixture
def written(tmp_path):
    def write(content):
        path = tmp_path / "list.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def rows(path, form=None):
    return [(record.number, record.cells, bool(record.wrong)) for record in Table(path, form or form_of(path))]


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("a,b\nMüller,1\n".encode(), "utf-8-sig"),
        ("\ufeffa,b\nMüller,1\n".encode(), "utf-8-sig"),
        ("a,b\nMüller,1\n".encode("utf-16"), "utf-16"),
        ("\ufeffa,b\nMüller,1\n".encode("utf-16-be"), "utf-16"),
        ("a,b\nMüller,1\n".encode("cp1252"), "cp1252"),
        (b"a,b\nplain,1\n", "utf-8-sig"),
    ],
)
def test_an_encoding_is_known_by_its_mark_or_by_being_utf8(content, encoding, written):
    path = written(content)
    assert form_of(path) == Form(encoding, ",")
    assert rows(path)[1][1][0] in {"Müller", "plain"}


def test_a_letter_cut_in_two_between_chunks_is_still_utf8(written, monkeypatch):
    monkeypatch.setattr(csvfile, "CHUNK", 3)
    assert form_of(written("a,b\nüüüü,ü\n")).encoding == "utf-8-sig"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_what_stands_between_the_cells_is_found_out(delimiter, written):
    path = written("\n".join(delimiter.join(row) for row in (["name", "x, y; z"], ["Li", "b"], ["Fox", "c"])))
    assert form_of(path).delimiter == delimiter


def test_a_column_alone_is_a_table_too(written):
    assert rows(written("name\nLi\n")) == [(1, ["name"], False), (2, ["Li"], False)]


def test_rows_count_as_in_a_spreadsheet_and_empty_ones_are_passed_by(written):
    text = 'name,note\r\n\r\n"Li","two\r\nlines, and ""quotes"""\r\n , \r\nFox,x\r\n'
    assert rows(written(text), Form("utf-8-sig", ",")) == [
        (1, ["name", "note"], False),
        (3, ["Li", 'two\r\nlines, and "quotes"'], False),
        (5, ["Fox", "x"], False),
    ]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_lines_end_as_on_any_system_and_not_at_separators_inside_of_a_text(ending, written):
    text = ending.join(["name,note", "Li,a\u2028b\x0cc", "Fox,x", ""])
    assert [cells for _row, cells, _wrong in rows(written(text))][1:] == [["Li", "a\u2028b\x0cc"], ["Fox", "x"]]


def test_a_row_with_a_quote_inside_says_so_and_the_next_one_is_read(written):
    text = 'name,note\n"Li"x,1\nFox,2\n'
    assert [(number, wrong) for number, _cells, wrong in rows(written(text))] == [(1, False), (2, True), (3, False)]


def test_a_quote_that_is_never_closed_is_one_wrong_row_and_no_end_of_the_world(written):
    found = rows(written('name,note\nLi,1\n"Fox,2\n' + "Other,3\n" * 10))
    assert (found[1], found[-1][0], found[-1][2]) == ((2, ["Li", "1"], False), 3, True)
    long = rows(written('name,note\n"Fox,2\n' + "Other,3\n" * 40_000))
    assert long[1][2]
    assert long[-1][1] == ["Other", "3"]


def test_letters_that_cannot_be_read_and_nul_are_told_row_by_row(written):
    assert rows(written("a,b\nMüller,1\nLi,2\n".encode("cp1252")), Form("utf-8-sig", ","))[1:] == [
        (2, ["M\ufffdller", "1"], True),
        (3, ["Li", "2"], False),
    ]
    assert rows(written("a,b\nx\0y,1\n".encode("utf-16")))[1][2]
    assert rows(written("a\n" + "," * 500 + "x\n"), Form("utf-8-sig", ","))[1][2]


def test_half_a_letter_at_the_end_of_utf16_breaks_nothing(written):
    path = written("a,b\nLi,1\n".encode("utf-16") + b"x")
    assert rows(path)[1][1] == ["Li", "1"]


@pytest.mark.parametrize(
    "content", [b"", b"  \n \n", b"PK\x03\x04", b"%PDF-1", b"\xd0\xcf\x11\xe0", b"\x1f\x8b\x08", b"a,b\n\0,1\n"]
)
def test_what_is_no_text_is_refused(content, written):
    with pytest.raises(Unreadable):
        form_of(written(content))


def test_how_far_it_is_is_told_in_bytes(written):
    table = Table(written("name\n" + "Somebody\n" * 50_000), Form("utf-8-sig", ","))
    told = [table.told for number, _record in enumerate(table) if number % 10_000 == 0]
    assert told == sorted(told)
    assert 0 < told[1] < table.size == table.told


@pytest.mark.parametrize("text", ["=1+1", "+49 30 1", "-x", "@cmd", "plain", "'quoted"])
def test_a_cell_of_ours_is_read_back_as_it_was(text):
    assert sheets.plain(sheets.cell(text)) == text
