"""Several programs run as one: started together, watched, and ended together.

Nothing of Django here: the module is also the small program each child starts as (see `_become`).
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from types import FrameType

# A worker on PGMQ needs 5 to 7 seconds to stop, and more when it is in the middle of a task.
GRACE_SECONDS = 20.0
LOOK_SECONDS = 0.2
LAST_LINES = 15
PR_SET_PDEATHSIG = 1


class StopRequested(BaseException):
    """Somebody asked the whole to end; not an error, so no ``except Exception`` may swallow it."""


@dataclass(frozen=True)
class Program:
    """What is run, and the name its lines of output begin with."""

    name: str
    command: Sequence[str]


@dataclass(frozen=True)
class Death:
    """A program that ended although nobody had asked it to."""

    name: str
    exit_code: int
    last_lines: tuple[str, ...]

    def __str__(self) -> str:
        how = f"exit code {self.exit_code}"
        if self.exit_code < 0:
            how = signal.Signals(-self.exit_code).name
        said = "\n".join(f"    {line}" for line in self.last_lines) or "    (it said nothing)"
        return f"The {self.name} ended unexpectedly ({how}). Its last lines:\n{said}"


@dataclass
class _Child:
    name: str
    process: subprocess.Popen[str]
    last_lines: deque[str] = field(default_factory=lambda: deque(maxlen=LAST_LINES))
    reader: threading.Thread | None = None


class StopSignals:
    """Ctrl-C, a closed terminal or a polite kill, turned into one wish to stop.

    While ``interrupting``, the wish cuts short whatever is going on by raising `StopRequested`;
    otherwise it is only remembered, for somebody who looks at it regularly.
    """

    def __init__(self) -> None:
        self.wish = threading.Event()
        self.interrupting = False

    @contextlib.contextmanager
    def installed(self) -> Iterator[None]:
        """Listen inside the block; only the main thread may do this."""
        before = {number: signal.signal(number, self._note) for number in _stop_signals()}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextlib.contextmanager
    def cutting_short(self) -> Iterator[None]:
        """Let a wish to stop break off the work inside the block."""
        self.interrupting = True
        try:
            if self.wish.is_set():
                raise StopRequested
            yield
        finally:
            self.interrupting = False

    def _note(self, number: int, frame: FrameType | None) -> None:
        is_first = not self.wish.is_set()
        self.wish.set()
        if is_first and self.interrupting:
            raise StopRequested


class Supervisor:
    """Runs programs, each in its own session, until a wish to stop or until one of them dies."""

    def __init__(self, stop: threading.Event, *, grace_seconds: float = GRACE_SECONDS) -> None:
        self._stop = stop
        self._grace_seconds = grace_seconds
        self._children: list[_Child] = []

    def start(self, program: Program) -> None:
        """Start a program; a Ctrl-C in the terminal does not reach it, only we do."""
        process = subprocess.Popen(
            [
                *(sys.executable, "-I", "-S", __file__),
                *(str(os.getpid()), program.name, *program.command),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            bufsize=1,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
            start_new_session=True,
        )
        child = _Child(program.name, process)
        child.reader = threading.Thread(target=_repeat_output, args=[child], daemon=True)
        child.reader.start()
        self._children.append(child)

    def is_stopping(self) -> bool:
        """Whether somebody wished it all to stop."""
        return self._stop.is_set()

    def watch(self, until: Callable[[], bool] = lambda: False) -> Death | None:
        """Wait for a wish to stop, a death, or ``until`` to hold; answers the death if that was it.

        ``until`` is asked a few times a second.
        """
        while not self._stop.wait(LOOK_SECONDS):
            for child in self._children:
                if child.process.poll() is not None:
                    return _death_of(child)
            if until():
                return None
        return None

    def end_all(self) -> list[str]:
        """Ask all to stop, kill what is left after the grace; answers the names of the killed."""
        for child in self._children:
            with contextlib.suppress(ProcessLookupError):
                # The child alone: web server and worker end their own children in good order.
                child.process.terminate()
        deadline = time.monotonic() + self._grace_seconds
        killed = [child.name for child in self._children if not _ends_by(child, deadline)]
        for child in self._children:
            _kill_session(child)
        self._children.clear()
        return killed


def say(text: str) -> None:
    """Write to the terminal even when it has gone: a dead terminal must not stop the stopping."""
    with contextlib.suppress(OSError):
        os.write(1, f"{text}\n".encode())


def _repeat_output(child: _Child) -> None:
    assert child.process.stdout is not None
    for line in child.process.stdout:
        text = line.rstrip("\n")
        child.last_lines.append(text)
        say(f"{child.name:>9} | {text}")


def _death_of(child: _Child) -> Death:
    assert child.reader is not None
    # Its last words may still be on their way; a grandchild that holds the pipe must not hold us.
    child.reader.join(timeout=1)
    return Death(child.name, child.process.returncode, tuple(child.last_lines))


def _ends_by(child: _Child, deadline: float) -> bool:
    try:
        child.process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        return False
    return True


def _kill_session(child: _Child) -> None:
    """Kill whatever is left of the child's process group, the child included."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.process.pid, signal.SIGKILL)
    child.process.wait()


def _stop_signals() -> list[signal.Signals]:
    """The signals that mean "stop"; a hang-up is left alone where ``nohup`` said so."""
    signals = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signals.append(signal.SIGHUP)
    return signals


def _become(parent: int, name: str, command: list[str]) -> None:
    """Turn this process into ``command``, asking Linux to end it when its parent dies.

    Other systems have no such wish: there, a supervisor killed by force leaves its programs behind.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit(f"{name}: the supervisor is gone.")
    try:
        os.execvp(command[0], command)  # noqa: S606 - the commands are our own
    except OSError as error:
        sys.exit(f"{name}: {command[0]} cannot be run: {error.strerror}")


if __name__ == "__main__":
    _become(int(sys.argv[1]), sys.argv[2], sys.argv[3:])
