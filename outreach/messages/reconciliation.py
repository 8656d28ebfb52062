"""Our rows held against the carriers' own lists: what differs is shown, not hidden, not mended.

A carrier's callback may be lost for good, and a defect of ours would not notice itself. The only
thing changed here is a row that goes forward, and that by the very road a callback takes.
"""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from clienteling.defaults import RECONCILED_DAYS
from customers.models import Channel
from outreach.messages import lost_callbacks
from outreach.messages.providers import registry
from outreach.messages.providers.receipts import Listed, Provider, Status, Temporary
from outreach.models import Difference, Message, ReconciliationRun
from outreach.models.message import State

logger = logging.getLogger(__name__)

SETTLED_AFTER = timedelta(hours=1)  # younger messages are still under way, here and there
CLOCK_SLACK = timedelta(hours=1)  # the list is read this much earlier than our rows
ASKED_ONE_BY_ONE = 200  # of those missing from a list; more says that the list is wrong
AGREES = {
    State.SENT: {Status.ACCEPTED},
    State.DELIVERED: {Status.DELIVERED},
    State.FAILED: {Status.FAILED},
}


@dataclass(frozen=True)
class Found:
    """A difference as it was found. `moved`: our row has gone forward and both agree now."""

    kind: Difference.Kind
    provider_id: str
    of: datetime
    message: Message | None = None
    ours: str = ""
    theirs: str = ""
    moved: bool = False


def reconcile(*, now: datetime) -> list[ReconciliationRun]:
    """Compare the last days with every carrier that keeps a list; one run for each channel.

    Safe to repeat: a difference found again stays the one row it is, and one that is gone says
    since when. A list that cannot be read leaves the differences as they were.
    """
    carriers = [(channel, registry.for_channel(channel)) for channel in Channel.values]
    return [_run(channel, each, now=now) for channel, each in carriers if each.keeps_list]


def _run(channel: str, carrier: Provider, *, now: datetime) -> ReconciliationRun:
    run = ReconciliationRun.objects.create(
        channel=channel,
        provider=carrier.name,
        since=now - timedelta(days=RECONCILED_DAYS),
        until=now - SETTLED_AFTER,
        started_at=now,
    )
    try:
        theirs = {
            each.provider_id: each for each in carrier.all_sent(since=run.since - CLOCK_SLACK)
        }
        ours = _ours(run)
        found = [*_of_ours(ours, theirs, carrier, now=now), *_only_theirs(run, ours, theirs)]
    except Temporary:
        logger.warning("The list of %s is unavailable: nothing was compared", carrier.name)
        return _finished(run, ReconciliationRun.State.FAILED, now=now)
    _write_down(run, found, now=now)
    run.ours, run.theirs, run.differences = len(ours), len(theirs), len(found)
    run.moved = sum(each.moved for each in found)
    return _finished(run, ReconciliationRun.State.DONE, now=now)


def _finished(
    run: ReconciliationRun, state: ReconciliationRun.State, *, now: datetime
) -> ReconciliationRun:
    run.state, run.finished_at = state, now
    run.save()
    return run


# --- The comparison ------------------------------------------------------------------------------
def _ours(run: ReconciliationRun) -> dict[str, Message]:
    """What the carrier accepted by our record, by its id."""
    accepted = Message.objects.filter(
        channel=run.channel,
        provider=run.provider,
        intent_at__range=(run.since, run.until),
        state__in=AGREES,
    ).exclude(provider_id="")
    return {message.provider_id: message for message in accepted.order_by("intent_at")}


def _of_ours(
    ours: Mapping[str, Message],
    theirs: Mapping[str, Listed],
    carrier: Provider,
    *,
    now: datetime,
) -> Iterator[Found]:
    """Ours they do not know, and ours that stand elsewhere with them."""
    asked = 0
    for provider_id, message in ours.items():
        line = theirs.get(provider_id)
        if line is None and asked < ASKED_ONE_BY_ONE:
            asked += 1
            line = carrier.line(provider_id)
        if line is None:
            yield _found(Difference.Kind.OURS_ONLY, message)
        elif line.status not in AGREES[State(message.state)]:
            yield _other_state(message, line, carrier, now=now)


def _other_state(message: Message, line: Listed, carrier: Provider, *, now: datetime) -> Found:
    ours = message.state
    lost_callbacks.hear(message, line, carrier, source="reconciliation", now=now)
    message.refresh_from_db()
    return _found(
        Difference.Kind.OTHER_STATE,
        message,
        ours=ours,
        theirs=line.said,
        moved=line.status in AGREES.get(State(message.state), ()),
    )


def _found(
    kind: Difference.Kind,
    message: Message,
    *,
    ours: str = "",
    theirs: str = "",
    moved: bool = False,
) -> Found:
    assert message.intent_at is not None  # the query starts from attempts
    return Found(
        kind=kind,
        provider_id=message.provider_id,
        of=message.intent_at,
        message=message,
        ours=ours or message.state,
        theirs=theirs,
        moved=moved,
    )


def _only_theirs(
    run: ReconciliationRun, ours: Mapping[str, Message], theirs: Mapping[str, Listed]
) -> Iterator[Found]:
    """Theirs whose id no row of ours holds: sent twice, or not by us."""
    unheld = {
        number: line
        for number, line in theirs.items()
        if number not in ours and run.since <= line.created_at <= run.until
    }
    held = Message.objects.filter(provider=run.provider, provider_id__in=list(unheld))
    for number in held.values_list("provider_id", flat=True):
        del unheld[number]
    for number, line in unheld.items():
        yield Found(Difference.Kind.THEIRS_ONLY, number, line.created_at, theirs=line.said)


# --- The record ----------------------------------------------------------------------------------
def _write_down(run: ReconciliationRun, found: list[Found], *, now: datetime) -> None:
    for each in found:
        current = {
            "last_run": run,
            "ours": each.ours,
            "theirs": each.theirs,
            "gone_at": now if each.moved else None,
        }
        Difference.objects.update_or_create(
            provider=run.provider,
            provider_id=each.provider_id,
            kind=each.kind,
            defaults=current,
            create_defaults={
                **current,
                "channel": run.channel,
                "message": each.message,
                "of": each.of,
                "first_run": run,
            },
        )
    Difference.objects.filter(
        provider=run.provider,
        channel=run.channel,
        of__range=(run.since, run.until),
        gone_at=None,
    ).exclude(last_run=run).update(gone_at=now)
