"""Made-up people behind the simulated phones and mailboxes: what they answer, and when; pure.

Who is which is drawn from the address and a seed, so that the same seed plays the same piece.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

SOON, LATER = timedelta(seconds=20), timedelta(seconds=45)
AT_NIGHT = time(2, 40)
STRANGERS = "+1201555"  # numbers kept for fiction, in an area no demo client has


@dataclass(frozen=True)
class Said:
    """An answer. `after` counts from the delivery or from her last words; at night it is later.

    `is_from_elsewhere`: she writes from a number or mailbox nobody knows.
    """

    words: str
    after: timedelta = SOON
    is_at_night: bool = False
    is_from_elsewhere: bool = False

    def due_at(self, since: datetime, *, zone: ZoneInfo) -> datetime:
        """When she says it, counted from `since`; `zone` is where her nights are."""
        if not self.is_at_night:
            return since + self.after
        local = since.astimezone(zone)
        night = datetime.combine(local.date(), AT_NIGHT, tzinfo=zone)
        return night if night > local else night + timedelta(days=1)


@dataclass(frozen=True)
class Persona:
    """Somebody who reads our notes. `turns` are her answers to the first, the second … of them.

    `delivered_after` is how long the carrier takes; `fails_with` is its error code for texts, told
    later, and `refused_with` the one it gives at once. Of `shares` people, so many are like her.
    """

    name: str
    turns: tuple[tuple[Said, ...], ...] = ()
    delivered_after: timedelta = timedelta(seconds=1)
    fails_with: str = ""
    refused_with: str = ""
    shares: int = 1

    def answers(self, turn: int) -> tuple[Said, ...]:
        """What she says to our note number `turn`, counted from 0."""
        return self.turns[turn] if turn < len(self.turns) else ()


CAST = (
    Persona(
        "loves it",
        (
            (Said("Oh, I love the first one! Could you keep it for me until Saturday?"),),
            (Said("Perfect, see you then. Thank you!"),),
        ),
        shares=3,
    ),
    Persona(
        "asks for a size",
        (
            (Said("The second one is lovely. Do you have it in a 38?"),),
            (Said("Then I will take it, thanks."),),
        ),
        shares=3,
    ),
    Persona(
        "has second thoughts",
        ((Said("Yes please!"), Said("Sorry, I meant the third, in black.", LATER)),),
        shares=2,
    ),
    Persona("says nothing", shares=3),
    Persona("asks who it is", ((Said("Who is this?"),), (Said("Ah, of course. Hi!"),))),
    Persona("types STOP", ((Said("Stop."),),)),
    Persona("asks to stop in her own words", ((Said("Please stop texting me, thank you."),),)),
    Persona("stops, and comes back", ((Said("STOP"), Said("START", timedelta(minutes=5))),)),
    Persona("mentions stopping", ((Said("I can't stop wearing the last pair! What is new?"),),)),
    Persona(
        "answers at night",
        ((Said("Could not sleep. Is the first one still there?", is_at_night=True),),),
    ),
    Persona(
        "writes from another number",
        (
            (
                Said(
                    "Hi, this is my new number. I would like the first one.", is_from_elsewhere=True
                ),
            ),
        ),
    ),
    Persona("asks for help", ((Said("HELP"),),)),
    Persona("is slow to receive", ((Said("Only saw this now, lovely!"),),), timedelta(seconds=40)),
    Persona("has the phone switched off", fails_with="30003"),
    Persona("has a landline", fails_with="30006"),
    Persona("opted out at the carrier", refused_with="21610"),
)


def persona_of(address: str, *, seed: int) -> Persona:
    """Who is behind an address; the same seed always answers the same."""
    place = _drawn(address, seed) % sum(persona.shares for persona in CAST)
    for persona in CAST:
        place -= persona.shares
        if place < 0:
            return persona
    raise AssertionError("the shares add up")


def other_address(address: str, *, seed: int) -> str:
    """Where she writes from when it is not from this address."""
    if "@" in address:
        return f"private.{address}"
    return f"{STRANGERS}{100 + _drawn(address, seed) % 100:04d}"


def _drawn(address: str, seed: int) -> int:
    return int.from_bytes(sha256(f"{seed} {address}".encode()).digest()[:8], "big")
