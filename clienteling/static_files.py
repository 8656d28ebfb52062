"""Collecting static files for the web server, and only when one of them has changed."""

import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command


def collect_changed() -> bool:
    """Collect and compress all static files; False when none has changed since the last time.

    Compressing takes many seconds, which nobody wants to wait for at every start.
    """
    mark = settings.STATIC_ROOT.with_suffix(".collected")
    wanted = fingerprint()
    if mark.exists() and mark.read_text() == wanted and settings.STATIC_ROOT.exists():
        return False
    mark.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    # Last, so that a collection cut short is done again.
    mark.write_text(wanted)
    return True


def fingerprint() -> str:
    """Changes when a static file is added, removed or written, or their storage is another."""
    facts = [str(settings.STORAGES["staticfiles"])]
    for finder in get_finders():
        for path, storage in finder.list(ignore_patterns=[]):
            state = Path(storage.path(path)).stat()
            facts.append(f"{path} {state.st_size} {state.st_mtime_ns}")
    return hashlib.sha256("\n".join(sorted(facts)).encode()).hexdigest()
