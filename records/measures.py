"""What is measured at a visit: name, LOINC code, unit and the range in which a value is plausible. Pure."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

SYSTOLIC, DIASTOLIC = "8480-6", "8462-4"


@dataclass(frozen=True)
class Measure:
    """One measurement. `unit` is UCUM, as stored; `low` and `high` are what a living person can have."""

    name: str
    code: str
    label: str
    unit: str
    low: Decimal
    high: Decimal
    places: int = 0


MEASURES = (
    Measure("systolic", SYSTOLIC, _("Blood pressure, upper"), "mm[Hg]", Decimal(40), Decimal(300)),
    Measure("diastolic", DIASTOLIC, _("Blood pressure, lower"), "mm[Hg]", Decimal(20), Decimal(200)),
    Measure("pulse", "8867-4", _("Pulse"), "/min", Decimal(20), Decimal(300)),
    Measure("temperature", "8310-5", _("Temperature"), "Cel", Decimal(25), Decimal(45), places=1),
    Measure("oxygen", "59408-5", _("Oxygen saturation (SpO₂)"), "%", Decimal(30), Decimal(100)),
    Measure("weight", "29463-7", _("Weight"), "kg", Decimal("0.2"), Decimal(500), places=2),
    Measure("height", "8302-2", _("Height"), "cm", Decimal(20), Decimal(260), places=1),
)
BY_CODE = {measure.code: measure for measure in MEASURES}

UNITS = {"mm[Hg]": "mmHg", "Cel": "°C", "/min": _("per minute"), "{score}": "", "kg/m2": "kg/m²", "10*3/uL": "10³/µL"}


def unit_words(unit):
    """A UCUM unit as people write it: mm[Hg] is mmHg. What is not listed stays."""
    return UNITS.get(unit, unit)


def plain(number):
    """A decimal without the zeros that say nothing: 37.200000 is 37.2, 120.000000 is 120."""
    text = format(Decimal(number), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def value_words(row):
    """A measurement (a Vitals row, or a dict with the same names) as people write it: 120 mmHg, or its words."""
    value = row if isinstance(row, dict) else vars(row)
    number, words = value["number"], value["words"]
    return f"{words if number is None else plain(number)} {unit_words(value['unit'])}".strip()
