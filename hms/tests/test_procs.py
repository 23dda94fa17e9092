"""Child processes: in order, restarted, stopped in reverse, and never alone."""

import io
import os
import signal
import subprocess
import sys

import pytest

from hms.lib.procs import Child, ChildFailed, Supervisor, launcher
from hms.tests.processes import is_gone, wait_for

SLEEP = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]


@pytest.fixture
def output():
    return io.StringIO()


@pytest.fixture
def supervisor(output):
    made = Supervisor(output, restarts=2, delay=0.01)
    yield made
    made.stop()


def test_lines_say_which_process_wrote_them(supervisor, output):
    supervisor.start(Child("web", SLEEP))
    supervisor.start(Child("worker", SLEEP))
    assert wait_for(lambda: output.getvalue().count("up") == 2)
    assert sorted(output.getvalue().splitlines()) == ["web    | up", "worker | up"]


def test_a_process_that_does_not_become_ready_is_told_about(supervisor):
    child = supervisor.start(Child("web", SLEEP, ready=lambda: False))
    with pytest.raises(ChildFailed, match=r"web process was not ready within 0 seconds"):
        supervisor.wait_ready(child, 0)


def test_a_process_that_ends_before_it_is_ready_is_told_about(supervisor):
    child = supervisor.start(Child("web", ["false"], ready=lambda: False))
    with pytest.raises(ChildFailed, match=r"web process ended before it was ready"):
        supervisor.wait_ready(child, 10)


def test_a_process_that_dies_is_started_again(supervisor):
    child = supervisor.start(Child("web", SLEEP))
    first = child.process.pid
    os.kill(first, signal.SIGKILL)
    assert wait_for(lambda: supervisor.revive(child) or (child.is_alive() and child.process.pid != first))


def test_a_process_that_dies_again_and_again_ends_the_watch(supervisor, output):
    supervisor.start(Child("web", ["false"]))
    with pytest.raises(ChildFailed, match=r"web process died 3 times in a row"):
        supervisor.watch()
    assert output.getvalue().count("ended unexpectedly (1); restarting") == 2


def test_a_command_that_is_not_there_is_one_line(supervisor, output):
    child = supervisor.start(Child("web", ["/no/such/program"]))
    assert wait_for(lambda: not child.is_alive() and output.getvalue())
    assert output.getvalue() == "web    | /no/such/program cannot be started: No such file or directory.\n"


def test_the_last_started_is_stopped_first(supervisor, tmp_path):
    told = tmp_path / "told"
    code = (
        "import signal, sys, time\n"
        "def end(*_):\n"
        "    open({told!r}, 'a').write({name!r}); sys.exit()\n"
        "signal.signal(signal.SIGTERM, end); print('up', flush=True); time.sleep(60)"
    )
    for name in ("broker ", "web "):
        supervisor.start(Child(name, [sys.executable, "-c", code.format(told=str(told), name=name)]))
    assert wait_for(lambda: supervisor.log.stream.getvalue().count("up") == 2)
    supervisor.stop()
    assert told.read_text() == "web broker "


def test_a_process_that_will_not_end_is_ended(supervisor, output):
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
    child = supervisor.start(Child("web", [sys.executable, "-c", code], grace=0.2))
    assert wait_for(lambda: "up" in output.getvalue())
    supervisor.stop()
    assert child.process.returncode == -signal.SIGKILL


def test_output_that_nobody_reads_stops_no_process(supervisor, output):
    output.close()
    child = supervisor.start(Child("web", [sys.executable, "-c", "print('x' * 200000)"]))
    assert wait_for(lambda: not child.is_alive())
    assert child.process.returncode == 0


def test_a_child_ends_when_its_parent_is_killed():
    code = (
        "import subprocess, sys, time\n"
        "from hms.lib.procs import launcher\n"
        "print(subprocess.Popen(launcher(['sleep', '60'])).pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    with parent:
        child = int(parent.stdout.readline())
        assert wait_for(lambda: not is_gone(child))
        parent.kill()
    assert wait_for(lambda: is_gone(child))


def test_a_launcher_whose_parent_has_gone_starts_nothing():
    command = launcher(["echo", "started"])
    command[command.index("--parent") + 1] = "1"
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
