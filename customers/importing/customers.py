"""`customers.csv`: who they are, how to reach them, whose clients they are.

A blank email or phone, in a file that has the column, takes the contact point away. A number or
address that cannot be used is kept as written, with the reason. Consent is not this file's to give.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from django.conf import settings

from clienteling import directory
from clienteling.cells import Doubted, Reader, Refused, birth_year, code, day, one_of, words
from clienteling.feeds import Feed, ImportReport
from clienteling.folding import fold
from clienteling.staging import (
    WORTH_ANALYZING,
    Column,
    Layout,
    Staging,
    Target,
    all_rows,
    merge,
    note_new_sizes,
    run,
    staged,
)
from customers import erased_addresses
from customers.addresses import LINE_BREAK, Address, normalise_email, normalise_phone
from customers.importing.gone import pass_over_gone
from customers.models import Channel, ErasedAddress

LONGEST_FOLDED = 205  # two of them and a blank fit the search column

Normalise = Callable[[str], Address]


def phone_of(text: str) -> Address:
    """The number, read as one of the shop's region unless it says otherwise."""
    return normalise_phone(text, settings.DEFAULT_REGION)


def as_written(normalise: Normalise) -> Reader:
    """The cell for the record; doubted when nothing can be sent there."""

    def read(text: str) -> str:
        found = normalise(text)
        if found.unusable_because == LINE_BREAK:
            raise Refused(LINE_BREAK)
        if found.unusable_because:
            raise Doubted(
                f"{found.unusable_because} It was kept as written, and will not be used.",
                kept=found.as_written,
            )
        return found.as_written

    return read


def folded(text: str) -> str:
    """A name as it is searched, cut to what the column holds: folding may lengthen it."""
    return fold(text)[:LONGEST_FOLDED].rstrip()


def layout(now: datetime) -> Layout:
    """The columns; which birth years are possible depends on the year it is."""
    columns = [
        Column("customer_id", code(), is_required=True),
        Column("first_name", words(200)),
        Column("last_name", words(200)),
        Column("search_first", folded, source="first_name"),
        Column("search_last", folded, source="last_name"),
        Column("city", words(120)),
        Column("birth_year", birth_year(now.astimezone(UTC).year), "smallint"),
        Column("joined_on", day, "date"),
        Column("store_code", code()),
        Column("associate", code(150)),
        Column("preferred_channel", one_of(*Channel.values)),
    ]
    for name, normalise in CONTACTS.values():
        columns += [
            Column(name, as_written(normalise)),
            Column(f"{name}_address", _address(normalise), source=name),
            Column(f"{name}_unusable", _unusable(normalise), source=name),
        ]
    return Layout("customers", tuple(columns), key=("customer_id",))


def _address(normalise: Normalise) -> Reader:
    return lambda text: normalise(text).address


def _unusable(normalise: Normalise) -> Reader:
    return lambda text: normalise(text).unusable_because


CONTACTS: dict[str, tuple[str, Normalise]] = {
    Channel.EMAIL: ("email", normalise_email),
    Channel.SMS: ("phone", phone_of),
}

CUSTOMER_COLUMNS = {
    "first_name": ("first_name", "coalesce(staged.first_name, '')"),
    "last_name": ("last_name", "coalesce(staged.last_name, '')"),
    "city": ("city", "coalesce(staged.city, '')"),
    "birth_year": ("birth_year", "staged.birth_year"),
    "joined_on": ("joined_on", "staged.joined_on"),
    "store_code": ("store_id", "store.id"),
    "associate": ("associate_id", "associate.id"),
    "preferred_channel": ("preferred_channel", "coalesce(staged.preferred_channel, '')"),
}
NEW_CUSTOMER = {
    "first_name": "''",
    "last_name": "''",
    "city": "''",
    "preferred_channel": "''",
    "visit_count": "0",
    "net_spend": "0",
}
ROWS = """
staged
LEFT JOIN customers_customer known ON known.customer_id = staged.customer_id
LEFT JOIN clienteling_store store ON store.code = staged.store_code
LEFT JOIN clienteling_user associate ON associate.username = staged.associate
"""

# Where the file has one name only, the other is what the search columns knew: last, then first.
KNOWN_FIRST = "coalesce(known.search_first_name, '')"
KNOWN_LAST = (
    "btrim(left(coalesce(known.search_name, ''),"
    " length(known.search_name) - length(known.search_first_name)))"
)

COUNTS = """
SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new)
FROM (SELECT id, bool_or(is_new) AS is_new FROM written_customer GROUP BY id) told
"""


def import_customers(feed: Feed, *, now: datetime, dry_run: bool = False) -> ImportReport:
    """Load `customers.csv`; one whose contact point changed has changed."""
    with staged(feed, layout(now), dry_run=dry_run) as staging:
        pass_over_gone(staging)
        directory.add_missing_stores(staging)
        directory.warn_of_unknown_associates(staging)
        merge(_customer_target(staging), ROWS)
        run("CREATE TEMP TABLE written_customer ON COMMIT DROP AS SELECT id, is_new FROM merged")
        for channel, (name, _) in CONTACTS.items():
            if staging.has(name):
                _merge_contacts(channel, name)
                _suppress_erased(staging, channel, name, now=now)
        [(created, changed)] = all_rows(COUNTS)
        if created + changed >= WORTH_ANALYZING:
            note_new_sizes("customers_customer", "customers_contactpoint")
        run("DROP TABLE written_customer")
        return staging.report(created=created, changed=changed)


def _customer_target(staging: Staging) -> Target:
    columns = {"customer_id": "staged.customer_id"}
    columns |= dict(CUSTOMER_COLUMNS[name] for name in staging.present(*CUSTOMER_COLUMNS))
    first = "coalesce(search_first, '')" if staging.has("first_name") else KNOWN_FIRST
    last = "coalesce(search_last, '')" if staging.has("last_name") else KNOWN_LAST
    columns |= {
        "search_name": f"btrim(concat_ws(' ', {last}, {first}))",
        "search_first_name": first,
    }
    new = {name: value for name, value in NEW_CUSTOMER.items() if name not in columns}
    return Target("customers_customer", ("customer_id",), columns, new)


def _merge_contacts(channel: str, name: str) -> None:
    """What a carrier said of an address stands as long as the file names the same one."""
    merge(
        Target(
            "customers_contactpoint",
            ("customer_id", "channel"),
            {
                "customer_id": "customer.id",
                "channel": "%(channel)s",
                "address": f"coalesce({name}_address, '')",
                "as_written": name,
                "unusable_because": (
                    f"coalesce(nullif({name}_unusable, ''), known.unusable_because, '')"
                ),
            },
            {},
        ),
        f"""
        staged JOIN customers_customer customer USING (customer_id)
        LEFT JOIN customers_contactpoint known ON known.customer_id = customer.id
             AND known.channel = %(channel)s AND known.address = {name}_address
        WHERE {name} IS NOT NULL
        """,
        {"channel": channel},
    )
    run(
        """
        INSERT INTO written_customer
        SELECT contact.customer_id, false FROM merged
        JOIN customers_contactpoint contact ON contact.id = merged.id
        """
    )
    run(
        f"""
        WITH gone AS (
            DELETE FROM customers_contactpoint contact USING customers_customer customer, staged
            WHERE customer.id = contact.customer_id AND customer.customer_id = staged.customer_id
              AND contact.channel = %s AND staged.{name} IS NULL
            RETURNING contact.customer_id
        ) INSERT INTO written_customer SELECT customer_id, false FROM gone
        """,  # noqa: S608
        [channel],
    )


def _suppress_erased(staging: Staging, channel: str, name: str, *, now: datetime) -> None:
    """An address of somebody who was erased stays unused, whoever it comes back with."""
    addresses = (
        {address for (address,) in all_rows(f"SELECT DISTINCT {name}_address FROM staged")}  # noqa: S608
        if ErasedAddress.objects.exists()
        else set()
    )
    found = erased_addresses.recognise(addresses - {None, ""}, channel, now=now)
    if found:
        staging.warn(f"{found:,} addresses ({name}) were erased before: they will not be used.")
