"""The page of jobs: are they alive, what waits, what failed, and starting one by hand."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import jobs
from accounts.access import access
from accounts.downloads import instant, table
from accounts.forms import Filter
from accounts.models import JobRun
from hms.forms import RunFilter
from hms.jobs import queues
from hms.jobs.schedules import schedules
from hms.lib.lists import paged
from records.errors import RecordConflict
from records.services import retry_export

RECENT = 20


@access("accounts.view_jobrun")
def job_list(request):
    """Every job with its last and next run; the queues; the newest failures; files given up, page by page."""
    user = request.user
    context = {
        "schedules": schedules(user),
        "wake_ups": queues.wake_ups(),
        "outbox": queues.messages(user),
        "files": queues.files(user),
        "failed_files": paged(queues.failed_files(user), request.GET),
        "failed_runs": failed_runs(user),
    }
    return render(request, "hms/job_list.html", context)


def failed_runs(user):
    """The newest runs that failed, each with its job's title."""
    return titled(JobRun.objects.visible_to(user).filter(outcome=JobRun.Outcome.FAILED)[:RECENT])


def titled(runs):
    for run in runs:
        run.title = jobs.title_of(run.task)
    return runs


@access("accounts.view_jobrun")
def job_download(request):
    """Every job as a table: how it stands, its last and its next run."""
    zone = request.hospital.zone
    columns = [
        (_("Job"), lambda job: job.title),
        (_("State"), lambda job: job.state_words),
        (_("How often"), lambda job: job.rhythm),
        (_("Last run"), lambda job: instant(job.last and job.last.started_at, zone)),
        (_("Seconds"), lambda job: job.last and job.last.seconds),
        (_("Result"), lambda job: job.last and job.last.result),
        (_("Next run"), lambda job: instant(job.next_at, zone)),
        (_("Command"), lambda job: job.command),
    ]
    return table(request, Filter({}), columns, name="jobs", rows=schedules(request.user))


@access("accounts.view_jobrun")
def run_list(request):
    """The runs of the last days, the newest first."""
    narrowed = runs_of(request)
    titled(narrowed.page)
    return render(request, "hms/run_list.html", narrowed.context())


@access("accounts.view_jobrun")
def run_download(request):
    """The same as a table."""
    zone = request.hospital.zone
    columns = [
        (_("Job"), lambda run: jobs.title_of(run.task)),
        (_("Begun"), lambda run: instant(run.started_at, zone)),
        (_("Ended"), lambda run: instant(run.finished_at, zone)),
        (_("Seconds"), lambda run: run.seconds),
        (_("Outcome"), lambda run: run.outcome_words),
        (_("Result"), lambda run: run.result),
    ]
    return table(request, runs_of(request), columns, name="runs")


def runs_of(request):
    """The list as its address narrows it."""
    return RunFilter(request.GET, JobRun.objects.visible_to(request.user))


@access("accounts.run_job", methods="POST")
def job_run(request, task):
    """Have a worker run it now. A job that runs twice does no harm, so a second press needs no refusal."""
    if task not in jobs.every():
        raise Http404
    jobs.ask_for(task, by=request.user)
    messages.success(request, _("%(job)s: a worker takes it up as soon as it can.") % {"job": jobs.every()[task].title})
    return redirect("job-list")


@access("accounts.run_job", methods="POST", object="any file that was given up")
def file_retry(request, pk):
    """Let a worker try a file again that was given up."""
    export = get_object_or_404(queues.all_files(request.user), pk=pk)
    try:
        retry_export(export, by=request.user)
    except RecordConflict as refusal:
        page = {"refusal": refusal, "back": reverse("job-list")}
        return render(request, "errors/409.html", page, status=409)
    messages.success(request, _("A worker tries it again."))
    return redirect("job-list")
