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
from accounts.models import Invitation, Message, Role, User
from accounts.services import invite
from clinic.models import Doctor, Hospital, Patient
from hms.acceptance import EVERYBODY, seed
from records.models import PrescriptionLine
from records.services import request_export, run_export
from scheduling.services.hours import add_extra

MISSING = 2**40  # an id that nobody has
VISITOR = "visitor"  # somebody not signed in


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
    """`users` by key; `ids[kind]` are the ids of the first and of the second pair of what stands before an id."""

    def __init__(self):
        self.seed = seed()
        self.users = {key: User.objects.get(pk=person["user_id"]) for key, person in self.seed["people"].items()}
        pairs = [self._pair("patient1", "doctor1"), self._pair("patient2", "doctor2")]
        self.ids = {kind: (pairs[0][kind], pairs[1][kind]) for kind in pairs[0]}
        Hospital.current().logo.save("logo.png", picture())

    def _pair(self, patient_key, doctor_key):
        """{what stands before an id in an address: the ids of this pair's}; the first one stands for all of them."""
        people, records = self.seed["people"], self.seed["records"][patient_key]
        doctor = Doctor.objects.get(pk=people[doctor_key]["doctor_id"])
        patient = Patient.objects.get(pk=people[patient_key]["patient_id"])
        doctor.photo.save("photo.png", picture())
        exports = [request_export(patient, by=user).pk for user in (patient.user, doctor.user)]
        for export in exports:
            run_export(export)
        invited = invite(email=f"invited.{patient_key}@example.org", name="Invited", role=Role.RECEPTION, by=None)
        evening = {"date": timezone.localdate() + timedelta(days=30), "starts": time(19), "ends": time(20)}
        return {
            "allergies": [records["allergy_id"]],
            "appointments": [visit["id"] for visit in self.seed["visits"][patient_key].values()],
            "departments": [doctor.department_id],
            "doctors": [doctor.pk],
            "encounters": [records["encounter_id"]],
            "exports": exports,
            "extra-dates": [add_extra(doctor=doctor, by=None, **evening).pk],
            "hours": people[doctor_key]["hours_ids"][:1],
            "invitations": [Invitation.objects.get(user=invited).pk],
            "messages": [Message.objects.filter(recipient=patient.user).first().pk],
            "patients": [patient.pk],
            "prescriptions": [PrescriptionLine.objects.get(encounter=records["encounter_id"]).pk],
            "texts": [text.pk for text in current_texts().values()],
            "time-off": [people[doctor_key]["time_off_id"]],
            "users": [patient.user_id, doctor.user_id],
        }

    def addresses(self, url):
        """The paths of a URL pattern for all that both pairs have."""
        return sorted({self.address(url, pair, which) for pair in (0, 1) for which in range(4)})

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
            case "date":
                return (timezone.localdate() + timedelta(days=1)).isoformat()
            case "instant":
                free = datetime.fromisoformat(self.seed["free_times"][f"doctor{(pair or 0) + 1}"][0])
                return free.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
        if url.route.startswith("/admin/"):
            return "nothing" if pair is None else self._of_administration(url.route, name)
        return {"uidb36": "1", "key": "nothing", "token": "nothing", "kind": "data_use"}[name]

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
