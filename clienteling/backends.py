"""Who is signed in, with her store and what stops it from sending: one query for every page."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.db import DEFAULT_DB_ALIAS
from django.db.models import BigIntegerField, QuerySet
from django.http import HttpRequest

from clienteling import sending
from clienteling.models import Store, User
from clienteling.prepared import Given, Prepared
from clienteling.tablets import alarms, devices


class StaffBackend(ModelBackend):
    """Django's own backend; the person behind a session comes with her store.

    What stops her sending, the tablets she is at work on and, for a manager, the alarms there ride
    along, read afresh with every request: a banner is never older than its page.
    """

    def get_user(self, user_id: int) -> User | None:
        """The person with this key; None for one who is unknown or may not sign in any more."""
        user = next((_person(row) for row in _PEOPLE.rows(person=user_id)), None)
        return user if user and self.user_can_authenticate(user) else None


_USER = [each.attname for each in User._meta.concrete_fields]
_STORE = [each.attname for each in Store._meta.concrete_fields]
_BESIDE = ("standing_stops", "tablet_logins", "pin_alarms")


def _people() -> "QuerySet[User, Any]":
    known = User.objects.annotate(
        standing_stops=sending.of_staff(),
        tablet_logins=devices.logins_column(),
        pin_alarms=alarms.column(),
    )
    columns = (*_USER, *(f"store__{name}" for name in _STORE), *_BESIDE)
    return known.filter(pk=Given("person", BigIntegerField())).values_list(*columns)


_PEOPLE = Prepared(_people)


def _person(row: Sequence[Any]) -> User:
    """What `select_related` and `annotate` would have made of it."""
    at, beside = len(_USER), len(_USER) + len(_STORE)
    user = User.from_db(DEFAULT_DB_ALIAS, _USER, row[:at])
    if user.store_id is not None:
        user.store = Store.from_db(DEFAULT_DB_ALIAS, _STORE, row[at:beside])
    for name, value in zip(_BESIDE, row[beside:], strict=True):
        setattr(user, name, value)
    return user


class PinBackend(StaffBackend):
    """Behind a session that came by a PIN (`clienteling.tablets.pins`). It accepts no password."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **more: Any,
    ) -> None:
        """Nobody: only `sessions.open_by_pin` names this backend."""
