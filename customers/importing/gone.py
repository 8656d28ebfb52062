"""Rows of files about records that are no more: merged into another, or erased."""

from clienteling.staging import Staging, run

FOLLOW = """
UPDATE staged SET customer_id = kept.customer_id
FROM customers_customer gone JOIN customers_customer kept ON kept.id = gone.merged_into_id
WHERE gone.merged_into_id IS NOT NULL AND staged.customer_id = gone.customer_id
"""
DROP_MERGED = """
DELETE FROM staged USING customers_customer gone
WHERE gone.merged_into_id IS NOT NULL AND staged.customer_id = gone.customer_id
"""
DROP_ERASED = """
DELETE FROM staged USING customers_customer gone
WHERE gone.erased_at IS NOT NULL AND staged.customer_id = gone.customer_id
"""


def follow_merges(staging: Staging) -> None:
    """Read rows about a record that was merged as being about the one that was kept.

    What two records had alike is then told twice: the first row stands for both.
    """
    if not run(FOLLOW):
        return
    same = " AND ".join(f"staged.{name} = first.{name}" for name in staging.layout.key)
    run(f"DELETE FROM staged USING staged first WHERE {same} AND first.at_line < staged.at_line")  # noqa: S608


def pass_over_gone(staging: Staging) -> None:
    """What files say of merged and erased people is not entered again; a warning counts it."""
    merged, erased = run(DROP_MERGED), run(DROP_ERASED)
    if merged:
        staging.warn(f"{merged:,} are about records that were merged: they were passed over.")
    if erased:
        staging.warn(f"{erased:,} are about people who were erased: they were passed over.")
