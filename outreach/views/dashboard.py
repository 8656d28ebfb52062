"""Today: the cards, and what becomes of a tap on Send."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.contrib import messages as banners
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from clienteling import clock
from clienteling.access import associates_only, only
from clienteling.http import StaffRequest
from clienteling.models import User
from customers.models import Channel, Customer
from outreach.day import card, cards, ledger, strips
from outreach.day.candidates import Who
from outreach.day.card import Card, Kept
from outreach.forms import SendForm, page_of
from outreach.messages import outbox
from outreach.messages.outbox import NotSendable, StaleCard, TooLate
from outreach.messages.wording import OutgoingNote
from outreach.models.message import Message
from outreach.views.shop import store_of

CARD_PARTS = {
    "day": "outreach/_client_card.html",
    "client": "outreach/_note_in_ledger.html",
}


@only(*User.Role)
@require_GET
def day(request: StaffRequest) -> HttpResponse:
    """The associate's day; a manager and an admin have their own first page."""
    if request.user.role == User.Role.MANAGER:
        return redirect("reports")
    if request.user.role == User.Role.ADMIN:
        return redirect("admin:index")
    who: Who = "about-to-lapse" if request.GET.get("who") == "about-to-lapse" else "lapsed"
    today = cards.for_associate(request.user, store_of(request), now=clock.now(), who=who)
    return render(request, "outreach/day.html", {"day": today, "inbox_count": today.counts.waiting})


@associates_only
@require_POST
def send(request: StaffRequest, customer_id: str) -> HttpResponse:
    """One tap: queue the note as it was shown, or draw the card again with the reason why not."""
    customer = _client(request, customer_id)
    form, now = SendForm(request.POST), clock.now()
    kept = Kept(request.POST.get("channel", ""), request.POST.get("body", ""))
    if not form.is_valid():
        return _card(request, customer, now, kept, fault=form.fault)
    try:
        message = outbox.send(
            customer,
            _note(customer, form),
            by=request.user,
            form_token=str(form.cleaned_data["form_token"]),
            seen=form.cleaned_data["seen"],
            now=now,
        )
    except (NotSendable, StaleCard) as refusal:
        return _card(request, customer, now, kept, alarm=refusal.sentence)
    return _strip(request, message, now, is_new=True)


@associates_only
@require_POST
def take_back(request: StaffRequest, message_id: UUID) -> HttpResponse:
    """Undo: the card comes back with the words kept, or the strip says that it was too late."""
    message = _own_message(request, message_id)
    now = clock.now()
    kept = cards.kept_words(message)
    try:
        outbox.take_back(message, by=request.user, now=now)
    except TooLate:
        message.refresh_from_db()
        return _strip(request, message, now)
    return _card(request, message.customer, now, kept, say="Taken back. Nothing was sent.")


@associates_only
@require_GET
def message_strip(request: StaffRequest, message_id: UUID) -> HttpResponse:
    """Where a sent note stands now."""
    return _strip(request, _own_message(request, message_id), clock.now())


def _note(customer: Customer, form: SendForm) -> OutgoingNote:
    values = form.cleaned_data
    return OutgoingNote(
        body=values["body"],
        channel=values["channel"],
        subject=values["subject"] if values["channel"] == Channel.EMAIL else "",
        items=cards.as_shown(customer, values["seen"]),
    )


def _card(
    request: StaffRequest,
    customer: Customer,
    now: datetime,
    kept: Kept,
    *,
    fault: str = "",
    alarm: str = "",
    say: str = "",
) -> HttpResponse:
    """The card again with the words kept; without htmx the client's page, which holds it."""
    store, page = store_of(request), page_of(request.POST)
    kept = kept if kept.channel in Channel.values else replace(kept, channel=Channel.SMS)

    def marked(drawn: Card) -> Card:
        drawn = card.with_alert(drawn, "bad", alarm) if alarm else drawn
        drawn = card.with_fault(drawn, fault) if fault else drawn
        return replace(drawn, say=say)

    if not request.htmx:
        seen = ledger.for_client(customer, request.user, store, now=now, kept=kept)
        shown = replace(seen, card=marked(seen.card)) if seen.card else seen
        return render(request, "outreach/client.html", {"ledger": shown})
    drawn = cards.for_client(customer, request.user, store, now=now, kept=kept)
    return render(request, CARD_PARTS[page], {"card": marked(drawn), "page": page})


def _strip(
    request: StaffRequest, message: Message, now: datetime, *, is_new: bool = False
) -> HttpResponse:
    page = page_of(request.POST or request.GET)
    draw = strips.just_sent if is_new else strips.strip_of
    strip = draw(message, store_of(request), now=now)
    if request.htmx or request.method == "GET":
        return render(request, "outreach/_message_strip.html", {"strip": strip, "page": page})
    banners.success(request, f"{strip.label}: {strip.sentence}")
    return redirect(strip.client_url if page == "client" else "day")


def _client(request: StaffRequest, customer_id: str) -> Customer:
    """A client she may see; one that is not hers is refused by the rules, with a sentence."""
    return get_object_or_404(
        Customer.objects.visible_to(request.user).select_related("associate", "store", "outlook"),
        customer_id=customer_id,
    )


def _own_message(request: StaffRequest, message_id: UUID) -> Message:
    return get_object_or_404(
        Message.objects.visible_to(request.user)
        .filter(sender=request.user)
        .select_related("customer__store", "customer__associate", "lookbook"),
        pk=message_id,
    )
