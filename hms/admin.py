"""The schedules of the jobs in the administration site: django-celery-beat's own pages write past our services."""

from importlib import import_module

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from django_celery_beat.models import ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule

from accounts.admin_rows import LookedAt

import_module("django_celery_beat.admin")  # registers what is taken back here, with actions that run and stop jobs
admin.site.unregister([PeriodicTask, IntervalSchedule, CrontabSchedule, SolarSchedule, ClockedSchedule])


class Schedule(LookedAt):
    """When jobs run: set by migrations, so that every hospital has the same."""

    site_page = "job-list"


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(Schedule):
    purpose = _("Which job runs when; started by hand on the page Jobs.")
    list_display = ["name", "task", "enabled", "interval", "crontab", "last_run_at", "total_run_count"]
    list_filter = ["enabled"]
    list_select_related = ["interval", "crontab"]
    search_fields = ["name", "task"]
    fields = [*list_display, "description"]


@admin.register(IntervalSchedule)
class IntervalScheduleAdmin(Schedule):
    purpose = _("The intervals that jobs use.")
    list_filter = ["period"]
    search_fields = ["period"]


@admin.register(CrontabSchedule)
class CrontabScheduleAdmin(Schedule):
    purpose = _("The times of day that jobs use.")
    list_display = ["__str__", "human_readable"]
    list_filter = ["timezone"]
    search_fields = ["minute", "hour"]
