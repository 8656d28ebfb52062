"""What the settings make of the environment, asked in a process of its own as every start does."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PRODUCTION = {
    "SECRET_KEY": "k7Qw-2nZp9Xv_4Rt8Ls1Yb6Hd3Gf5Jc0MaEiOuTxWqNzPkVsBrDy",
    "ALLOWED_HOSTS": "notes.example.com",
    "PUBLIC_BASE_URL": "https://notes.example.com",
    "BEHIND_TLS_PROXY": "1",
    "DATABASE_URL": "postgres://shop:secret@db.example.com:5432/shop",
    "CELERY_BROKER_URL": "redis://queue.example.com:6379/0",
    "TWILIO_ACCOUNT_SID": "AC00000000000000000000000000000000",
    "TWILIO_AUTH_TOKEN": "a-token",
    "TWILIO_FROM_NUMBER": "+13125550100",
    "EMAIL_URL": "smtp://user:secret@mail.example.com:587/?tls=1",
    "EMAIL_SENDER": "Oak Street <notes@example.com>",
}
NEUTRAL = ("PATH", "HOME", "LANG", "VIRTUAL_ENV", "PYTHONPATH")


def python(*arguments: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the project's Python with these variables and no others of the project."""
    kept = {name: os.environ[name] for name in NEUTRAL if name in os.environ}
    own = {"DJANGO_SETTINGS_MODULE": "clienteling.settings", "CLIENTELING_VAR": str(folder)}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**kept, **own, **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def told(folder: Path, expression: str, **variables: str) -> str:
    """An expression over the settings, printed."""
    program = f"from django.conf import settings; print({expression})"
    answer = python("-c", program, folder=folder, **variables)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.strip()


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        (
            {"DEMO_CLOCK": "10:30"},
            "DEMO_CLOCK is for the demo shop only: unset it, or set DEBUG=1.",
        ),
        (
            {"TWILIO_ACCOUNT_SID": "AC0"},
            "TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN belong together.",
        ),
        (
            {"TWILIO_AUTH_TOKEN": "a-token"},
            "TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN belong together.",
        ),
        (
            {"TWILIO_ACCOUNT_SID": "AC0", "TWILIO_AUTH_TOKEN": "a-token"},
            "Twilio needs a sender: set TWILIO_MESSAGING_SERVICE_SID or TWILIO_FROM_NUMBER.",
        ),
        (
            {"PUBLIC_BASE_URL": "notes.example.com"},
            "PUBLIC_BASE_URL must look like https://notes.example.com, not 'notes.example.com'.",
        ),
        (
            {"PUBLIC_BASE_URL": "ftp://notes.example.com"},
            "PUBLIC_BASE_URL must look like https://notes.example.com, "
            "not 'ftp://notes.example.com'.",
        ),
        (
            {"DATABASE_URL": "sqlite:///shop.db"},
            "DATABASE_URL must name a PostgreSQL server (postgres://…).",
        ),
        (
            {"DATABASE_URL": "a secret that is none"},
            "DATABASE_URL must look like postgres://user:password@host:5432/name.",
        ),
        (
            {"EMAIL_URL": "postmark://?api_key=hunter2"},
            "EMAIL_URL lacks server_token: postmark://?server_token=…",
        ),
        (
            {"EMAIL_WEBHOOK_SECRET": "hunter2"},
            "EMAIL_WEBHOOK_SECRET must look like name:password.",
        ),
        (
            {"EMAIL_REPLY_TO": "Oak Street <replies@example.com>"},
            "EMAIL_REPLY_TO must be an address such as replies+@in.example.com.",
        ),
        (
            {"IMAP_URL": "mail.example.com"},
            "IMAP_URL must look like imaps://user:password@mail.example.com/INBOX.",
        ),
        ({"UNDO_SECONDS": "soon"}, "UNDO_SECONDS must be a whole number, not 'soon'."),
    ],
)
def test_start_is_refused(tmp_path: Path, variables: dict[str, str], sentence: str) -> None:
    answer = python(
        "-c", "from django.conf import settings; settings.DEBUG", folder=tmp_path, **variables
    )

    assert answer.returncode == 1
    last = answer.stderr.strip().splitlines()[-1]
    assert last == f"django.core.exceptions.ImproperlyConfigured: {sentence}"


def test_check_deploy_is_clean_under_production_variables(tmp_path: Path) -> None:
    answer = python(
        "manage.py", "check", "--deploy", "--fail-level", "WARNING", folder=tmp_path, **PRODUCTION
    )

    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout == "System check identified no issues (0 silenced).\n"


def test_check_deploy_insists_on_a_lasting_key(tmp_path: Path) -> None:
    answer = python(
        *("manage.py", "check", "--deploy", "--fail-level", "WARNING"),
        folder=tmp_path,
        **{**PRODUCTION, "SECRET_KEY": ""},
    )

    assert answer.returncode == 1
    assert "security.W009" in answer.stderr


@pytest.mark.parametrize(
    ("variables", "is_on"),
    [
        ({"DEBUG": "1"}, "True"),
        ({}, "False"),
        ({"DEBUG": "1", "EMAIL_URL": "smtp://mail.example.com"}, "False"),
        (
            {
                "DEBUG": "1",
                "TWILIO_ACCOUNT_SID": "AC0",
                "TWILIO_AUTH_TOKEN": "a-token",
                "TWILIO_FROM_NUMBER": "+13125550100",
            },
            "False",
        ),
    ],
)
def test_simulator_is_on_only_where_no_real_carrier_is(
    tmp_path: Path, variables: dict[str, str], is_on: str
) -> None:
    assert told(tmp_path, "settings.SIMULATOR_IS_ON", **variables) == is_on


@pytest.mark.parametrize(
    ("variables", "polled"),
    [
        ({}, "False"),
        ({"IMAP_URL": "imaps://shop:secret@mail.example.com", "IMAP_POLL_SECONDS": "30"}, "30"),
    ],
)
def test_mailbox_is_polled_only_where_one_is_named(
    tmp_path: Path, variables: dict[str, str], polled: str
) -> None:
    schedule = "settings.CELERY_BEAT_SCHEDULE.get('poll-mailbox', {}).get('schedule', False)"

    assert told(tmp_path, schedule, **variables) == polled


@pytest.mark.parametrize(
    ("address", "secured"),
    [
        ("https://notes.example.com/", "https://notes.example.com True True True 31536000"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000 False False False 0"),
    ],
)
def test_https_secures_cookies_and_redirects(tmp_path: Path, address: str, secured: str) -> None:
    shown = told(
        tmp_path,
        "settings.PUBLIC_BASE_URL, settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE,"
        " settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS",
        PUBLIC_BASE_URL=address,
    )

    assert shown == secured


def test_secrets_stand_in_no_refusal(tmp_path: Path) -> None:
    answer = python(
        *("-c", "from django.conf import settings; settings.DEBUG"),
        folder=tmp_path,
        DATABASE_URL="postgress://shop:hunter2@db.example.com/shop",
    )

    assert answer.returncode == 1
    assert "hunter2" not in answer.stderr
