"""Monthly reports: due by rows, frozen, corrected by new versions; nobody but the doctor reads what was found."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from threading import Thread

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, Message, Role
from accounts.services.delivery import deliver
from accounts.tests.factories import UserFactory
from accounts.tests.trail import unguarded_trail
from clinic.models import Hospital
from clinic.services import merge, note_by_hand
from clinic.tests.factories import DoctorFactory, PatientFactory
from records import reportcontent, reportpdf, services
from records.models import MonthlyReport
from records.models.reports import checksum_of
from records.tests.conftest import client_of
from records.tests.factories import DiagnosisFactory, EncounterFactory
from scheduling.models import Appointment, Status
from scheduling.tests.factories import AppointmentFactory

pytestmark = pytest.mark.django_db
OCTOBER, NOW = date(2026, 10, 1), datetime(2026, 11, 25, 9, tzinfo=UTC)
SECRET = "Secretitis"


@pytest.fixture(autouse=True)
def on_a_day_in_november():
    Hospital.objects.update(time_zone="Europe/Berlin")
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def doctor():
    """A doctor with a completed visit of October, in whose record a diagnosis stands."""
    doctor = DoctorFactory()
    record = EncounterFactory(appointment=october(doctor, 5, status=Status.COMPLETED, fee=50))
    DiagnosisFactory(encounter=record, code="X99", words=SECRET)
    return doctor


@pytest.fixture
def as_owner(doctor):
    return client_of(doctor.user)


def october(doctor, day, hour=10, **fields):
    at = datetime(2026, 10, day, hour, tzinfo=UTC)
    return AppointmentFactory(doctor=doctor, starts_at=at, ends_at=at + timedelta(minutes=30), **fields)


def made(owner, month=OCTOBER, **fields):
    return services.make_report(owner, month, by=None, **fields)[0]


def test_the_month_that_is_over_is_due_once_for_doctor_and_department(doctor):
    assert services.due_reports() == [(doctor, OCTOBER), (doctor.department, OCTOBER)]
    assert services.make_due_reports() == {"made": 2}
    assert services.make_due_reports() == {"made": 0}
    report = MonthlyReport.objects.get(doctor=doctor)
    assert (report.version, report.why, report.made_by_name) == (1, "scheduled", "HMS")
    assert report.figures["visits"]["completed"] == 1
    assert report.diagnoses == [{"system": "icd10", "code": "X99", "words": SECRET, "count": 1}]
    assert MonthlyReport.objects.get(department=doctor.department).diagnoses == []
    assert AuditEvent.objects.filter(action="report.made").count() == 2


def test_due_by_the_hospitals_date_and_made_up_for_after_an_outage(doctor):
    with time_machine.travel(datetime(2026, 10, 31, 22, 59, tzinfo=UTC), tick=False):
        services.make_due_reports()
        assert not MonthlyReport.objects.filter(month=OCTOBER).exists()
    with time_machine.travel(datetime(2026, 10, 31, 23, 1, tzinfo=UTC), tick=False):
        services.make_due_reports()
        assert MonthlyReport.objects.filter(month=OCTOBER).count() == 2
    with time_machine.travel(datetime(2027, 2, 2, 9, tzinfo=UTC), tick=False):
        assert [month.month for owner, month in services.due_reports() if owner == doctor] == [11, 12, 1]
        services.make_due_reports()
        empty = MonthlyReport.objects.get(doctor=doctor, month=date(2026, 12, 1))
        assert reportcontent.is_empty(empty)
        assert "No visits in this month" in client_of(doctor.user).get(detail(empty)).content.decode()


def test_who_has_left_gets_a_report_of_the_last_month_and_none_afterwards(doctor):
    doctor.retired_at = datetime(2026, 10, 20, tzinfo=UTC)
    doctor.save()
    DoctorFactory()  # new: no visit yet, so no empty reports of months before
    assert [owner for owner, _month in services.due_reports()] == [doctor, doctor.department]
    services.make_due_reports()
    with time_machine.travel(datetime(2026, 12, 2, 9, tzinfo=UTC), tick=False):
        assert doctor not in [owner for owner, _month in services.due_reports()]


def test_a_report_is_frozen_and_a_correction_is_a_version_that_says_so(doctor, as_owner):
    first = made(doctor)
    assert services.check_reports() == {"unchanged": 1}
    Appointment.objects.filter(pk=october(doctor, 31, 22).pk).update(status=Status.NO_SHOW)  # 23:00 in Berlin
    october(doctor, 31, 23, status=Status.NO_SHOW)  # November there
    assert services.check_reports() == {"new versions": 1}
    assert services.check_reports() == {"unchanged": 1}
    second = MonthlyReport.objects.newest().get()
    assert (second.version, second.why) == (2, "corrected")
    told = reportcontent.changes(first, second, doctor.user)
    assert ("No-show rate", "0.0\xa0% (0 of 1)", "50.0\xa0% (1 of 2)") in told
    page = as_owner.get(detail(second)).content.decode()
    assert "What changed since version 1" in page
    assert "<del>0.0\xa0% (0 of 1)</del>" in page
    page = as_owner.get(detail(first)).content.decode()
    assert "This is an earlier version." in page
    with pytest.raises(IntegrityError, match="report_append_only"), transaction.atomic():
        MonthlyReport.objects.filter(pk=first.pk).update(figures={})
    with pytest.raises(IntegrityError, match="report_append_only"), transaction.atomic():
        MonthlyReport.objects.filter(pk=first.pk).delete()


def test_what_changes_with_the_rules_of_today_changes_no_report(doctor):
    first = made(doctor)
    Hospital.objects.update(time_zone="Asia/Tokyo", currency="USD")
    call_command("make_reports", "2026-10", doctor=doctor.pk)
    doctor.working_hours.create(weekday=0, starts="09:00", ends="17:00", slot_minutes=30)
    doctor.name = "Dr Married"
    doctor.save()
    assert services.make_report(doctor, OCTOBER, by=None) == (first, False)
    assert (first.about["time_zone"], first.about["currency"]) == ("Europe/Berlin", "EUR")


def test_two_numbers_of_one_person_become_one_new_patient_in_the_next_version(doctor):
    one = Appointment.objects.get().patient
    other = october(doctor, 7, status=Status.COMPLETED).patient
    assert made(doctor).figures["new_patients"] == 2
    admin = UserFactory(role=Role.ADMIN)
    merge(note_by_hand(one, other, by=admin), keep=one, by=admin, reason="One person")
    services.check_reports()
    assert MonthlyReport.objects.newest().get().figures["new_patients"] == 1


def test_the_checksum_covers_all_of_it_and_shows_every_change(doctor, as_owner):
    report = made(doctor)
    assert report.is_whole
    assert checksum_of({"b": 1, "a": "é"}) == checksum_of(json.loads('{"a": "\\u00e9", "b": 1}'))
    for name, value in {"figures": {}, "diagnoses": [], "month": date(2026, 9, 1), "version": 2, "about": {}}.items():
        again = MonthlyReport.objects.get()
        setattr(again, name, value)
        assert not again.is_whole, name
    call_command("check_reports")
    with unguarded_trail():  # somebody who may drop triggers
        MonthlyReport.objects.update(figures=report.figures | {"patients": 99})
    assert "The checksum does not hold" in as_owner.get(detail(report)).content.decode()
    with pytest.raises(CommandError, match="Changed past the application"):
        call_command("check_reports")


def test_diagnoses_are_the_doctors_alone_on_page_paper_and_in_mail(doctor, as_owner):
    services.make_due_reports()
    report, admin = MonthlyReport.objects.get(doctor=doctor), UserFactory(role=Role.ADMIN)
    services.make_due_reports()
    as_admin = client_of(admin)
    assert SECRET in as_owner.get(detail(report)).content.decode()
    assert SECRET in json.dumps(reportpdf.data(report, None, doctor.user))
    rows = reverse("records:report-rows", args=[report.pk, "diagnosis"])
    line = {"system": "icd10", "code": "X99", "words": SECRET}
    assert "1 record" in as_owner.get(rows, line).content.decode()
    assert as_admin.get(rows, line).status_code == 404
    site = reverse("admin:records_monthlyreport_change", args=[report.pk])
    pages = ["/", detail(report), reverse("records:report-list"), reverse("records:report-month", args=[OCTOBER]), site]
    seen = [as_admin.get(page) for page in pages]
    assert [answer.status_code for answer in seen] == [200] * 5
    told = "".join(answer.content.decode() for answer in seen) + json.dumps(reportpdf.data(report, None, admin))
    told += "".join(message.subject + message.text + message.html for message in Message.objects.all())
    # a code as a word of its own: the tokens of forms hold any three letters by chance
    assert [word for word in (SECRET, "X99", report.clinical_checksum) if re.search(rf"\b{word}\b", told)] == []
    assert report.checksum in told
    EncounterFactory(appointment=october(doctor, 9, status=Status.BOOKED))
    assert as_admin.get(reverse("records:report-pdf", args=[report.pk])).content.startswith(b"%PDF-")
    assert AuditEvent.objects.filter(action="report.downloaded", actor_id=admin.pk).count() == 1


def test_the_mail_brings_a_link_and_headlines_once_and_only_while_it_is_true(doctor):
    admin = UserFactory(role=Role.ADMIN)
    services.make_due_reports()
    services.make_due_reports()
    mails = Message.objects.filter(kind__startswith="report.").order_by("kind")
    assert [(mail.kind, mail.recipient) for mail in mails] == [
        ("report.month_ready", admin),
        ("report.ready", doctor.user),
    ]
    report = MonthlyReport.objects.get(doctor=doctor)
    assert f"/reports/{report.pk}/" in mails[1].text
    assert 'href="http' in mails[1].html
    assert "50.00" in mails[1].html
    october(doctor, 8, status=Status.NO_SHOW)
    services.check_reports()
    assert deliver(mails[1].pk) == "obsolete"
    newest = Message.objects.filter(kind="report.ready").latest("pk")
    assert "was corrected" in newest.subject
    assert deliver(newest.pk) == "sent"


def test_another_doctors_report_is_not_there(doctor):
    report, stranger = made(doctor), client_of(DoctorFactory().user)
    for name in ("report-detail", "report-pdf"):
        assert stranger.get(reverse(f"records:{name}", args=[report.pk])).status_code == 404
    assert stranger.get(reverse("records:report-rows", args=[report.pk, "waiting"])).status_code == 404
    assert doctor.name not in stranger.get(reverse("records:report-list")).content.decode()


@pytest.mark.parametrize(
    "month", ["2026-13", "2026-00", "0000-00", "0000-01", "9999-99", "9999-12", "2026-1", "2026-10-01"]
)
def test_what_is_no_month_is_not_there(month, as_admin):
    assert as_admin.get(f"/reports/{month}/").status_code == 404
    page = as_admin.post(reverse("records:report-create"), {"month": month, "doctor": "", "department": ""})
    assert page.status_code == 422


def test_a_month_to_come_and_one_without_reports_say_so(as_admin, as_owner):
    assert "This month is not over yet" in as_admin.get("/reports/2199-12/").content.decode()
    assert "This month is not over yet" in as_owner.get("/reports/2026-11/").content.decode()
    page = as_admin.get("/reports/1900-01/").content.decode()
    assert "No report of this month" in page
    assert "/reports/new/?month=1900-01" in page


def test_made_again_from_the_page_by_who_may(doctor, as_owner, as_admin, as_reception):
    create = reverse("records:report-create")
    assert as_reception.post(create, {"month": "2026-10"}).status_code == 403
    assert as_owner.post(create, {"month": "2026-11"}).status_code == 422
    answer = as_owner.post(create, {"month": "2026-10"}, follow=True)
    assert "Version 1 is made." in answer.content.decode()
    assert "version 1 stands" in as_owner.post(create, {"month": "2026-10"}, follow=True).content.decode()
    october(doctor, 12, status=Status.CANCELLED)
    answer = as_admin.post(create, {"month": "2026-10", "doctor": doctor.pk}, follow=True)
    assert "Version 2 is made." in answer.content.decode()
    assert as_admin.post(create, {"month": "2026-10"}).status_code == 422
    other = DoctorFactory()
    as_owner.post(create, {"month": "2026-09", "doctor": other.pk})  # whatever is sent along, it is one's own
    assert not MonthlyReport.objects.filter(doctor=other).exists()


def test_the_command_makes_one_month_tells_before_and_refuses_nonsense(doctor, capsys):
    call_command("make_reports", "2026-10", "--dry-run")
    assert capsys.readouterr().out.count("would be made") == 2
    assert not MonthlyReport.objects.exists()
    call_command("make_reports", "2026-10", doctor=doctor.pk)
    assert capsys.readouterr().out == f"2026-10 {doctor}: version 1 made\n"
    october(doctor, 12, status=Status.CANCELLED)
    call_command("check_reports", "--dry-run")
    assert "version 2 would be made" in capsys.readouterr().out
    call_command("make_reports")
    assert capsys.readouterr().out == "made: 1\n"
    for wrong in (
        ["2026-13"],
        ["2026-11", f"--doctor={doctor.pk}"],
        ["2026-10", "--doctor=999999"],
        ["--doctor=1"],
        ["2026-11", f"--doctor={doctor.pk}", "--dry-run"],
    ):
        with pytest.raises(CommandError):
            call_command("make_reports", *wrong)


@pytest.mark.parametrize("visits", [1, 12])
def test_a_report_costs_the_same_however_many_visits(visits, doctor, as_owner, django_assert_num_queries):
    for day in range(visits):
        DiagnosisFactory(encounter=EncounterFactory(appointment=october(doctor, day + 10, status=Status.COMPLETED)))
    hospital = Hospital.current()
    with django_assert_num_queries(12):
        reportcontent.draft(doctor, OCTOBER, hospital)
    report = made(doctor)
    with django_assert_num_queries(10):
        assert as_owner.get(detail(report)).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_two_beats_at_once_make_one_report_and_one_mail(doctor):
    def beat():
        try:
            services.make_due_reports()
        finally:
            connection.close()

    threads = [Thread(target=beat) for _number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(MonthlyReport.objects.values_list("version", flat=True)) == [1, 1]
    assert Message.objects.filter(kind="report.ready").count() == 1


def test_figures_lead_to_the_rows_behind_them(doctor, as_owner, as_admin):
    report = made(doctor)
    page = as_owner.get(detail(report)).content.decode()
    link = "/appointments/?when=all&amp;from_day=2026-10-01&amp;to_day=2026-10-31&amp;status=completed"
    assert link in page
    assert "1 visit" in as_owner.get(link.replace("&amp;", "&")).content.decode()
    assert f"{link}&amp;doctor={doctor.pk}" in as_admin.get(detail(report)).content.decode()
    patient = Appointment.objects.get().patient
    assert (
        patient.name in as_owner.get(reverse("records:report-rows", args=[report.pk, "new_patients"])).content.decode()
    )
    assert as_owner.get(reverse("records:report-rows", args=[report.pk, "nonsense"])).status_code == 404
    nonsense = {"system": "nonsense", "code": "9" * 5000, "words": "🙂"}
    assert as_owner.get(reverse("records:report-rows", args=[report.pk, "diagnosis"]), nonsense).status_code == 200


def detail(report):
    return reverse("records:report-detail", args=[report.pk])


def test_every_patient_counts_once(doctor):
    patient = PatientFactory()
    for day in (20, 21):
        october(doctor, day, status=Status.COMPLETED, patient=patient)
    said = made(doctor).figures
    assert (said["patients"], said["new_patients"], said["visits"]["completed"]) == (2, 2, 3)
    assert timezone.now() == NOW
