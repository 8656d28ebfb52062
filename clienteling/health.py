"""Whether this process is up, and whether it can do its work: for load balancers and monitoring.

Open to anybody, so the answers name parts and say nothing else about them.
"""

import logging

from django.db import Error as DatabaseError
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from clienteling import broker

logger = logging.getLogger(__name__)

UP = "ok"
DOWN = "unreachable"


@require_safe
@never_cache
def alive(request: HttpRequest) -> JsonResponse:
    """200 as long as the process answers at all; nothing else is looked at."""
    return JsonResponse({"status": UP})


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """200 when database and broker are both reachable, else 503; the body tells which is not."""
    parts = {
        "database": UP if database_is_reachable() else DOWN,
        "broker": UP if broker.is_reachable() else DOWN,
    }
    is_ready = set(parts.values()) == {UP}
    return JsonResponse(parts, status=200 if is_ready else 503)


def database_is_reachable() -> bool:
    """Whether a query comes back, over a connection like the ones that pages use."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        logger.warning("The database is unreachable", exc_info=True)
        return False
    return True
