"""The workers' side: plain ids in, one function called. What must happen stands in our tables."""

import logging
from datetime import datetime

from celery import shared_task

from clienteling import clock

log = logging.getLogger(__name__)


@shared_task
def deliver_message(message_id: str) -> None:
    """Hand one message to its carrier, if it is due and still allowed."""
    from outreach.messages import outbox

    outbox.deliver(message_id, now=clock.now())


@shared_task
def sweep_outbox(until: str | None = None) -> None:
    """Find what is due or stuck, whatever became of the hints; `until`: others have come since."""
    from outreach.messages import pictures, simulated_carrier, sweeping

    if until and datetime.fromisoformat(until) <= clock.now():
        return
    sweeping.sweep(now=clock.now())
    simulated_carrier.speak(now=clock.now())
    pictures.hint_due(now=clock.now())


@shared_task
def fetch_picture(number: int) -> None:
    """Fetch one picture that a client sent, if it still waits."""
    from outreach.messages import pictures

    pictures.fetch(number, now=clock.now())


@shared_task
def count_answers() -> None:
    """Count how clients answered, by channel: the evidence of which one to choose."""
    from outreach.messages import answer_counts

    answer_counts.refresh(now=clock.now())


@shared_task
def ask_for_receipts() -> None:
    """Ask the carriers what became of texts of which no callback came."""
    from outreach.messages import lost_callbacks

    lost_callbacks.ask(now=clock.now())


@shared_task
def note_ignored_items() -> None:
    """Write down which items of delivered notes came of nothing; before the night's suggestions."""
    from outreach.proof import ignored

    ignored.note(now=clock.now())


@shared_task
def tell_evenings() -> None:
    """Tell the associates in whose store it is evening what their day has brought."""
    from outreach.day import digests

    digests.tell_all(now=clock.now())
    digests.mail_all(now=clock.now())


@shared_task
def record_decisions() -> None:
    """Write down whom the night found due and why not the others; after the suggestions.

    Without a limit of time: a chain may take longer than the broker waits before it hands the task
    out again, and a second run finds the first and ends.
    """
    from outreach.decisions import recording

    now = clock.now()
    night = now.astimezone(clock.shop_zone()).date()
    try:
        recorded = recording.record(night, as_of=now, now=now)
    except recording.CannotRecord as reason:
        log.info("Not started: %s", reason)
        return
    log.info(recorded.sentence)


@shared_task
def reconcile_messages() -> None:
    """Hold our rows of the last days against the carriers' lists."""
    from outreach.messages import reconciliation

    reconciliation.reconcile(now=clock.now())


@shared_task
def carrier_reports() -> None:
    """Let the simulated carrier tell what it delivered, and what its people answer."""
    from outreach.messages import simulated_carrier

    simulated_carrier.speak(now=clock.now())


@shared_task
def tidy_pages() -> None:
    """Write down which holds are over; forget old knocks, and the codes of closed pages."""
    from outreach.page import counter, holds, knocks

    holds.expire(now=clock.now())
    counter.free_codes(now=clock.now())
    knocks.sweep(now=clock.now())


@shared_task
def poll_mailbox() -> None:
    """Read the answers in the shop's own mailbox, where one is named."""
    from django.conf import settings

    from outreach.messages import mailbox

    if settings.IMAP_MAILBOX:
        mailbox.poll(settings.IMAP_MAILBOX, now=clock.now())
