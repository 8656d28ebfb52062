"""The client book, and one client's page."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from clienteling import clock
from clienteling.access import associates_and_managers
from clienteling.http import StaffRequest, page_or_part, varying_by_htmx, wants_part
from customers.models import Customer
from outreach.day import book, known, ledger
from outreach.day import why_not as others
from outreach.day.segments import Narrowing
from outreach.forms import BookForm
from outreach.notebook_forms import WardrobeForm
from outreach.views.shop import store_of


@associates_and_managers
@require_GET
def clients(request: StaffRequest) -> HttpResponse:
    """Everybody by name; a letter typed into the search is answered with the names alone."""
    asked = (_wanted(BookForm(request.GET)), request.user, store_of(request))
    if wants_part(request):
        answer = render(
            request, "outreach/_found.html", {"names": book.names(*asked, now=clock.now())}
        )
    else:
        answer = render(
            request, "outreach/clients.html", {"book": book.opened(*asked, now=clock.now())}
        )
    return varying_by_htmx(answer)


@associates_and_managers
@require_GET
def book_counts(request: StaffRequest) -> HttpResponse:
    """How many are in each group: what a page of names asks for once it is there."""
    wanted = _wanted(BookForm(request.GET))
    numbers = book.counted(wanted, request.user, store_of(request), now=clock.now())
    return render(request, "outreach/_book_counts.html", {"numbers": numbers})


@associates_and_managers
@require_GET
def client(request: StaffRequest, customer_id: str) -> HttpResponse:
    """One client, top to bottom."""
    now = clock.now()
    everybody = known.with_notebooks(Customer.objects.visible_to(request.user), now=now)
    customer = get_object_or_404(
        everybody.select_related("associate", "store", "outlook"), customer_id=customer_id
    )
    page = ledger.for_client(
        customer,
        request.user,
        customer.store or store_of(request),
        now=now,
        opened=_opened(request),
    )
    return render(request, "outreach/client.html", {"ledger": page})


@associates_and_managers
@require_GET
def why_not(request: StaffRequest, customer_id: str) -> HttpResponse:
    """What came close for a client and lost: a page, or the part below her card."""
    customer = get_object_or_404(
        Customer.objects.visible_to(request.user).select_related("associate", "store"),
        customer_id=customer_id,
    )
    shown = others.for_client(
        customer, request.user, customer.store or store_of(request), now=clock.now()
    )
    return page_or_part(
        request, "outreach/why_not.html", "outreach/_why_not.html", {"why_not": shown}
    )


def _opened(request: StaffRequest) -> ledger.Opened:
    """What the address unfolds; what it cannot mean is passed over."""
    form = WardrobeForm(request.GET)
    form.is_valid()
    return ledger.Opened(
        entries=request.GET.get("entries", "all"),
        every_entry=bool(request.GET.get("everything")),
        closet=form.cleaned_data.get("closet", ""),
        closet_page=form.cleaned_data.get("page") or 1,
    )


def _narrowing(form: BookForm) -> Narrowing:
    values = form.cleaned_data
    return Narrowing(
        rhythm=values.get("rhythm", ""),
        traits=frozenset(values.get("trait", ())),
        brand=values.get("brand", ""),
        category=values.get("category", ""),
    )


def _wanted(form: BookForm) -> book.Wanted:
    form.is_valid()
    values = form.cleaned_data
    after, number = values.get("after"), values.get("number")
    return book.Wanted(
        query=values.get("q", ""),
        whose=values.get("whose") or "mine",
        by=_narrowing(form),
        letter=values.get("letter", ""),
        after=(after, number) if after and number else None,
    )
