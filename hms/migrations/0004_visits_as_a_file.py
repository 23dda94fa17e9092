"""Reception takes lists of visits along as a file: the day on paper, when the network is gone."""

from django.db import migrations

from accounts.models import Role
from accounts.roles import grant_defaults

NEW = {"records.export_appointments", "records.fetch_export"}


def grant(apps, schema_editor):
    """To reception alone: the others have had them, and what a hospital took from one of them does not come back."""
    grant_defaults(apps, only=NEW, role=Role.RECEPTION)


class Migration(migrations.Migration):
    dependencies = [("hms", "0003_permissions_of_the_desk")]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
