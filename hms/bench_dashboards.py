"""How long the dashboards of every role take in the server at very many visits, beside a page that asks nothing.

Without Redis, so that nothing is kept from one request to the next. What is measured is the server's answer from the
first middleware to the last byte, in this process, with a session, rights and templates; the pages take turns, so that
whatever else the machine does strikes all of them alike. What was loaded is left alone by the search for garbage, as
in the web server.
"""

import statistics
import time
from datetime import timedelta

PENDING = 32  # changes since the tallies were settled: the most that a hospital of this size has in its minute
STATIC = "a page without figures"


def compare(visits, times):
    """Make that many visits and print what the dashboards cost."""
    from django.db import connection

    from hms import gunicorn
    from hms.bench_export import analyze
    from hms.load import generate

    begun = time.perf_counter()
    generate(visits, seed=1, say=lambda line: None)
    print(f"\n{visits:,} visits generated and tallied in {time.perf_counter() - begun:.0f} s")
    analyze(connection)
    gunicorn.when_ready(None)
    clients = {who: signed_in(user) for who, user in people().items()}
    pages = [(what, clients["administrator"], path) for what, path in addresses().items()]
    pages += [(f"home of {who}", client, "/") for who, client in clients.items()]
    print(
        f"\n{'dashboard, without any cache':34} {'queries':>8} {'median ms':>10} {'least ms':>9} {'processor ms':>13}"
    )
    tell(pages, times)
    change(PENDING)
    print(f"while {PENDING} changed visits wait to be tallied")
    tell(pages, times)
    settle()


def addresses():
    """{what: path}."""
    from django.urls import reverse
    from django.utils import timezone

    today, figures = timezone.localdate(), reverse("figures")
    ranges = {"3 months": 91, "12 months": 365, "2 years": 730}
    longer = {what: f"{figures}?from_day={today - timedelta(days)}&to_day={today}" for what, days in ranges.items()}
    return {
        STATIC: reverse("help", args=["administrator"]),
        "figures of 28 days": figures,
        **{f"figures of {what}": path for what, path in longer.items()},
    }


def people():
    """{who: account}: an administrator, reception, and the doctor and the patient with most visits."""
    from django.db.models import Count

    from accounts.consents import current_texts
    from accounts.models import How, Role, User
    from accounts.services import answer
    from clinic.models import Doctor, Patient

    found = {"administrator": User.objects.filter(role=Role.ADMIN).first(),
             "reception": User.objects.filter(role=Role.RECEPTION).first()}  # fmt: skip
    for role, model in ((Role.DOCTOR, Doctor), (Role.PATIENT, Patient)):
        busiest = model.objects.alias(visits=Count("appointments")).order_by("-visits", "pk").first()
        if not busiest.user:
            busiest.user = User.objects.create(email=f"{role}@bench.example", name=busiest.name, role=role)
            busiest.save(update_fields=["user"])
            agreed = dict.fromkeys(current_texts().values(), True)
            answer(agreed, how=How.PAGE, by=busiest.user, user=busiest.user)
        found[str(role)] = busiest.user
    return found


def signed_in(user):
    """A client of the pages with this person's session."""
    from django.test import Client

    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(user)
    return client


def tell(pages, times):
    """Ask for each (what, client, path) in turn, and print what each took."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    spent = {what: [] for what, _client, _path in pages}
    queries = {}
    for what, client, path in pages:
        client.get(path)
        with CaptureQueriesContext(connection) as captured:
            client.get(path)
        queries[what] = len(captured)
    for _turn in range(times):
        for what, client, path in pages:
            wall, processor = time.perf_counter(), time.process_time()
            if client.get(path).status_code != 200:
                raise SystemExit(f"{path} did not answer.")
            spent[what].append((time.perf_counter() - wall, time.process_time() - processor))
    for what, took in spent.items():
        walls, processors = ([1000 * value for value in column] for column in zip(*took, strict=True))
        print(f"{what:34} {queries[what]:>8} {statistics.median(walls):>10.1f} {min(walls):>9.1f} "
              f"{statistics.median(processors):>13.1f}")  # fmt: skip


def change(number):
    """Write so many visits of today and the days before past the services, as if somebody had just changed them."""
    from django.utils import timezone

    from scheduling.models import Appointment

    newest = Appointment.objects.filter(starts_at__lt=timezone.now()).order_by("-starts_at").values("pk")[:number]
    Appointment.objects.filter(pk__in=list(newest.values_list("pk", flat=True))).update(moved_count=1)


def settle():
    from records.services import settle_tallies

    begun = time.perf_counter()
    notes = settle_tallies()
    print(f"{notes:,} notes of changes settled in {1000 * (time.perf_counter() - begun):.0f} ms")
