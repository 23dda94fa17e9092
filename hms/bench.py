"""`make bench`: how long the pages that people wait for take, what a rush on one slot does, how fast a long list
becomes a file, and (`ARGS="--dashboards 1000000 --postgres"`) what an administrator's dashboards cost.

Everything happens in a folder of its own with a real web server on loopback; DATABASE_URL measures another database,
which must be empty. Figures are medians of whole requests over HTTP, one after the other, in milliseconds.
"""

import argparse
import http.client
import os
import secrets
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

from hms import bench_answers, bench_dashboards, bench_export, bench_outbox
from hms.lib.servers import Postgres, ServerMissing

RIVALS = 50


def settle(room):
    """The environment of a throw-away installation, filled with demo data."""
    os.environ.setdefault("DATABASE_URL", f"sqlite:///{room / 'db.sqlite3'}")
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "hms.settings",
        "HMS_DATA_DIR": str(room),
        "HMS_ENV_FILE": os.devnull,
        "PUBLIC_URL": "http://127.0.0.1:8000",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "SECRET_KEY": secrets.token_hex(32),
        "LOG_LEVEL": "ERROR",
        "BEHIND_PROXY": "1",  # whoever asks may say from where: limits per network address are not what is measured
    }
    subprocess.run([sys.executable, "-m", "hms.prepare"], check=True)
    import django

    django.setup()


def session_for(user):
    """A Cookie header that is signed in as this person: what is measured is the page, not the password hash."""
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(user)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def fetch(url, path, cookie="", *, body=None, source="127.0.0.1"):
    """(status, seconds) of one request; a body makes it a form sent by POST."""
    parts = urlsplit(url)
    headers = {"X-Forwarded-For": source} | ({"Cookie": cookie} if cookie else {})
    if body is not None:
        token = secrets.token_hex(16)
        headers |= {"Cookie": f"{cookie}; hms_csrf={token}", "X-CSRFToken": token, "Referer": url + path}
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    link = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
    begun = time.perf_counter()
    link.request("POST" if body is not None else "GET", path, body, headers)
    response = link.getresponse()
    response.read()
    link.close()
    return response.status, time.perf_counter() - begun


def pages():
    """(who, what, path) of the pages that people wait for."""
    from django.urls import reverse

    from accounts.models import User
    from clinic.models import Doctor

    doctor = Doctor.objects.bookable().exclude(working_hours=None).first()
    people = {role: User.objects.filter(role=role).first() for role in ("patient", "doctor", "reception", "admin")}
    yield None, "nothing but a word", reverse("healthz")
    yield None, "landing page", reverse("home")
    yield None, "doctor directory", reverse("scheduling:doctor-list")
    yield None, "booking: dates", reverse("scheduling:booking-dates", args=[doctor.pk])
    for role, user in people.items():
        yield user, f"home of {role}", reverse("home")
        yield user, f"visits of {role}", reverse("scheduling:appointment-list")
    yield people["patient"], "own record", reverse("records:chart-detail", args=[people["patient"].patient.pk])
    yield people["doctor"], "week", reverse("scheduling:week")
    yield people["reception"], "day", reverse("scheduling:day")
    yield people["reception"], "patients", reverse("clinic:patient-list")


def time_pages(url, times):
    print(f"{'page':28} {'status':>6} {'median ms':>10} {'slowest ms':>11}")
    for user, what, path in pages():
        cookie = session_for(user) if user else ""
        fetch(url, path, cookie)
        tries = [fetch(url, path, cookie) for _try in range(times)]
        spent = sorted(seconds * 1000 for _status, seconds in tries)
        print(f"{what:28} {tries[0][0]:>6} {statistics.median(spent):>10.1f} {spent[-1]:>11.1f}")


def rush(url):
    """RIVALS patients press "book" for one slot at the same time."""
    from django.urls import reverse
    from django.utils import timezone

    from accounts.models import Role
    from accounts.services import create_user
    from clinic.models import Doctor, Hospital
    from clinic.services import register_patient
    from scheduling import free

    hospital = Hospital.current()
    terms = free.terms_for(None, hospital, timezone.now())
    doctor = Doctor.objects.bookable().exclude(working_hours=None).first()
    slot = free.next_free([doctor], terms=terms)[doctor.pk]
    cookies = []
    for number in range(RIVALS):
        user = create_user(email=f"rival{number}@example.org", name=f"Rival {number}", role=Role.PATIENT, verified=True)
        register_patient(name=user.name, birth_date="1980-01-01", user=user, by=user)
        cookies.append(session_for(user))
    path = reverse("scheduling:booking-confirm", args=[doctor.pk, slot.starts])
    with ThreadPoolExecutor(RIVALS) as pool:
        begun = time.perf_counter()
        answers = list(pool.map(lambda cookie: fetch(url, path, cookie, body="reason=rush"), cookies))
        spent = time.perf_counter() - begun
    counted = Counter(status for status, _seconds in answers)
    slowest = max(seconds for _status, seconds in answers)
    words = ", ".join(f"{count} × {status}" for status, count in sorted(counted.items()))
    print(f"\n{RIVALS} at once on one slot: {words}; {spent:.2f} s in all, the slowest waited {slowest:.2f} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--times", type=int, default=30, help="how often each page is fetched (30)")
    parser.add_argument("--answers", type=int, default=200, help="tries each with known and unknown addresses (200)")
    parser.add_argument("--messages", type=int, default=10_000, help="reminders that are due at once (10,000)")
    parser.add_argument("--export", type=int, default=20_000, help="rows of the list that is exported (20000)")
    parser.add_argument("--only-export", action="store_true", help="measure nothing but the export")
    parser.add_argument(
        "--dashboards", type=int, metavar="VISITS", help="measure nothing but the dashboards at so many"
    )
    parser.add_argument("--postgres", action="store_true", help="on a private PostgreSQL that is started for it")
    options = parser.parse_args()
    if not options.postgres:
        measure(options)
        return
    with Postgres() as server:
        os.environ["DATABASE_URL"] = server.url
        measure(options)


def measure(options):
    """Everything in a folder that is thrown away."""
    room = Path(tempfile.mkdtemp(prefix="hms-bench-"))
    try:
        settle(room)
        from django.conf import settings

        from hms.testing import web_process

        if options.dashboards:
            print(f"\nDatabase: {settings.VENDOR}")
            bench_dashboards.compare(options.dashboards, options.times)
            return
        if options.only_export:
            print(f"\nDatabase: {settings.VENDOR}")
            bench_export.compare(options.export)
            return
        web = web_process(settings.DATABASES["default"], room).start()
        try:
            print(f"\nDatabase: {settings.VENDOR}\n")
            time_pages(web.url, options.times)
            rush(web.url)
            bench_outbox.compare(options.messages)
            if not bench_answers.compare(web.url, fetch, options.answers):
                print("The time of an answer tells who has an account.")
        finally:
            web.stop()
        bench_export.compare(options.export)
    finally:
        shutil.rmtree(room, ignore_errors=True)


if __name__ == "__main__":
    try:
        main()
    except ServerMissing as missing:
        sys.exit(f"make bench: {missing}")
