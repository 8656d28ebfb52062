"""Who looks at a day, where she stands and when: what its cards hang on beside the clients' rows.

What is made of equal rows for equal viewpoints is the same, so it is kept: a day that is opened
again makes only what has changed.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Self

from clienteling.models import Store, User

KEPT_FOR = timedelta(minutes=15)
"""Hours open and close on a quarter of an hour, and every midnight falls on one; what is counted
from a moment, as the days since a complaint was solved, may be noticed so much later. The last
look before a note is queued, and before it leaves, is always as of now."""

OF_WRITER = ("pk", "role", "store_id", "first_name", "username")


@dataclass(frozen=True)
class Viewpoint:
    """Equal for the same associate and store, with the same settings, in the same quarter."""

    who: tuple[Any, ...]
    where: tuple[Any, ...]
    quarter: int
    associate: User = field(compare=False)
    store: Store = field(compare=False)
    now: datetime = field(compare=False)

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        """Asked for with every row."""
        return hash((self.who, self.where, self.quarter))

    @classmethod
    def of(cls, associate: User, store: Store, now: datetime) -> Self:
        """That of this associate, in this store, at `now`."""
        return cls(
            who=tuple(getattr(associate, name) for name in OF_WRITER),
            where=tuple(getattr(store, each.attname) for each in store._meta.concrete_fields),
            quarter=int(now.timestamp() // KEPT_FOR.total_seconds()),
            associate=associate,
            store=store,
            now=now,
        )
