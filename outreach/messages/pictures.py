"""The pictures of a reply, kept as we draw them: a text names them, a mail brings them along.

The webhook of a text answers at once and only writes down that there are pictures. A worker
fetches each from the carrier that brought the words. Nothing is shown that was not drawn anew.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F

from outreach.messages import hints, picture_file
from outreach.messages.picture_file import MOST_BYTES_OF_MAIL, Drawn, NotAPicture
from outreach.messages.providers import simulator, twilio_media, twilio_sms
from outreach.messages.providers.receipts import Refused, Temporary
from outreach.models import Reply, ReplyPicture

logger = logging.getLogger(__name__)

MOST_PICTURES = 10  # of one text; a carrier takes no more
LONGEST_SOURCE = 400
PICTURE_TYPES = ("image/jpeg", "image/jpg", "image/png", "image/gif", "image/webp")
TRY_AGAIN_AFTER = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120))
CLAIM = timedelta(minutes=5)  # a worker that dies leaves it to another after that
SWEEP_BATCH = 50
NOT_SHOWN = "Something other than a picture came with it; it was not fetched."
NEVER_CAME = "The picture could not be fetched."

Fetch = Callable[[str], bytes]
Enclosed = Drawn | NotAPicture
"""What came in the mail itself, drawn anew or not to be shown."""


@dataclass(frozen=True)
class Media:
    """An attachment as a carrier announces it: where it lies, and what it is said to be."""

    source: str
    content_type: str


def fetchers() -> Mapping[str, Fetch]:
    """How the pictures of each carrier's replies are fetched."""
    return {
        twilio_sms.TwilioSms.name: twilio_media.fetch,
        simulator.Simulator.name: simulator.photo,
    }


def note(reply: Reply, media: Iterable[Media], *, now: datetime) -> None:
    """Write down the attachments of a reply, and hint a worker at those that may be pictures."""
    rows = [
        _noted(reply, position, each, now)
        for position, each in enumerate(list(media)[:MOST_PICTURES], start=1)
    ]
    for row in ReplyPicture.objects.bulk_create(rows):
        if row.state == ReplyPicture.State.WAITING:
            transaction.on_commit(partial(hints.fetch_picture, row.pk))


def drawn(contents: Iterable[bytes]) -> tuple[Enclosed, ...]:
    """The pictures of a mail, drawn anew. Slow: before the transaction that keeps them."""
    return tuple(_drawn(content) for content in contents)


def enclose(reply: Reply, enclosed: Iterable[Enclosed]) -> None:
    """Keep the pictures that came with the words themselves."""
    ReplyPicture.objects.bulk_create(
        ReplyPicture(reply=reply, position=position, **_kept(each))
        for position, each in enumerate(enclosed, start=1)
    )


def fetch(number: int, *, now: datetime) -> ReplyPicture.State | None:
    """Fetch one picture and keep it; None when it is settled, or another worker has it.

    Safe to call any number of times. Not inside a transaction: a carrier may be slow.
    """
    picture = _claimed(number, now=now)
    if picture is None:
        return None
    get = fetchers().get(picture.reply.provider)
    if get is None:
        return _refuse(picture, NEVER_CAME)
    try:
        found = picture_file.redrawn(get(picture.source))
    except Temporary:
        return _later(picture, now=now)
    except (Refused, NotAPicture) as refusal:
        return _refuse(picture, refusal.sentence)
    _settle(picture, **_kept(found))
    return ReplyPicture.State.KEPT


def hint_due(*, now: datetime) -> int:
    """Name those that wait to the workers, whatever became of the first hint."""
    waiting = ReplyPicture.objects.filter(
        state=ReplyPicture.State.WAITING, next_try_at__lte=now - timedelta(seconds=10)
    )
    numbers = list(waiting.order_by("next_try_at").values_list("pk", flat=True)[:SWEEP_BATCH])
    return sum(hints.fetch_picture(number) for number in numbers)


def _noted(reply: Reply, position: int, media: Media, now: datetime) -> ReplyPicture:
    may_be = media.content_type.lower() in PICTURE_TYPES and len(media.source) <= LONGEST_SOURCE
    if not may_be:
        refused = ReplyPicture.State.REFUSED
        return ReplyPicture(reply=reply, position=position, state=refused, reason=NOT_SHOWN)
    return ReplyPicture(reply=reply, position=position, source=media.source, next_try_at=now)


def _drawn(content: bytes) -> Enclosed:
    try:
        return picture_file.redrawn(content, most_bytes=MOST_BYTES_OF_MAIL)
    except NotAPicture as refusal:
        return refusal


def _kept(found: Enclosed) -> dict[str, Any]:
    if isinstance(found, NotAPicture):
        return {"state": ReplyPicture.State.REFUSED, "reason": found.sentence[:120]}
    return {
        "state": ReplyPicture.State.KEPT,
        "content": found.content,
        "width": found.width,
        "height": found.height,
    }


def _claimed(number: int, *, now: datetime) -> ReplyPicture | None:
    """Take it for some minutes: two workers do not fetch the same one."""
    due = ReplyPicture.objects.filter(
        pk=number, state=ReplyPicture.State.WAITING, next_try_at__lte=now
    )
    if not due.update(attempts=F("attempts") + 1, next_try_at=now + CLAIM):
        return None
    return ReplyPicture.objects.select_related("reply").get(pk=number)


def _later(picture: ReplyPicture, *, now: datetime) -> ReplyPicture.State:
    if picture.attempts > len(TRY_AGAIN_AFTER):
        return _refuse(picture, NEVER_CAME)
    _settle(picture, next_try_at=now + TRY_AGAIN_AFTER[picture.attempts - 1])
    return ReplyPicture.State.WAITING


def _refuse(picture: ReplyPicture, sentence: str) -> ReplyPicture.State:
    logger.info("Picture %s is not kept: %s", picture.pk, sentence)
    _settle(picture, state=ReplyPicture.State.REFUSED, reason=sentence[:120])
    return ReplyPicture.State.REFUSED


def _settle(picture: ReplyPicture, **changes: object) -> None:
    """The first outcome stands."""
    waiting = ReplyPicture.objects.filter(pk=picture.pk, state=ReplyPicture.State.WAITING)
    waiting.update(**changes)
