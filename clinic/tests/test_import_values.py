"""What stands in a cell, and what it becomes. And which column is what."""

from datetime import date
from decimal import Decimal

import pytest

from clinic.importing import targets, values
from clinic.importing.rows import Reading
from clinic.importing.values import Bad, How
from hms.lib.csvfile import Record

ISO, DAY, MONTH = How("iso", "DE"), How("dmy", "DE"), How("mdy", "US")


@pytest.mark.parametrize(
    ("text", "how", "expected"),
    [
        ("1980-05-17", ISO, date(1980, 5, 17)),
        ("1980-05-17T00:00:00Z", ISO, date(1980, 5, 17)),
        ("1980-05-17 00:00:00", DAY, date(1980, 5, 17)),
        ("1980/5/7", MONTH, date(1980, 5, 7)),
        ("17.05.1980", DAY, date(1980, 5, 17)),
        ("5/4/1980", DAY, date(1980, 4, 5)),
        ("5/4/1980", MONTH, date(1980, 5, 4)),
        ("29.2.2024", DAY, date(2024, 2, 29)),
    ],
)
def test_days_are_read_in_the_order_that_was_chosen_and_as_iso_always(text, how, expected):
    assert values.day(text, how) == expected


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ("17.05.80", DAY),
        ("29.2.2023", DAY),
        ("17.05.1980", MONTH),
        ("17.05.1980", ISO),
        ("29357", DAY),
        ("1980-05-17T10:00:00", ISO),
        ("May 1980", DAY),
        ("１７.０５.１９８０", DAY),
        ("0000-01-01", ISO),
    ],
)
def test_what_is_no_day_or_may_be_two_is_refused(text, how):
    with pytest.raises(Bad):
        values.day(text, how)


@pytest.mark.parametrize(
    ("read", "text", "expected"),
    [
        (values.gender, "W", "female"),
        (values.gender, "Männlich", "male"),
        (values.gender, "M.", "male"),
        (values.gender, "divers", "other"),
        (values.gender, "not stated", "unknown"),
        (values.blood_group, "0 neg", "O-"),
        (values.blood_group, "ab+", "AB+"),
        (values.blood_group, "A−", "A-"),
        (values.money, "80,50", Decimal("80.50")),
        (values.whole(80), "12", 12),
        (values.yes, "Ja", True),
        (values.yes, "no", False),
        (values.name, "  Anna\n  Maria ", "Anna Maria"),
        (values.name, "李小龙", "李小龙"),
        (values.reference, "A 17 ", "A17"),
        (values.text(500, lines=True), "Street 1\r\nTown", "Street 1\nTown"),
    ],
)
def test_words_of_several_languages_become_our_values(read, text, expected):
    assert read(text, DAY) == expected


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (values.gender, "?"),
        (values.blood_group, "C+"),
        (values.money, "NaN"),
        (values.money, "80.505"),
        (values.money, "-1"),
        (values.whole(80), "81"),
        (values.whole(80), "²"),
        (values.yes, "perhaps"),
        (values.name, "=cmd|' /C calc'!A0"),
        (values.name, "12345"),
        (values.name, "x" * 201),
        (values.name, "Anna\x07Bell"),
        (values.text(10), "x" * 11),
        (values.phone, "12"),
        (values.phone, "0" * 100),
        (values.email, "nobody"),
        (values.number, "AAA-AAA-AAA"),
        (values.birth_date, "1.1.1870"),
        (values.past_day, "1.1.2999"),
    ],
)
def test_what_is_none_is_refused_with_a_sentence(read, text):
    with pytest.raises(Bad) as refused:
        read(text, DAY)
    assert str(refused.value).endswith(".")


def test_local_telephone_numbers_are_those_of_the_hospitals_country():
    assert values.phone("030 901820", DAY).as_e164 == "+4930901820"
    assert values.phone("(212) 555-0100", MONTH).as_e164 == "+12125550100"


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ("Id BIRTHDATE PREFIX FIRST LAST GENDER ZIP", "former birth_date title first_name last_name gender postcode"),
        ("Patientennummer Nachname Vorname Geburtsdatum Straße", "former last_name first_name birth_date address"),
        ("Name Number Born Telephone", "name former birth_date phone"),
        ("Nombre Apellidos Fecha-de-nacimiento Teléfono", "first_name last_name birth_date phone"),
        ("Prénom NOM_DE_FAMILLE Date_de_naissance", "first_name last_name birth_date"),
    ],
)
def test_columns_are_known_by_their_names_in_several_languages(columns, expected):
    names = columns.replace("_", " ").split() if "NOM" not in columns else columns.split()
    guessed = targets.guess("patients", names, [])
    assert [name for name, _index in sorted(guessed.items(), key=lambda pair: pair[1])] == expected.split()


def test_a_row_of_people_is_no_heading():
    assert targets.is_heading(["Name", "x1"])
    assert targets.is_heading(["foo", "bar"])
    assert not targets.is_heading(["Anna Li", "1980-05-17"])


@pytest.mark.parametrize(
    ("cells", "order"),
    [(["17.05.1980"], "dmy"), (["05/17/1980"], "mdy"), (["1980-05-17"], "iso"), (["05/04/1980"], "dmy"), ([""], "iso")],
)
def test_the_order_of_dates_is_guessed_from_what_only_one_order_allows(cells, order):
    assert targets.guess_dates([0], [cells]) == order


def item(cells, mapping, kind="patients", how=DAY):
    columns = [f"c{number}" for number in range(3)]
    return Reading(kind, columns, mapping, how).item(Record(2, cells))


def test_a_torn_row_says_how_many_cells_it_has():
    mapping = {"name": 0, "birth_date": 1}
    assert item(["Anna", "1.1.1980", "x"], mapping).problems == []
    assert item(["Anna", "1.1.1980"], mapping).problems == []
    assert item(["Anna"], mapping).problems[0].sentence == "1 cells, where there are 3 columns."
    assert item(["Anna", "1.1.1980", "x", ""], mapping).problems == []
    assert item(["Anna", "1.1.1980", "x", "y"], mapping).problems[0].sentence == "4 cells, where there are 3 columns."


def test_who_died_before_being_born_is_an_error_beside_the_row():
    found = item(["Anna", "1.1.1980", "1.1.1970"], {"name": 0, "birth_date": 1, "died_on": 2})
    assert [problem.sentence for problem in found.problems] == ["This day is before the date of birth."]


def test_a_name_of_many_parts_has_an_end_as_well():
    found = item(["a" * 150, "b" * 150, "1.1.1980"], {"first_name": 0, "last_name": 1, "birth_date": 2})
    assert [problem.sentence for problem in found.problems] == ["A name has at most 200 characters."]
