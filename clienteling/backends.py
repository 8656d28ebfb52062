"""Who is signed in, together with her store: every page asks for both, so one query answers."""

from django.contrib.auth.backends import ModelBackend

from clienteling.models import User


class StaffBackend(ModelBackend):
    """Django's own backend; only the person behind a session comes with her store."""

    def get_user(self, user_id: int) -> User | None:
        """The person with this key; None for one who is unknown or may not sign in any more."""
        user = User.objects.select_related("store").filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None
