"""Who looks like whom: names with slips of the pen, the same phone, the same address."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.likeness import Reason, distance, is_similar, person, reasons, score
from hms.lib.search import fold

BORN = date(1980, 5, 17)


def somebody(name="Mina Alvarez", birth_date=BORN, phone="", email=""):
    return person(None, name, birth_date, phone, email)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("José García", "Jose Garcia"),
        ("Mina Alvarez", "Alvarez Mina"),
        ("Marie-Claire Dubois", "MARIE CLAIRE DUBOIS"),
        ("Fatima Al Sayed", "Fatima Alsayed"),
        ("Siobhán O’Connor", "Siobhan O'Connor"),
        ("آشا شارما", "شارما آشا"),
        ("山田 太郎", "太郎 山田"),
    ],
)
def test_one_name_however_it_is_written(one, other):
    assert reasons(somebody(one), somebody(other)) == [Reason.NAME]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Mina Alvarez", "Mina Alvarz"),
        ("Mina Alvarez", "Mian Alvarez"),
        ("Mina Alvarez", "Alvares Mina"),
        ("Anna Schmidt", "Anna Maria Schmidt"),
        ("Jonathan Weber", "Jonatan Webber"),
        ("Sukarno", "Sukarno Hadi"),
        ("Zalvarez Mina", "Alvarez Mina"),
        ("Oliver B. Bennet", "Oliver Bennett"),
    ],
)
def test_slips_of_the_pen_and_names_left_out(one, other):
    assert reasons(somebody(one), somebody(other)) == [Reason.SIMILAR]
    assert reasons(somebody(other), somebody(one)) == [Reason.SIMILAR]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Li Na", "Li Ma"),
        ("Anna Weber", "Karl Weber"),
        ("山田 太郎", "山田 花子"),
        ("李 明华", "王 明华"),
        ("Mina Alvarez", ""),
    ],
)
def test_other_people_are_other_people(one, other):
    assert reasons(somebody(one), somebody(other)) == []


def test_a_phone_counts_with_the_birth_date_or_a_similar_name():
    phone = "+493012345678"
    mother = somebody("Her Mother", date(1955, 1, 1), phone)
    assert reasons(somebody(phone=phone), mother) == []
    assert reasons(somebody(phone=phone), somebody("Wilhelmina A.", BORN, phone)) == [Reason.PHONE]
    assert reasons(somebody(phone=phone), somebody("Mina Alvares", date(1980, 5, 11), phone)) == [Reason.PHONE_NAME]
    assert reasons(somebody(phone=""), somebody("Karl Weber", BORN, "")) == []


def test_an_address_counts_by_itself_whatever_its_case():
    other = somebody("Karl Weber", date(1990, 1, 1), email=" MINA@Example.org ")
    assert reasons(somebody(email="mina@example.org"), other) == [Reason.EMAIL]


def test_everything_alike_is_a_hundred_and_a_stranger_nothing():
    same = somebody(phone="+493012345678", email="mina@example.org")
    assert score(reasons(same, same)) == 100
    assert score([]) == 0


words = st.text(st.characters(categories=["Lu", "Ll", "Lo", "Nd", "Zs"]), max_size=14)


@settings(max_examples=200, deadline=None)
@given(words, words)
def test_likeness_asks_nobody_who_came_first(one, other):
    left, right = tuple(fold(one).split()), tuple(fold(other).split())
    assert is_similar(left, right) == is_similar(right, left)
    assert distance(one, other) == distance(other, one) <= max(len(one), len(other))
    assert distance(one, one) == 0
