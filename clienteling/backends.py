"""Who is signed in, with her store and what stops it from sending: one query for every page."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from clienteling import sending
from clienteling.models import User
from clienteling.tablets import alarms, devices


class StaffBackend(ModelBackend):
    """Django's own backend; the person behind a session comes with her store.

    What stops her sending, the tablets she is at work on and, for a manager, the alarms there ride
    along, read afresh with every request: a banner is never older than its page.
    """

    def get_user(self, user_id: int) -> User | None:
        """The person with this key; None for one who is unknown or may not sign in any more."""
        people = User.objects.select_related("store").annotate(
            standing_stops=sending.of_staff(),
            tablet_logins=devices.logins_column(),
            pin_alarms=alarms.column(),
        )
        user = people.filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None


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
