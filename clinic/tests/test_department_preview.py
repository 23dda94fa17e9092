"""A department is looked at before it is saved: mark, place, hours and head as patients will read them."""

import pytest
from django.urls import reverse

from clinic.models import Department
from clinic.tests.factories import DepartmentFactory

pytestmark = pytest.mark.django_db


def test_it_is_shown_and_nothing_is_saved(as_admin):
    row = DepartmentFactory(name="Heart", opening="")
    address = reverse("clinic:department-edit", args=[row.pk])
    sent = {"name": "Heart and lungs", "opening": "Mon 8:00\nTue 9:00", "colour": "red", "action": "preview"}
    page = as_admin.post(address, sent)
    assert page.status_code == 200
    preview = page.text.partition('id="preview"')[2].partition("</section>")[0]
    for words in ("Nothing is saved yet.", "Heart and lungs", "Mon 8:00<br>Tue 9:00", "mark-red"):
        assert words in preview
    row.refresh_from_db()
    assert (row.name, row.opening, row.colour) == ("Heart", "", "")
    assert as_admin.post(address, sent | {"action": ""}).status_code == 302


def test_a_new_one_too_and_what_is_wrong_is_said(as_admin):
    address = reverse("clinic:department-create")
    sent = {"name": "Sleep <laboratory>", "description": "", "action": "preview"}
    assert "Sleep &lt;laboratory&gt;" in as_admin.post(address, sent).text.partition('id="preview"')[2]
    page = as_admin.post(address, sent | {"name": "", "colour": "ultraviolet"})
    said = page.text.partition('id="preview"')[2]
    assert "Name: This field is required." in said
    assert "Colour: " in said
    assert not Department.objects.exists()
