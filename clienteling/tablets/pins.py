"""The PIN: chosen after a full log-in, tried on an enrolled tablet, locked after wrong ones.

Wrong ones are counted twice: by person, wherever they are typed, and by tablet, whoever's they are.
A right one, or the password, ends the count of the person; a right one that of the tablet.
"""

from datetime import datetime

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction

from clienteling.models import AuditEntry, Device, Pin, PinAlarm, User
from clienteling.tablets import audit, devices, digits

WITH_PASSWORD = "Sign in with your password here first; then the PIN works for twelve hours."  # noqa: S105
WRONG = "That is not it."


class WeakPin(Exception):  # noqa: N818
    """Too easily guessed; the sentence says why."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence
        super().__init__(sentence)


class PinRefused(Exception):  # noqa: N818
    """The PIN opens nothing now; the sentence may be shown to whoever typed it."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence
        super().__init__(sentence)


def choose(user: User, typed: str, *, now: datetime) -> None:
    """Give her this PIN, and an end to a lock. Raises ``WeakPin``.

    The caller must have made sure of a full log-in: a PIN may not choose its own successor.
    """
    if sentence := digits.weakness(typed):
        raise WeakPin(sentence)
    with transaction.atomic():
        Pin.objects.update_or_create(
            user=user,
            defaults={
                "digits_hash": make_password(typed),
                "set_at": now,
                "wrong": 0,
                "locked_until": None,
            },
        )
        audit.note(AuditEntry.What.PIN_SET, by=user, device=None, now=now)


def forgive(user: User) -> None:
    """The password was right: wrong PINs before it count no more."""
    Pin.objects.filter(user=user).update(wrong=0, locked_until=None)


def open_tablet(device: Device, user: User, typed: str, *, now: datetime) -> None:
    """Let her in by her PIN. Raises ``PinRefused``, and then it has been counted and written down.

    `device` is enrolled. Two tries at once are counted one after the other.
    """
    with transaction.atomic():
        refusal = _refusal(device, user, typed, now)
    if refusal:
        raise PinRefused(refusal)


def _refusal(device: Device, user: User, typed: str, now: datetime) -> str:
    """What speaks against it, counted and written down already; blank when she is in."""
    here = Device.objects.select_for_update().filter(pk=device.pk, revoked_at=None).first()
    pin = Pin.objects.select_for_update().filter(user=user).first()
    if here is None or pin is None or not devices.is_at_work(device, user, now=now):
        return WITH_PASSWORD
    for locked_until in (pin.locked_until, here.locked_until):
        if locked_until and locked_until > now:
            return _locked_words(here, locked_until)
    if not check_password(typed, pin.digits_hash):
        return _count(here, pin, now)
    Pin.objects.filter(pk=pin.pk).update(wrong=0, locked_until=None)
    Device.objects.filter(pk=here.pk).update(wrong_pins=0, locked_until=None, last_seen_at=now)
    audit.note(AuditEntry.What.SWITCHED, by=user, device=here, now=now)
    return ""


def _count(device: Device, pin: Pin, now: datetime) -> str:
    """One more wrong one, of the person and on the tablet."""
    pin.wrong += 1
    device.wrong_pins += 1
    hers = digits.delay_after(pin.wrong)
    here = digits.delay_after(device.wrong_pins, most=digits.MOST_WRONG_HERE)
    pin.locked_until = now + hers if hers else None
    device.locked_until = now + here if here else None
    pin.save(update_fields=["wrong", "locked_until"])
    device.save(update_fields=["wrong_pins", "locked_until"])
    audit.note(AuditEntry.What.WRONG_PIN, by=pin.user, device=device, now=now)
    if hers:
        _alarm(device, pin.user, now, why=f"{pin.wrong} wrong ones")
    if here:
        _alarm(device, None, now, why=f"{device.wrong_pins} wrong ones on this tablet")
    if until := max(filter(None, (pin.locked_until, device.locked_until)), default=None):
        return _locked_words(device, until)
    left = digits.MOST_WRONG - pin.wrong
    return f"{WRONG} {left} {'try' if left == 1 else 'tries'} left."


def _alarm(device: Device, user: User | None, now: datetime, *, why: str) -> None:
    """Managers are told once, until one of them has seen it; the log has every single one."""
    audit.note(AuditEntry.What.PIN_LOCKED, by=user, device=device, now=now, why=why)
    PinAlarm.objects.get_or_create(
        device=device, user=user, seen_at=None, defaults={"raised_at": now}
    )


def _locked_words(device: Device, until: datetime) -> str:
    at = device.store.local(until)
    return f"Locked until {at:%H:%M} after wrong ones. Your password opens it now."
