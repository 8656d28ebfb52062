"""Her page at the counter: the six characters she says, and what became of each item.

What an associate saw with her own eyes is certain: *bought* here is the first of all claims on a
sale, before any answer or click (`outreach.proof.in_store` joins it with the till's line).
"""

import secrets
from datetime import datetime

from django.db import IntegrityError, transaction

from catalog.models import Product
from clienteling.models import Store, User
from customers import feedback
from customers.feedback import Kind
from customers.models import Customer, Feedback
from outreach.models import Hold, Lookbook, Showing
from outreach.page import holds

# Nothing that is misread or misheard for another: no 0 and O, no 1, I and L.
ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
LENGTH = 6  # some 890 million; a few thousand are alive at a time, and guesses are counted
TRIES = 5

Outcome = Showing.Outcome


def code_of(book: Lookbook) -> str:
    """The page's code, made when it is first asked for; no two pages have the same."""
    for _ in range(TRIES):
        if book.code:
            return book.code
        new = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        try:
            with transaction.atomic():
                Lookbook.objects.filter(pk=book.pk, code=None).update(code=new)
        except IntegrityError:
            continue  # another page has it
        book.refresh_from_db(fields=["code"])
    raise RuntimeError(f"No free code was found in {TRIES} tries.")


def spelled(code: str) -> str:
    """`K74 M2P`: in two halves, as people say it."""
    return f"{code[:3]} {code[3:]}"


def read(text: str) -> str:
    """What was typed as a code, whatever the case, blanks or dashes; "" when it cannot be one."""
    typed = "".join(text.upper().replace("-", " ").split())
    return typed if len(typed) == LENGTH and set(typed) <= set(ALPHABET) else ""


def find(text: str, user: User, *, now: datetime) -> Lookbook | None:
    """The page with this code, for the staff of its store; None alike for anything else."""
    code = read(text)
    if not code:
        return None
    here = Store.objects.visible_to(user).values("pk")
    hers = Customer.objects.visible_to(user).values("pk")
    return (
        Lookbook.objects.select_related("customer__store", "associate", "store")
        .filter(code=code, expires_at__gt=now, store__in=here, customer__in=hers)
        .first()
    )


def free_codes(*, now: datetime) -> int:
    """Codes of pages that have closed may be given to others."""
    return Lookbook.objects.filter(code__isnull=False, expires_at__lte=now).update(code=None)


def note(
    book: Lookbook, product: Product, outcome: Showing.Outcome | None, *, by: User, now: datetime
) -> None:
    """What became of an item of her page in the store; None takes it back. The last word stands.

    *Tried* becomes her feedback, and is taken out of it again with the word. What she bought out
    of a hold is collected.
    """
    with transaction.atomic():
        if outcome is None:
            Showing.objects.filter(lookbook=book, product=product).delete()
        else:
            _write(book, product, outcome, by, now)
        if outcome == Outcome.TRIED:
            feedback.say(book.customer, product, Kind.TRIED_NOT_RIGHT, at=now, by=by)
        elif _was_tried(book, product):
            feedback.forget(book.customer, product, at=now, by=by)
        if outcome == Outcome.BOUGHT:
            for hold in Hold.objects.standing(now=now).filter(lookbook=book, product=product):
                holds.answer(hold, "collect", by=by, now=now)


def _write(
    book: Lookbook, product: Product, outcome: Showing.Outcome, by: User, now: datetime
) -> None:
    store = book.store or by.store
    if store is None:
        raise ValueError("An item is shown in a store.")
    Showing.objects.update_or_create(
        lookbook=book,
        product=product,
        defaults={
            "customer_id": book.customer_id,
            "store": store,
            "outcome": outcome,
            "noted_by": by,
            "noted_at": now,
        },
    )


def _was_tried(book: Lookbook, product: Product) -> bool:
    """Whether an associate's *tried* stands; another word of hers is not ours to take back."""
    words = Feedback.objects.filter(customer=book.customer_id, product=product)
    return words.filter(kind=Kind.TRIED_NOT_RIGHT, said_by__isnull=False).exists()
