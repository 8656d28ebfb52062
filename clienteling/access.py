"""Who may open a page at all. Which rows they see there starts from `visible_to(user)`."""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponseBase

from clienteling.http import StaffRequest
from clienteling.models import User

View = Callable[..., HttpResponseBase]


def only(*roles: User.Role) -> Callable[[View], View]:
    """Let these roles in; a stranger goes to the log-in, any other role gets a 404."""

    def decorate(view: View) -> View:
        @login_required
        @wraps(view)
        def guarded(request: StaffRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            if request.user.role not in roles:
                raise Http404
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def with_password(view: View) -> View:
    """Mark a view that a PIN does not open (settings, exports): the lock asks for the password.

    It goes outermost: what wraps it keeps the mark, what it wraps would hide it.
    """
    view.needs_password = True  # type: ignore[attr-defined]
    return view


associates_only = only(User.Role.ASSOCIATE)
associates_and_managers = only(User.Role.ASSOCIATE, User.Role.MANAGER)
managers_only = only(User.Role.MANAGER)
managers_and_admins = only(User.Role.MANAGER, User.Role.ADMIN)
