"""What somebody who acts for a patient reads, writes and takes along; and that each act says in whose name it was."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, Message
from clinic import services as clinic
from clinic.inname import GUARDIAN
from clinic.models import Kind, Scope
from clinic.tests.factories import DoctorFactory, GuardianshipFactory, PatientFactory
from hms.lib.converters import InstantConverter
from records import services
from records.models import Export, MedicalHistory, charts_of
from records.tests.factories import EncounterFactory
from scheduling.models import Appointment, AppointmentEvent, Status
from scheduling.services import book
from scheduling.tests.factories import AppointmentFactory, open_all_week, tomorrow

pytestmark = pytest.mark.django_db


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


def child_of(user, **fields):
    born = timezone.localdate() - timedelta(days=3000)
    return clinic.add_child(by=user, **{"name": "Maya Weber", "birth_date": born, **fields}).patient


@pytest.fixture
def parent():
    return PatientFactory(name="Anna Weber").user


@pytest.fixture
def child(parent):
    return child_of(parent)


@pytest.fixture
def adult():
    return PatientFactory(name="Otto Adult")


def grant(patient, scope, kind=Kind.RELATIVE, **fields):
    return GuardianshipFactory(patient=patient, scope=scope, kind=kind, **fields).guardian


def treated(patient, complaint="Earword"):
    visit = AppointmentFactory(
        patient=patient,
        starts_at=timezone.now() - timedelta(days=2),
        status=Status.COMPLETED,
        reason="Reasonword",
    )
    return EncounterFactory(appointment=visit, complaint=complaint)


class TestReading:
    def test_a_parent_reads_the_childs_record_and_it_is_on_record_as_guardian(self, parent, child):
        encounter = treated(child)
        page = client_of(parent).get(reverse("records:chart-detail", args=[child.pk]))
        assert "Earword" in page.content.decode()
        assert "Medical record of Maya Weber" in page.content.decode()
        row = AuditEvent.objects.filter(action="chart.opened", patient_id=child.pk).get()
        assert row.detail == {"because": "guardian", "as": GUARDIAN, "for": f"Maya Weber, {child.number}"}
        opened = client_of(parent).get(reverse("records:encounter-detail", args=[encounter.pk]))
        assert "Earword" in opened.content.decode()

    def test_who_only_books_reads_nothing(self, adult):
        encounter, helper = treated(adult), grant(adult, Scope.BOOK)
        for name, pk in (
            ("records:chart-detail", adult.pk),
            ("records:history-edit", adult.pk),
            ("records:opening-list", adult.pk),
            ("records:encounter-detail", encounter.pk),
        ):
            assert client_of(helper).get(reverse(name, args=[pk])).status_code == 404, name
        assert client_of(helper).get(reverse("records:visit-list") + f"?patient={adult.pk}").status_code == 404
        assert client_of(helper).post(reverse("records:export-create"), {"patient": adult.pk}).status_code == 404
        assert adult not in charts_of(helper)

    def test_an_adults_reader_reads_and_neither_writes_nor_takes_nor_watches(self, adult):
        treated(adult)
        reader = client_of(grant(adult, Scope.READ))
        chart = reader.get(reverse("records:chart-detail", args=[adult.pk])).content.decode()
        assert "Earword" in chart
        for name in ("records:history-edit", "records:opening-list"):
            assert reverse(name, args=[adult.pk]) not in chart
            assert reader.get(reverse(name, args=[adult.pk])).status_code == 404
        assert reverse("records:export-create") not in chart
        assert reader.post(reverse("records:export-create"), {"patient": adult.pk}).status_code == 404

    def test_the_list_of_visits_is_the_childs_and_stays_so_when_filtered(self, parent, child):
        treated(child)
        treated(parent.patient, complaint="Kneeword")
        url = reverse("records:visit-list") + f"?patient={child.pk}"
        page = client_of(parent).get(url).content.decode()
        assert "Earword" in page
        assert "Kneeword" not in page
        assert f'name="patient" value="{child.pk}"' in page
        own = client_of(parent).get(reverse("records:visit-list")).content.decode()
        assert "Kneeword" in own
        assert "Earword" not in own

    @pytest.mark.parametrize("typed", ["x", "-1", "9" * 30, "\u0663", "1 OR 1"])
    def test_an_odd_number_in_the_address_is_nobodys(self, typed, parent, child):
        assert client_of(parent).get(reverse("records:visit-list"), {"patient": typed}).status_code == 404

    def test_it_ends_at_once_in_the_session_that_is_open(self, parent, child):
        client, url = client_of(parent), reverse("records:chart-detail", args=[child.pk])
        assert client.get(url).status_code == 200
        clinic.end_guardianship(child.guardianships.get(), by=parent)
        assert client.get(url).status_code == 404

    def test_the_patient_sees_who_read_as_guardian(self, adult):
        reader = grant(adult, Scope.READ, guardian__name="Rita Reader")
        client_of(reader).get(reverse("records:chart-detail", args=[adult.pk]))
        page = client_of(adult.user).get(reverse("records:opening-list", args=[adult.pk])).content.decode()
        assert "Rita Reader" in page
        assert "as guardian" in page
        family = client_of(adult.user).get(reverse("clinic:family")).content.decode()
        assert "Record opened" in family


class TestWriting:
    def test_a_parent_writes_the_history_of_a_child_without_account(self, parent, child):
        url = reverse("records:history-edit", args=[child.pk])
        response = client_of(parent).post(url, {"illnesses": "Measles", "seen": "0"})
        assert response.status_code == 302
        assert (MedicalHistory.objects.get(patient=child).written_by_name) == "Anna Weber"

    def test_a_child_with_an_account_writes_it_itself(self):
        young = PatientFactory(birth_date=timezone.localdate() - timedelta(days=16 * 365))
        until = timezone.now() + timedelta(days=600)
        parent = grant(young, Scope.READ, Kind.PARENT, until=until)
        assert client_of(parent).get(reverse("records:history-edit", args=[young.pk])).status_code == 404
        assert client_of(parent).get(reverse("records:opening-list", args=[young.pk])).status_code == 200


class TestTakingAlong:
    @pytest.fixture(autouse=True)
    def _folder(self, settings, tmp_path):
        settings.EXPORT_ROOT = tmp_path

    def test_a_parent_takes_the_childs_record_along(self, parent, child):
        treated(child)
        client = client_of(parent)
        client.post(reverse("records:export-create"), {"patient": child.pk})
        export = Export.objects.get(owner=parent, patient=child)
        services.run_export(export.pk)
        file = client.get(reverse("records:export-download", args=[export.pk]))
        assert "Earword" in b"".join(file.streaming_content).decode()

    def test_a_file_that_is_made_goes_with_the_guardianship(self, parent, child):
        treated(child)
        export = services.request_export(child, by=parent)
        services.run_export(export.pk)
        clinic.end_guardianship(child.guardianships.get(), by=parent)
        for name in ("records:export-detail", "records:export-download"):
            assert client_of(parent).get(reverse(name, args=[export.pk])).status_code == 404

    def test_a_file_that_waits_is_not_made_any_more(self, parent, child):
        export = services.request_export(child, by=parent)
        clinic.end_guardianship(child.guardianships.get(), by=parent)
        assert not services.run_export(export.pk)


class TestMails:
    def test_who_reads_for_a_child_is_told_of_a_summary_and_for_whom(self, parent, child):
        from records import notices

        grant(child, Scope.BOOK)
        notices.summary_ready(treated(child))
        message = Message.objects.get(kind="summary.ready")
        assert message.recipient == parent
        assert "Maya Weber" in message.subject
        assert notices.is_still_true(message)
        clinic.end_guardianship(child.guardianships.get(guardian=parent), by=parent)
        assert not notices.is_still_true(message)


def downloaded(client, export):
    services.run_export(export.pk)
    response = client.get(reverse("records:export-download", args=[export.pk]))
    assert b"".join(response.streaming_content)
    return response


def everything_a_guardian_does(parent, child, doctor):
    """Each act in a child's name, through the pages: {words for it: a function}."""
    client = client_of(parent)
    at = [InstantConverter().to_url(tomorrow(number)) for number in (4, 6)]
    booked = reverse("scheduling:booking-confirm", args=[doctor.pk, tomorrow(4)]) + f"?patient={child.pk}"

    def visit():
        return Appointment.objects.get(patient=child, status=Status.BOOKED)

    def export():
        return Export.objects.get(owner=parent)

    return {
        "appointment.booked": lambda: client.post(booked, {"patient": child.pk}),
        "appointment.moved": lambda: client.post(
            reverse("scheduling:appointment-reschedule", args=[visit().pk]), {"starts": at[1]}
        ),
        "appointment.cancelled": lambda: client.post(reverse("scheduling:appointment-cancel", args=[visit().pk])),
        "chart.opened": lambda: client.get(reverse("records:chart-detail", args=[child.pk])),
        "visits.opened": lambda: client.get(reverse("records:visit-list"), {"patient": child.pk}),
        "history.opened": lambda: client.get(reverse("records:history-edit", args=[child.pk])),
        "history.saved": lambda: client.post(
            reverse("records:history-edit", args=[child.pk]), {"illnesses": "Measles", "seen": "0"}
        ),
        "encounter.opened": lambda: client.get(reverse("records:encounter-detail", args=[treated(child).pk])),
        "export.requested": lambda: client.post(reverse("records:export-create"), {"patient": child.pk}),
        "export.downloaded": lambda: downloaded(client, export()),
        "patient.changed": lambda: client.post(
            reverse("clinic:ward-edit", args=[child.guardianships.get().pk]), {"address": "2 New Road"}
        ),
        "guardianship.ended": lambda: client.post(
            reverse("clinic:guardianship-give-up", args=[child.guardianships.get().pk])
        ),
    }


def test_every_act_in_anothers_name_says_so(parent, child, settings, tmp_path):
    settings.EXPORT_ROOT = tmp_path
    doctor = DoctorFactory()
    open_all_week(doctor, starts=tomorrow().time(), ends=tomorrow(15).time())
    for action, act in everything_a_guardian_does(parent, child, doctor).items():
        assert act().status_code in {200, 302}, action
        rows = AuditEvent.objects.filter(actor_id=parent.pk, action=action, patient_id=child.pk)
        assert rows, action
        for row in rows:
            assert (row.detail["as"], row.detail["for"]) == (GUARDIAN, f"Maya Weber, {child.number}"), action
    begun = AuditEvent.objects.filter(actor_id=parent.pk, patient_id=child.pk)
    assert {row.action for row in begun if row.detail.get("as") != GUARDIAN} == set()
    assert set(AppointmentEvent.objects.filter(by=parent).values_list("by_name", flat=True)) == {
        "Anna Weber for Maya Weber"
    }


def test_what_people_do_for_themselves_and_staff_for_others_does_not_say_so(adult, parent):
    doctor = DoctorFactory()
    open_all_week(doctor, starts=tomorrow().time(), ends=tomorrow(15).time())
    book(doctor=doctor, patient=adult, starts_at=tomorrow(4), by=adult.user)
    client_of(adult.user).get(reverse("records:chart-detail", args=[adult.pk]))
    client_of(treated(adult).doctor.user).get(reverse("records:chart-detail", args=[adult.pk]))
    rows = AuditEvent.objects.filter(patient_id=adult.pk)
    assert {"appointment.booked", "chart.opened"} <= {row.action for row in rows}
    assert all("as" not in row.detail for row in rows)
