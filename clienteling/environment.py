"""Reading typed values from the environment; nonsense stops the start with one sentence."""

import os
from collections.abc import Callable
from datetime import time
from pathlib import Path
from typing import TypeVar

from django.core.exceptions import ImproperlyConfigured

Value = TypeVar("Value")

TRUE_WORDS = {"1", "true", "yes", "on"}
FALSE_WORDS = {"0", "false", "no", "off"}


def text(name: str, default: str = "") -> str:
    """The variable with surrounding blanks removed; unset and empty are the same."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, default: bool) -> bool:
    """A yes or no; raises ``ImproperlyConfigured`` for any other word."""
    word = text(name).lower()
    if not word:
        return default
    if word in TRUE_WORDS | FALSE_WORDS:
        return word in TRUE_WORDS
    raise ImproperlyConfigured(f"{name} must be 1 or 0 (or true or false), not {word!r}.")


def whole_number(name: str, default: int, *, least: int = 0) -> int:
    """An integer of at least ``least``; raises ``ImproperlyConfigured`` otherwise."""
    number = _parsed(name, default, int, "a whole number")
    if number < least:
        raise ImproperlyConfigured(f"{name} must be {least} or more, not {number}.")
    return number


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list; blanks around the words are dropped."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def time_of_day(name: str, default: time | None) -> time | None:
    """A local time such as ``10:30``; ``None`` when unset and without a default."""
    return _parsed(name, default, time.fromisoformat, "a time such as 10:30")


def folder(name: str, default: Path) -> Path:
    """A folder's absolute path; it need not exist yet."""
    return _parsed(name, default, Path, "a path").resolve()


def _parsed(name: str, default: Value, parse: Callable[[str], Value], wanted: str) -> Value:
    raw = text(name)
    if not raw:
        return default
    try:
        return parse(raw)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be {wanted}, not {raw!r}.") from None
