"""Who is signed in, with her store and what stops it from sending: one query for every page."""

from django.contrib.auth.backends import ModelBackend

from clienteling import sending
from clienteling.models import User


class StaffBackend(ModelBackend):
    """Django's own backend; the person behind a session comes with her store.

    The stops ride along, read afresh with every request: a banner is never older than its page.
    """

    def get_user(self, user_id: int) -> User | None:
        """The person with this key; None for one who is unknown or may not sign in any more."""
        people = User.objects.select_related("store").annotate(standing_stops=sending.of_staff())
        user = people.filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None
