"""Two records again, exactly as before they were merged; and what was under way when they were."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AuditEvent, User
from clinic.models import DuplicatePair, Patient
from clinic.services import (
    DuplicateConflict,
    find_duplicates,
    merge,
    undo_merge,
    update_patient,
)
from clinic.services.duplicates import _note
from clinic.tests.factories import DoctorFactory, PatientFactory
from hms.lib.errors import Refused
from records.models import Allergy, Encounter, Export, MedicalHistory, Vitals
from records.services import (
    correct_allergy,
    record_allergy,
    request_export,
    run_export,
    save_draft,
    save_history,
    sign_encounter,
)
from records.tests.factories import (
    ExportFactory,
)
from records.tests.pairs import chart_of, everything
from scheduling import services as scheduling
from scheduling.models import Appointment, Status
from scheduling.tests.factories import AppointmentFactory, open_all_week

pytestmark = pytest.mark.django_db


class TestUndoing:
    def test_both_are_exactly_as_before(self, pair, desk, own, admin):
        shared = DoctorFactory()
        for patient in (desk, own):
            chart_of(patient, shared)
            chart_of(patient, DoctorFactory())
        ExportFactory(patient=own)
        before = everything(desk, own)
        fields = ["name", "phone", "address", "gender"]
        made = merge(pair, keep=desk, taken=fields, by=admin, reason="Same papers")
        assert everything(desk, own) != before
        undo_merge(made, by=admin, reason="Two people after all")
        assert everything(desk, own) == before
        made.refresh_from_db()
        assert (made.undone_by, made.undone_reason) == (admin, "Two people after all")
        assert DuplicatePair.objects.get().state == DuplicatePair.State.UNDONE
        assert AuditEvent.objects.get(action="patient.unmerged").detail["reason"] == "Two people after all"
        assert find_duplicates() == 0

    def test_what_came_since_stays_and_what_hangs_on_a_row_goes_with_it(self, pair, desk, own, admin):
        begun = timezone.now() - timedelta(minutes=10)
        visit = AppointmentFactory(patient=own, starts_at=begun, status=Status.IN_CONSULTATION)
        doctor = visit.doctor
        old = record_allergy(own, by=doctor.user, substance="Latex")
        made = merge(pair, keep=desk, by=admin, reason="Same papers")
        for row in (visit, old, desk):
            row.refresh_from_db()
        sign_encounter(visit, by=doctor.user, complaint="Cough", vitals=[{"code": "8867-4", "number": 72}])
        corrected = correct_allergy(old, by=doctor.user, substance="Latex gloves")
        fresh = record_allergy(desk, by=doctor.user, substance="Penicillin")
        since = AppointmentFactory(patient=desk)
        undo_merge(made, by=admin, reason="Two people")
        encounter = Encounter.objects.get(appointment=visit)
        assert encounter.patient == own
        assert Vitals.objects.get(encounter=encounter).patient == own
        assert Allergy.objects.get(pk=corrected.pk).patient == own
        assert Allergy.objects.get(pk=fresh.pk).patient == desk
        assert Appointment.objects.get(pk=since.pk).patient == desk

    def test_a_value_changed_since_stays_and_the_others_go_back(self, pair, desk, own, admin):
        made = merge(pair, keep=own, taken=["phone", "address"], by=admin, reason="Same papers")
        update_patient(own, by=admin, phone="+493099999999")
        undo_merge(made, by=admin, reason="Two people")
        own.refresh_from_db()
        assert (own.phone.as_e164, own.address) == ("+493099999999", "")

    def test_twice_is_a_conflict(self, pair, desk, admin):
        made = merge(pair, keep=desk, by=admin, reason="Same papers")
        undo_merge(made, by=admin, reason="Two people")
        with pytest.raises(DuplicateConflict):
            undo_merge(made, by=admin, reason="Two people")
        with pytest.raises(Refused):
            undo_merge(made, by=admin, reason=" ")

    def test_merged_undone_and_merged_again(self, pair, desk, own, admin):
        chart_of(own, DoctorFactory())
        before = everything(desk, own)
        for keep in (desk, own):
            made = merge(DuplicatePair.objects.get(), keep=keep, by=admin, reason="Same papers")
            undo_merge(made, by=admin, reason="Two people")
            assert everything(desk, own) == before

    def test_three_records_are_undone_in_reverse_order(self, pair, desk, own, admin):
        third = PatientFactory(name="Mina Alvarez", user=None)
        for patient in (desk, own, third):
            chart_of(patient, DoctorFactory())
        before = everything(desk, own, third)
        first = merge(pair, keep=own, by=admin, reason="Same papers")
        second = merge(_note(own, third, ["name"]), keep=third, by=admin, reason="Same papers")
        assert set(third.absorbed.all()) == {desk, own}
        assert Encounter.objects.filter(patient=third).count() == 3
        with pytest.raises(DuplicateConflict, match="Undo that merge first"):
            undo_merge(first, by=admin, reason="Two people")
        undo_merge(second, by=admin, reason="Two people")
        undo_merge(first, by=admin, reason="Two people")
        assert everything(desk, own, third) == before

    def test_of_two_merges_into_one_the_later_one_is_undone_first(self, pair, desk, own, admin):
        third = PatientFactory(name="Mina Alvarez", user=None)
        first = merge(pair, keep=desk, by=admin, reason="Same papers")
        second = merge(_note(desk, third, ["name"]), keep=desk, by=admin, reason="Same papers")
        with pytest.raises(DuplicateConflict):
            undo_merge(first, by=admin, reason="Two people")
        undo_merge(second, by=admin, reason="Two people")
        undo_merge(first, by=admin, reason="Two people")
        assert Patient.objects.filter(merged_into=None).count() == 3


class TestWorkUnderWay:
    def test_a_draft_goes_along_and_is_signed_where_it_belongs(self, pair, desk, own, admin):
        begun = timezone.now() - timedelta(minutes=10)
        visit = AppointmentFactory(patient=own, starts_at=begun, status=Status.IN_CONSULTATION)
        save_draft(visit, by=visit.doctor.user, complaint="Cough")
        seen = Appointment.objects.select_related("patient", "doctor").get(pk=visit.pk)
        merge(pair, keep=desk, by=admin, reason="Same papers")
        signed = sign_encounter(seen, by=visit.doctor.user, complaint="Cough and fever")
        assert (signed.patient, signed.appointment.patient) == (desk, desk)

    def test_a_booking_for_who_was_merged_says_where_to_go_on(self, pair, desk, own, admin):
        doctor = DoctorFactory()
        open_all_week(doctor)
        merge(pair, keep=desk, by=admin, reason="Same papers")
        with pytest.raises(scheduling.BookingConflict, match=desk.number):
            scheduling.book(
                doctor=doctor, patient=own, starts_at=timezone.now() + timedelta(days=1), by=admin, overbook_reason="x"
            )
        assert not Appointment.objects.exists()

    def test_a_move_of_a_visit_seen_before_is_a_conflict(self, pair, desk, own, admin):
        visit = AppointmentFactory(patient=own)
        seen = Appointment.objects.select_related("patient", "doctor").get(pk=visit.pk)
        merge(pair, keep=desk, by=admin, reason="Same papers")
        with pytest.raises(scheduling.BookingConflict):
            scheduling.cancel(seen, by=admin)
        assert Appointment.objects.get().status == Status.BOOKED

    @pytest.mark.parametrize(
        "write",
        [
            lambda patient, by: record_allergy(patient, by=by, substance="Latex"),
            lambda patient, by: save_history(patient, by=by, illnesses="None"),
            lambda patient, by: request_export(patient, by=by),
            lambda patient, by: update_patient(patient, by=by, name="Other"),
        ],
    )
    def test_nothing_is_written_into_a_record_that_was_merged(self, write, pair, desk, own, admin):
        doctor = DoctorFactory()
        merge(pair, keep=desk, by=admin, reason="Same papers")
        with pytest.raises(Refused):
            write(own, doctor.user)
        assert not any(model.objects.exists() for model in (Allergy, MedicalHistory, Export))

    def test_an_export_under_way_is_made_for_the_whole_record(self, pair, desk, own, admin, settings, tmp_path):
        settings.EXPORT_ROOT = tmp_path
        chart_of(desk, DoctorFactory())
        chart_of(own, DoctorFactory())
        export = request_export(own, by=own.user)
        merge(pair, keep=desk, by=admin, reason="Same papers")
        assert run_export(export.pk)
        export.refresh_from_db()
        assert (export.patient, export.rows_total) == (desk, 6)

    def test_a_file_made_while_both_were_one_is_nobodys_after_undoing(self, pair, desk, own, admin, settings, tmp_path):
        settings.EXPORT_ROOT = tmp_path
        chart_of(desk, DoctorFactory())
        made = merge(pair, keep=desk, by=admin, reason="Same papers")
        user = User.objects.get(email="mina@example.org")
        export = request_export(Patient.objects.get(pk=desk.pk), by=user)
        run_export(export.pk)
        undo_merge(made, by=admin, reason="Two people")
        export.refresh_from_db()
        assert export.is_expired
