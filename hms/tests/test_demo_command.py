"""manage.py demo: when it fills, and when it keeps its hands off."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Role, User
from clinic.models import Patient
from scheduling.models import Appointment, Status

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path, monkeypatch):
    settings.DATA_DIR = tmp_path / "data"
    monkeypatch.delenv("HMS_DEMO_PASSWORD", raising=False)
    return settings.DATA_DIR


def demo():
    said = StringIO()
    call_command("demo", stdout=said)
    return said.getvalue()


@pytest.mark.time_machine("2026-11-24T23:50:00+00:00")
def test_it_can_be_filled_at_any_hour():
    demo()
    assert Appointment.objects.filter(status=Status.BOOKED).exists()


def test_an_installation_with_data_of_its_own_is_left_alone(folder):
    User.objects.create(email="admin@hospital.example", name="Real Person", role=Role.ADMIN)
    assert demo() == "There is data of yours already, so no demo data was added.\n"
    assert not Patient.objects.exists()
    assert not folder.exists()


def test_it_is_refused_in_production(settings):
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="this is a production installation"):
        demo()
    assert not User.objects.exists()
