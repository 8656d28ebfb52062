"""How often a hand may knock at a public door, counted without keeping its address."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import RequestFactory

from outreach.models import Knock
from outreach.page import knocks
from outreach.page.knocks import Door

DOOR = Door("test", 2, timedelta(minutes=10))


@pytest.mark.django_db
def test_count_lets_in_so_many_within_the_time(now: datetime) -> None:
    moments = [timedelta(0), timedelta(minutes=5), timedelta(minutes=9, seconds=59)]

    assert [knocks.count(DOOR, "her", now=now + at) for at in moments] == [True, True, False]


@pytest.mark.django_db
def test_count_begins_anew_when_the_time_is_over(now: datetime) -> None:
    for _ in range(3):
        knocks.count(DOOR, "her", now=now)

    assert knocks.count(DOOR, "her", now=now + DOOR.within)


@pytest.mark.django_db
def test_each_one_and_each_door_is_counted_alone(now: datetime) -> None:
    for _ in range(3):
        knocks.count(DOOR, "her", now=now)

    assert knocks.count(DOOR, "him", now=now)
    assert knocks.count(Door("another", 2, DOOR.within), "her", now=now)


@pytest.mark.django_db
def test_is_closed_asks_without_counting(now: datetime) -> None:
    closed = []
    for _ in range(2):
        closed.append(knocks.is_closed(DOOR, "her", now=now))
        knocks.count(DOOR, "her", now=now)
    closed.append(knocks.is_closed(DOOR, "her", now=now))

    assert closed == [False, False, True]
    assert Knock.objects.get().count == 2
    assert not knocks.is_closed(DOOR, "her", now=now + DOOR.within)


@pytest.mark.django_db
def test_no_address_is_kept_and_old_rows_go(now: datetime) -> None:
    knocks.count(DOOR, "203.0.113.7", now=now)

    assert "203.0.113.7" not in str(list(Knock.objects.values_list()))
    assert knocks.sweep(now=now + timedelta(hours=23)) == 0
    assert knocks.sweep(now=now + timedelta(days=1)) == 1


@pytest.mark.parametrize(
    ("behind_proxy", "headers", "network"),
    [
        (False, {}, "203.0.113.7"),
        (False, {"HTTP_X_FORWARDED_FOR": "198.51.100.1"}, "203.0.113.7"),
        (True, {"HTTP_X_FORWARDED_FOR": "198.51.100.1"}, "198.51.100.1"),
        (True, {"HTTP_X_FORWARDED_FOR": "10.9.9.9, 198.51.100.1"}, "198.51.100.1"),
        (True, {"HTTP_X_FORWARDED_FOR": "nonsense"}, ""),
        (True, {}, "203.0.113.7"),
    ],
)
def test_network_of_believes_only_our_own_proxy(
    settings: Any, behind_proxy: bool, headers: dict[str, str], network: str
) -> None:
    settings.BEHIND_TLS_PROXY = behind_proxy

    request = RequestFactory().get("/", REMOTE_ADDR="203.0.113.7", **headers)

    assert knocks.network_of(request) == network


def test_network_of_takes_a_household_of_ipv6_for_one() -> None:
    one, neighbour, stranger = (
        knocks.network_of(RequestFactory().get("/", REMOTE_ADDR=address))
        for address in ("2001:db8:1:2::3", "2001:db8:1:2:ffff::9", "2001:db8:1:3::3")
    )

    assert one == neighbour != stranger
