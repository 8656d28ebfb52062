"""What the demo's people know about looking after things: plain, and true."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from catalog.models import CareTip, Category

CARE, STYLING = CareTip.Kind.CARE, CareTip.Kind.STYLING


class Told(NamedTuple):
    """A tip: about a category, a material, or both; "" is any."""

    category: str
    material: str
    kind: CareTip.Kind
    text: str


TIPS = (
    Told("Shoes", "", CARE, "Give them a day of rest after each wearing, on shoe trees."),
    Told("Shoes", "suede", CARE, "Let mud dry, then brush it off; a soft eraser takes spots."),
    Told("Shoes", "nappa", CARE, "A little neutral cream once a month keeps the leather supple."),
    Told("Shoes", "leather", CARE, "Wipe with a damp cloth, dry away from heaters, then cream."),
    Told("Shoes", "calf", CARE, "Brush before you cream; half a pea of cream is enough for both."),
    Told("Shoes", "patent", CARE, "A soft cloth and a drop of soapy water; no cream."),
    Told("Shoes", "satin", CARE, "Keep them in their bag; dab spots with a dry white cloth only."),
    Told("Shoes", "", STYLING, "With cropped trousers, a sock in the colour of the shoe."),
    Told("Bags", "", CARE, "Stuff it with tissue when it rests, and hang it by nothing."),
    Told("Bags", "leather", CARE, "Keep it from rain the first week; then cream it lightly."),
    Told("Bags", "suede", CARE, "Brush one way only, and keep it out of the sun."),
    Told("Bags", "canvas", CARE, "Sponge with cold water; never in the washing machine."),
    Told("Bags", "", STYLING, "A small scarf around the handle saves it from hand cream."),
    Told("Clothing", "merino", CARE, "Air it overnight; it needs washing far less than you think."),
    Told("Clothing", "cashmere", CARE, "Wash by hand in cool water, dry flat, comb the pills off."),
    Told("Clothing", "lambswool", CARE, "Fold it; hanging pulls the shoulders."),
    Told("Clothing", "silk", CARE, "Turn it inside out and steam it; an iron leaves marks."),
    Told("Clothing", "linen", CARE, "Iron it while it is still damp, or let the creases be."),
    Told("Clothing", "wool", CARE, "Brush it after wearing, and let it hang a day by the window."),
    Told("Clothing", "velvet", CARE, "Steam from the inside; never press the pile."),
    Told("Clothing", "cotton", CARE, "Wash it at 30 degrees and dry it on the line."),
    Told("Clothing", "", STYLING, "One other colour beside it, and let the rest be quiet."),
    Told("Accessories", "", CARE, "Put perfume on first, and this last."),
    Told("Accessories", "silk", CARE, "Roll it instead of folding it: no creases."),
    Told("Accessories", "", STYLING, "Worn with a plain coat it does all the talking."),
)


def tips(categories: Mapping[str, Category]) -> Iterable[CareTip]:
    """The rows of these tips, ready to be stored."""
    for each in TIPS:
        yield CareTip(
            category=categories.get(each.category),
            material=each.material,
            kind=each.kind,
            text=each.text,
        )
