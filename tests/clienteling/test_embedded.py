"""The embedded server, for real: every test has a server of its own in a temporary folder."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from clienteling.embedded import EmbeddedServer, EmbeddedServerError, find_program_folder

USER_OF_A_SERVER = """
import sys, time
from pathlib import Path
from clienteling.embedded import EmbeddedServer
with EmbeddedServer(Path(sys.argv[1])).use():
    print("up", flush=True)
    time.sleep(60)
"""


def open_folder() -> Path:
    """A folder that other accounts may enter, unlike pytest's own: root's server runs as nobody."""
    made = Path(tempfile.mkdtemp(prefix="embedded-"))
    made.chmod(0o755)
    return made


@pytest.fixture
def folder() -> Iterator[Path]:
    made = open_folder()
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def files_of_a_stopped_server() -> Iterator[Path]:
    """Made once, since making them is what takes time."""
    made = open_folder()
    with EmbeddedServer(made / "postgres").use():
        pass
    yield made / "postgres"
    shutil.rmtree(made)


@pytest.fixture
def new_server(folder: Path) -> Iterator[EmbeddedServer]:
    """A server that has never run."""
    server = EmbeddedServer(folder / "postgres")
    yield server
    server.stop()


@pytest.fixture
def server(new_server: EmbeddedServer, files_of_a_stopped_server: Path) -> EmbeddedServer:
    """A server that has run before."""
    subprocess.run(["cp", "-a", files_of_a_stopped_server, new_server.folder], check=True)
    return new_server


def connect(server: EmbeddedServer) -> psycopg.Connection:
    return psycopg.connect(
        host=str(server.socket_folder), user="postgres", dbname="postgres", autocommit=True
    )


def postmaster(server: EmbeddedServer) -> int:
    return int((server.data_folder / "postmaster.pid").read_text().split()[0])


def test_server_is_stopped_by_the_last_of_two_users(server):
    other = EmbeddedServer(server.folder)

    with server.use() as started_by_first:
        with other.use() as started_by_second:
            assert (started_by_first, started_by_second) == (True, False)
        running_after_one_left = server.is_running()

    assert running_after_one_left
    assert not server.is_running()


def test_server_is_stopped_although_another_user_was_killed(server):
    with subprocess.Popen(
        [sys.executable, "-c", USER_OF_A_SERVER, str(server.folder)], stdout=subprocess.PIPE
    ) as other:
        assert other.stdout.readline() == b"up\n"
        other.kill()
    running_after_the_kill = server.is_running()

    with server.use() as started:
        pass

    assert running_after_the_kill
    assert not started
    assert not server.is_running()


def test_server_told_to_keep_running_outlives_its_users(server):
    server.keep_running(True)
    with server.use():
        pass
    running_without_users = server.is_running()

    server.keep_running(False)
    with server.use():
        pass

    assert running_without_users
    assert not server.is_running()


def test_is_in_use_holds_only_while_somebody_uses_it(server):
    other = EmbeddedServer(server.folder)

    with server.use():
        during = other.is_in_use()

    assert during
    assert not other.is_in_use()


def test_rows_survive_a_killed_postmaster(server):
    server.start()
    with connect(server) as connection:
        connection.execute("CREATE TABLE note (words text)")
        connection.execute("INSERT INTO note VALUES ('kept')")
        os.kill(postmaster(server), signal.SIGKILL)

        started = server.start()

    assert started
    with connect(server) as connection:
        assert connection.execute("SELECT words FROM note").fetchall() == [("kept",)]


def test_server_starts_when_a_dead_ones_number_belongs_to_another_process(server):
    server.start()
    killed = postmaster(server)
    process_file = (server.data_folder / "postmaster.pid").read_text()
    os.kill(killed, signal.SIGKILL)
    # The one process number that is surely taken, and by no server.
    recycled = process_file.replace(str(killed), str(os.getpid()), 1)
    (server.data_folder / "postmaster.pid").write_text(recycled)

    assert server.start()


def test_first_run_cut_short_is_done_again(new_server):
    unfinished = new_server.folder / "data.new"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18\n")

    assert new_server.start()
    assert not unfinished.exists()


def test_files_without_a_whole_cluster_are_put_aside_and_kept(new_server):
    new_server.data_folder.mkdir(parents=True)
    (new_server.data_folder / "PG_VERSION").write_text("18\n")

    assert new_server.start()
    [put_aside] = new_server.folder.glob("data.incomplete-*")
    assert (put_aside / "PG_VERSION").read_text() == "18\n"


def test_server_in_a_folder_with_a_long_name_has_its_socket_elsewhere(folder):
    server = EmbeddedServer(folder / ("long" * 25) / "postgres")

    with server.use(), connect(server) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)

    assert server.socket_folder.parent == Path(tempfile.gettempdir())
    server.socket_folder.rmdir()


def test_folders_of_the_same_long_name_share_a_socket_folder_and_others_do_not(folder):
    long = folder / ("long" * 25)

    assert EmbeddedServer(long).socket_folder == EmbeddedServer(long).socket_folder
    assert EmbeddedServer(long).socket_folder != EmbeddedServer(long / "more").socket_folder


def test_socket_folder_put_there_by_somebody_else_is_refused(new_server, folder):
    new_server.folder.mkdir()
    new_server.socket_folder.symlink_to(folder)

    with pytest.raises(EmbeddedServerError, match="belongs to somebody else"):
        new_server.start()


def test_server_listens_to_its_owner_alone(server):
    server.start()

    with connect(server) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
    assert stat.S_IMODE(server.socket_folder.stat().st_mode) == 0o700


def test_server_sorts_the_same_way_on_every_machine(server):
    server.start()

    with connect(server) as connection:
        found = connection.execute(
            "SELECT array_agg(word ORDER BY word) FROM unnest(ARRAY['b', 'É', 'a', 'B']) AS word"
        ).fetchone()

    assert found == (["B", "a", "b", "É"],)


def test_server_is_not_misled_by_variables_for_another_one(server, monkeypatch):
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("PGDATA", "/nowhere")

    assert server.start()
    assert server.is_running()


def test_ensure_database_creates_it_once(server):
    server.start()

    assert server.ensure_database("shop")
    assert not server.ensure_database("shop")


def test_failed_start_names_the_log_and_shows_its_end(server):
    with server.use():
        pass
    with (server.data_folder / "postgresql.conf").open("a") as configuration:
        configuration.write("no_such_setting = on\n")

    with pytest.raises(EmbeddedServerError) as raised:
        server.start()

    first_line, *tail = str(raised.value).splitlines()
    assert first_line == f"The database did not start. Its log is {server.log_file}:"
    assert any("no_such_setting" in line for line in tail)


def test_missing_programs_are_reported_in_one_sentence(folder, monkeypatch):
    monkeypatch.setenv("LOCALDB_BIN", "/nowhere")

    with pytest.raises(EmbeddedServerError) as raised:
        EmbeddedServer(folder / "postgres").start()

    assert str(raised.value) == (
        "PostgreSQL's programs were not found (/nowhere): install the requirements, "
        "let LOCALDB_BIN name a folder that has them, "
        "or set DATABASE_URL to use a server of your own."
    )


def test_programs_come_from_the_folder_that_is_named(folder, monkeypatch):
    (folder / "pg_ctl").touch()
    monkeypatch.setenv("LOCALDB_BIN", str(folder))

    assert find_program_folder() == folder


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another account")
def test_root_keeps_a_private_folders_files_to_itself(folder):
    folder.chmod(0o700)
    can_make_namespaces = subprocess.run(
        ["unshare", "--user", "--map-user=65534", "true"], check=False
    )
    if can_make_namespaces.returncode:
        pytest.skip("this machine forbids user namespaces")
    server = EmbeddedServer(folder / "postgres")

    with server.use():
        running = server.is_running()

    assert running
    assert server.data_folder.stat().st_uid == 0
