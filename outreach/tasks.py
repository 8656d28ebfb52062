"""The workers' side: plain ids in, one function called. What must happen stands in our tables."""

from celery import shared_task

from clienteling import clock


@shared_task
def deliver_message(message_id: str) -> None:
    """Hand one message to its carrier, if it is due and still allowed."""
    from outreach.messages import outbox

    outbox.deliver(message_id, now=clock.now())


@shared_task
def sweep_outbox() -> None:
    """Find what is due or stuck, whatever became of the hints."""
    from outreach.messages import outbox, simulated_carrier

    outbox.sweep(now=clock.now())
    simulated_carrier.speak(now=clock.now())


@shared_task
def note_ignored_items() -> None:
    """Write down which items of delivered notes came of nothing; before the night's suggestions."""
    from outreach.proof import ignored

    ignored.note(now=clock.now())


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
