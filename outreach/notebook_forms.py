"""What an associate writes into a client's notebook, made into clean values."""

from decimal import Decimal
from typing import Any

from django import forms

from customers.models import ImportantDate
from customers.note_rules import RULE_LABELS, RuleKind
from customers.notebook import Never


class _SaysWhatIsWrong(forms.Form):
    @property
    def fault(self) -> str:
        """The first thing that is wrong; blank where nothing is."""
        return str(next(iter(self.errors.values()), [""])[0])


class NoteForm(_SaysWhatIsWrong):
    """Free words, a rule, or both. A rule about prices takes its figure from the same field."""

    words = forms.CharField(
        max_length=500,
        required=False,
        error_messages={"max_length": "A note has at most 500 characters."},
    )
    rule = forms.ChoiceField(
        choices=[(kind.value, RULE_LABELS[kind]) for kind in RuleKind], required=False
    )
    value = forms.CharField(
        max_length=120, required=False, error_messages={"max_length": "That name is too long."}
    )

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        kind, value = values.get("rule"), values.get("value", "")
        values["never"] = None
        if kind == RuleKind.PRICE_ABOVE:
            values["never"] = Never(RuleKind.PRICE_ABOVE, price=_price(value))
        elif kind:
            values["never"] = Never(RuleKind(kind), value)
        elif value:
            self.add_error("rule", "What of it does she never want: brand, color, price?")
        return values


def _price(text: str) -> Decimal:
    """`$1,300.50` as a figure; raises a sentence for what is none."""
    figure = "".join(sign for sign in text.replace(",", "") if sign.isdigit() or sign == ".")
    try:
        price = Decimal(figure)
    except ArithmeticError:
        raise forms.ValidationError("Above which price? A figure, please.") from None
    if price >= 10**10:
        raise forms.ValidationError("Above which price? A figure, please.")
    return round(price, 2)


class SizeForm(_SaysWhatIsWrong):
    """Her size in a category."""

    category = forms.CharField(
        max_length=120, strip=False, error_messages={"required": "In which category?"}
    )
    size = forms.CharField(max_length=20, error_messages={"required": "Which size?"})


class DateForm(_SaysWhatIsWrong):
    """A day to remember; the year only where she told it."""

    kind = forms.ChoiceField(choices=ImportantDate.Kind)
    month = forms.IntegerField(error_messages={"required": "In which month?"})
    day = forms.IntegerField(error_messages={"required": "On which day?"})
    year = forms.IntegerField(
        required=False, error_messages={"invalid": "The year, in four digits."}
    )
    label = forms.CharField(
        max_length=80,
        required=False,
        error_messages={"max_length": "A name of at most 80 characters, please."},
    )


class WardrobeForm(forms.Form):
    """Which part of the closet is asked for; nonsense asks for all of it."""

    closet = forms.CharField(max_length=120, required=False, strip=False)
    page = forms.IntegerField(min_value=1, max_value=10_000, required=False)
