"""The jobs at the terminal: how they are, and running one."""

from django.core.management import BaseCommand, CommandError
from django.utils import timezone

from accounts import jobs
from hms.jobs.schedules import STATES, all_schedules


class Command(BaseCommand):
    help = "List every job with its last and next run, or run one here and now."

    def add_arguments(self, parser):
        parser.add_argument("task", nargs="?", help="the job to run: its task or its command, as the list names them")
        parser.add_argument("--dry-run", action="store_true", help="say what it would take up, and change nothing")

    def handle(self, *args, task, dry_run, **options):
        if task:
            self.one(task, dry_run)
        else:
            self.all(dry_run)

    def all(self, dry_run):
        for schedule in all_schedules():
            word = STATES[schedule.state][0]
            last = schedule.last
            ran = f"{ago(last.started_at)} ago: {last.result or last.get_outcome_display()}" if last else "never"
            self.stdout.write(f"{schedule.title}\n  {schedule.rhythm} · {word} · last run {ran}\n  {schedule.task}")
            if dry_run and schedule.task in jobs.every():
                self.stdout.write(f"  would take up: {jobs.rehearse(schedule.task)}")

    def one(self, name, dry_run):
        job = next((job for job in jobs.every().values() if name in {job.task, job.command}), None)
        if job is None:
            raise CommandError(f"There is no job {name!r}. Without a name, all of them are listed.")
        said = f"would take up: {jobs.rehearse(job.task)}" if dry_run else jobs.run(job.task)
        self.stdout.write(f"{job.title}: {said}")


def ago(instant):
    """A stretch of time in the two largest units that fit: "3 min 20 s"."""
    seconds = int((timezone.now() - instant).total_seconds())
    for size, unit, smaller, small in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if seconds >= size:
            return f"{seconds // size} {unit} {seconds % size // smaller} {small}"
    return f"{seconds} s"
