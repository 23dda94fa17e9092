"""Tallies of months and of the hospital, and in which form tallies are: those that stand are counted anew."""

import django.db.models.deletion
from django.db import migrations, models


def forget(apps, schema_editor):
    """On the way back: departments' days are of departments alone again."""
    apps.get_model("records", "DepartmentDay").objects.filter(department=None).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0017_when_added"),
        ("records", "0010_tally_schedule"),
    ]

    operations = [
        migrations.CreateModel(
            name="DepartmentMonth",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(verbose_name="day")),
                ("completed", models.PositiveIntegerField(default=0)),
                ("seconds", models.PositiveBigIntegerField(default=0)),
                ("fees", models.DecimalField(decimal_places=2, default=0, max_digits=14)),
                ("with_fee", models.PositiveIntegerField(default=0)),
                ("held", models.PositiveIntegerField(default=0)),
                ("booked", models.PositiveIntegerField(default=0)),
                ("checked_in", models.PositiveIntegerField(default=0)),
                ("in_consultation", models.PositiveIntegerField(default=0)),
                ("cancelled", models.PositiveIntegerField(default=0)),
                ("no_show", models.PositiveIntegerField(default=0)),
                ("waits", models.JSONField(default=dict)),
                ("leads", models.JSONField(default=dict)),
            ],
            options={
                "verbose_name": "department's month",
                "verbose_name_plural": "departments' months",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="DoctorMonth",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(verbose_name="day")),
                ("completed", models.PositiveIntegerField(default=0)),
                ("seconds", models.PositiveBigIntegerField(default=0)),
                ("fees", models.DecimalField(decimal_places=2, default=0, max_digits=14)),
                ("with_fee", models.PositiveIntegerField(default=0)),
            ],
            options={
                "verbose_name": "doctor's month",
                "verbose_name_plural": "doctors' months",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="FirstVisitMonth",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(verbose_name="day")),
                ("number", models.PositiveIntegerField()),
            ],
            options={
                "verbose_name": "first visits of a month",
                "verbose_name_plural": "first visits of months",
                "default_permissions": (),
            },
        ),
        migrations.AddField(
            model_name="tallybook",
            name="form",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AlterField(
            model_name="departmentday",
            name="department",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clinic.department"
            ),
        ),
        migrations.AddConstraint(
            model_name="departmentday",
            constraint=models.UniqueConstraint(
                condition=models.Q(("department", None)), fields=("day",), name="hospital_day_once"
            ),
        ),
        migrations.AddField(
            model_name="departmentmonth",
            name="department",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clinic.department"
            ),
        ),
        migrations.AddField(
            model_name="doctormonth",
            name="department",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clinic.department"
            ),
        ),
        migrations.AddField(
            model_name="doctormonth",
            name="doctor",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clinic.doctor"),
        ),
        migrations.AddField(
            model_name="firstvisitmonth",
            name="department",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clinic.department"
            ),
        ),
        migrations.AddConstraint(
            model_name="departmentmonth",
            constraint=models.UniqueConstraint(fields=("day", "department"), name="department_month_once"),
        ),
        migrations.AddConstraint(
            model_name="departmentmonth",
            constraint=models.UniqueConstraint(
                condition=models.Q(("department", None)), fields=("day",), name="hospital_month_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="doctormonth",
            constraint=models.UniqueConstraint(fields=("day", "doctor", "department"), name="doctor_month_once"),
        ),
        migrations.AddConstraint(
            model_name="firstvisitmonth",
            constraint=models.UniqueConstraint(fields=("day", "department"), name="first_month_in_department"),
        ),
        migrations.AddConstraint(
            model_name="firstvisitmonth",
            constraint=models.UniqueConstraint(
                condition=models.Q(("department", None)), fields=("day",), name="first_month_in_hospital"
            ),
        ),
        migrations.RunPython(migrations.RunPython.noop, forget),
    ]
