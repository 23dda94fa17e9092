"""`make faults`: breaks one part after another under a whole installation and counts what went in and what came out.

PostgreSQL, broker, mail server, worker and beat are real processes of this run, on loopback and in a folder that is
thrown away. Each fault is met by messages of their own. Of these none may be lost and none may arrive twice: what was
cut off between sending and writing down that it was sent stands as "in doubt", for a person. Hours are not waited for:
where a message would be tried again later, the row is told that later is now.
"""

import argparse
import csv
import sys
import time
from pathlib import Path

from hms.installation import Installation
from hms.lib.servers import ServerMissing


def nothing(run, name, number):
    """nothing fails"""
    run.put(name, number)


def broker_before(run, name, number):
    """the broker is killed before the commit, and comes back"""
    run.put(name, number, before_commit=run.broker.kill)
    time.sleep(2)
    run.broker.start()


def broker_after(run, name, number):
    """the broker is killed after the commit, and comes back"""
    run.put(name, number)
    run.broker.kill()
    time.sleep(2)
    run.broker.start()


def worker(run, name, number):
    """kill -9 of the worker while it sends"""
    run.mail_server(END=0.1)
    run.put(name, number)
    run.sending(name)
    run.worker.kill()
    run.mail_server()
    run.worker.start()


def refusing(run, name, number):
    """the mail server refuses everybody for a while"""
    run.mail_server(CONNECT="421 not now")
    run.put(name, number)
    run.wait(name, lambda counts: counts["failed"], "a refusal")
    run.mail_server()


def slow(run, name, number):
    """the mail server takes 0.2 seconds for each mail"""
    run.mail_server(END=0.2)
    run.put(name, number)
    run.sending(name)
    time.sleep(3)
    run.mail_server()


def dropping(run, name, number):
    """the mail server takes a mail and hangs up before it says so"""
    run.mail_server(END="hang up")
    run.put(name, number)
    run.wait(name, lambda counts: counts["in_doubt"], "a mail in doubt")
    run.mail_server()


def database(run, name, number):
    """the database is killed while mails go out, and started again"""
    run.mail_server(END=0.1)
    run.put(name, number)
    run.sending(name)
    run.server.crash()
    time.sleep(1)
    run.server.launch()
    run.mail_server()


def database_quietly(run, name, number):
    """the database is restarted in good order while mails go out"""
    run.mail_server(END=0.1)
    run.put(name, number)
    run.sending(name)
    run.server.shut_down()
    run.server.launch()
    run.mail_server()


def export_worker(run, export):
    """kill -9 of the worker while it writes a list"""
    run.wait_for_rows(export)
    run.worker.kill()
    run.worker.start()


def export_database(run, export):
    """the database is killed while a list is written, and started again"""
    run.wait_for_rows(export)
    run.server.crash()
    run.server.launch()


EXPORT_FAULTS = {"export-worker": export_worker, "export-database": export_database}
FAULTS = {
    fault.__name__.replace("_", "-"): fault
    for fault in (
        nothing, broker_before, broker_after, worker, refusing, slow, dropping, database, database_quietly,
    )
}  # fmt: skip


def tally(run, name, number):
    """What became of one fault's messages: (a line of figures, whether nothing was lost or doubled)."""
    counts, arrived = run.counts(name), run.arrived(name)
    sent = set(run.rows(name).filter(state="sent").values_list("address", flat=True))
    doubt = set(run.rows(name).filter(state="in_doubt").values_list("address", flat=True))
    twice = sum(times > 1 for times in arrived.values())
    whole = (
        counts.total() == number  # every row that went in is there
        and sent <= set(arrived) <= sent | doubt  # what is called sent arrived, and nothing that is called otherwise
        and len(sent) + len(doubt) == number
        and not twice
    )
    line = f"{number:>5} {len(sent):>6} {len(doubt):>9} {len(arrived):>8} {twice:>6}"
    return line, whole


def export_through(run, fault):
    """Rows in, lines out, of a list that was being written when the fault came: (a line of figures, whether all)."""
    from django.conf import settings

    from accounts.models import Role, User
    from records.models import Export
    from records.services import request_list
    from scheduling.models import Appointment

    export = request_list(Export.Kind.APPOINTMENTS, by=User.objects.filter(role=Role.ADMIN).first(), query="when=all")
    fault(run, export)
    offered = run.wait_for_file(export)
    with (Path(settings.EXPORT_ROOT) / export.file_name).open(encoding="utf-8") as file:
        lines = sum(1 for _line in csv.reader(file)) - 1
    number, files = Appointment.objects.count(), set(Export.objects.filter(state="ready").values_list("file_name"))
    left = len([path for path in Path(settings.EXPORT_ROOT).iterdir() if (path.name,) not in files])
    words = f"{number:,} rows in, {lines:,} out; half a file {'' if offered else 'never '}offered, {left} left over"
    return words, lines == number and not offered and not left


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--messages", type=int, default=200, help="messages that meet each fault (200)")
    parser.add_argument("--rows", type=int, default=100_000, help="visits in the list that is exported (100,000)")
    known = [*FAULTS, *EXPORT_FAULTS]
    parser.add_argument("--only", choices=known, action="append", help="this fault alone; may be said again")
    options = parser.parse_args()
    names, bad = options.only or known, 0
    exports = [name for name in names if name in EXPORT_FAULTS]
    with Installation(demo=bool(exports)) as run:
        print(f"{'':62} {'in':>5} {'sent':>6} {'in doubt':>9} {'arrived':>8} {'twice':>6}")
        for name in [name for name in names if name in FAULTS]:
            FAULTS[name](run, name, options.messages)
            run.come_to_rest(name)
            bad += told(FAULTS[name], *tally(run, name, options.messages))
        if exports:
            run.fill(options.rows)
        for name in exports:
            bad += told(EXPORT_FAULTS[name], *export_through(run, EXPORT_FAULTS[name]))
        if run.beat.process.poll() is not None:
            print("Beat did not live through it.")
            bad += 1
    return bool(bad)


def told(fault, line, whole):
    """Print what became of one fault; 1 when something was lost or doubled."""
    print(f"{fault.__doc__:62} {line}{'' if whole else '   LOST OR DOUBLED'}", flush=True)
    return not whole


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ServerMissing as missing:
        sys.exit(f"make faults: {missing}")
