"""Patient numbers."""

from hypothesis import given
from hypothesis import strategies as st

from clinic.numbers import ALPHABET, as_number, check_character, grouped, new_number

BODIES = st.text(ALPHABET, min_size=8, max_size=8)
PLACES = st.integers(0, 8)


def plain(body):
    return body + check_character(body)


def test_numbers_fit_their_column_and_are_not_made_in_a_row():
    numbers = {new_number() for _ in range(500)}
    assert len(numbers) == 500
    assert {len(number) for number in numbers} == {11}
    assert all(as_number(number) == number for number in numbers)
    assert len({number[:3] for number in numbers}) > 400


def test_no_letter_looks_like_a_digit():
    assert not set("01OIL5S9AEUY") & set(ALPHABET)


@given(BODIES)
def test_a_number_is_read_however_it_is_typed(body):
    number = grouped(plain(body))
    typed = [number, number.lower(), number.replace("-", ""), number.replace("-", " "), f"  {number} "]
    assert {as_number(text) for text in typed} == {number}


@given(BODIES, PLACES, st.sampled_from(ALPHABET))
def test_one_wrong_character_is_found(body, place, wrong):
    number = plain(body)
    changed = number[:place] + wrong + number[place + 1 :]
    assert (as_number(changed) is None) == (changed != number)


@given(st.text(max_size=20))
def test_other_text_is_no_number(text):
    assert as_number(text) is None or len(text.replace("-", "").split()) <= 9
