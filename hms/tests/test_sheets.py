"""CSV that does no harm."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hms.lib.sheets import BOM, Sheet, cell


def written(*rows):
    file = io.StringIO(newline="")
    sheet = Sheet(file)
    for row in rows:
        sheet.write(row)
    return file.getvalue()


@pytest.mark.parametrize("text", ["=1+1", "+49", "-5", "@SUM(A1)", " =1+1", "\t=1", "\r=1", "＝1+1", "\n-x"])
def test_what_a_program_would_take_for_a_formula_is_plain_text(text):
    assert cell(text).startswith("'")


@pytest.mark.parametrize("text", ["Fever", "38.4 °C", "a=b", "नमस्ते", "", "1-2"])
def test_other_text_stays_as_it_is(text):
    assert cell(text) == text


def test_nothing_is_an_empty_cell():
    assert cell(None) == ""


@given(st.lists(st.text(), min_size=1, max_size=4))
def test_whatever_is_written_can_be_read_and_never_starts_a_formula(texts):
    text = written(texts)
    assert text.startswith(BOM)
    (row,) = csv.reader(io.StringIO(text.removeprefix(BOM), newline=""))
    assert len(row) == len(texts)
    assert [value for value in row if value.lstrip().startswith(("=", "+", "-", "@"))] == []
