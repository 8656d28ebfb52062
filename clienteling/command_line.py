"""What `manage.py` does before Django: the local environment, and a database that is up.

Settings are read once, at import. What only a local run should have is therefore put into the
environment here, before anything reads it. A variable that is set already always wins.
"""

import contextlib
import os
import secrets
import sys
from collections.abc import Iterator, MutableMapping
from pathlib import Path

from django.core.management import execute_from_command_line

from clienteling.embedded import EmbeddedServerError
from clienteling.local_database import close_connections, database_in_use

DEFAULT_PORT = "8000"
# `run`, `with_database` and `database` look after the server themselves.
NEEDS_NO_DATABASE = {
    *("run", "with_database", "database"),
    *("help", "version", "check", "collectstatic", "findstatic", "diffsettings", "startapp"),
}
FALSE_WORDS = {"0", "false", "no", "off"}


def main(arguments: list[str]) -> int:
    """Run one management command with the embedded database up while it works."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clienteling.settings")
    command = arguments[1] if len(arguments) > 1 else "help"
    prepare_environment(command, arguments[2:], os.environ)
    try:
        with _database_for(command, arguments):
            execute_from_command_line(arguments)
    except EmbeddedServerError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def prepare_environment(
    command: str, options: list[str], environment: MutableMapping[str, str]
) -> None:
    """Fill in what the environment leaves open; only `run` gets the settings of a local server."""
    key_file = variable_folder(environment) / "secret_key"
    if command == "run":
        _prepare_local_server(options, environment)
        ensure_secret_key(key_file)
    if key_file.exists() and not environment.get("SECRET_KEY"):
        # The same key for every command, or links signed by one would mean nothing to another.
        environment["SECRET_KEY"] = key_file.read_text().strip()


def variable_folder(environment: MutableMapping[str, str]) -> Path:
    """Where everything a run writes is kept, before settings can be asked."""
    default = Path(__file__).resolve().parent.parent / "var"
    return Path(environment.get("CLIENTELING_VAR") or default).resolve()


def ensure_secret_key(file: Path) -> None:
    """Make up the local secret key once; only its owner may read the file."""
    if file.exists() and file.read_text().strip():
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(f".{os.getpid()}")
    unfinished.touch(mode=0o600)
    unfinished.write_text(secrets.token_urlsafe(50) + "\n")
    unfinished.replace(file)


def _prepare_local_server(options: list[str], environment: MutableMapping[str, str]) -> None:
    port = next((option for option in options if option.isdigit()), None)
    port = port or environment.get("PORT") or DEFAULT_PORT
    environment["PORT"] = port
    environment.setdefault("DEBUG", "1")
    environment.setdefault("ALLOWED_HOSTS", "localhost,127.0.0.1")
    environment.setdefault("PUBLIC_BASE_URL", f"http://127.0.0.1:{port}")
    if environment["DEBUG"].strip().lower() not in FALSE_WORDS:
        environment.setdefault("DEMO_CLOCK", "10:30")


@contextlib.contextmanager
def _database_for(command: str, arguments: list[str]) -> Iterator[None]:
    """Keep the embedded server up for a command that works on the database."""
    if command in NEEDS_NO_DATABASE or command.startswith("-") or "--help" in arguments:
        yield
        return
    with database_in_use():
        try:
            yield
        finally:
            close_connections()
