"""The acceptance seed with all that an address can name, and a visitor who asks for pages and reads what comes back."""

import re
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from html.parser import HTMLParser
from io import BytesIO
from urllib.parse import urlencode

from django.apps import apps
from django.core.files.base import ContentFile
from django.db import transaction
from django.test import Client
from django.utils import timezone
from PIL import Image

from accounts.consents import current_texts
from accounts.models import Invitation, Message, Role, SignInRule, User
from accounts.services import create_user, invite
from accounts.tests.keys import add_passkey
from clinic.models import Doctor, Hospital, Patient
from clinic.services import (
    add_child,
    ask_guardian,
    bring_import,
    create_specialization,
    match_import,
    merge,
    note_by_hand,
    register_patient,
    run_import,
    work_import,
)
from clinic.tests.factories import ApplicationFactory
from hms.acceptance import EVERYBODY, seed
from records.models import BreakGlass, ClinicalGrant, PrescriptionLine
from records.months import last_ended
from records.services import (
    ask_grant,
    break_glass,
    end_break_glass,
    make_report,
    request_export,
    request_list,
    run_export,
)
from scheduling.models import Appointment, FreedTime, WaitlistOffer
from scheduling.services import note_call
from scheduling.services.hours import add_extra
from scheduling.services.waitlist import join

MISSING = 2**40  # an id that nobody has
CHILDHOOD = timezone.localdate() - timedelta(days=3000)
NAMES = {"uidb36": "1", "key": "nothing", "token": "nothing", "kind": "data_use", "role": "patient"}
NAMES |= {"wording": "scheduling.booked", "channel": "email", "language": "en"}
NAMES |= {"figure": "new_patients", "which": "new-patients"}
VISITOR = "visitor"  # somebody not signed in


def last_month():
    return last_ended(timezone.now(), Hospital.current().zone)


@contextmanager
def for_a_module(blocker):
    """A transaction around the tests of a module: what is made in it is there for all of them, and gone afterwards."""
    with blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


def picture():
    data = BytesIO()
    Image.new("RGB", (8, 8)).save(data, "PNG")
    return ContentFile(data.getvalue(), "picture.png")


class World:
    """`users` by key; `ids[kind]`: what stands before an id, of the first pair, of the second, of the child.

    `forms` by key, once somebody has walked through the pages: test_bad_input.
    """

    def __init__(self):
        self.forms = {}
        self.seed = seed()
        self.users = {key: User.objects.get(pk=person["user_id"]) for key, person in self.seed["people"].items()}
        pairs = [self._pair("patient1", "doctor1"), self._pair("patient2", "doctor2"), self._child("child")]
        self.ids = {kind: tuple(pair.get(kind, pairs[0][kind]) for pair in pairs) for kind in pairs[0]}
        Hospital.current().logo.save("logo.png", picture())

    def _glass(self, doctor_key, patient_key):
        """The doctor opened the other patient's chart and closed it again. The name stands in the doctor's list."""
        user, patient = self.users[doctor_key], self.users[patient_key].patient
        glass = break_glass(by=user, kind=BreakGlass.Kind.EMERGENCY, reason="Fainted", number=patient.number)
        end_break_glass(glass, by=user)
        name = next(entry for entry in self.seed["words"] if entry["where"] == f"{patient_key}:name")
        name["readers"].append(doctor_key)
        return glass

    def _grant(self, name, patient):
        """A grant to somebody else, which nobody has confirmed yet."""
        officer = create_user(email=f"{name}@example.org", name="Records Officer", role=Role.RECEPTION)
        begins = timezone.now()
        what = {"scope": ClinicalGrant.Scope.PATIENT, "patient": patient, "reason": "An audit"}
        until = begins + timedelta(days=1)
        return ask_grant(user=officer, starts_at=begins, until=until, by=self.users["administrator"], **what)

    def _call(self, visit):
        """The desk called about a visit."""
        return note_call(Appointment.objects.get(pk=visit), by=self.users["reception"])

    def _pair(self, patient_key, doctor_key):
        """{what stands before an id in an address: the ids of this pair's}; the first one stands for all of them."""
        people, records = self.seed["people"], self.seed["records"][patient_key]
        other = "patient2" if patient_key == "patient1" else "patient1"
        doctor = Doctor.objects.get(pk=people[doctor_key]["doctor_id"])
        patient = Patient.objects.get(pk=people[patient_key]["patient_id"])
        doctor.photo.save("photo.png", picture())
        exports = self._files(patient, doctor)
        evening = {"date": timezone.localdate() + timedelta(days=30), "starts": time(19), "ends": time(20)}
        return {
            "allergies": [records["allergy_id"]],
            "break-glass": [self._glass(doctor_key, other).pk],
            "applications": [ApplicationFactory(department=doctor.department).pk],
            "appointments": [visit["id"] for visit in self.seed["visits"][patient_key].values()],
            "calls": [self._call(self.seed["visits"][patient_key]["upcoming"]["id"]).pk],
            "departments": [doctor.department_id],
            "doctors": [doctor.pk],
            "duplicates": self._duplicates(patient),
            "encounters": [records["encounter_id"]],
            "exports": exports,
            "files": exports,
            "family": [(acting := add_child(by=patient.user, name="Ward", birth_date=CHILDHOOD)).pk],
            "guardianships": [acting.pk],
            "reports": [make_report(doctor, last_month(), by=None)[0].pk],
            "requests": [ask_guardian(patient, email="aunt@example.org", scope="book", by=patient.user).pk],
            "extra-dates": [add_extra(doctor=doctor, by=None, **evening).pk],
            "grants": [self._grant(f"officer.{patient_key}", patient).pk],
            "hours": people[doctor_key]["hours_ids"][:1],
            "imports": self._imports(patient_key),
            "patients": [patient.pk],
            "prescriptions": [PrescriptionLine.objects.get(encounter=records["encounter_id"]).pk],
            "specializations": [create_specialization(name=f"Words {patient_key}", by=None).pk],
            "time-off": [people[doctor_key]["time_off_id"]],
            "waiting-list": [(entry := self._waiting(patient, doctor)).pk],
            "offers": [self._offer(entry).pk],
        } | self._accounts(patient_key, patient.user, doctor.user)

    def _accounts(self, key, patient, doctor):
        """The same of what belongs to their accounts."""
        invited = invite(email=f"invited.{key}@example.org", name="Invited", role=Role.RECEPTION, by=None)
        return {
            "inbox": self._inbox(patient),
            "invitations": [Invitation.objects.get(user=invited).pk],
            "messages": [Message.objects.filter(recipient=patient).first().pk],
            "passkeys": [add_passkey(patient).pk],
            "sign-in-rules": [SignInRule.objects.get(role=role).pk for role in (Role.PATIENT, Role.DOCTOR)],
            "texts": [text.pk for text in current_texts().values()],
            "users": [patient.pk, doctor.pk],
        }

    def _waiting(self, patient, doctor):
        """The patient waits for an earlier time with their doctor."""
        until = timezone.localdate() + timedelta(days=30)
        return join(patient=patient, department=doctor.department, doctor=doctor, until=until, by=patient.user)

    def _offer(self, entry):
        """What was offered to somebody who waits, and has lapsed: nothing is held."""
        at = timezone.now() - timedelta(days=1)
        freed = FreedTime.objects.create(doctor=entry.doctor, starts_at=at + timedelta(days=9), done_at=at)
        over = {"ended_at": at, "outcome": WaitlistOffer.Outcome.LAPSED}
        return WaitlistOffer.objects.create(entry=entry, freed=freed, expires_at=at, **over)

    def _files(self, patient, doctor):
        """The files that each of them, the administrator and reception have asked for, made."""
        exports = [request_export(patient, by=user).pk for user in (patient.user, doctor.user)]
        for key in ("administrator", "reception"):
            exports += [request_list("appointments", by=self.users[key], query="when=all").pk]
        for export in exports:
            run_export(export)
        return exports

    def _imports(self, key):
        """Lists that the administrator brought: one checked, with a row that stays behind, and one taken over."""
        administrator, made = self.users["administrator"], []
        for name in ("Checked", "Done"):
            text = f"id,name,dob\n1,{name} Person,1950-01-01\n2,Wrong,?\n"
            imported = bring_import("patients", [text.encode()], name=f"{key}.csv", by=administrator)
            options = {"mapping": imported.mapping, "source": f"{key}{name}"[:12], "by": administrator}
            made.append(match_import(imported, quiet=True, alike="take", **options))
            work_import(imported.pk)
        run_import(made[1], by=administrator, quiet=True)
        work_import(made[1].pk)
        return [imported.pk for imported in made]

    def _inbox(self, user):
        return [Message.everything.addressed_to(user).first().pk]

    def _duplicates(self, patient):
        """A pair to be decided on, and one whose records were merged."""
        administrator = self.users["administrator"]
        fields = {"birth_date": patient.birth_date, "by": None}
        others = [register_patient(name=f"Other {number} {patient.pk}", **fields) for number in range(3)]
        waiting = note_by_hand(patient, others[0], by=administrator)
        merged = note_by_hand(others[1], others[2], by=administrator)
        merge(merged, keep=others[1], by=administrator, reason="One person")
        return [waiting.pk, merged.pk]

    def _child(self, key):
        """The same of the child; what a child does not have is the first pair's."""
        child, records = self.seed["children"][key], self.seed["records"][key]
        guardian = self.users["guardian"]
        export = request_export(Patient.objects.get(pk=child["patient_id"]), by=guardian).pk
        run_export(export)
        return {
            "allergies": [records["allergy_id"]],
            "appointments": [visit["id"] for visit in self.seed["visits"][key].values()],
            "doctors": [self.seed["people"][child["doctor"]]["doctor_id"]],
            "encounters": [records["encounter_id"]],
            "exports": [export],
            "family": [child["guardians"]["guardian"]["guardianship_id"]],
            "guardianships": [child["guardians"]["guardian"]["guardianship_id"]],
            "inbox": self._inbox(guardian),
            "messages": [Message.objects.filter(recipient=guardian).first().pk],
            "patients": [child["patient_id"]],
            "prescriptions": [PrescriptionLine.objects.get(encounter=records["encounter_id"]).pk],
            "users": [guardian.pk],
        }

    def addresses(self, url):
        """The paths of a URL pattern for all that the pairs and the child have."""
        return sorted({self.address(url, pair, which) for pair in (0, 1, 2) for which in range(4)})

    def address(self, url, pair=0, which=0):
        """The path of a URL pattern with the ids of a pair (0 or 1); None: with an id that nobody has."""
        return re.sub(r"<(?:(\w+):)?(\w+)>", lambda found: self._sample(url, found, pair, which), url.route)

    def _sample(self, url, found, pair, which):
        converter, name = found.groups()
        before = url.route[: found.start()].rstrip("/").rpartition("/")[2]
        match converter:
            case "id":
                assert before in self.ids, f"{url.route}: teach World what stands after /{before}/."
                return str(MISSING if pair is None else self._one_of(self.ids[before][pair], which))
            case "date" | "month":
                day = timezone.localdate() + timedelta(days=1) if converter == "date" else last_month()
                return day.isoformat()[: 10 if converter == "date" else 7]
            case "instant":
                free = datetime.fromisoformat(self.seed["free_times"][f"doctor{2 if pair == 1 else 1}"][0])
                return free.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
        if url.route.startswith("/admin/"):
            return "nothing" if pair is None else self._of_administration(url.route, name)
        if name == "task":
            return "nothing" if pair is None else "accounts.tasks.seal_audit"
        return NAMES[name]

    def _one_of(self, ids, which):
        return ids[min(which, len(ids) - 1)]

    def _of_administration(self, route, name):
        """The newest row of the model that a page of the administration site is about."""
        app_label, model = [*route.split("/"), "", ""][2:4]
        if name != "object_id" or app_label not in apps.app_configs:
            return {"app_label": "clinic", "url": "nothing"}.get(name, "1")
        newest = apps.get_model(app_label, model).objects.order_by("-pk").first()
        return str(newest.pk) if newest else "1"

    def secrets_from(self, key):
        """The words that this person may not read anywhere."""
        return {entry["word"] for entry in self.seed["words"] if not {key, EVERYBODY} & set(entry["readers"])}

    def own_words(self, key):
        """The words that this person must be able to read somewhere."""
        return {entry["word"]: entry["where"] for entry in self.seed["words"] if key in entry["readers"]}


@dataclass(frozen=True)
class Answer:
    who: str
    method: str
    path: str
    status: int
    body: str
    location: str

    def __str__(self):
        return f"{self.who}: {self.method} {self.path} → {self.status}"


class Visitor:
    """Somebody who asks. Every answer is read for what the person may not see; `leaks` lists what was found."""

    def __init__(self, world, key):
        self.key, self.client, self.leaks, self.seen = key, Client(raise_request_exception=False), [], set()
        self.forbidden, self.own = world.secrets_from(key), world.own_words(key)
        if key != VISITOR:
            self.client.force_login(world.users[key])

    def ask(self, method, path, data=None, **headers):
        """One request. What a change changed is taken back, so that the next one finds the world as it was."""
        if method in {"GET", "HEAD"}:
            return self._ask(method, path, data, headers)
        cookies = self.client.cookies.copy()
        with transaction.atomic():
            answer = self._ask(method, path, data, headers)
            transaction.set_rollback(True)
        self.client.cookies = cookies
        return answer

    def _ask(self, method, path, data, headers):
        response = self.client.generic(
            *(method, path, urlencode(data or {}, doseq=True)),
            content_type="application/x-www-form-urlencoded",
            headers=headers,
        )
        content = b"".join(response.streaming_content) if response.streaming else response.content
        told = "\n".join(f"{name}: {value}" for name, value in response.headers.items())
        body = content.decode(errors="replace")
        answer = Answer(self.key, method, path, response.status_code, body, response.headers.get("Location", ""))
        self._read(answer, f"{told}\n{body}".casefold())
        return answer

    def get(self, path, **headers):
        return self.ask("GET", path, **headers)

    def _read(self, answer, text):
        self.leaks += [f"{answer}: {word}" for word in self.forbidden if word in text]
        self.seen |= {word for word in self.own if word in text}


class Forms(HTMLParser):
    """The forms of a page: [{"action", "method", "fields": {name: type}}]."""

    def __init__(self, page):
        super().__init__()
        self.found, self._inside = [], None
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        said = dict(attrs)
        if tag == "form":
            method = said.get("method", "get").lower()
            self._inside = {"action": said.get("action") or "", "method": method, "fields": {}}
            self.found.append(self._inside)
        elif tag in {"input", "select", "textarea", "button"} and self._inside is not None and said.get("name"):
            kind = said.get("type", "text") if tag == "input" else tag
            self._inside["fields"].setdefault(said["name"], kind)

    def handle_endtag(self, tag):
        if tag == "form":
            self._inside = None

    def searches(self):
        """{(action, name)} of what one can type into forms that ask for another view of the page."""
        typed = {"text", "search"}
        return {
            (form["action"], name)
            for form in self.found
            for name, kind in form["fields"].items()
            if form["method"] == "get" and kind in typed
        }
