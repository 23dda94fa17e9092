"""The standing history: the patient's own words, every saving kept, read and confirmed by doctors."""

import re

import pytest
from django.urls import reverse

from records.models import MedicalHistory
from records.services import review_history, save_history
from records.tests.factories import MedicalHistoryFactory


def edit_page(patient):
    return reverse("records:history-edit", args=[patient.pk])


def test_each_saving_is_a_new_row_and_the_newest_holds(as_patient, patient):
    for text in ("Asthma", "Asthma and diabetes"):
        seen = as_patient.get(edit_page(patient)).context["form"]["seen"].value()
        answer = as_patient.post(edit_page(patient), {"seen": seen, "illnesses": text})
        assert answer.url == reverse("records:chart-detail", args=[patient.pk])
    assert [row.illnesses for row in MedicalHistory.objects.filter(patient=patient)] == [
        "Asthma and diabetes",
        "Asthma",
    ]
    assert "Asthma and diabetes" in as_patient.get(reverse("records:chart-detail", args=[patient.pk])).text


def test_the_browser_asks_before_a_half_written_history_is_left(as_patient, patient):
    page = as_patient.get(edit_page(patient)).text
    assert re.search(r"<form[^>]* data-keep", page)
    assert "js/unsaved" in page


def test_saving_the_same_twice_is_saving_once(as_patient, patient):
    for _press in range(2):
        assert as_patient.post(edit_page(patient), {"seen": "0", "illnesses": "Asthma"}).status_code == 302
    assert MedicalHistory.objects.filter(patient=patient).count() == 1


def test_another_window_does_not_overwrite_what_was_saved_meanwhile(as_patient, patient):
    as_patient.post(edit_page(patient), {"seen": "0", "illnesses": "From the phone"})
    page = as_patient.post(edit_page(patient), {"seen": "0", "illnesses": "From the laptop"})
    assert page.status_code == 409
    assert "From the laptop" in page.text
    assert "From the phone" in page.text
    (kept,) = MedicalHistory.objects.filter(patient=patient)
    assert kept.illnesses == "From the phone"
    again = {"seen": page.context["form"]["seen"].value(), "illnesses": "From the laptop"}
    assert as_patient.post(edit_page(patient), again).status_code == 302


def test_a_text_that_is_too_long_comes_back_whole(as_patient, patient):
    text = "ä" * 5001
    page = as_patient.post(edit_page(patient), {"seen": "0", "illnesses": text, "other": "short"})
    assert page.status_code == 422
    assert text in page.text
    assert "5000" in page.text
    assert not MedicalHistory.objects.exists()


@pytest.mark.parametrize("text", ["🙂" * 5000, "שלום עולם", "line\r\n" * 833, "'; drop table --", "<script>x</script>"])
def test_any_script_and_sign_is_kept_as_typed(text, as_patient, patient):
    assert as_patient.post(edit_page(patient), {"seen": "0", "illnesses": text}).status_code == 302
    assert MedicalHistory.objects.get(patient=patient).illnesses == text.replace("\r\n", "\n").strip()


def test_only_the_patient_writes_it(as_doctor, as_stranger, as_reception, as_admin, patient):
    for client, status in ((as_doctor, 403), (as_reception, 403), (as_admin, 403), (as_stranger, 404)):
        assert client.get(edit_page(patient)).status_code == status
        assert client.post(edit_page(patient), {"illnesses": "x"}).status_code == status
    assert not MedicalHistory.objects.exists()


def test_doctor_sees_what_is_new_since_the_last_review_and_confirms_it(as_doctor, doctor, patient):
    first = save_history(patient, by=patient.user, illnesses="Asthma since 2015")
    review_history(first, by=doctor.user)
    second = save_history(patient, by=patient.user, illnesses="Asthma since 2014")
    page = as_doctor.get(reverse("records:chart-detail", args=[patient.pk]))
    assert "<del>2015</del><ins>2014</ins>" in page.text
    answer = as_doctor.post(reverse("records:history-review", args=[patient.pk]), {"history": second.pk})
    assert answer.status_code == 302
    second.refresh_from_db()
    assert second.reviewed_by == doctor
    page = as_doctor.get(reverse("records:chart-detail", args=[patient.pk]))
    assert "<ins>" not in page.text


def test_a_version_that_nobody_read_is_not_confirmed(as_doctor, patient):
    old = MedicalHistoryFactory(patient=patient)
    MedicalHistoryFactory(patient=patient, illnesses="Written a second ago")
    answer = as_doctor.post(reverse("records:history-review", args=[patient.pk]), {"history": old.pk})
    assert answer.status_code == 409
    assert not MedicalHistory.objects.exclude(reviewed_at=None).exists()


@pytest.mark.parametrize("number", ["", "x", "0", "9" * 30, "-1", "²"])
def test_a_history_that_does_not_exist_is_not_found(number, as_doctor, patient):
    answer = as_doctor.post(reverse("records:history-review", args=[patient.pk]), {"history": number})
    assert answer.status_code == 404


def test_reviewing_leads_back_to_a_page_of_ours_only(as_doctor, patient):
    history = MedicalHistoryFactory(patient=patient)
    address = reverse("records:history-review", args=[patient.pk])
    chart = reverse("records:chart-detail", args=[patient.pk])
    for asked, led in (("/week/", "/week/"), ("https://evil.example/", chart), ("//evil.example/", chart)):
        assert as_doctor.post(address, {"history": history.pk, "next": asked}).url == led
