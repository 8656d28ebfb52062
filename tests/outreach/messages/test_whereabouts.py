import pytest

from outreach.messages.whereabouts import UNITED_STATES, Place, place_of_store, places_of

CHICAGO = Place("America/Chicago", "IL")
NEW_YORK = Place("America/New_York", "NY")
LOS_ANGELES = Place("America/Los_Angeles", "CA")
LONDON = Place("Europe/London")


def places(city: str = "", phone: str = "", store: Place | None = CHICAGO, **more) -> set[Place]:
    return set(places_of(city=city, phone=phone, store=store, **more))


@pytest.mark.parametrize(
    ("city", "expected"),
    [
        ("Brooklyn", {NEW_YORK}),
        ("  los ANGELES ", {LOS_ANGELES}),
        ("El Paso", {Place("America/Denver", "TX")}),
        ("Phoenix", {Place("America/Phoenix", "AZ")}),
        ("Pensacola", {Place("America/Chicago", "FL")}),
    ],
)
def test_places_are_those_of_her_city_whatever_her_number_says(
    city: str, expected: set[Place]
) -> None:
    assert places(city, phone="+13125550142") == expected


def test_places_take_a_city_of_the_shops_own_stores_for_known() -> None:
    lisbon = Place("Europe/Lisbon")

    assert places("Cascais", stores_there=frozenset({lisbon})) == {lisbon}


def test_places_of_a_name_that_several_states_have_are_all_of_them() -> None:
    assert places("Portland") == {
        Place("America/Los_Angeles", "OR"),
        Place("America/New_York", "ME"),
    }


@pytest.mark.parametrize(
    ("phone", "store"), [("+15035550142", CHICAGO), ("", Place("America/Los_Angeles", "OR"))]
)
def test_places_of_a_common_name_follow_her_number_or_her_store(phone: str, store: Place) -> None:
    assert places("Portland", phone, store) == {Place("America/Los_Angeles", "OR")}


def test_places_without_a_known_city_are_those_of_her_number_and_of_her_store() -> None:
    assert places("Nowhereville", "+13105550142") == {LOS_ANGELES, CHICAGO}
    assert places("", "+13105550142") == {LOS_ANGELES, CHICAGO}
    assert places("", "+17735550142") == {CHICAGO}


def test_places_keep_every_zone_of_an_area_code() -> None:
    assert places(phone="+18505550142", store=None) == {
        Place("America/Chicago", "FL"),
        Place("America/New_York", "FL"),
    }


def test_places_fall_back_on_her_store_and_then_on_the_whole_country() -> None:
    assert places() == {CHICAGO}
    assert places(store=None) == UNITED_STATES


def test_places_abroad_are_not_mistaken_for_american_cities() -> None:
    assert places("Richmond", store=LONDON) == {LONDON}
    assert places("Richmond", "+33123456789", store=CHICAGO) == {Place("Europe/Paris"), CHICAGO}


def test_place_of_store_learns_its_state_from_its_city() -> None:
    assert place_of_store("America/New_York", "", "Miami") == Place("America/New_York", "FL")
    assert place_of_store("America/Chicago", " il ", "Chicago") == CHICAGO
    assert place_of_store("America/New_York", "", "Springfield") == Place("America/New_York", "MA")
    assert place_of_store("Europe/London", "", "Richmond") == LONDON
