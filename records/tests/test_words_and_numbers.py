"""The pure parts: what meets an allergy, how long a duration is, what changed in a text."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.allergens import meets
from records.changes import word_changes
from records.durations import last_day
from records.measures import MEASURES, plain, unit_words


@pytest.mark.parametrize(
    ("medicine", "substance"),
    [
        ("Penicillin V 250 mg", "Penicillin"),
        ("PENICILLINS", "Penicillin (substance)"),
        ("Sulfamethoxazole / Trimethoprim", "Sulfa"),
        ("Ibuprofène 400", "ibuprofene"),
        ("ASA 100", "asa"),
        ("पेनिसिलिन 250", "पेनिसिलिन"),
        ("阿司匹林片", "阿司匹林"),
    ],
)
def test_a_medicine_meets_the_allergy_that_names_it(medicine, substance):
    assert meets(medicine, ["Latex", substance]) == [substance]


@pytest.mark.parametrize(
    ("medicine", "substance"),
    [
        ("Paracetamol 500 mg Oral Tablet", "Peanut (substance)"),
        ("Folic acid", "Acetylsalicylic acid"),
        ("Diclofenac sodium", "Sodium benzoate"),
        ("", "Penicillin"),
        ("Paracetamol", "(substance)"),
    ],
)
def test_words_that_tell_nothing_do_not_count_as_the_same_substance(medicine, substance):
    assert meets(medicine, [substance]) == []


@given(st.text(max_size=60), st.lists(st.text(max_size=60), max_size=4))
def test_any_text_can_be_compared(medicine, substances):
    assert [name for name in meets(medicine, substances) if name not in substances] == []


@pytest.mark.parametrize(
    ("words", "end"),
    [
        ("7 days", date(2026, 3, 7)),
        ("for 2 weeks", date(2026, 3, 14)),
        ("1 Month", date(2026, 3, 30)),
        ("10d", date(2026, 3, 10)),
        ("until better", None),
        ("0 days", None),
        ("", None),
        ("3 moons", None),
    ],
)
def test_a_duration_in_words_has_a_last_day(words, end):
    assert last_day(date(2026, 3, 1), words) == end


@given(st.text(max_size=80), st.text(max_size=80))
def test_changes_told_word_by_word_give_back_both_texts(before, after):
    changes = word_changes(before, after)
    assert "".join(text for kind, text in changes if kind != "new") == before
    assert "".join(text for kind, text in changes if kind != "gone") == after


def test_a_change_names_what_is_gone_and_what_is_new():
    assert word_changes("since 2015", "since 2014") == [("same", "since "), ("gone", "2015"), ("new", "2014")]


def test_numbers_and_units_are_written_as_people_write_them():
    assert [plain("37.200000"), plain("120.000000"), plain("0.5"), plain("100")] == ["37.2", "120", "0.5", "100"]
    assert [unit_words("mm[Hg]"), unit_words("Cel"), unit_words("furlong")] == ["mmHg", "°C", "furlong"]


def test_every_measure_has_a_code_of_its_own_and_a_range():
    assert len({measure.code for measure in MEASURES}) == len(MEASURES)
    assert [measure.name for measure in MEASURES if measure.low >= measure.high] == []
