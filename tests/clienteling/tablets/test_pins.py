"""R47: five wrong PINs and it is locked, longer each time; it opens only an enrolled tablet."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from clienteling.models import AuditEntry, Device, DeviceLogin, Pin, PinAlarm, User
from clienteling.tablets import devices, digits, pins
from clienteling.tablets.pins import PinRefused, WeakPin
from tests.factories import DeviceFactory, DeviceLoginFactory, ManagerFactory, UserFactory

pytestmark = pytest.mark.django_db

RIGHT, WRONG = "4826", "9057"


def at_work(device: Device | None = None, **more: object) -> tuple[Device, User]:
    login = DeviceLoginFactory(device=device or DeviceFactory(), **more)
    pins.choose(login.user, RIGHT, now=login.logged_in_at)
    return login.device, login.user


def refusal(device: Device, user: User, typed: str, now: datetime) -> str:
    try:
        pins.open_tablet(device, user, typed, now=now)
    except PinRefused as refused:
        return refused.sentence
    return ""


def whats() -> list[str]:
    return [entry.what for entry in AuditEntry.objects.order_by("pk")]


def test_the_right_pin_opens_and_is_written_down(now: datetime) -> None:
    device, maya = at_work()

    assert refusal(device, maya, RIGHT, now) == ""
    assert whats() == ["pin-set", "switched"]


def test_choose_hashes_the_digits_and_refuses_weak_ones(now: datetime) -> None:
    maya = UserFactory()

    pins.choose(maya, RIGHT, now=now)
    with pytest.raises(WeakPin):
        pins.choose(maya, "1234", now=now)

    kept = Pin.objects.get(user=maya).digits_hash
    assert RIGHT not in kept
    assert "$" in kept


def test_wrong_ones_are_counted_down(now: datetime) -> None:
    device, maya = at_work()

    said = [refusal(device, maya, WRONG, now) for _ in range(4)]

    assert said == [
        "That is not it. 4 tries left.",
        "That is not it. 3 tries left.",
        "That is not it. 2 tries left.",
        "That is not it. 1 try left.",
    ]
    assert refusal(device, maya, RIGHT, now) == ""


def test_five_wrong_pins_lock_it_with_a_growing_delay(now: datetime) -> None:
    device, maya = at_work()
    minute = timedelta(minutes=1)

    said = [refusal(device, maya, WRONG, now) for _ in range(5)]
    right_but_locked = refusal(device, maya, RIGHT, now + minute - timedelta(seconds=1))
    sixth = refusal(device, maya, WRONG, now + minute)
    right_but_locked_again = refusal(device, maya, RIGHT, now + 3 * minute - timedelta(seconds=1))
    right_in_time = refusal(device, maya, RIGHT, now + 3 * minute)

    locked = "Locked until 12:01 after wrong ones. Your password opens it now."
    assert said[-1] == right_but_locked == locked
    assert sixth == right_but_locked_again == locked.replace("12:01", "12:03")
    assert right_in_time == ""


def test_a_lock_alarms_the_managers_once_until_one_has_seen_it(now: datetime) -> None:
    device, maya = at_work()
    ingrid, stranger = ManagerFactory(store=device.store), ManagerFactory()

    for wrong in range(7):
        refusal(device, maya, WRONG, now + timedelta(hours=wrong))

    assert [alarm.user for alarm in PinAlarm.objects.unseen().of_stores_of(ingrid)] == [maya]
    assert not PinAlarm.objects.unseen().of_stores_of(stranger).exists()
    assert not PinAlarm.objects.unseen().of_stores_of(maya).exists()


def test_wrong_ones_on_another_tablet_count_too(now: datetime) -> None:
    device, maya = at_work()
    other = DeviceFactory(store=device.store)
    DeviceLoginFactory(device=other, user=maya)

    for place in (device, other, device, other):
        refusal(place, maya, WRONG, now)

    assert refusal(device, maya, WRONG, now).startswith("Locked")
    assert refusal(other, maya, RIGHT, now).startswith("Locked")


def test_guessing_at_every_face_locks_the_tablet(now: datetime) -> None:
    device, maya = at_work()
    others = [at_work(device)[1] for _ in range(4)]

    for _ in range(3):
        for person in (maya, *others):
            refusal(device, person, WRONG, now)

    newcomer = at_work(device)[1]
    assert Device.objects.get().wrong_pins == digits.MOST_WRONG_HERE
    assert refusal(device, newcomer, RIGHT, now).startswith("Locked")
    assert [alarm.user for alarm in PinAlarm.objects.all()] == [None]


def revoked(device: Device, user: User, now: datetime) -> None:
    devices.revoke(device, by=device.enrolled_by, now=now)


def signed_out(device: Device, user: User, now: datetime) -> None:
    devices.leave(device.pk, user)


def after_a_shift(device: Device, user: User, now: datetime) -> None:
    DeviceLogin.objects.update(logged_in_at=now - devices.SHIFT)


def without_a_pin(device: Device, user: User, now: datetime) -> None:
    Pin.objects.all().delete()


@pytest.mark.parametrize("spoil", [revoked, signed_out, after_a_shift, without_a_pin])
def test_a_pin_opens_nothing_without_tablet_and_full_login(
    spoil: Callable[[Device, User, datetime], None], now: datetime
) -> None:
    device, maya = at_work()
    spoil(device, maya, now)

    assert refusal(device, maya, RIGHT, now) == pins.WITH_PASSWORD
    assert "switched" not in whats()


def test_a_full_login_on_another_tablet_does_not_count(now: datetime) -> None:
    device, maya = at_work()
    other = DeviceFactory(store=device.store)

    assert refusal(other, maya, RIGHT, now) == pins.WITH_PASSWORD


def test_forgive_ends_the_lock_of_the_person(now: datetime) -> None:
    device, maya = at_work()
    for _ in range(5):
        refusal(device, maya, WRONG, now)

    pins.forgive(maya)

    assert refusal(device, maya, RIGHT, now) == ""


def test_no_entry_of_the_log_holds_a_pin(now: datetime) -> None:
    device, maya = at_work()

    refusal(device, maya, WRONG, now)

    said = " ".join(AuditEntry.objects.values_list("why", flat=True))
    assert RIGHT not in said
    assert WRONG not in said
