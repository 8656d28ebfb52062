"""An amount of money as a person reads it."""

from decimal import Decimal

from django.conf import settings

SYMBOLS = {"USD": "$", "CAD": "$", "AUD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}


def money(amount: Decimal | None) -> str:
    """`$265`, `$265.50`, `265 CHF`; an unknown price says so."""
    if amount is None:
        return "price unknown"
    sign, amount = ("−" if amount < 0 else ""), abs(amount)
    figure = f"{amount:,.0f}" if amount == amount.to_integral_value() else f"{amount:,.2f}"
    symbol = SYMBOLS.get(settings.CURRENCY)
    return f"{sign}{symbol}{figure}" if symbol else f"{sign}{figure} {settings.CURRENCY}"
