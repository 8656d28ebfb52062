from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from clienteling.models import ShopClock, Store, User, validate_timezone
from tests.factories import AdminFactory, ManagerFactory, StoreFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"code": ""}, "store_has_code"),
        ({"lapse_days": 0}, "store_lapse_days_positive"),
        (
            {"text_opens": time(20), "text_closes": time(20)},
            "store_windows_open_before_they_close",
        ),
        (
            {"email_opens": time(21), "email_closes": time(8)},
            "store_windows_open_before_they_close",
        ),
    ],
)
def test_store_is_refused(values: dict[str, Any], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint):
        StoreFactory(**values)


def test_store_may_lapse_after_a_day_and_open_for_a_minute() -> None:
    store = StoreFactory(lapse_days=1, text_opens=time(9), text_closes=time(9, 1))

    assert Store.objects.get() == store


def test_store_tells_the_hour_on_its_own_wall() -> None:
    store = StoreFactory.build(timezone="America/New_York")

    assert store.local(datetime(2026, 6, 15, 17, 0, tzinfo=UTC)).time() == time(13)


def test_timezone_must_be_known() -> None:
    validate_timezone("America/Chicago")

    with pytest.raises(ValidationError) as refused:
        validate_timezone("Chicago")

    assert refused.value.messages == ["Chicago is not a time zone such as America/Chicago."]


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"role": "owner"}, "user_role_known"),
        ({"role": "associate", "is_staff": True}, "user_only_admins_open_django_admin"),
        ({"role": "manager", "is_superuser": True}, "user_only_admins_open_django_admin"),
    ],
)
def test_user_is_refused(values: dict[str, Any], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint):
        UserFactory(**values)


def test_user_signs_with_the_first_name_or_the_username() -> None:
    named = User(username="maya", first_name="Maya", last_name="Lindqvist")
    nameless = User(username="maya")

    assert (named.signature, named.initials) == ("Maya", "ML")
    assert (nameless.signature, nameless.initials) == ("maya", "MA")


def test_stores_visible_to_an_associate_are_her_own() -> None:
    StoreFactory()
    associate = UserFactory()

    assert list(Store.objects.visible_to(associate)) == [associate.store]


def test_stores_visible_to_a_manager_are_those_managed_each_once() -> None:
    StoreFactory()
    own, managed = StoreFactory(name="A"), StoreFactory(name="B")
    manager = ManagerFactory(store=own)
    manager.managed_stores.set([own, managed])
    ManagerFactory(store=own).managed_stores.set([own])

    assert list(Store.objects.visible_to(manager)) == [own, managed]


def test_stores_managed_once_are_no_associates() -> None:
    associate = UserFactory()
    associate.managed_stores.add(StoreFactory())

    assert list(Store.objects.visible_to(associate)) == [associate.store]


def test_stores_visible_to_an_admin_are_all() -> None:
    stores = [StoreFactory(name="A"), StoreFactory(name="B")]

    assert list(Store.objects.visible_to(AdminFactory())) == stores


@pytest.mark.parametrize("factory", [UserFactory, ManagerFactory, AdminFactory])
def test_stores_visible_to_one_who_left_are_none(factory: Any) -> None:
    StoreFactory()

    assert not Store.objects.visible_to(factory(is_active=False)).exists()


def test_staff_without_a_store_sees_none() -> None:
    StoreFactory()

    assert not Store.objects.visible_to(UserFactory(store=None)).exists()


def test_shop_clock_is_one_row() -> None:
    with pytest.raises(IntegrityError, match="shop_clock_is_one_row"):
        ShopClock.objects.create(only=False, offset=timedelta(0))
