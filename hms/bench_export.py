"""How fast a long list becomes a file, and in how much memory; on PostgreSQL beside its own COPY of the same rows.

Run by itself it works on the database that the settings name: python -m hms.bench_export ID-OF-AN-EXPORT. That is a
process of its own, so that what it reports is a worker's memory and nobody else's.
"""

import json
import os
import subprocess
import sys
import time

MB = 1024 * 1024


def compare(rows):
    """Make that many visits, export them for an administrator, and print rows per second and megabytes."""
    from django.db import connection

    from accounts.models import Role, User
    from hms.load import generate
    from records.models import Export
    from records.services import request_list
    from scheduling.models import Appointment

    begun = time.perf_counter()
    generate(rows, seed=1, say=lambda line: None)
    spent = time.perf_counter() - begun
    print(f"\n{rows:,} visits generated in {spent:.1f} s ({rows / spent:,.0f} a second)")
    analyze(connection)
    owner = User.objects.filter(role=Role.ADMIN).first()
    copied = copy(connection, Appointment) if connection.vendor == "postgresql" else None
    small = request_list(Export.Kind.DOCTORS, by=owner)
    export = request_list(Export.Kind.APPOINTMENTS, by=owner, query="when=all")
    command = [sys.executable, "-m", "hms.bench_export", str(small.pk), str(export.pk)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ)
    found = json.loads(done.stdout)
    export.refresh_from_db()
    rate = export.rows_done / found["seconds"]
    print(f"{export.rows_done:,} rows exported in {found['seconds']:.2f} s ({rate:,.0f}/s), "
          f"{found['bytes'] / MB:.0f} MB; memory {found['above']:.0f} MB above {found['idle']:.0f} idle")  # fmt: skip
    if copied:
        print(f"PostgreSQL's own COPY of the same joined rows: {copied:.2f} s; the export takes "
              f"{found['seconds'] / copied:.2f} times as long")  # fmt: skip


def analyze(connection):
    """As autovacuum would have done by the time anybody exports."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def copy(connection, model):
    """Seconds for COPY … TO STDOUT of what the columns read, in the same order, into nowhere: the best of two."""
    from records.lists.rows import VISIT

    rows = model.objects.order_by("-starts_at", "-pk").values_list(*(column.source for column in VISIT))
    sql, params = rows.query.sql_with_params()
    spent = []
    for _try in range(2):
        begun = time.perf_counter()
        with connection.cursor() as cursor, cursor.copy(f"COPY ({sql}) TO STDOUT (FORMAT csv)", params) as blocks:
            for _block in blocks:
                pass
        spent.append(time.perf_counter() - begun)
    return min(spent)


def in_memory(name):
    """A line of /proc/self/status in megabytes."""
    with open("/proc/self/status") as status:
        found = next(line for line in status if line.startswith(name))
    return int(found.split()[1]) / 1024


def main():
    """In the process that is measured: a small list, so that all is loaded that a worker has; then the long one."""
    import django

    django.setup()
    from records.models import Export
    from records.services import file_of, run_export

    small, export = map(int, sys.argv[1:])
    run_export(small)
    idle = in_memory("VmRSS")
    with open("/proc/self/clear_refs", "w") as reset:
        reset.write("5")  # the peak counts from here on
    begun = time.perf_counter()
    if not run_export(export):
        sys.exit("The export was not made.")
    seconds = time.perf_counter() - begun
    size = file_of(Export.objects.get(pk=export)).stat().st_size
    above = in_memory("VmHWM") - idle
    print(json.dumps({"seconds": seconds, "bytes": size, "idle": idle, "above": above}))


if __name__ == "__main__":
    main()
