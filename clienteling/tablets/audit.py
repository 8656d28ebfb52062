"""What was done with keys and locks, written down once and for ever."""

from datetime import datetime

from clienteling.models import AuditEntry, Device, User


def note(
    what: AuditEntry.What, *, by: User | None, device: Device | None, now: datetime, why: str = ""
) -> None:
    """One entry. `now` is real time, also on a demo. Never a PIN, a password or a client's name."""
    AuditEntry.objects.create(what=what, by=by, device=device, at=now, why=why[:200])
