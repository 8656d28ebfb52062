"""Who waits for an answer, the longest first, and who was spoken with lately."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from urllib.parse import urlencode

from django.urls import reverse

from clienteling.models import Store, User
from customers.models import Channel
from outreach.day import holds, promises, talks, wording
from outreach.day.holds import HeldItem
from outreach.day.promises import PromiseLine
from outreach.day.talks import Talk
from outreach.messages import conversations, notices, opening_hours, shifts
from outreach.messages.conversations import WAITING_SHOWN, Place
from outreach.models import Notice, OffShift, Promise

A_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Waiting:
    """A client who wrote and has no answer yet."""

    customer_id: str
    name: str
    words: str
    small: str
    thread_url: str
    handled_url: str


@dataclass(frozen=True)
class Group:
    """Those who wait for her, or for a colleague she covers, the longest first."""

    heading: str
    waiting: tuple[Waiting, ...]


@dataclass(frozen=True)
class Told:
    """Something she has to know, until she says that she does."""

    words: str
    thread_url: str
    url: str
    link: str = "Conversation"


@dataclass(frozen=True)
class Shift:
    """Whether an associate is off shift: the words, and the tap that changes it."""

    is_off: bool
    words: str


@dataclass(frozen=True)
class Inbox:
    """`shift` is None for a manager, who answers nobody.

    `waiting` is how many clients wait, or one more than a page has where there are more;
    `first_url` and `next_url` lead to the other pages of them, "" without one.
    """

    line: str
    waiting: int
    groups: tuple[Group, ...]
    told: tuple[Told, ...]
    recent: tuple[Talk, ...]
    url: str
    first_url: str = ""
    next_url: str = ""
    shift: Shift | None = None
    say: str = ""
    to_confirm: tuple[HeldItem, ...] = ()
    promises: tuple[PromiseLine, ...] = ()
    kept: tuple[HeldItem, ...] = ()
    page_size: int = WAITING_SHOWN

    @property
    def count(self) -> str:
        """The number beside the inbox: clients who wrote, and holds to confirm."""
        return conversations.waiting_words(self.waiting + len(self.to_confirm))


def for_user(
    user: User, store: Store, *, now: datetime, say: str = "", after: Place | None = None
) -> Inbox:
    """The inbox of an associate's book, or of a manager's stores. A constant number of queries.

    `after` is who stood last on the page before.
    """
    found = conversations.waiting(user, now=now, after=after, most=WAITING_SHOWN + 1)
    rows, is_more = found[:WAITING_SHOWN], len(found) > WAITING_SHOWN
    waiting = len(found) if after is None else WAITING_SHOWN + 1
    is_associate = user.role == User.Role.ASSOCIATE
    held = holds.for_associate(user, now=now)
    to_confirm = tuple(each for each in held if each.is_asked)
    due = tuple(_promises(user, store, now)) if is_associate else ()
    return Inbox(
        line=_line(waiting, len(to_confirm), len(due)),
        waiting=waiting,
        groups=tuple(_groups(rows, store, now, may_handle=is_associate)),
        told=tuple(_told(notice) for notice in notices.unread(user)) if is_associate else (),
        recent=tuple(talks.recent(user, store, now=now)),
        url=_url(after),
        first_url=reverse("inbox") if after else "",
        next_url=_url(rows[-1].place) if is_more else "",
        shift=shift_of(shifts.standing(user, now=now), store, now) if is_associate else None,
        say=say,
        to_confirm=to_confirm,
        promises=due,
        kept=tuple(each for each in held if not each.is_asked),
    )


def _url(after: Place | None) -> str:
    if after is None:
        return reverse("inbox")
    said = {"after": after.since.isoformat(), "number": after.number}
    return f"{reverse('inbox')}?{urlencode(said | ({'covering': 1} if after.is_covered else {}))}"


def shift_of(off: OffShift | None, store: Store, now: datetime) -> Shift:
    """An associate's own line: at work, or away and until when."""
    if off is None:
        return Shift(is_off=False, words="On shift: your clients’ answers come to you.")
    until = wording.when_words(off.until, store.zone, now=now) if off.until else "you are back"
    return Shift(is_off=True, words=f"Off shift until {until}: colleagues answer your clients.")


def _line(waiting: int, to_confirm: int, due: int) -> str:
    """`2 clients wait for you, 1 hold to confirm, 3 promises due`."""
    parts = (
        _waiting_line(waiting),
        f"{wording.counted(to_confirm, 'hold')} to confirm" if to_confirm else "",
        f"{wording.counted(due, 'promise')} due" if due else "",
    )
    return ", ".join(part for part in parts if part)


def _waiting_line(waiting: int) -> str:
    if not waiting:
        return "Nobody waits for an answer"
    if waiting > WAITING_SHOWN:
        return f"More than {WAITING_SHOWN} clients wait for you"
    return f"{wording.counted(waiting, 'client')} {'waits' if waiting == 1 else 'wait'} for you"


def _promises(user: User, store: Store, now: datetime) -> Iterable[PromiseLine]:
    """What falls to her today, and what she is late with."""
    due = Promise.objects.due(on=store.local(now).date()).falling_to(user)
    for promise in due.select_related("customer"):
        yield promises.drawn(promise, store, now=now, names_her=True)


def _groups(
    rows: Sequence[conversations.InboxRow], store: Store, now: datetime, *, may_handle: bool
) -> Iterable[Group]:
    """Her own first, then those of each colleague she covers."""

    def owner(row: conversations.InboxRow) -> str:
        return row.covering_for

    for name, some in groupby(sorted(rows, key=owner), key=owner):
        heading = f"Covering for {name}" if name else "Waiting for you"
        waiting = tuple(_waiting(row, store, now, may_handle=may_handle) for row in some)
        yield Group(heading, waiting)


def _waiting(
    row: conversations.InboxRow, store: Store, now: datetime, *, may_handle: bool
) -> Waiting:
    customer_id = row.customer.customer_id
    return Waiting(
        customer_id=customer_id,
        name=str(row.customer),
        words=wording.shortened(row.body, 180) or _wordless(row.pictures),
        small=" · ".join(_small(row, row.customer.store or store, now)),
        thread_url=reverse("thread", args=[customer_id]),
        handled_url=reverse("handled", args=[customer_id])
        if may_handle and not row.may_ask_to_stop  # what she meant is decided in the conversation
        else "",
    )


def _small(row: conversations.InboxRow, store: Store, now: datetime) -> Iterable[str]:
    since = wording.moment_words(row.since, store.zone, now=now)
    yield f"By {Channel(row.channel).label.lower()}, waiting since {since}"
    waited = opening_hours.open_time(opening_hours.hours_of(store), since=row.since, until=now)
    if waited >= A_MINUTE:
        yield f"{wording.time_words(waited)} of opening hours"
    if row.count > 1:
        yield f"{row.count} messages"
    if row.may_ask_to_stop:
        yield "may be asking us to stop"


def _wordless(pictures: int) -> str:
    return f"({wording.counted(pictures, 'picture')})" if pictures else "(no words)"


def _told(notice: Notice) -> Told:
    url = reverse("notice-read", args=[notice.pk])
    if notice.customer is None:
        return Told(notice.sentence, reverse("evening"), url, link="Your evening")
    return Told(notice.sentence, reverse("thread", args=[notice.customer.customer_id]), url)
