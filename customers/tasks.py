"""What the scheduler starts."""

import logging

from celery import shared_task

from clienteling import clock

log = logging.getLogger(__name__)

# A night's work may take minutes, but must end before the broker would hand it out again.
SOFT_LIMIT_SECONDS, LIMIT_SECONDS = 270, 285


@shared_task(soft_time_limit=SOFT_LIMIT_SECONDS, time_limit=LIMIT_SECONDS)
def refresh_suggestions() -> None:
    """Suggestions for all lapsed clients as of now; a run that is under way is left alone."""
    from customers import suggestions

    now = clock.now()
    try:
        report = suggestions.refresh(as_of=now, now=now)
    except suggestions.RefreshRunning as running:
        log.info("Not started: %s", running)
        return
    log.info(report.sentence)


@shared_task(soft_time_limit=SOFT_LIMIT_SECONDS, time_limit=LIMIT_SECONDS)
def learn_blend() -> None:
    """How much each signal counts in this shop, learned anew from its own past."""
    from customers import suggestions

    now = clock.now()
    blend = suggestions.learn(as_of=now, now=now, progress=log.info)
    log.info("%s, from %s customers.", blend, blend.summary["customers"])
