"""What scores are made of and facts are counted in: names alone, for the engine and for the words.

Nothing is imported here, so that a page can say why without loading the arithmetic.
"""

from enum import IntFlag

SIGNALS = (
    "similar_customers",
    "taste",
    "category",
    "brand",
    "price",
    "city",
    "store",
    "age_band",
    "demand",
    "freshness",
    "feedback",
    "seldom_shown",
)
"""What a score is the sum of, in the order in which contributions are stored."""

SIMILAR_DAYS = 14
"""Days in which the purchases of similar customers are counted."""
SELLING_DAYS = 14
"""Days in which units sold are counted."""
BEST_SELLER_RANK = 10
"""Further down than this among the new arrivals nothing is called a good seller."""


class Trait(IntFlag):
    """What two items have in common. The numbers are stored: they never change."""

    BRAND = 1
    COLOR = 2
    SUBCATEGORY = 4
    CATEGORY = 8
    GENDER = 16
    ATTRIBUTE = 32
    NAME = 64
    PRICE = 128
