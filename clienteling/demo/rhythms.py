"""When clients come: each has a rhythm of her own, and most of them fall out of it one day."""

from random import Random

from clienteling.defaults import LAPSE_DAYS
from clienteling.demo.assortment import DAYS

# How many in a hundred; together a little over a third have lapsed.
LIVES = {"active": 44, "slowing": 11, "lapsed": 24, "gone": 12, "new": 5, "never": 4}
MEDIAN_GAP, GAP_SPREAD = 58, 0.45
SHORTEST_GAP, LONGEST_GAP = 16, 170
QUICK_GAP = 50  # who comes as often as this can be late before the shop calls it lapsed
UNSTEADINESS = 0.3
MEAN_VISITS, MOST_VISITS = 9, 40


def draw(random: Random) -> list[int]:
    """The days of her visits, counted back from today, the oldest first."""
    life = random.choices(list(LIVES), list(LIVES.values()))[0]
    if life == "never":
        return []
    if life == "new":
        return [random.randint(1, 60)]
    gap = _usual_gap(quick=life == "slowing", random=random)
    return _visits(_days_away(life, gap, random), gap, random)


def _usual_gap(*, quick: bool, random: Random) -> float:
    drawn = MEDIAN_GAP * random.lognormvariate(0, GAP_SPREAD)
    return max(SHORTEST_GAP, min(QUICK_GAP if quick else LONGEST_GAP, drawn))


def _days_away(life: str, gap: float, random: Random) -> int:
    bounds = {
        "active": (1, min(1.3 * gap, LAPSE_DAYS - 2)),
        "slowing": (1.5 * gap, min(2.4 * gap, LAPSE_DAYS - 1)),
        "lapsed": (LAPSE_DAYS + 1, 240),
        "gone": (240, 700),
    }
    return round(random.uniform(*bounds[life]))


def _visits(last: int, gap: float, random: Random) -> list[int]:
    wanted = min(MOST_VISITS, 1 + round(random.expovariate(1 / MEAN_VISITS)))
    visits = [last]
    while len(visits) < wanted:
        earlier = visits[-1] + max(1, round(gap * random.lognormvariate(0, UNSTEADINESS)))
        if earlier >= DAYS:
            break
        visits.append(earlier)
    return visits[::-1]
