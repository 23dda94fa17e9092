"""What a line holds that somebody typed: words, days, telephone numbers; and how names sound."""

from datetime import date

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from hms.lib.search import fold
from hms.lib.sounds import sound
from hms.lib.typed import Number, Typed, days_in, read

TODAY = date(2026, 11, 26)
NOVEMBER, DECEMBER = date(1980, 11, 12), date(1980, 12, 11)
LAST = date(1980, 12, 31)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("1980-12-31", (LAST,)),
        ("31.12.1980", (LAST,)),
        ("12/31/1980", (LAST,)),
        ("31 / 12 / 1980", (LAST,)),
        (" 31. 12. 1980 ", (LAST,)),
        ("1980 12 31", (LAST,)),
        ("31121980", (LAST,)),
        ("12311980", (LAST,)),
        ("19801231", (LAST,)),
        ("31.12.80", (LAST,)),
        ("12/11/1980", (NOVEMBER, DECEMBER)),
        ("5.6.07", (date(1907, 5, 6), date(1907, 6, 5), date(2007, 5, 6), date(2007, 6, 5))),
    ],
)
def test_a_day_is_read_as_people_write_it(text, days):
    assert days_in(text, today=TODAY) == days


@pytest.mark.parametrize(
    "text",
    ["", "1980", "30.2.1980", "a.b.c", "99999-01-01", "1.2.3.4", "31.12.2027", "1.1.0001", "12.5.198", "99999999"],
)
def test_what_is_no_day_of_birth_is_none(text):
    assert days_in(text, today=TODAY) == ()


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("+49 (0)30 1234", "49301234"),
        ("0049 30 1234567", "49301234567"),
        ("030/123 45-67", "301234567"),
        ("(030) 12.34.56", "30123456"),
        ("(+49) 30 1234", "49301234"),
    ],
)
def test_a_telephone_number_is_read_as_people_write_it(text, phone):
    assert read(text, today=TODAY).numbers == (Number((), phone),)


@pytest.mark.parametrize(
    "text",
    [
        "31 Dec 1980",
        "31 december 1980",
        "31. DEZ 1980",
        "31 Dezember 1980",
        "Dec 31, 1980",
        "December 31 1980",
        "31 Dec. 1980",
    ],
)
def test_a_day_is_read_as_pages_show_it(text):
    with override("de"):
        assert read(f"meyer {text}", today=TODAY) == Typed(("meyer",), (Number((LAST,), ""),))


@pytest.mark.parametrize("text", ["31 Feb 1980", "12 Ma 1980", "Mar 1980", "5 Anna 1980", "31 Dec 80", "1 Dec 2 1980"])
def test_words_that_make_no_day_stay_words(text):
    assert not any(number.days for number in read(text, today=TODAY).numbers)


def test_a_line_holds_words_and_numbers_in_any_order():
    line = read("meyer 31.12.1980 anna +49 30 90182", today=TODAY)
    assert line.words == ("meyer", "anna")
    assert line.numbers == (Number((LAST,), ""), Number((), "493090182"))
    assert read("K7M-2QX-94B", today=TODAY).words == ("K7M-2QX-94B",)
    assert read("jose1980@example.org 12", today=TODAY).words == ("jose1980@example.org", "12")
    assert read("٣١.١٢.١٩٨٠", today=TODAY).numbers == (Number((LAST,), ""),)


@given(st.text(max_size=400))
def test_any_text_can_be_read(text):
    line = read(text, today=TODAY)
    assert len(line.words) <= 8
    assert len(line.numbers) <= 8
    assert all(sound(word) is not None for word in fold(text).split())


@pytest.mark.parametrize(
    "names",
    [
        "meier mayer meyer maier",
        "schmidt schmitt",
        "muller mueller moeller",
        "mohammed muhammad mohamed",
        "stefan stephan",
        "katharina catarina",
        "philipp filip",
        "sarah sara",
        "garcia garsia",
    ],
)
def test_names_that_sound_alike_have_one_sound(names):
    assert len({sound(name) for name in names.split()}) == 1


def test_other_names_and_other_scripts_keep_their_own():
    assert len({sound(name) for name in ["anna", "hanna", "otto", "peter", "maria", "mario"]}) == 6
    assert sound("محمد") == "محمد"
    assert sound("अमित") == "अमित"
