"""Who is left alone so that the effect of the notes can be told; pure.

A client's place is drawn once, from her number alone: it is the same on every page, in every
worker and on every day, and a larger share only adds to those who were in it before.
"""

from hashlib import sha256

WAVE = "1"  # another word here draws everybody anew
PLACES = 10_000


def is_held_out(customer: int, *, percent: int) -> bool:
    """Whether the client with this primary key is among `percent` of a hundred."""
    drawn = sha256(f"hold-out {WAVE}: {customer}".encode()).digest()
    return int.from_bytes(drawn[:8], "big") % PLACES < percent * PLACES // 100
