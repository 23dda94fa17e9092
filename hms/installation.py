"""A whole installation of real processes in a folder that is thrown away, and the ways to break it.

PostgreSQL, broker, mail server, worker and beat, on loopback; `hms.faults` says what for.
"""

import multiprocessing
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

from hms.lib.servers import Broker, Postgres
from hms.testing import Process, worker_process

SECONDS = 120  # for one fault to come to rest
SWEEP = 3  # seconds between two sweeps; a minute in life
HELD = timedelta(seconds=12)  # what is claimed for longer has lost its worker: no living one holds a row that long


def serve(pipe):
    """The mail server's process: says its port, then does as it is told."""
    from accounts.tests.smtp import MailServer

    with MailServer() as server:
        pipe.send(server.port)
        while (told := pipe.recv()) is not None:
            if told != "arrived":
                server.answers = told
            found = [line for mail in server.mails for line in mail.splitlines() if line.startswith(b"To: ")]
            pipe.send([line.removeprefix(b"To: ").decode().strip("<>") for line in found])


class Installation:
    """Everything that runs, and the ways to break it."""

    def __init__(self, *, demo):
        self.demo = demo  # whether people are there who ask for lists
        self.room = Path(tempfile.mkdtemp(prefix="hms-faults-"))
        (self.room / "static").mkdir()
        self.broker = Broker()
        self.stack = ExitStack()

    def __enter__(self):
        self.stack.callback(shutil.rmtree, self.room, ignore_errors=True)
        try:
            self.begin()
        except BaseException:
            self.stack.close()
            raise
        return self

    def __exit__(self, *_):
        self.stack.close()

    def begin(self):
        context = multiprocessing.get_context("spawn")
        self.pipe, other = context.Pipe()
        mails = context.Process(target=serve, args=(other,), daemon=True)
        mails.start()
        self.stack.callback(mails.kill)
        self.server = self.stack.enter_context(Postgres(durable=True))
        self.broker.start()
        self.stack.callback(self.broker.kill)
        self.settle(self.pipe.recv())
        from django.conf import settings

        database = settings.DATABASES["default"]
        self.worker = worker_process(database, self.room)
        argv = ["-m", "celery", "-A", "hms", "beat", "--loglevel", "INFO", "--pidfile="]
        log = self.room / "beat.log"
        self.beat = Process("beat", argv, self.worker.environment, log, ready=lambda it: "beat:" in it.output())
        for process in (self.worker, self.beat):
            self.stack.callback(process.kill)
            process.start()

    def settle(self, mail_port):
        """The environment and the tables; sweeps come quickly."""
        os.environ |= {
            "DATABASE_URL": self.server.url,
            "DJANGO_SETTINGS_MODULE": "hms.settings",
            "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
            "HMS_DATA_DIR": str(self.room),
            "HMS_DEMO": str(int(self.demo)),
            "HMS_ENV_FILE": os.devnull,
            "LOG_LEVEL": "ERROR",
            "PUBLIC_URL": "http://127.0.0.1:8000",
            "REDIS_URL": self.broker.url,
            "SECRET_KEY": secrets.token_hex(32),
        }
        subprocess.run([sys.executable, "-m", "hms.prepare"], check=True, stdout=subprocess.DEVNULL)
        import django

        django.setup()
        from django_celery_beat.models import IntervalSchedule, PeriodicTask, PeriodicTasks

        quick = IntervalSchedule.objects.create(every=SWEEP, period="seconds")
        sweeps = ["accounts.tasks.sweep_outbox", "records.tasks.sweep_exports"]
        PeriodicTask.objects.filter(task__in=sweeps).update(interval=quick)
        PeriodicTasks.update_changed()

    def mail_server(self, **answers):
        """Have the mail server answer so from now on; nothing: as it should."""
        self.pipe.send(answers)
        self.pipe.recv()

    def arrived(self, name):
        """{address: how often} of the mails of one fault that the mail server took."""
        self.pipe.send("arrived")
        return Counter(address for address in self.pipe.recv() if address.startswith(f"{name}-"))

    def put(self, name, number, *, before_commit=lambda: None):
        """Messages written as services write them, in one transaction."""
        from django.db import transaction

        from accounts import outbox
        from accounts.models import Role, User

        people = User.objects.bulk_create(
            User(email=f"{name}-{count}@example.org", name=f"Person {count}", role=Role.PATIENT)
            for count in range(number)
        )
        with transaction.atomic():
            for person in people:
                outbox.put(
                    kind="account.app_added",
                    key=f"fault:{name}:{person.pk}",
                    template="accounts/mail/account_already_exists",
                    context={},
                    to=person,
                )
            before_commit()

    def rows(self, name):
        from accounts.models import Channel, Message

        return Message.everything.filter(channel=Channel.EMAIL, key__startswith=f"fault:{name}:")

    def wait(self, name, condition, what):
        """Until a condition on the fault's counts by state holds. The database may be away meanwhile."""
        from django.db import OperationalError, connection

        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            try:
                if condition(self.counts(name)):
                    return
            except OperationalError:
                connection.close()
            time.sleep(0.05)
        raise SystemExit(f"{name}: {what} did not happen in {SECONDS} s: {self.counts(name)}")

    def counts(self, name):
        from django.db.models import Count

        return Counter(dict(self.rows(name).values_list("state").annotate(Count("pk")).order_by()))

    def come_to_rest(self, name):
        """Let everything go out; a row that waits for its next try or its lease waits no longer."""
        from django.utils import timezone

        from accounts.models import MessageState
        from accounts.services.delivery import LEASE

        still = {MessageState.DUE, MessageState.FAILED, MessageState.SENDING}

        def at_rest(counts):
            now = timezone.now()
            self.rows(name).filter(state=MessageState.FAILED, next_try_at__gt=now).update(next_try_at=now)
            dead = self.rows(name).filter(state=MessageState.SENDING, claimed_at__lt=now - HELD)
            dead.update(claimed_at=now - LEASE - timedelta(seconds=1))
            return not any(counts[state] for state in still)

        self.wait(name, at_rest, "coming to rest")

    def fill(self, number):
        """Visits for a long list."""
        from hms.load import generate

        generate(number, seed=1, say=lambda line: None)

    def refreshed(self, export):
        """The export's row as it is now, or None while the database is away."""
        from django.db import OperationalError, connection

        try:
            export.refresh_from_db()
        except OperationalError:
            connection.close()
            return None
        return export

    def wait_for_rows(self, export):
        """Until a worker has written some of the rows and not all."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            if self.refreshed(export) and export.state == "running" and export.rows_done:
                return
            time.sleep(0.002)
        raise SystemExit(f"The export was not begun in {SECONDS} s; it is {export.state}.")

    def wait_for_file(self, export):
        """Until the file is made; whether meanwhile one was offered that was not. The lease is not waited for."""
        from django.utils import timezone

        from records.services.exports import LEASE

        offered, deadline = False, time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            if self.refreshed(export) is None:
                continue
            if export.state == "ready":
                return offered
            offered = offered or bool(export.file_name)
            old = timezone.now() - HELD
            stuck = type(export).objects.filter(pk=export.pk, state="running", claimed_at__lt=old)
            stuck.update(claimed_at=timezone.now() - LEASE - timedelta(seconds=1))
            time.sleep(0.2)
        raise SystemExit(f"The file was not made in {SECONDS} s; it is {export.state}.")

    def sending(self, name):
        """Until the mail server has taken some of the messages; it is slow, so others are on their way."""
        deadline = time.monotonic() + SECONDS
        while not self.arrived(name):
            if time.monotonic() > deadline:
                raise SystemExit(f"{name}: no mail arrived in {SECONDS} s: {self.counts(name)}")
            time.sleep(0.05)
