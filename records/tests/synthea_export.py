"""A small Synthea CSV export, made here: three patients, two doctors, and the oddities that real exports hold."""

import csv
from datetime import UTC, datetime, timedelta

from records.synthea.reading import COLUMNS

ANA, BO, CY = "pat-ana", "pat-bo", "pat-cy"
GENERAL, HEART = "prov-general", "prov-heart"

PEOPLE = {
    "organizations.csv": [{"Id": "org-1", "NAME": "SAINT ELSEWHERE", "CITY": "BOSTON"}],
    "providers.csv": [
        {"Id": GENERAL, "ORGANIZATION": "org-1", "NAME": "Víctor493 Noriega353", "GENDER": "M",
         "SPECIALITY": "GENERAL PRACTICE"},
        {"Id": HEART, "ORGANIZATION": "org-1", "NAME": "Ludivina884 Steuber698", "GENDER": "F",
         "SPECIALITY": "CARDIOLOGY"},
    ],
    "patients.csv": [
        {"Id": ANA, "BIRTHDATE": "1996-06-05", "FIRST": "Ana93", "LAST": "Okuneva707", "GENDER": "F",
         "ADDRESS": "1 Main Street", "CITY": "Boston", "STATE": "Massachusetts", "ZIP": "02138"},
        {"Id": BO, "BIRTHDATE": "1949-11-26", "FIRST": "Bo216", "LAST": "Zulauf375", "SUFFIX": "PhD", "GENDER": "M"},
        {"Id": CY, "BIRTHDATE": "1973-10-28", "DEATHDATE": "2004-03-21", "FIRST": "Cy632", "LAST": "Johns824",
         "GENDER": "M"},
    ],
}  # fmt: skip
PAST = {
    "encounters.csv": [
        {"Id": "enc-1", "START": "2023-01-27T16:00:00Z", "STOP": "2023-01-27T16:15:00Z", "PATIENT": ANA,
         "ORGANIZATION": "org-1", "PROVIDER": GENERAL, "ENCOUNTERCLASS": "ambulatory",
         "DESCRIPTION": "Encounter for symptom", "REASONDESCRIPTION": "Acute viral pharyngitis (disorder)"},
        # overlaps the one before, of the same patient and doctor
        {"Id": "enc-2", "START": "2023-01-27T16:05:00Z", "STOP": "2023-01-27T17:00:00Z", "PATIENT": ANA,
         "ORGANIZATION": "org-1", "PROVIDER": GENERAL, "ENCOUNTERCLASS": "wellness", "DESCRIPTION": "Check up"},
        {"Id": "enc-3", "START": "2024-02-02T09:00:00Z", "STOP": "2024-02-02T09:30:00Z", "PATIENT": BO,
         "PROVIDER": HEART, "ENCOUNTERCLASS": "emergency", "DESCRIPTION": "Emergency room admission"},
    ],
    "conditions.csv": [
        {"START": "2023-01-27", "STOP": "2023-02-09", "PATIENT": ANA, "ENCOUNTER": "enc-1", "CODE": "195662009",
         "DESCRIPTION": "Acute viral pharyngitis (disorder)"},
        {"START": "2024-02-02", "PATIENT": BO, "ENCOUNTER": "enc-3", "CODE": "22298006",
         "DESCRIPTION": "Myocardial infarction (disorder)"},
    ],
    "medications.csv": [
        {"START": "2024-02-02T09:00:00Z", "PATIENT": BO, "ENCOUNTER": "enc-3", "CODE": "243670",
         "DESCRIPTION": "Aspirin 81 MG Oral Tablet", "REASONDESCRIPTION": "Myocardial infarction"},
        # the same again, for longer: real exports hold such pairs
        {"START": "2024-02-02T09:00:00Z", "STOP": "2025-02-02T09:00:00Z", "PATIENT": BO, "ENCOUNTER": "enc-3",
         "CODE": "243670", "DESCRIPTION": "Aspirin 81 MG Oral Tablet"},
    ],
    "allergies.csv": [
        {"START": "2009-09-27", "PATIENT": ANA, "ENCOUNTER": "enc-1", "CODE": "111088007", "SYSTEM": "SNOMED-CT",
         "DESCRIPTION": "Latex (substance)", "CATEGORY": "environment", "DESCRIPTION1": "Itching (finding)",
         "SEVERITY1": "MILD", "DESCRIPTION2": "Eruption of skin (disorder)", "SEVERITY2": "MODERATE"},
    ],
    "observations.csv": [
        {"DATE": "2024-02-02T09:00:00Z", "PATIENT": BO, "ENCOUNTER": "enc-3", "CATEGORY": "vital-signs",
         "CODE": "8302-2", "DESCRIPTION": "Body Height", "VALUE": "127.9", "UNITS": "cm", "TYPE": "numeric"},
        {"DATE": "2024-02-02T09:00:00Z", "PATIENT": BO, "ENCOUNTER": "enc-3", "CATEGORY": "survey",
         "CODE": "72166-2", "DESCRIPTION": "Tobacco smoking status NHIS", "VALUE": "Never smoker", "TYPE": "text"},
        {"DATE": "2024-02-02T09:00:00Z", "PATIENT": BO, "CODE": "QALY", "DESCRIPTION": "QALY", "VALUE": "8.0",
         "UNITS": "a", "TYPE": "numeric"},
    ],
}  # fmt: skip


def write(folder, changes=None):
    """Write the export into a folder; `changes` are {file: [rows to add]}. Gives the folder back."""
    folder.mkdir(exist_ok=True)
    for name, rows in (PEOPLE | PAST).items():
        with (folder / name).open("w", newline="", encoding="utf-8") as file:
            out = csv.DictWriter(file, COLUMNS[name], restval="", lineterminator="\n")
            out.writeheader()
            out.writerows(rows + (changes or {}).get(name, []))
    return folder


def write_many(folder, encounters):
    """An export with this many encounters more, a day apart, and a measurement at each."""
    first = datetime(2015, 1, 1, 8, tzinfo=UTC)
    more = {"encounters.csv": [], "observations.csv": []}
    for number in range(encounters):
        began = first + timedelta(days=number)
        visit = {"START": began.isoformat(), "STOP": (began + timedelta(minutes=20)).isoformat(), "PROVIDER": GENERAL}
        patient = {"PATIENT": (ANA, BO, CY)[number % 3]}
        more["encounters.csv"].append(patient | visit | {"Id": f"many-{number}", "DESCRIPTION": "Check up"})
        weight = {"CODE": "29463-7", "DESCRIPTION": "Body Weight", "VALUE": "70", "UNITS": "kg", "TYPE": "numeric"}
        more["observations.csv"].append(
            patient | weight | {"DATE": began.isoformat(), "ENCOUNTER": f"many-{number}", "CATEGORY": "vital-signs"}
        )
    return write(folder, more)
