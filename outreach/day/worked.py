"""How well a note of an associate's has worked, and how little a few notes can tell. Pure.

A note worked when it was answered or a purchase followed. Of so few notes the share alone says
little: one of one would stand before nine of ten. So each phrase is weighed as a beta-binomial
with the shop's experience put first, that about one note in four works, as if four had been sent
before; phrases stand in the order of the lower end of the middle 80 % of what is likely then.
"""

from dataclasses import dataclass
from functools import cached_property

from scipy.special import betaincinv

WORKED_BEFORE, IN_VAIN_BEFORE = 1.0, 3.0
TAIL = 0.1


@dataclass(frozen=True)
class Worked:
    """What became of the delivered notes made of one phrase; one both answered and followed by a
    purchase has worked once."""

    sent: int
    answered: int
    bought: int
    worked: int

    @cached_property
    def interval(self) -> tuple[float, float]:
        """The share that works, between which bounds: 80 % likely."""
        good = WORKED_BEFORE + self.worked
        bad = IN_VAIN_BEFORE + self.sent - self.worked
        return float(betaincinv(good, bad, TAIL)), float(betaincinv(good, bad, 1 - TAIL))

    @property
    def rank(self) -> float:
        """The higher, the sooner it is offered."""
        return self.interval[0]

    @property
    def low(self) -> int:
        """The interval's ends in percent, for a bar."""
        return round(100 * self.interval[0])

    @property
    def high(self) -> int:
        return round(100 * self.interval[1])

    @property
    def counts(self) -> str:
        """`answered 4 of 5, 1 bought`."""
        bought = f", {self.bought} bought" if self.bought else ""
        return f"answered {self.answered} of {self.sent}{bought}"

    @property
    def outlook(self) -> str:
        """`of ten more, 2 to 6 are likely to work`: the interval in words."""
        low, high = (round(10 * share) for share in self.interval)
        span = f"{low}" if low == high else f"{low} to {high}"
        return f"of ten more, {span} are likely to work"
