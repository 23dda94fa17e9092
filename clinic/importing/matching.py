"""Whom rows of a list are about: who is there already, who looks like somebody, which department it is. Reads only."""

from collections import defaultdict

from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext as _

from clinic import likeness
from clinic.models import Department, Doctor, ImportedRow, Patient
from hms.lib.search import fold

CROWDED = 400  # people of one birth date: an earlier import made it up, and only the same name says anything
CROWD = 6  # as in services/duplicates.py: an address that more people share says nothing of one of them
TITLES = {"dr", "dr.", "prof", "prof.", "med", "med.", "md", "m.d."}
NEW, THERE, DIFFERS, ALIKE = "new", "there", "differs", "alike"


class Patients:
    """What is known of the patients in the database. Who came by the Import `of` itself is no duplicate of its rows."""

    model = Patient

    def __init__(self, of):
        self.of = of

    def judge(self, items):
        """Say of each item whom it is about: sets `verdict`, `whom` (an id, or None) and `alike` ([(id, reasons)])."""
        known = self._known(items)
        fresh = [item for item in items if not self._is_there(item, known)]
        for item, found in zip(fresh, self._alike(fresh), strict=True):
            item.verdict, item.alike = (ALIKE if found else NEW), found

    def _known(self, items):
        """{import_ref or number: patient} of those whom the rows name."""
        named = Q(import_ref__in=[item.ref for item in items])
        if numbers := [item.named for item in items if item.named]:
            named |= Q(number__in=numbers)
        return {
            key: patient for patient in Patient.objects.filter(named) for key in (patient.import_ref, patient.number)
        }

    def _is_there(self, item, known):
        """Whether the row names somebody who is there, or whom nobody knows: then there is nothing to compare."""
        found = known.get(item.named or item.ref)
        if found is None:
            if item.named:
                item.bad(_("Patient number of this hospital"), item.named, _("Nobody here has this number."))
            return bool(item.named)
        if found.birth_date != item.fields["birth_date"] and fold(found.name) != fold(item.fields["name"]):
            item.bad("", item.named or item.ref.rpartition(":")[2], _("Somebody else is known here under this number."))
            return True
        item.whom = found.merged_into_id or found.pk
        item.verdict = DIFFERS if differs(found, item.fields) else THERE
        return True

    def _alike(self, items):
        """For each item those who may be the same person: [(id, reasons)], the most alike first."""
        asked = [
            likeness.person(None, *(item.fields.get(name, "") for name in ("name", "birth_date", "phone", "email")))
            for item in items
        ]
        near = self._near(items, asked)
        return [likest(one, near) for one in asked]

    def _near(self, items, asked):
        """{("day", day) or ("phone", …) or ("mail", …): [likeness.Person]} of those worth comparing."""
        mine = ImportedRow.objects.filter(of=self.of, target_id=OuterRef("pk"))
        others = Patient.objects.standing().with_mail().filter(~Exists(mine)).order_by()
        days = {one.birth_date for one in asked}
        shared = others.filter(birth_date__in=days).values("birth_date").annotate(people=Count("pk"))
        crowded = set(shared.filter(people__gt=CROWDED).values_list("birth_date", flat=True))
        found = {}
        for wanted in self._wanted(items, asked, days - crowded, crowded):
            rows = others.filter(wanted).values_list("pk", "name", "birth_date", "phone", "mail")
            found |= {row[0]: likeness.person(*row) for row in rows}
        near = defaultdict(list)
        for one in found.values():
            near["day", one.birth_date].append(one)
            if one.phone:
                near["phone", one.phone].append(one)
            if one.email:
                near["mail", one.email].append(one)
        return near

    def _wanted(self, items, asked, days, crowded):
        yield Q(birth_date__in=days)
        if crowded:
            names = [item.fields["name"] for item in items if item.fields["birth_date"] in crowded]
            yield Q(birth_date__in=crowded, name__in=names)
        if phones := {one.phone for one in asked if one.phone}:
            yield Q(phone__in=phones)
        if mails := {one.email for one in asked if one.email}:
            yield Q(mail__in=mails)


def likest(asked, near):
    """[(id, reasons)] of those in `near` who may be the one asked for, the most alike first."""
    same_mail = near.get(("mail", asked.email), [])
    mails = same_mail if len(same_mail) < CROWD else []
    groups = (near.get(("day", asked.birth_date), []), near.get(("phone", asked.phone), []), mails)
    people = {one.pk: one for group in groups for one in group}
    found = []
    for one in people.values():
        reasons = likeness.reasons(asked, one)
        if not mails:
            reasons = [reason for reason in reasons if reason != likeness.Reason.EMAIL]
        if reasons:
            found.append((one.pk, reasons))
    return sorted(found, key=lambda entry: -likeness.score(entry[1]))


class Doctors:
    """What is known of the doctors and departments in the database."""

    model = Doctor

    def __init__(self, of):
        self.of = of
        mine = ImportedRow.objects.filter(of=of, target_id=OuterRef("pk"))
        others = Doctor.objects.filter(~Exists(mine), retired_at=None).order_by()
        self.names = {without_titles(name): pk for pk, name in others.values_list("pk", "name")}
        self.departments = {fold(row.name): row for row in Department.objects.all()}
        self.unknown = {}  # {folded name: name} of departments that would be made

    def judge(self, items):
        """The same as of patients; and the department, which has to be there, unless unknown ones are made."""
        refs = [item.ref for item in items]
        known = {row.import_ref: row for row in Doctor.objects.filter(import_ref__in=refs).select_related("department")}
        for item in items:
            found = known.get(item.ref)
            if found is not None:
                item.whom = found.pk
                item.verdict = DIFFERS if differs(found, item.fields) else THERE
            elif self._has_department(item):
                same = self.names.get(without_titles(item.fields["name"]))
                item.verdict, item.alike = (ALIKE, [(same, [])]) if same else (NEW, [])

    def _has_department(self, item):
        name = item.fields["department"]
        found = self.departments.get(fold(name))
        if found is not None and found.retired_at is not None:
            item.bad(_("Department"), name, _("This department is retired."))
        elif found is None and self.of.unknown_departments == self.of.Departments.REFUSE:
            item.bad(_("Department"), name, _("There is no department of this name."))
        elif found is None:
            self.unknown.setdefault(fold(name), name)
        return not item.problems


def without_titles(name):
    return tuple(sorted(word for word in fold(name).split() if word not in TITLES))


def differs(row, fields):
    """Whether a row in the database says something else than these fields, where they say anything."""
    return any(str(getattr(row, name) or "") != str(value or "") for name, value in fields.items())


OF = {"patients": Patients, "doctors": Doctors}
