"""What an associate writes into a client's notebook: notes, sizes, days to remember."""

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages as banners
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from catalog.models import Category
from clienteling import clock
from clienteling.access import associates_only
from clienteling.http import StaffRequest
from customers import notebook
from customers.models import Customer, ImportantDate
from customers.notebook import CannotNote
from outreach.day import ledger
from outreach.notebook_forms import DateForm, NoteForm, SizeForm
from outreach.views.one_card import kept_on
from outreach.views.shop import store_of

Written = Callable[[Customer, datetime], str]
"""Writes something down and says what, in a sentence; raises ``CannotNote``."""


@associates_only
@require_POST
def add_note(request: StaffRequest, customer_id: str) -> HttpResponse:
    """Words, or something she never wants: from now on no such thing is shown to her."""
    form = NoteForm(request.POST)

    def write(customer: Customer, now: datetime) -> str:
        _refuse(form)
        words, never = form.cleaned_data["words"], form.cleaned_data["never"]
        notebook.write(customer, words=words, never=never, by=request.user, now=now)
        return "Noted." if never is None else "Noted: it counts from now on, also for what waits."

    return _written(request, customer_id, write)


@associates_only
@require_POST
def retire_note(request: StaffRequest, customer_id: str, number: int) -> HttpResponse:
    """It counts no more."""

    def retire(customer: Customer, now: datetime) -> str:
        if not notebook.retire(customer, number, by=request.user, now=now):
            raise Http404
        return "Put away: this note counts no more."

    return _written(request, customer_id, retire)


@associates_only
@require_POST
def state_size(request: StaffRequest, customer_id: str) -> HttpResponse:
    """Her size as she says it; it counts before the one she last took."""
    form = SizeForm(request.POST)

    def state(customer: Customer, now: datetime) -> str:
        _refuse(form)
        category = Category.objects.filter(name=form.cleaned_data["category"]).first()
        if category is None:
            raise CannotNote("There is no such category.")
        size = form.cleaned_data["size"]
        stated = notebook.state_size(customer, category, size, by=request.user, now=now)
        return f"Noted: {stated.size} in {category.name.lower()}."

    return _written(request, customer_id, state)


@associates_only
@require_POST
def forget_size(request: StaffRequest, customer_id: str, number: int) -> HttpResponse:
    """What she last took decides again."""

    def forget(customer: Customer, now: datetime) -> str:
        if not notebook.forget_size(customer, number):
            raise Http404
        return "Forgotten: the size last taken counts again."

    return _written(request, customer_id, forget)


@associates_only
@require_POST
def keep_date(request: StaffRequest, customer_id: str) -> HttpResponse:
    """A birthday, or another day that matters to her."""
    form = DateForm(request.POST)

    def keep(customer: Customer, now: datetime) -> str:
        _refuse(form)
        values = form.cleaned_data
        kind = ImportantDate.Kind(values.pop("kind"))
        notebook.keep_date(customer, kind, **values, by=request.user, now=now)
        return f"Noted: {kind.label.lower()}."

    return _written(request, customer_id, keep)


@associates_only
@require_POST
def forget_date(request: StaffRequest, customer_id: str, number: int) -> HttpResponse:
    """It matters no more."""

    def forget(customer: Customer, now: datetime) -> str:
        if not notebook.forget_date(customer, number):
            raise Http404
        return "Forgotten."

    return _written(request, customer_id, forget)


def _refuse(form: NoteForm | SizeForm | DateForm) -> None:
    if not form.is_valid():
        raise CannotNote(form.fault)


def _written(request: StaffRequest, customer_id: str, write: Written) -> HttpResponse:
    """Write, and show her page again: whole for htmx, with the note that lay half written."""
    book = Customer.objects.in_book_of(request.user)
    customer = get_object_or_404(
        book.select_related("associate", "store", "outlook"), customer_id=customer_id
    )
    now = clock.now()
    kept = kept_on(request, customer, now) if request.htmx else None
    try:
        banners.success(request, write(customer, now))
    except CannotNote as refusal:
        banners.error(request, refusal.sentence)
    if not request.htmx:
        return redirect(f"{reverse('client', args=[customer.customer_id])}#notebook")
    store = customer.store or store_of(request)
    page = ledger.for_client(customer, request.user, store, now=now, kept=kept)
    return render(request, "outreach/client.html", {"ledger": page})
