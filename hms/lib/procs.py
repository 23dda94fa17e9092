"""Child processes that start in order, stop in reverse order and never outlive their parent.

Standard library only. Run as a script it is a launcher: it binds its own life to its parent's, steps down from
root when told to, and then becomes the command that follows `--`. (A launcher and not `preexec_fn`: Python code
between fork and exec may hang in a parent that has threads.)
"""

import argparse
import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from dataclasses import dataclass, field

PR_SET_PDEATHSIG = 1
STEADY = 60.0  # seconds a child must live for its earlier deaths to be forgotten
TICK = 0.1  # seconds between two looks at the children


class Stopped(Exception):
    """Somebody asked the runner to end (Ctrl-C, SIGTERM)."""


class ChildFailed(Exception):
    """A child did not become ready, or died too often. The message is a sentence."""


def die_with_parent(parent=None, number=signal.SIGKILL):
    """Have the kernel signal this process when its parent ends, however that happens. Linux only; elsewhere nothing."""
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(number))
    if parent is not None and os.getppid() != parent:
        os._exit(1)  # the parent was gone before the kernel knew


def launcher(argv, *, user=None):
    """The command line that runs `argv` bound to this process, as `user` (uid, gid) when given."""
    steps = ["--parent", str(os.getpid())]
    if user:
        steps += ["--user", f"{user[0]}:{user[1]}"]
    return [sys.executable, "-I", "-S", __file__, *steps, "--", *map(str, argv)]


@dataclass
class Child:
    """One process: how to start it, when it is ready, how long it may take to end."""

    name: str
    argv: list
    env: dict | None = None
    cwd: str | None = None
    given: bytes = b""  # what it reads on standard input
    hush: str = ""  # lines that contain this are left out of the log
    own_errors: bool = False  # what it says on standard error is for people as it is, not for the log
    ready: object = None  # a function that answers True once the process serves
    grace: float = 12.0  # seconds between asking it to end and ending it
    process: subprocess.Popen | None = field(default=None, repr=False)
    started: float = 0.0
    deaths: int = 0
    retry_at: float = 0.0

    def start(self, log):
        """Start the process in a session of its own, so that Ctrl-C reaches the runner alone."""
        self.process = subprocess.Popen(
            launcher(self.argv),
            env=self.env,
            cwd=self.cwd,
            stdin=subprocess.PIPE if self.given else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=None if self.own_errors else subprocess.STDOUT,
            start_new_session=True,
        )
        self.started = time.monotonic()
        self.retry_at = 0.0
        if self.given:
            with contextlib.suppress(BrokenPipeError), self.process.stdin as pipe:
                pipe.write(self.given)
        threading.Thread(target=log.follow, args=(self.name, self.process.stdout, self.hush), daemon=True).start()

    def is_alive(self):
        return self.process is not None and self.process.poll() is None

    def signal_all(self, number):
        """Signal the process and whatever it started in its session."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, number)

    def stop(self):
        """Ask it to end; when it does not within its grace, end it."""
        if self.process is None:
            return
        if self.is_alive():
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(self.grace)
        self.signal_all(signal.SIGKILL)
        self.process.wait()


class Log:
    """Writes each child's lines to one stream, with its name before each."""

    def __init__(self, stream, width=6, keep=40):
        self.stream = stream
        self.width = width
        self.lock = threading.Lock()
        self.last = deque(maxlen=keep)

    def write(self, name, line):
        """One line. A stream that nobody reads any more must not stop the children."""
        with self.lock:
            self.last.append(line)
            with contextlib.suppress(OSError, ValueError):
                self.stream.write(f"{name:<{self.width}} | {line}\n")
                self.stream.flush()

    def follow(self, name, pipe, hush=""):
        """Copy a child's output until it closes, without the lines that contain `hush`."""
        with pipe:
            while line := pipe.readline(8192):
                text = line.decode("utf-8", "replace").rstrip("\r\n")
                if not hush or hush not in text:
                    self.write(name, text)


class Supervisor:
    """Starts children in order, waits until they serve, restarts what dies, stops in reverse order."""

    def __init__(self, stream, *, restarts=5, delay=0.5):
        self.log = Log(stream)
        self.restarts = restarts  # in a row, before giving up
        self.delay = delay  # seconds before the first of them; doubled with each
        self.children = []
        self.asked = 0

    def ask_to_stop(self, *_):
        """Signal handler: the first asks, the second one ends everything at once."""
        self.asked += 1
        if self.asked > 1:
            for child in self.children:
                if child.process is not None:
                    child.signal_all(signal.SIGKILL)

    def listen(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.ask_to_stop)

    def pause(self):
        if self.asked:
            raise Stopped
        time.sleep(TICK)

    def start(self, child):
        self.children.append(child)
        child.start(self.log)
        return child

    def run(self, child):
        """Run a child to its end; its exit code."""
        self.start(child)
        while child.is_alive():
            self.pause()
        self.children.remove(child)
        return child.process.returncode

    def wait_ready(self, child, seconds):
        """Wait until a child serves."""
        deadline = time.monotonic() + seconds
        while not child.ready():
            if not child.is_alive():
                raise ChildFailed(f"The {child.name} process ended before it was ready; its last lines are above.")
            if time.monotonic() > deadline:
                raise ChildFailed(f"The {child.name} process was not ready within {seconds:.0f} seconds.")
            self.pause()

    def watch(self):
        """Restart what dies until somebody asks to stop."""
        while True:
            self.pause()
            for child in self.children:
                self.revive(child)

    def revive(self, child):
        """Restart a dead child after a pause that doubles with each death in a row."""
        if child.is_alive():
            return
        now = time.monotonic()
        if child.retry_at:
            if now >= child.retry_at:
                child.start(self.log)
            return
        child.deaths = 1 if now - child.started > STEADY else child.deaths + 1
        if child.deaths > self.restarts:
            raise ChildFailed(f"The {child.name} process died {child.deaths} times in a row; its last lines are above.")
        delay = self.delay * 2 ** (child.deaths - 1)
        child.retry_at = now + delay
        child.signal_all(signal.SIGKILL)
        self.log.write(child.name, f"ended unexpectedly ({child.process.returncode}); restarting in {delay:g} s")

    def stop(self):
        """Stop everything, the last started first."""
        for child in reversed(self.children):
            child.stop()
        self.children.clear()


def main():
    """The launcher: see the module's first lines."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--parent", type=int)
    parser.add_argument("--user")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    if options.user:
        uid, gid = map(int, options.user.split(":"))
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    die_with_parent(options.parent)  # after setuid, which would clear it
    try:
        os.execvp(options.command[0], options.command)
    except OSError as error:
        sys.exit(f"{options.command[0]} cannot be started: {error.strerror}.")


if __name__ == "__main__":
    main()
