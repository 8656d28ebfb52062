"""Moments in files: those written without an offset are read off a store's wall clock."""

from datetime import datetime, timedelta

from clienteling.staging import Staging

TOLERANCE = timedelta(days=1)  # tills in other zones, and clocks that are a little fast


def utc(text: str, zone: str) -> str:
    """The SQL for a staged moment in UTC: `text` as `cells.moment` wrote it, `zone` or UTC."""
    return (
        f"CASE WHEN right({text}, 1) = 'Z' THEN {text}::timestamptz"
        f" ELSE {text}::timestamp AT TIME ZONE coalesce({zone}, 'UTC') END"
    )


def refuse_future(
    staging: Staging, column: str, *, now: datetime, zone: str, joins: str = ""
) -> None:
    """Take rows out whose `column` lies more than a day after `now`."""
    limit = now + TOLERANCE
    text = f"staged.{column}"
    staging.refuse(
        f"""
        SELECT at_line, '{column}', 'Lies in the future.', {text}
        FROM staged {joins}
        WHERE {text} >= %(about)s AND {utc(text, zone)} > %(limit)s
        """,  # noqa: S608
        # Compared as text first: no zone is more than a day away, and casting every row is slow.
        {"about": (limit - timedelta(days=1)).date().isoformat(), "limit": limit},
    )
