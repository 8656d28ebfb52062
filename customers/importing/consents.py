"""`consents.csv`: what customers said, appended to the ledger.

An import never lifts a suppression, and never rewrites what the ledger holds: where she stands is
the ledger's latest entry, and of two entries of one moment the refusal counts.
"""

from datetime import datetime

from clienteling.cells import code, moment, one_of, words
from clienteling.feeds import Feed, ImportReport
from clienteling.staging import Column, Layout, Staging, first_value, run, staged
from customers.importing.gone import follow_merges
from customers.importing.moments import refuse_future, utc
from customers.models import Channel, ConsentState

LAYOUT = Layout(
    noun="consents",
    columns=(
        Column("customer_id", code(), is_required=True),
        Column("channel", one_of(*Channel.values), is_required=True),
        Column("state", one_of(*ConsentState.values), is_required=True),
        Column("recorded_at", moment, is_required=True),
        Column("source", words(120)),
        Column("wording", words(1_000)),
        Column("recorded_by", code(150)),
    ),
    key=("customer_id", "channel", "state", "recorded_at"),
)

CUSTOMER_AND_STORE = """
JOIN customers_customer customer ON customer.customer_id = staged.customer_id
LEFT JOIN clienteling_store store ON store.id = customer.store_id
"""

ENTER = f"""
WITH entered AS (
    INSERT INTO customers_consentevent
           (customer_id, channel, state, recorded_at, entered_at, source, evidence, recorded_by_id)
    SELECT customer.id, staged.channel, staged.state,
           {utc("staged.recorded_at", "store.timezone")}, %(now)s,
           coalesce(staged.source, ''),
           jsonb_strip_nulls(jsonb_build_object(
               'wording', staged.wording,
               'recorded_by', CASE WHEN witness.id IS NULL THEN staged.recorded_by END
           )),
           witness.id
    FROM staged {CUSTOMER_AND_STORE}
    LEFT JOIN clienteling_user witness ON witness.username = staged.recorded_by
    ORDER BY staged.at_line
    ON CONFLICT (customer_id, channel, state, recorded_at) DO NOTHING
    RETURNING customer_id, channel
) INSERT INTO entered_consent SELECT customer_id, channel FROM entered
"""  # noqa: S608

# What stands already and is younger than every entry is left alone: nothing old may overrule it.
STAND = """
INSERT INTO customers_consent AS known (customer_id, channel, state, since, source)
SELECT DISTINCT ON (said.customer_id, said.channel)
       said.customer_id, said.channel, said.state, said.recorded_at, said.source
FROM customers_consentevent said
JOIN (SELECT DISTINCT customer_id, channel FROM entered_consent) entered
     USING (customer_id, channel)
ORDER BY said.customer_id, said.channel, said.recorded_at DESC, said.state = 'opted_out' DESC
ON CONFLICT (customer_id, channel) DO UPDATE
SET state = excluded.state, since = excluded.since, source = excluded.source
WHERE known.since <= excluded.since
"""

SAY_YES_FOR_SUPPRESSED = f"""
SELECT count(*) FROM (
    SELECT DISTINCT customer.id, staged.channel
    FROM staged {CUSTOMER_AND_STORE}
    JOIN customers_contactpoint contact
         ON contact.customer_id = customer.id AND contact.channel = staged.channel
    JOIN customers_suppression suppression
         ON suppression.channel = contact.channel AND suppression.address = contact.address
    WHERE staged.state = 'opted_in' AND suppression.lifted_at IS NULL
) told
"""  # noqa: S608


def import_consents(feed: Feed, *, now: datetime, dry_run: bool = False) -> ImportReport:
    """Load `consents.csv`. An entry that the ledger has is unchanged; none is ever changed.

    `wording` is what she agreed to, word for word; `recorded_by` who heard it, kept as evidence
    where there is no such account. A yes for a suppressed address is entered and
    counted in a warning: it stays suppressed.
    """
    with staged(feed, LAYOUT, dry_run=dry_run) as staging:
        follow_merges(staging)
        staging.refuse_unknown(
            "customer_id", within="customers_customer.customer_id", noun="Customer"
        )
        refuse_future(
            staging, "recorded_at", now=now, zone="store.timezone", joins=CUSTOMER_AND_STORE
        )
        run("CREATE TEMP TABLE entered_consent (customer_id bigint, channel text) ON COMMIT DROP")
        created = run(ENTER, {"now": now})
        run(STAND)
        _warn_of_suppressed(staging)
        run("DROP TABLE entered_consent")
        return staging.report(created=created, changed=0)


def _warn_of_suppressed(staging: Staging) -> None:
    count = first_value(SAY_YES_FOR_SUPPRESSED)
    if count:
        staging.warn(f"{count:,} say yes for a suppressed address: they stay suppressed.")
