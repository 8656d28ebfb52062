"""What `make run` decides before and around the programs it starts."""

import os
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from clienteling.command_line import ensure_secret_key, main, prepare_environment
from clienteling.management.commands import database, run
from clienteling.supervisor import Death, Program, Supervisor

needs_embedded_server = pytest.mark.skipif(
    settings.EMBEDDED is None, reason="DATABASE_URL names another server"
)


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind((run.HOST, 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.fixture
def free_port() -> int:
    with socket.socket() as listener:
        listener.bind((run.HOST, 0))
        return listener.getsockname()[1]


def test_free_port_has_no_problem(free_port):
    assert run.port_problem(free_port) is None
    assert run.checked_port(str(free_port)) == free_port


def test_taken_port_is_refused_with_a_way_out(taken_port):
    with pytest.raises(CommandError) as raised:
        run.checked_port(str(taken_port))

    assert str(raised.value) == (
        f"Port {taken_port} is in use by another program; try PORT={taken_port + 1} make run"
    )


@pytest.mark.parametrize("text", ["0", "65536", "-1", "http", ""])
def test_port_that_is_none_is_refused(text):
    with pytest.raises(CommandError) as raised:
        run.checked_port(text)

    assert str(raised.value) == f"PORT must be a number from 1 to 65535, not {text!r}."


def test_same_data_is_served_only_once_at_a_time(tmp_path):
    with run.only_one(tmp_path, 8000), pytest.raises(CommandError) as raised:  # noqa: SIM117
        with run.only_one(tmp_path, 8001):
            pytest.fail("the second was let in")

    assert str(raised.value) == (
        "Clienteling runs already, at http://127.0.0.1:8000/. Stop it first, "
        "or let CLIENTELING_VAR name another folder for a second shop."
    )


def test_data_can_be_served_again_afterwards(tmp_path):
    with run.only_one(tmp_path, 8000):
        pass

    with run.only_one(tmp_path, 8001):
        assert (tmp_path / "run.lock").read_text() == "8001"


def test_welcome_tells_the_accounts_of_a_demo(settings):
    settings.DEMO_PASSWORD = "shoes"

    assert run.welcome(8001, is_demo=True) == (
        "\nOpen http://127.0.0.1:8001/    (Ctrl-C stops everything)\n"
        "Sign in as shoeguy, manager, admin; password: shoes\n"
        "On a shared tablet (manager: /tablets/) everybody's PIN is 4826\n"
    )


def test_welcome_tells_no_accounts_where_the_data_is_real():
    assert run.welcome(8000, is_demo=False) == (
        "\nOpen http://127.0.0.1:8000/    (Ctrl-C stops everything)\n"
    )


def test_web_worker_and_scheduler_are_run():
    assert [program.name for program in run.programs(8000)] == ["web", "worker", "scheduler"]


def test_worker_listens_to_every_queue_that_tasks_are_sent_to():
    routed = {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()}

    assert routed | {settings.CELERY_TASK_DEFAULT_QUEUE} == set(run.QUEUES)


def test_serve_reports_a_program_that_dies_before_the_first_page(free_port, monkeypatch):
    dies = Program("web", [sys.executable, "-c", "print('no such file'); exit(3)"])
    monkeypatch.setattr(run, "programs", lambda port: [dies])
    supervisor = Supervisor(threading.Event())

    death = run.serve(supervisor, free_port, "welcome")

    assert death == Death("web", 3, ("no such file",))


def test_run_leaves_variables_alone_that_are_set(tmp_path):
    chosen = {
        "CLIENTELING_VAR": str(tmp_path),
        "DEBUG": "0",
        "SECRET_KEY": "chosen",
        "ALLOWED_HOSTS": "shop.example",
        "PUBLIC_BASE_URL": "https://shop.example",
        "DEMO_CLOCK": "",
        "PORT": "9000",
    }
    environment = dict(chosen)

    prepare_environment("run", [], environment)

    assert environment == chosen


def test_run_fills_in_what_a_local_server_needs(tmp_path):
    environment = {"CLIENTELING_VAR": str(tmp_path)}

    prepare_environment("run", ["8001"], environment)

    assert environment == {
        "CLIENTELING_VAR": str(tmp_path),
        "PORT": "8001",
        "DEBUG": "1",
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        "PUBLIC_BASE_URL": "http://127.0.0.1:8001",
        "DEMO_CLOCK": "10:30",
        "SECRET_KEY": (tmp_path / "secret_key").read_text().strip(),
    }


def test_run_without_debug_has_no_demo_clock(tmp_path):
    environment = {"CLIENTELING_VAR": str(tmp_path), "DEBUG": "false"}

    prepare_environment("run", [], environment)

    assert "DEMO_CLOCK" not in environment


def test_other_commands_get_the_key_of_the_last_run_and_nothing_else(tmp_path):
    ensure_secret_key(tmp_path / "secret_key")
    environment = {"CLIENTELING_VAR": str(tmp_path)}

    prepare_environment("outbox", [], environment)

    assert environment == {
        "CLIENTELING_VAR": str(tmp_path),
        "SECRET_KEY": (tmp_path / "secret_key").read_text().strip(),
    }


def test_other_commands_make_no_key(tmp_path):
    environment = {"CLIENTELING_VAR": str(tmp_path)}

    prepare_environment("outbox", [], environment)

    assert environment == {"CLIENTELING_VAR": str(tmp_path)}
    assert list(tmp_path.iterdir()) == []


def test_secret_key_is_made_once_and_is_only_for_its_owner(tmp_path):
    file = tmp_path / "var" / "secret_key"

    ensure_secret_key(file)
    first = file.read_text()
    ensure_secret_key(file)

    assert file.read_text() == first
    assert len(first.strip()) > 50
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@needs_embedded_server
def test_missing_database_programs_end_a_command_with_one_sentence(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("LOCALDB_BIN", "/nowhere")
    monkeypatch.setattr(settings.EMBEDDED, "_chosen_programs", None)

    code = main(["manage.py", "with_database", "true"])

    assert code == 1
    assert capsys.readouterr().err.startswith("PostgreSQL's programs were not found (/nowhere)")


def test_with_database_ends_with_the_commands_exit_code():
    with pytest.raises(SystemExit) as raised:
        call_command("with_database", sys.executable, "-c", "raise SystemExit(5)")

    assert raised.value.code == 5


def test_with_database_needs_a_command():
    with pytest.raises(CommandError, match="Name the command to run"):
        call_command("with_database")


def test_with_database_names_a_command_that_does_not_exist():
    with pytest.raises(CommandError, match="/nowhere/program"):
        call_command("with_database", "/nowhere/program")


@needs_embedded_server
def test_stop_leaves_a_database_that_is_in_use(settings):
    said = database.stop(settings.EMBEDDED)

    assert said == "The database is in use; it stops with the last program that uses it."
    assert settings.EMBEDDED.is_running()


@needs_embedded_server
def test_status_says_where_the_files_are(settings):
    assert database.status(settings.EMBEDDED) == (
        f"The database runs. Files: {settings.EMBEDDED.folder}  "
        f"Socket folder: {settings.EMBEDDED.socket_folder}"
    )


def test_database_command_refuses_when_the_server_is_somebody_elses(settings):
    settings.EMBEDDED = None

    with pytest.raises(CommandError, match="DATABASE_URL names another server"):
        call_command("database", "status")


def test_second_run_on_a_taken_port_fails_before_it_touches_anything(taken_port, tmp_path):
    finished = subprocess.run(
        [sys.executable, "manage.py", "run", str(taken_port)],
        cwd=Path(run.__file__).parents[3],
        env=os.environ | {"CLIENTELING_VAR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert finished.returncode == 1
    assert "is in use by another program" in finished.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]
