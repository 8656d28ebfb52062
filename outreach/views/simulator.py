"""The simulated phone and mailbox. They exist only where no real carrier is configured."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from clienteling import clock
from clienteling.access import associates_and_managers
from clienteling.http import StaffRequest
from clienteling.models import Store
from outreach import simulator_page
from outreach.forms import CastForm, SimulatedWordsForm, WindForm
from outreach.messages import simulated_carrier
from outreach.messages.simulated_carrier import USUAL_SEED
from outreach.views.shop import store_of

View = Callable[..., HttpResponseBase]


def when_simulated(view: View) -> View:
    """404 where messages go to real people."""

    @wraps(view)
    def guarded(request: StaffRequest) -> HttpResponseBase:
        if not settings.SIMULATOR_IS_ON:
            raise Http404
        return view(request)

    return guarded


@when_simulated
@associates_and_managers
@require_GET
def simulator(request: StaffRequest) -> HttpResponse:
    """Clock, phone and mailbox; htmx asks for the phone or the mailbox alone."""
    store, now = store_of(request), clock.now()
    address, letter = request.GET.get("address", ""), _number(request.GET.get("letter", ""))
    if request.htmx and request.htmx.target == "handset-live":
        phone = simulator_page.phone(request.user, store, address=address, now=now)
        return render(request, "simulator/_handset.html", {"phone": phone})
    if request.htmx and request.htmx.target == "mailbox":
        mailbox = simulator_page.mailbox(request.user, store, letter=letter, now=now)
        if mailbox.newest == request.GET.get("newest"):
            return HttpResponse(status=204)  # nothing is drawn anew under somebody who is typing
        return render(request, "simulator/_mailbox.html", {"mailbox": mailbox})
    bench = simulator_page.bench(request.user, store, address=address, letter=letter, now=now)
    return render(request, "simulator/index.html", {"bench": bench})


@when_simulated
@associates_and_managers
@require_POST
def answer(request: StaffRequest) -> HttpResponse:
    """Words from the simulated phone or mailbox take the carrier's road into the shop."""
    form, now = SimulatedWordsForm(request.POST), clock.now()
    if not form.is_valid() or not form.says_something:
        return redirect("simulator")
    store, address = store_of(request), form.cleaned_data["address"]
    if not simulator_page.is_known(request.user, form.cleaned_data["channel"], address):
        raise Http404
    simulated_carrier.write(
        channel=form.cleaned_data["channel"],
        address=address,
        body=form.words,
        has_picture=form.has_picture,
        now=now,
    )
    if request.htmx:
        phone = simulator_page.phone(request.user, store, address=address, now=now)
        return render(request, "simulator/_handset.html", {"phone": phone})
    letter = _number(request.POST.get("letter", ""))
    if letter:
        return redirect(simulator_page.letter_url(letter))
    return redirect(simulator_page.url(address=address))


@when_simulated
@associates_and_managers
@require_POST
def wind(request: StaffRequest) -> HttpResponse:
    """Move the demo clock on; what was due in between happens at the next sweep."""
    form = WindForm(request.POST)
    if form.is_valid() and clock.is_shifted():
        clock.wind_on(_distance(form, store_of(request)))
    return redirect("simulator")


@when_simulated
@associates_and_managers
@require_POST
def cast(request: StaffRequest) -> HttpResponse:
    """Let the simulated people answer by themselves, or leave their words to whoever taps."""
    form = CastForm(request.POST)
    if form.is_valid() and form.cleaned_data["is_on"]:
        simulated_carrier.call_the_cast(
            seed=form.cleaned_data["seed"] or USUAL_SEED, now=clock.now()
        )
    elif form.is_valid():
        simulated_carrier.dismiss_the_cast()
    return redirect("simulator")


def _distance(form: WindForm, store: Store) -> timedelta:
    if form.cleaned_data["until"]:
        now = clock.now()
        return simulator_page.next_morning(store, now) - now
    return timedelta(minutes=form.cleaned_data["minutes"] or 0)


def _number(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
