"""Tallies of months, and in which form tallies are: those that stand are counted anew by the next settling."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0017_when_added"),
        ("records", "0010_tally_schedule"),
    ]

    operations = [
        migrations.AddField(
            model_name="tallybook",
            name="form",
            field=models.PositiveSmallIntegerField(default=0),
        ),
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
                (
                    "department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clinic.department"
                    ),
                ),
            ],
            options={
                "verbose_name": "department's month",
                "verbose_name_plural": "departments' months",
                "default_permissions": (),
                "constraints": [models.UniqueConstraint(fields=("day", "department"), name="department_month_once")],
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
                (
                    "department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clinic.department"
                    ),
                ),
                (
                    "doctor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clinic.doctor"
                    ),
                ),
            ],
            options={
                "verbose_name": "doctor's month",
                "verbose_name_plural": "doctors' months",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("day", "doctor", "department"), name="doctor_month_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="FirstVisitMonth",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(verbose_name="day")),
                ("number", models.PositiveIntegerField()),
                (
                    "department",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clinic.department"
                    ),
                ),
            ],
            options={
                "verbose_name": "first visits of a month",
                "verbose_name_plural": "first visits of months",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("day", "department"), name="first_month_in_department"),
                    models.UniqueConstraint(
                        condition=models.Q(("department", None)), fields=("day",), name="first_month_in_hospital"
                    ),
                ],
            },
        ),
    ]
