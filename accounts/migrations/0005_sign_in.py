"""Sessions know their owners, and the hospital sets how each role signs in. People sign in once more after it."""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


# As in accounts.models.sign_in, where the reasons stand.
RULES = {
    "patient": {"idle_minutes": 30, "absolute_hours": 12, "remember_days": 14},
    "doctor": {"idle_minutes": 60, "absolute_hours": 12, "remember_days": 0},
    "reception": {"idle_minutes": 60, "absolute_hours": 12, "remember_days": 0},
    "admin": {"idle_minutes": 30, "absolute_hours": 12, "remember_days": 0},
}


def make_rules(apps, schema_editor):
    for role, limits in RULES.items():
        apps.get_model("accounts", "SignInRule").objects.get_or_create(role=role, defaults=limits)


def schedule(apps, schema_editor):
    """Each hour: what people are shown as open should be."""
    interval, _ = apps.get_model("django_celery_beat", "IntervalSchedule").objects.get_or_create(
        every=60, period="minutes"
    )
    apps.get_model("django_celery_beat", "PeriodicTask").objects.get_or_create(
        name="Sessions: remove those that have run out",
        defaults={"task": "accounts.tasks.clear_sessions", "interval": interval, "expires": None},
    )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_sealing"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="user",
            options={
                "ordering": ["name", "pk"],
                "permissions": [
                    ("invite_user", "Can invite doctors and staff"),
                    ("block_user", "Can block and unblock accounts"),
                    ("reset_second_factor", "Can take away a second factor that somebody has lost"),
                ],
                "verbose_name": "account",
                "verbose_name_plural": "accounts",
            },
        ),
        migrations.CreateModel(
            name="Session",
            fields=[
                (
                    "session_key",
                    models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name="session key"),
                ),
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
                ("began_at", models.DateTimeField(editable=False, null=True)),
                ("seen_at", models.DateTimeField(editable=False, null=True)),
                ("address", models.GenericIPAddressField(editable=False, null=True)),
                ("device", models.CharField(blank=True, editable=False, max_length=120)),
                ("remembered", models.BooleanField(default=False, editable=False)),
                (
                    "user",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sessions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "session",
                "verbose_name_plural": "sessions",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="SignInRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("patient", "Patient"),
                            ("doctor", "Doctor"),
                            ("reception", "Reception"),
                            ("admin", "Administrator"),
                        ],
                        editable=False,
                        max_length=12,
                        unique=True,
                        verbose_name="role",
                    ),
                ),
                (
                    "second_factor",
                    models.BooleanField(
                        default=False,
                        help_text="Who has none yet is led to setting one up, and to nothing else, from the next page on.",
                        verbose_name="second factor required",
                    ),
                ),
                (
                    "idle_minutes",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(5),
                            django.core.validators.MaxValueValidator(720),
                        ],
                        verbose_name="signed out without activity after",
                    ),
                ),
                (
                    "absolute_hours",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(24),
                        ],
                        verbose_name="signed out in any case after",
                    ),
                ),
                (
                    "remember_days",
                    models.PositiveSmallIntegerField(
                        help_text="0: not at all. On a remembered device the two limits above do not apply.",
                        validators=[django.core.validators.MaxValueValidator(90)],
                        verbose_name="a device may be remembered for",
                    ),
                ),
            ],
            options={
                "verbose_name": "sign-in rule",
                "verbose_name_plural": "sign-in rules",
                "ordering": ["pk"],
                "default_permissions": ("view", "change"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["patient", "doctor", "reception", "admin"])),
                        name="sign_in_rule_role_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("idle_minutes__gte", 5),
                            ("idle_minutes__lte", 720),
                            ("absolute_hours__gte", 1),
                            ("absolute_hours__lte", 24),
                            ("remember_days__lte", 90),
                        ),
                        name="sign_in_rule_limits_sane",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("second_factor", False), models.Q(("role", "patient"), _negated=True), _connector="OR"
                        ),
                        name="sign_in_rule_patients_choose",
                    ),
                ],
            },
        ),
        migrations.RunPython(make_rules, migrations.RunPython.noop),
        migrations.RunPython(schedule, migrations.RunPython.noop),
    ]
