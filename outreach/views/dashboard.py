"""Today: the cards, and what becomes of a tap on Send."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.contrib import messages as banners
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from catalog.models import Product
from clienteling import clock
from clienteling.access import associates_only, only
from clienteling.http import StaffRequest
from clienteling.models import User
from customers import feedback
from customers.models import Channel, Customer
from outreach.day import (
    card,
    cards,
    drafts,
    evening,
    fans,
    kind_words,
    ledger,
    resting,
    swap,
    wording,
)
from outreach.day.candidates import Who
from outreach.day.card import Card, Noted
from outreach.day.note_form import Kept
from outreach.forms import NotedWordForm, SendForm, page_of
from outreach.messages import clearance, conversations, outbox
from outreach.messages.outbox import NotSendable, StaleCard, TooLate
from outreach.messages.wording import OutgoingNote
from outreach.models.message import Message
from outreach.views import after_send
from outreach.views.kind_words import taken_back as kind_words_again
from outreach.views.one_card import kept_on, shown_on
from outreach.views.shop import store_of

CARD_PARTS = {
    "day": "outreach/_client_card.html",
    "client": "outreach/_note_in_ledger.html",
    "new-in": "outreach/_fan.html",
}


WHO: dict[str, Who] = {"about-to-lapse": "about-to-lapse", "came-back": "came-back"}


@only(*User.Role)
@require_GET
def day(request: StaffRequest) -> HttpResponse:
    """The associate's day; a manager and an admin have their own first page."""
    if request.user.role == User.Role.MANAGER:
        return redirect("reports")
    if request.user.role == User.Role.ADMIN:
        return redirect("admin:index")
    who = WHO.get(request.GET.get("who", ""), "lapsed")
    today = cards.for_associate(request.user, store_of(request), now=clock.now(), who=who)
    context = {
        "day": today,
        "inbox_count": conversations.waiting_words(today.waiting.in_inbox),
        "is_evening": evening.has_come(store_of(request), now=clock.now()),
    }
    return render(request, "outreach/day.html", context)


@associates_only
@require_POST
def send(request: StaffRequest, customer_id: str) -> HttpResponse:
    """One tap: queue the note as it was shown, or draw the card again with the reason why not."""
    customer = _client(request, customer_id)
    form, now = SendForm(request.POST), clock.now()
    kept = Kept(
        request.POST.get("channel", ""),
        request.POST.get("body", ""),
        drafts.origin_of(request.POST.get("origin", "")).tone,
    )
    if not form.is_valid():
        return _card(request, customer, now, kept, fault=form.fault)
    if doubt := after_send.doubt(customer, form):
        return _card(request, customer, now, kept, fault=doubt, is_doubt=True)
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
    return after_send.sent(request, message, now)


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
        return after_send.strip(request, message, now)
    if message.step in kind_words.KINDS:
        return kind_words_again(request, message, kept, now)
    shown = tuple(pick.product_id for pick in clearance.picked(message))
    say = "Taken back. Nothing was sent."
    return _card(request, message.customer, now, kept, say=say, shown=shown, taken_back=message)


@associates_only
@require_POST
def word(request: StaffRequest, customer_id: str) -> HttpResponse:
    """What she makes of an item, as her associate heard it: the card again, as it is to be now."""
    customer = get_object_or_404(
        Customer.objects.in_book_of(request.user).select_related("associate", "store"),
        customer_id=customer_id,
    )
    form, now = NotedWordForm(request.POST), clock.now()
    if not form.is_valid():
        raise Http404
    product = get_object_or_404(Product, style=form.cleaned_data["product"])
    kept = kept_on(request, customer, now)
    noted = _noted(request, customer, product, form.cleaned_data["kind"], now)
    if request.htmx:
        return _after_word(request, customer, now, kept, noted)
    banners.success(request, noted.sentence)
    page = request.POST.get("page")
    if page in ("client", "thread"):
        return redirect(page, customer_id=customer.customer_id)
    return redirect("day")


@associates_only
@require_GET
def message_strip(request: StaffRequest, message_id: UUID) -> HttpResponse:
    """Where a sent note stands now."""
    return after_send.strip(request, _own_message(request, message_id), clock.now())


def _noted(
    request: StaffRequest, customer: Customer, product: Product, kind: str, now: datetime
) -> Noted:
    """The word written down, or taken back where `kind` is blank, in a sentence."""
    by = request.user
    if not kind:
        feedback.forget(customer, product, at=now, by=by)
        return Noted("", f"Taken back: nothing is noted of the {product.name}.")
    feedback.say(customer, product, feedback.Kind(kind), at=now, by=by)
    sentence = wording.noted_words(kind, product.name, customer.called)
    return Noted(product.style, sentence, before=request.POST.get("seen", ""))


def _after_word(
    request: StaffRequest, customer: Customer, now: datetime, kept: Kept | None, noted: Noted
) -> HttpResponse:
    """The client page whole, of which htmx takes what it needs; or her card, if one is left."""
    store, user = store_of(request), request.user
    if page_of(request.POST) == "client":
        store = customer.store or store
        page = ledger.for_client(customer, user, store, now=now, kept=kept)
        return render(request, "outreach/client.html", {"ledger": replace(page, noted=noted)})
    before = request.POST.get("before", "")  # a word taken back brings her card as it was
    shown = swap.on_card(customer, before) if before else shown_on(request, customer)
    drawn = cards.for_client(customer, user, store, now=now, kept=kept, shown=shown)
    if not drawn.picks:
        held = resting.with_nothing_to_show(customer)
        context = {"held": held, "noted": noted, "word_url": drawn.word_url}
        return render(request, "outreach/_held_strip.html", context)
    drawn = replace(drawn, noted=noted, say=noted.sentence)
    return render(request, "outreach/_client_card.html", {"card": drawn, "page": "day"})


def _note(customer: Customer, form: SendForm) -> OutgoingNote:
    values = form.cleaned_data
    origin = drafts.origin_of(values["origin"])
    return OutgoingNote(
        body=values["body"],
        channel=values["channel"],
        subject=values["subject"] if values["channel"] == Channel.EMAIL else "",
        items=cards.as_shown(customer, values["seen"]),
        tone=origin.tone,
        template_version=origin.template_version,
        kept_note=origin.kept_note,
    )


def _card(
    request: StaffRequest,
    customer: Customer,
    now: datetime,
    kept: Kept,
    *,
    fault: str = "",
    is_doubt: bool = False,
    alarm: str = "",
    say: str = "",
    shown: tuple[int, ...] = (),
    taken_back: Message | None = None,
) -> HttpResponse:
    """The card again with the words kept; without htmx the client's page, which holds it."""
    store, page = store_of(request), page_of(request.POST)
    kept = kept if kept.channel in Channel.values else replace(kept, channel=Channel.SMS)

    def marked(drawn: Card) -> Card:
        drawn = card.with_alert(drawn, "bad", alarm) if alarm else drawn
        drawn = card.with_fault(drawn, fault) if fault else drawn
        drawn = card.with_meant(drawn) if is_doubt else drawn
        return replace(drawn, say=say)

    def keep(drawn: Card | None, about: int | None = None) -> None:
        if taken_back and drawn:
            after_send.keep_words(taken_back, drawn.note, about=about)

    if not request.htmx:
        hers = ledger.for_client(customer, request.user, store, now=now, kept=kept)
        keep(hers.card)
        marked_page = replace(hers, card=marked(hers.card)) if hers.card else hers
        return render(request, "outreach/client.html", {"ledger": marked_page})
    on_it = shown or shown_on(request, customer)
    if page == "new-in" and on_it:
        drawn = fans.one(customer, on_it[0], request.user, store, now=now, kept=kept)
        keep(drawn, about=on_it[0])
        return render(request, CARD_PARTS[page], {"card": marked(drawn), "page": page})
    drawn = cards.for_client(customer, request.user, store, now=now, kept=kept, shown=on_it)
    keep(drawn)
    return render(request, CARD_PARTS[page], {"card": marked(drawn), "page": page})


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
        .with_stops()
        .select_related("customer__store", "customer__associate", "lookbook"),
        pk=message_id,
    )
