"""The supervisor, with real children: small Python programs that do one thing each."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from clienteling.supervisor import (
    Death,
    Program,
    StopRequested,
    StopSignals,
    Supervisor,
)

PATIENCE_SECONDS = 10
SLEEPS = "import time; print('up', flush=True); time.sleep(60)"
IGNORES_POLITE_KILLS = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SLEEPS
BREAKS = "import sys; print('one'); print('two'); sys.exit(7)"
HAS_A_CHILD = """
import pathlib, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
pathlib.Path(sys.argv[1]).write_text(str(child.pid))
time.sleep(60)
"""
SUPERVISES_A_SLEEPER = """
import sys, threading
from clienteling.supervisor import Program, Supervisor
supervisor = Supervisor(threading.Event())
supervisor.start(Program("sleeper", [sys.executable, "-c", sys.argv[1]]))
supervisor.watch()
"""


@pytest.fixture
def stop() -> threading.Event:
    return threading.Event()


@pytest.fixture
def supervisor(stop: threading.Event) -> Iterator[Supervisor]:
    supervisor = Supervisor(stop, grace_seconds=PATIENCE_SECONDS)
    yield supervisor
    supervisor.end_all()


def python(name: str, code: str, *arguments: str) -> Program:
    return Program(name, [sys.executable, "-c", code, *arguments])


def process_of(supervisor: Supervisor) -> int:
    return supervisor._children[0].process.pid


def is_alive(process: int) -> bool:
    """Whether it runs; a dead process that nobody has collected yet does not."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{process}/stat")
    return not (state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z")


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.05)


def test_watch_reports_which_program_died_and_its_last_lines(supervisor):
    supervisor.start(python("web", SLEEPS))
    supervisor.start(python("worker", BREAKS))

    death = supervisor.watch()

    assert death == Death("worker", 7, ("one", "two"))
    assert str(death) == (
        "The worker ended unexpectedly (exit code 7). Its last lines:\n    one\n    two"
    )


def test_death_by_a_signal_names_the_signal():
    assert str(Death("worker", -9, ())) == (
        "The worker ended unexpectedly (SIGKILL). Its last lines:\n    (it said nothing)"
    )


def test_death_of_a_program_that_does_not_exist_says_so(supervisor):
    supervisor.start(Program("web", ["/nowhere/gunicorn"]))

    death = supervisor.watch()

    assert death.exit_code == 1
    assert death.last_lines[-1] == "web: /nowhere/gunicorn cannot be run: No such file or directory"


def test_watch_ends_without_a_death_when_asked_to_stop(supervisor, stop):
    supervisor.start(python("web", SLEEPS))
    threading.Timer(0.3, stop.set).start()

    assert supervisor.watch() is None
    assert supervisor.is_stopping()


def test_watch_ends_when_what_is_waited_for_holds(supervisor):
    supervisor.start(python("web", SLEEPS))

    assert supervisor.watch(until=lambda: True) is None
    assert not supervisor.is_stopping()


def test_end_all_ends_every_program(supervisor):
    supervisor.start(python("web", SLEEPS))
    supervisor.start(python("worker", SLEEPS))
    processes = [child.process.pid for child in supervisor._children]

    killed = supervisor.end_all()

    assert killed == []
    assert [is_alive(process) for process in processes] == [False, False]


def test_end_all_kills_what_does_not_stop_in_time(stop, capfd):
    supervisor = Supervisor(stop, grace_seconds=0.2)
    supervisor.start(python("worker", IGNORES_POLITE_KILLS))
    wait_for(lambda: bool(supervisor._children[0].last_lines))
    process = process_of(supervisor)

    killed = supervisor.end_all()

    assert killed == ["worker"]
    assert not is_alive(process)


def test_end_all_takes_a_programs_own_children_along(supervisor, tmp_path):
    note = tmp_path / "grandchild"
    supervisor.start(python("worker", HAS_A_CHILD, str(note)))
    wait_for(lambda: note.exists() and note.read_text() != "")
    grandchild = int(note.read_text())
    assert is_alive(grandchild)

    supervisor.end_all()

    wait_for(lambda: not is_alive(grandchild))


def test_output_is_repeated_behind_the_programs_name(supervisor, capfd):
    supervisor.start(python("web", "print('hello')"))

    supervisor.watch()

    assert capfd.readouterr().out == "      web | hello\n"


def test_programs_are_out_of_reach_of_the_terminals_signals(supervisor):
    supervisor.start(python("web", SLEEPS))

    assert os.getsid(process_of(supervisor)) != os.getsid(0)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends the children of a killed one")
def test_programs_end_with_a_supervisor_killed_by_force(tmp_path):
    note = tmp_path / "child"
    leaves_its_number = f"import os; open({str(note)!r}, 'w').write(str(os.getpid())); {SLEEPS}"
    with subprocess.Popen([sys.executable, "-c", SUPERVISES_A_SLEEPER, leaves_its_number]) as other:
        wait_for(lambda: note.exists() and note.read_text() != "")
        child = int(note.read_text())
        assert is_alive(child)
        other.kill()

    wait_for(lambda: not is_alive(child))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_becomes_a_wish_to_stop(number):
    signals = StopSignals()
    before = signal.signal(number, signal.SIG_DFL)  # whoever started the tests may ignore it

    with signals.installed():
        os.kill(os.getpid(), number)
    signal.signal(number, before)

    assert signals.wish.is_set()


def test_signal_cuts_the_preparation_short():
    signals = StopSignals()

    with signals.installed(), pytest.raises(StopRequested), signals.cutting_short():
        os.kill(os.getpid(), signal.SIGINT)

    assert signals.wish.is_set()


def test_wish_from_before_cuts_short_too():
    signals = StopSignals()

    with signals.installed():
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(StopRequested), signals.cutting_short():
            pytest.fail("the preparation began")


def test_second_signal_does_not_disturb_the_stopping():
    signals = StopSignals()

    with signals.installed():
        with pytest.raises(StopRequested), signals.cutting_short():
            os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)

    assert signals.wish.is_set()


def test_handlers_are_put_back():
    before = signal.getsignal(signal.SIGINT)

    with StopSignals().installed():
        pass

    assert signal.getsignal(signal.SIGINT) is before


def test_hang_up_stays_ignored_under_nohup():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signals = StopSignals()
    try:
        with signals.installed():
            os.kill(os.getpid(), signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)

    assert not signals.wish.is_set()


def test_say_survives_a_terminal_that_has_gone():
    code = "import os; from clienteling.supervisor import say; os.close(1); say('anybody?')"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
