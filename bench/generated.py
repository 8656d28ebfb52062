"""A large made-up shop, written by the database itself: one INSERT .. SELECT for each table.

Every choice is a hash of a row's number, so the same size gives the same shop. A customer's
newest order is 0 to 169 days old, which makes 47 % of them lapsed after 90 days. Primary keys are
written by hand and the tables' sequences stay where they were: for databases to be thrown away.

There is something to be learned. Products are launched in the order of their numbers and come in
24 segments (a kind of thing, for women or men, at a level of price). Half of what a customer buys
is of her own segment, most of the rest close to it or what her store sells that week; newer
products sell more than older ones, a few much more than most, and none before its launch.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from customers.recommender.signals import SIGNALS

CUSTOMERS_PER_STORE = 5_000


@dataclass(frozen=True)
class Size:
    """How large the shop is: 1 to 2 `orders` - 1 orders of two lines each, `orders` on average."""

    customers: int
    orders: int = 10
    products: int = 600
    new_products: int = 60
    brands: int = 40
    most_stock_rows: int = 1_000_000
    associates_per_thousand: int = 4
    messages_each: int = 2
    suggestions_each: int = 8
    lapse_days: int = 90

    @property
    def stores(self) -> int:
        return max(1, self.customers // CUSTOMERS_PER_STORE)

    @property
    def associates(self) -> int:
        return max(1, self.customers * self.associates_per_thousand // 1_000)

    @classmethod
    def of_chain(cls, customers: int) -> "Size":
        """A department-store chain, in proportion: a million of customers, 5,000 new products."""
        return cls(
            customers,
            products=max(600, customers // 20),
            new_products=max(60, customers // 200),
            most_stock_rows=2 * customers,
        )


# The checks of foreign keys cost more than the rows; switched off where our role may do so.
WITHOUT_CHECKS = """
SELECT set_config('session_replication_role', 'replica', true)
  FROM pg_roles WHERE rolname = current_user AND rolsuper
"""

# A number from 0 to `below` - 1, the same for the same row and salt.
# Colors of one model are numbered in a row: 3 and 4 are two models, 5 is 4 in another color. The
# segments take turns by three numbers.
FUNCTIONS = """
CREATE OR REPLACE FUNCTION pg_temp.choice(number bigint, salt bigint, below bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT (hashint8extended(number, salt) & 9223372036854775807) % below $$;
CREATE OR REPLACE FUNCTION pg_temp.model(product bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT product - (product % 3 = 2)::int $$;
CREATE OR REPLACE FUNCTION pg_temp.price(product bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT 40 + 80 * (product / 3 % 24 / 6) + pg_temp.choice(pg_temp.model(product), 3, 160) $$;
"""

STORES = """
INSERT INTO clienteling_store (id, code, name, city, region, timezone, postal_address, lapse_days,
       cards_per_day, text_opens, text_closes, email_opens, email_closes, sends_per_hour,
       sends_per_day, opens, closes, is_closed_on_sundays, default_channel, holdout_percent)
SELECT n, 'store-' || n, 'Store ' || n, 'City ' || n %% 30, '', 'America/Chicago', '1 Oak Street',
       %(lapse_days)s, 24, '10:00', '19:00', '08:00', '20:00', 60, 200,
       '10:00', '19:00', false, 'sms', 0
  FROM generate_series(1, %(stores)s) n
"""

STAFF = """
INSERT INTO clienteling_user (id, username, password, first_name, last_name, email, role, store_id,
       is_staff, is_superuser, is_active, date_joined)
SELECT n, 'associate-' || n, '!', 'Maya', 'Lindqvist ' || n, '', 'associate',
       1 + (n - 1) %% %(stores)s, false, false, true, %(now)s
  FROM generate_series(1, %(associates)s) n
UNION ALL
SELECT %(associates)s + n, 'manager-' || n, '!', 'Ruth', 'Okafor ' || n, '', 'manager', n,
       false, false, true, %(now)s
  FROM generate_series(1, %(stores)s) n
UNION ALL
SELECT %(associates)s + %(stores)s + 1, 'admin', '!', 'Ines', 'Vogel', '', 'admin', NULL,
       true, true, true, %(now)s
"""

BRANDS = """
INSERT INTO catalog_brand (id, name)
SELECT n, 'Brand ' || n FROM generate_series(1, %(brands)s) n
"""

CATEGORIES = """
INSERT INTO catalog_category (id, name)
SELECT n, (ARRAY['Shoes', 'Bags', 'Dresses', 'Knitwear', 'Coats', 'Scarves'])[n]
  FROM generate_series(1, 6) n
"""

# The last ones are the new ones, the very last of today; the others came within 1,460 days.
PRODUCTS = """
INSERT INTO catalog_product (id, style, name, search_name, brand_id, category_id, subcategory,
       color, gender, price, launched_on, attributes, image, picture)
SELECT n, 'style-' || n, 'Marlow ' || model, 'marlow ' || model,
       1 + (4 * pg_temp.choice(model, 1, %(brands)s) + level) %% %(brands)s, 1 + segment %% 6,
       (ARRAY['Classic', 'Evening', 'Weekend'])[1 + pg_temp.choice(model, 2, 3)],
       (ARRAY['Cognac', 'Ink', 'Ivory', 'Sage'])[1 + n %% 4],
       CASE WHEN level = 3 THEN 'men' ELSE 'women' END, pg_temp.price(n),
       %(now)s::date - (CASE WHEN n > kept THEN (%(products)s - n) * 60 / %(new_products)s
                             ELSE 61 + (kept - n) * 1400 / kept END)::int,
       jsonb_build_object('material', (ARRAY['Suede', 'Calf', 'Wool', 'Silk', 'Linen'])
                                          [1 + pg_temp.choice(model, 4, 5)]), '', ''
  FROM generate_series(1, %(products)s::bigint) n
 CROSS JOIN LATERAL (
       SELECT pg_temp.model(n) AS model, n / 3 %% 24 AS segment, n / 3 %% 24 / 6 AS level,
              %(products)s - %(new_products)s AS kept) AS drawn
"""

VARIANTS = """
INSERT INTO catalog_variant (id, product_id, sku, size)
SELECT 2 * product + half - 2, product, 'sku-' || product || '-' || half, (36 + half)::text
  FROM generate_series(1, %(products)s) product CROSS JOIN generate_series(1, 2) half
"""

# Every variant in every store, the newest products first, as far as the rows go.
STOCK = """
INSERT INTO catalog_stocklevel (variant_id, store_id, quantity)
SELECT 2 * %(products)s - n / %(stores)s, 1 + n %% %(stores)s, pg_temp.choice(n, 5, 6)
  FROM generate_series(0, least(2::bigint * %(products)s * %(stores)s,
                                %(most_stock_rows)s) - 1) n
"""

# An associate's clients are those of her store; one client in thirty has nobody yet. What one of
# two neighbors has more orders than usual, the other has fewer.
CUSTOMERS = """
INSERT INTO customers_customer (id, customer_id, first_name, last_name, city, birth_year, joined_on,
       store_id, associate_id, preferred_channel, search_name, search_first_name,
       first_purchase_at, last_purchase_at, visit_count, usual_gap_days, net_spend)
SELECT n, 'client-' || n, first, last, 'City ' || store %% 30, 1950 + pg_temp.choice(n, 6, 55),
       %(now)s::date - 1300, store,
       CASE WHEN pg_temp.choice(n, 24, 30) > 0
            THEN store + %(stores)s * pg_temp.choice(n, 7, %(associates)s / %(stores)s) END,
       '', lower(last || ' ' || first), lower(first), newest - gap * (orders - 1), newest,
       orders, extract(day FROM gap), 100 + pg_temp.choice(n, 8, 5000)
  FROM generate_series(1, %(customers)s) n
 CROSS JOIN LATERAL (
       SELECT 1 + n %% %(stores)s AS store,
              (ARRAY['Amanda', 'Beatriz', 'Chloe', 'Dana', 'Elodie', 'Fiona', 'Greta', 'Hanna'])
                  [1 + pg_temp.choice(n, 9, 8)] AS first,
              (ARRAY['Smith', 'Reyes', 'Johnson', 'Okafor', 'Lindqvist', 'Moreau', 'Nguyen',
                     'Patel', 'Kowalski', 'Ferrari'])[1 + pg_temp.choice(n, 10, 10)]
                  || chr((97 + pg_temp.choice(n, 11, 26))::int) AS last,
              %(now)s - pg_temp.choice(n, 12, 170) * interval '1 day' - interval '1 hour' AS newest,
              (20 + pg_temp.choice(n, 13, 40)) * interval '1 day' AS gap,
              %(orders)s + (CASE WHEN n %% 2 = 1 THEN 1 ELSE -1 END)
                  * pg_temp.choice((n + 1) / 2, 30, %(orders)s) AS orders) AS drawn
"""

CONTACT_POINTS = """
INSERT INTO customers_contactpoint (customer_id, channel, address, as_written, unusable_because)
SELECT n, 'sms', '+1' || 3120000000 + n, '+1' || 3120000000 + n, ''
  FROM generate_series(1, %(customers)s) n
UNION ALL
SELECT n, 'email', 'client-' || n || '@example.com', 'client-' || n || '@example.com', ''
  FROM generate_series(1, %(customers)s) n
"""

CONSENTS = """
INSERT INTO customers_consent (customer_id, channel, state, since, source)
SELECT n, channel, CASE WHEN pg_temp.choice(n, 14, 10) = 0 THEN 'opted_out' ELSE 'opted_in' END,
       %(now)s - interval '400 days', 'signed at the till'
  FROM generate_series(1, %(customers)s) n
 CROSS JOIN unnest(ARRAY['sms', 'email']) AS channel
"""

# Two neighbors share a stretch of numbers. The first and the newest order stand where the customer
# says, those between come up to a gap earlier than the beat.
PURCHASES = """
INSERT INTO customers_purchase (id, order_id, customer_id, store_id, channel, purchased_at)
SELECT (customer.id - 1) / 2 * 2 * %(orders)s
           + (CASE WHEN customer.id %% 2 = 0 THEN 2 * %(orders)s - visit_count ELSE 0 END) + n + 1,
       'order-' || customer.id || '-' || n, customer.id, customer.store_id, 'pos',
       customer.last_purchase_at - usual_gap_days * interval '1 day'
           * (n + CASE WHEN n BETWEEN 1 AND visit_count - 2
                       THEN pg_temp.choice(100 * customer.id + n, 31, 100) / 110.0 ELSE 0 END)
  FROM customers_customer customer CROSS JOIN LATERAL generate_series(0, visit_count - 1) n
"""

# One line in sixteen brings back what the line before it, of the same order, sold. `OFFSET 0` has
# each step drawn once: without it the database writes the steps into one another.
# Three numbers in a row (a group) are two models of one segment. The group is drawn among those
# that can be had on the day, newer ones first, moved down to the next of the wanted segment, and
# up to two of its kind further where it is not popular.
LINES = """
INSERT INTO customers_lineitem (id, purchase_id, line, customer_id, product_id, variant_id,
       quantity, unit_price, purchased_at)
SELECT number, purchase_id, half, customer_id, product,
       2 * product - (pg_temp.choice(customer_id, 15, 2)
                      + (pg_temp.choice(seed, 14, 8) = 0)::int) %% 2,
       CASE WHEN seed = number THEN 1 ELSE -1 END, pg_temp.price(product), purchased_at
  FROM (SELECT *, greatest(1, pg_temp.choice(seed, 21, 3) + 3 * CASE
                   WHEN found < 0 THEN drawn
                   WHEN found < 24 OR pg_temp.choice(found, 35, 100) >= wanted THEN found
                   WHEN found < 48 OR pg_temp.choice(found - 24, 35, 100) >= wanted THEN found - 24
                   ELSE found - 48 END) AS product
          FROM (SELECT *, drawn - (drawn + 24 - segment) %% 24 AS found,
                       sqrt(pg_temp.choice(seed, 22, 10000)) AS wanted
                  FROM (SELECT *, floor(groups * (1 - (pg_temp.choice(seed, 17, 10000)
                                                       / 10000.0::float8) ^ 2))::bigint AS drawn,
                               CASE WHEN pg_temp.choice(seed, 16, 20) < 10 THEN own
                                    WHEN pg_temp.choice(seed, 16, 20) < 14
                                    THEN own / 6 * 6 + pg_temp.choice(customer_id, 33, 6)
                                    WHEN pg_temp.choice(seed, 16, 20) < 17
                                    THEN own / 6 * 6 + (store_id + age / 7) %% 6
                                    ELSE pg_temp.choice(seed, 34, 24) END AS segment
                          FROM (SELECT number, id AS purchase_id, half, customer_id, store_id,
                                       purchased_at, age,
                                       number - (number %% 16 = 0)::int AS seed,
                                       pg_temp.choice(customer_id, 32, 24) AS own,
                                       greatest(0, (CASE
                                           WHEN age <= 60
                                           THEN %(products)s - (age * %(new_products)s + 59) / 60
                                           ELSE kept - (greatest(age - 61, 0) * kept + 1399) / 1400
                                       END - 2) / 3) AS groups
                                  FROM (SELECT purchase.*, half, 2 * id + half - 2 AS number,
                                               %(now)s::date - purchased_at::date AS age,
                                               %(products)s::bigint - %(new_products)s AS kept
                                          FROM customers_purchase purchase
                                         CROSS JOIN generate_series(1, 2) half
                                        OFFSET 0) AS dated
                                OFFSET 0) AS offered
                        OFFSET 0) AS chosen
                OFFSET 0) AS placed
        OFFSET 0) AS sold
"""

SERVICE_CASES = """
INSERT INTO customers_servicecase (case_id, customer_id, product_id, opened_at, closed_at, summary)
SELECT 'case-' || n, n, 1 + pg_temp.choice(n, 17, %(products)s), %(now)s - interval '200 days',
       CASE WHEN pg_temp.choice(n, 25, 10) > 0 THEN %(now)s - interval '150 days' END,
       'A heel broke'
  FROM generate_series(1, %(customers)s) n
 WHERE pg_temp.choice(n, 26, 50) = 0
"""

SUGGESTIONS = """
INSERT INTO customers_suggestion (customer_id, rank, product_id, score, contributions,
       similar_customers, nearest_id, shared_traits, city_units, city_rank, store_units,
       store_rank, units, units_rank, brand_items, category_items, days_new)
SELECT customer.id, rank,
       %(products)s - (pg_temp.choice(customer.id, 18, %(new_products)s) + rank)
                      %% %(new_products)s,
       1.0 / rank, array_fill(1.0::real / rank / %(signals)s, ARRAY[%(signals)s]),
       6, 1 + pg_temp.choice(customer.id + rank, 30, %(products)s - %(new_products)s), 1,
       5, 12, 3, 9, 40, 15, 2, 1, 9
  FROM customers_customer customer CROSS JOIN generate_series(1, %(suggestions_each)s) rank
 WHERE customer.last_purchase_at <= %(now)s - %(lapse_days)s * interval '1 day'
"""

# One row a customer, as the nightly run writes them; drawn, since only their number matters here.
OUTLOOKS = """
INSERT INTO customers_outlook (customer_id, alive, will_buy)
SELECT id, (20 + pg_temp.choice(id, 31, 80)) / 100.0, pg_temp.choice(id, 32, 60) / 100.0
  FROM customers_customer WHERE last_purchase_at IS NOT NULL
"""

# The lapsed were written to long ago; one of ten of the others within the last 30 days.
MESSAGES = """
INSERT INTO outreach_message (id, dedupe_key, customer_id, store_id, sender_id, channel, step,
       to_address, subject, body, state, reason, created_at, queued_at, send_after, expires_at,
       attempts, rounds, intent_at, looks, sent_at, delivered_at, provider, provider_id, error_code,
       receipt_asks)
SELECT gen_random_uuid(), 'key-' || customer.id || '-' || n, customer.id, customer.store_id,
       customer.associate_id, 'sms', 'offer', '+1' || 3120000000 + customer.id, '',
       'Hi ' || customer.first_name || ', three new pairs came in that made me think of you.',
       'delivered', '', at, at, at, at + interval '7 days', 1, 1, at, 0, at, at, 'simulator',
       'out-' || customer.id || '-' || n, '', 0
  FROM customers_customer customer CROSS JOIN generate_series(1, %(messages_each)s) n
 CROSS JOIN LATERAL (
       SELECT %(now)s - interval '1 day' * CASE
                  WHEN n = 1 AND pg_temp.choice(customer.id, 27, 10) = 0
                       AND customer.last_purchase_at > %(now)s - %(lapse_days)s * interval '1 day'
                  THEN 1 + pg_temp.choice(customer.id, 19, 29)
                  ELSE 40 + pg_temp.choice(customer.id, 20 + n, 320) END AS at) AS drawn
 WHERE customer.associate_id IS NOT NULL
"""

REPLIES = """
INSERT INTO outreach_reply (customer_id, message_id, channel, from_address, body, kind, provider,
       provider_id, received_at, handled_at, read_as)
SELECT customer_id, id, 'sms', to_address, 'Oh lovely! Could you keep the 38?', 'words',
       'simulator', 'in-' || id, sent_at + interval '2 hours',
       CASE WHEN pg_temp.choice(customer_id, 28, 10) > 0 THEN sent_at + interval '3 hours' END, ''
  FROM outreach_message WHERE pg_temp.choice(customer_id, 29, 20) = 0
"""

STATEMENTS = (
    STORES,
    STAFF,
    BRANDS,
    CATEGORIES,
    PRODUCTS,
    VARIANTS,
    STOCK,
    CUSTOMERS,
    CONTACT_POINTS,
    CONSENTS,
    PURCHASES,
    LINES,
    SERVICE_CASES,
    SUGGESTIONS,
    OUTLOOKS,
    MESSAGES,
    REPLIES,
)


# Unique indexes stay: their keys come in order, and foreign keys rest on them.
PLAIN_INDEXES = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid)
  FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
 WHERE NOT indisunique AND relnamespace = 'public'::regnamespace AND relkind = 'r'
"""


def generate(size: Size, *, now: datetime, statements: Sequence[str] = STATEMENTS) -> None:
    """Fill the empty, migrated tables; the planner's statistics are fresh afterwards.

    A benchmark that brings rows of its own hands over fewer `statements`, in the order given here.
    """
    values = {**asdict(size), "stores": size.stores, "associates": size.associates, "now": now}
    values["signals"] = len(SIGNALS)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(FUNCTIONS)
        cursor.execute(WITHOUT_CHECKS)
        with _indexes_built_last(cursor):
            for statement in statements:
                cursor.execute(statement, values)
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
        cursor.execute("ANALYZE")


@contextmanager
def _indexes_built_last(cursor: CursorWrapper) -> Iterator[None]:
    """Sorting a full table once costs a fraction of finding each row's place."""
    cursor.execute(PLAIN_INDEXES)
    found = cursor.fetchall()
    for name, _ in found:
        cursor.execute(f"DROP INDEX {name}")
    yield
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # else their events would be in the way
    cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
    for _, definition in found:
        cursor.execute(definition)
