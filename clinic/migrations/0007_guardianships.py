"""Guardianships, requests to guardians, and the hourly look at which of them end soon."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

NAME = "Family: tell guardians a month before the end"


def schedule(apps, schema_editor):
    """Every hour, by interval: an interval knows no clock changes. Whom to tell is decided from the rows."""
    interval_model = apps.get_model("django_celery_beat", "IntervalSchedule")
    interval = interval_model.objects.filter(every=1, period="hours").first()
    interval = interval or interval_model.objects.create(every=1, period="hours")
    apps.get_model("django_celery_beat", "PeriodicTask").objects.get_or_create(
        name=NAME, defaults={"task": "clinic.tasks.announce_guardianship_endings", "interval": interval}
    )


def unschedule(apps, schema_editor):
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name=NAME).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0006_duplicates_daily"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="GuardianRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("address", models.EmailField(max_length=254, verbose_name="e-mail address")),
                (
                    "scope",
                    models.CharField(
                        choices=[("book", "Book visits only"), ("read", "Book visits and read the medical record")],
                        max_length=4,
                        verbose_name="scope",
                    ),
                ),
                ("until", models.DateTimeField(blank=True, null=True, verbose_name="until")),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="asked")),
                ("expires_at", models.DateTimeField(verbose_name="can be answered until")),
                (
                    "answer",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("accepted", "Accepted"),
                            ("declined", "Declined"),
                            ("withdrawn", "Taken back"),
                            ("expired", "Not answered in time"),
                        ],
                        max_length=9,
                        verbose_name="answer",
                    ),
                ),
                ("answered_at", models.DateTimeField(blank=True, null=True, verbose_name="answered")),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="guardian_requests",
                        to="clinic.patient",
                    ),
                ),
            ],
            options={
                "verbose_name": "request to a guardian",
                "verbose_name_plural": "requests to guardians",
                "ordering": ["-asked_at", "-pk"],
                "default_permissions": (),
                "indexes": [models.Index(fields=["address", "answer"], name="guardian_request_address")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("answer", "")),
                        fields=("patient", "address"),
                        name="guardian_request_once_per_pair",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("scope__in", ["book", "read"])), name="guardian_request_scope_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer", ""), ("answered_at", None)),
                            models.Q(
                                ("answer__in", ["accepted", "declined", "withdrawn", "expired"]),
                                ("answered_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="guardian_request_answer_paired",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("asked_at"))),
                        name="guardian_request_expires_later",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Guardianship",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("parent", "Parent or legal guardian of a child"), ("relative", "Relative or carer")],
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                (
                    "scope",
                    models.CharField(
                        choices=[("book", "Book visits only"), ("read", "Book visits and read the medical record")],
                        max_length=4,
                        verbose_name="scope",
                    ),
                ),
                (
                    "origin",
                    models.CharField(
                        choices=[
                            ("added", "The guardian registered the child"),
                            ("agreed", "The patient asked, the guardian agreed"),
                            ("desk", "Recorded at the desk"),
                        ],
                        max_length=6,
                        verbose_name="how it was agreed",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="papers seen, and why")),
                ("since", models.DateTimeField(default=django.utils.timezone.now, verbose_name="since")),
                ("until", models.DateTimeField(blank=True, null=True, verbose_name="until")),
                ("announced_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended")),
                ("ended_reason", models.CharField(blank=True, max_length=300, verbose_name="reason for the end")),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="ended by",
                    ),
                ),
                (
                    "guardian",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="guardianships",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="guardian",
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="guardianships",
                        to="clinic.patient",
                        verbose_name="patient",
                    ),
                ),
            ],
            options={
                "verbose_name": "guardianship",
                "verbose_name_plural": "guardianships",
                "ordering": ["-since", "-pk"],
                "permissions": [("have_family", "Can act for others, and let others act for them")],
                "default_permissions": ("view", "add", "change"),
                "indexes": [
                    models.Index(fields=["guardian", "ended_at"], name="guardianship_guardian"),
                    models.Index(fields=["patient", "ended_at"], name="guardianship_patient"),
                    models.Index(condition=models.Q(("ended_at", None)), fields=["until"], name="guardianship_until"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("guardian", "patient"),
                        name="guardianship_once_per_pair",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["parent", "relative"])), name="guardianship_kind_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("scope__in", ["book", "read"])), name="guardianship_scope_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("origin__in", ["added", "agreed", "desk"])),
                        name="guardianship_origin_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("origin", "desk"), _negated=True),
                            models.Q(("note", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="guardianship_desk_has_note",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("until", None), ("until__gt", models.F("since")), _connector="OR"),
                        name="guardianship_until_after_since",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "parent"), _negated=True), ("until__isnull", False), _connector="OR"
                        ),
                        name="guardianship_of_child_ends",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at", None), ("ended_by", None), ("ended_reason", "")),
                            models.Q(("ended_at__gte", models.F("since")), ("ended_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="guardianship_end_paired",
                    ),
                ],
            },
        ),
        migrations.RunPython(schedule, unschedule),
    ]
