"""Where a client may be, so that her hours are right wherever that is; pure.

Her city tells, when it is a known one. Otherwise her telephone number and her store are all there
is to go by, and every place that either allows is kept: hours must then be right in all of them.

`calling_codes.csv` is compiled from the time zones and area names of Google's libphonenumber
(Apache License 2.0); `us_cities.csv` lists the larger cities of the United States and Canada.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from clienteling.folding import fold

HERE = Path(__file__).parent
LONGEST_PREFIX = 4  # a country's code, or for North America the 1 and the area code


@dataclass(frozen=True, order=True)
class Place:
    """A wall clock, and the state whose law counts there; "" where none is known."""

    zone: str
    region: str = ""


def _places(region: str, zones: str) -> frozenset[Place]:
    return frozenset(Place(zone, region) for zone in zones.split())


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _by_city() -> dict[str, frozenset[Place]]:
    """By folded name; a name that several states have is in all of them."""
    found: dict[str, frozenset[Place]] = {}
    for row in _rows("us_cities.csv"):
        for city in row["cities"].split(";"):
            name = fold(city)
            found[name] = found.get(name, frozenset()) | _places(row["region"], row["zone"])
    return found


BY_PREFIX: Mapping[str, frozenset[Place]] = {
    row["prefix"]: _places(row["region"], row["zones"]) for row in _rows("calling_codes.csv")
}
BY_CITY: Mapping[str, frozenset[Place]] = _by_city()
NORTH_AMERICA = frozenset(place.zone for places in BY_CITY.values() for place in places)
UNITED_STATES = frozenset(
    Place(zone)
    for zone in (
        "America/New_York",
        "America/Chicago",
        "America/Denver",
        "America/Phoenix",
        "America/Los_Angeles",
        "America/Anchorage",
        "Pacific/Honolulu",
    )
)


@lru_cache(maxsize=4_096)
def places_of(
    *, city: str, phone: str, store: Place | None, stores_there: frozenset[Place] = frozenset()
) -> frozenset[Place]:
    """Every place she may be in, at least one.

    `phone` is E.164 or ""; `store` is where her store stands, `stores_there` are the places of the
    shop's stores in a city of that name. Nothing known at all means anywhere in the United States.
    """
    seen = _of_phone(phone) | ({store} if store else frozenset())
    named = stores_there | (_of_city(city) if _is_american(phone, store) else frozenset())
    if named:
        return _likely(named, seen)
    return seen or UNITED_STATES


def place_of_store(timezone: str, region: str, city: str) -> Place:
    """A store's place; its city tells the state where the store's own record does not."""
    region = region.strip().upper()
    if not region:
        regions = {place.region for place in _of_city(city) if place.zone == timezone}
        region = regions.pop() if len(regions) == 1 else ""
    return Place(timezone, region)


def _likely(named: frozenset[Place], seen: Iterable[Place]) -> frozenset[Place]:
    """Of several cities of a name, those in a state that her number or her store speaks for."""
    regions = {place.region for place in seen if place.region}
    return frozenset(place for place in named if place.region in regions) or named


def _of_city(city: str) -> frozenset[Place]:
    return BY_CITY.get(fold(city), frozenset())


def _of_phone(phone: str) -> frozenset[Place]:
    digits = phone.removeprefix("+")
    for length in range(LONGEST_PREFIX, 0, -1):
        if found := BY_PREFIX.get(digits[:length]):
            return found
    return frozenset()


def _is_american(phone: str, store: Place | None) -> bool:
    """Whether a city's name may mean one of the listed ones: another country has its own."""
    if phone:
        return phone.startswith("+1")
    return store is None or store.zone in NORTH_AMERICA
