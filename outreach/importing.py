"""`marketing_sends.csv`: what other systems sent her, so that nobody is written to twice as often.

A mailing counts in the caps like a note of ours. It says nothing about consent.
"""

from datetime import datetime

from clienteling.cells import code, moment, one_of, words
from clienteling.feeds import Feed, ImportReport
from clienteling.staging import Column, Layout, Target, merge, merged_counts, staged
from customers.importing.gone import follow_merges
from customers.importing.moments import refuse_future, utc
from customers.models import Channel

LAYOUT = Layout(
    noun="mailings",
    columns=(
        Column("customer_id", code(), is_required=True),
        Column("sent_at", moment, is_required=True),
        Column("channel", one_of(*Channel.values), is_required=True),
        Column("campaign", words(120)),
    ),
    key=("customer_id", "sent_at", "channel"),
)

CUSTOMER_AND_STORE = """
JOIN customers_customer customer ON customer.customer_id = staged.customer_id
LEFT JOIN clienteling_store store ON store.id = customer.store_id
"""


def import_marketing_sends(feed: Feed, *, now: datetime, dry_run: bool = False) -> ImportReport:
    """Load `marketing_sends.csv`. A mailing is known by its client, moment and channel."""
    with staged(feed, LAYOUT, dry_run=dry_run) as staging:
        follow_merges(staging)
        staging.refuse_unknown(
            "customer_id", within="customers_customer.customer_id", noun="Customer"
        )
        refuse_future(staging, "sent_at", now=now, zone="store.timezone", joins=CUSTOMER_AND_STORE)
        columns = {
            "customer_id": "customer.id",
            "sent_at": utc("staged.sent_at", "store.timezone"),
            "channel": "staged.channel",
        }
        if staging.has("campaign"):
            columns["campaign"] = "coalesce(staged.campaign, '')"
        new = {} if staging.has("campaign") else {"campaign": "''"}
        merge(
            Target("outreach_marketingsend", ("customer_id", "sent_at", "channel"), columns, new),
            f"staged {CUSTOMER_AND_STORE}",
        )
        created, changed = merged_counts()
        return staging.report(created=created, changed=changed)
