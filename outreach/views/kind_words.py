"""Thanks, a good wish or a tip as a note: one tap, the same road as an offer, the same way back."""

from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from catalog.models import CareTip
from clienteling import clock
from clienteling.access import associates_only
from clienteling.http import StaffRequest
from customers.models import Channel, Customer
from outreach.day import drafts, kind_words, ledger, other_steps
from outreach.day.kind_words import KINDS, Begun, KindWords
from outreach.day.next_step import Kind
from outreach.day.note_form import Kept
from outreach.forms import PAGES_WITH_STEPS, KindWordsForm, page_of
from outreach.messages.outbox import NotSendable, StaleCard
from outreach.messages.wording import OutgoingNote
from outreach.models.message import Message, Step
from outreach.views import after_send
from outreach.views.shop import store_of

TAKEN_BACK = "Taken back. Nothing was sent."


@associates_only
@require_POST
def send(request: StaffRequest, customer_id: str) -> HttpResponse:
    """One tap: queue the words as they were shown, or draw them again with the reason why not."""
    visible = Customer.objects.visible_to(request.user).select_related(
        "associate", "store", "outlook"
    )
    customer = get_object_or_404(visible, customer_id=customer_id)
    form, now = KindWordsForm(request.POST), clock.now()
    if not form.is_valid():
        return drawn_again(request, customer, _begun(request, fault=form.fault), now)
    if doubt := after_send.doubt(customer, form):
        return drawn_again(request, customer, _begun(request, fault=doubt, is_doubt=True), now)
    try:
        message = kind_words.send(
            customer,
            _note(form),
            by=request.user,
            form_token=str(form.cleaned_data["form_token"]),
            seen=form.cleaned_data["seen"],
            now=now,
        )
    except (NotSendable, StaleCard) as refusal:
        return drawn_again(request, customer, _begun(request, alarm=refusal.sentence), now)
    return after_send.sent(request, message, now)


def drawn_again(
    request: StaffRequest,
    customer: Customer,
    begun: Begun,
    now: datetime,
    taken_back: Message | None = None,
) -> HttpResponse:
    """The panel with her words kept; without htmx the page that holds it."""
    store, page = store_of(request), page_of(request.POST, PAGES_WITH_STEPS)
    if page == "client":
        hers = ledger.for_client(customer, request.user, store, now=now, begun=begun)
        _keep(taken_back, hers.words)
        return _whole(request, "outreach/client.html", {"ledger": hers})
    shown = other_steps.for_client(customer, request.user, store, now=now, begun=begun)
    _keep(taken_back, shown.words)
    context = {"steps": shown, "page": page}
    if not request.htmx:
        return render(request, "outreach/steps.html", {**context, "page": "steps"})
    response = render(request, "outreach/_other_steps.html", context)
    response["HX-Retarget"], response["HX-Reswap"] = f"#steps-{customer.pk}", "outerHTML"
    return response


def taken_back(request: StaffRequest, message: Message, kept: Kept, now: datetime) -> HttpResponse:
    """After Undo: the words in the place of the strip, to be sent again or left."""
    customer, page = message.customer, page_of(request.POST, PAGES_WITH_STEPS)
    begun = Begun(Kind(message.step), kept, say=TAKEN_BACK)
    if page == "client" or not request.htmx:
        return drawn_again(request, customer, begun, now, taken_back=message)
    shown = other_steps.for_client(customer, request.user, store_of(request), now=now, begun=begun)
    _keep(message, shown.words)
    return render(request, "outreach/_words_again.html", {"steps": shown, "page": page})


def _keep(message: Message | None, words: KindWords | None) -> None:
    if message and words:
        after_send.keep_words(message, words.note)


def _whole(request: StaffRequest, template: str, context: dict[str, object]) -> HttpResponse:
    """A whole page, of which htmx takes the middle."""
    response = render(request, template, context)
    if request.htmx:
        response["HX-Retarget"], response["HX-Reselect"] = "#main", "#main"
        response["HX-Reswap"] = "outerHTML"
    return response


def _begun(
    request: StaffRequest, *, alarm: str = "", fault: str = "", is_doubt: bool = False
) -> Begun:
    """What was posted, to be shown again; nonsense in it is as good as nothing."""
    values = request.POST
    step, channel = values.get("step", ""), values.get("channel", "")
    tone = drafts.origin_of(values.get("origin", "")).tone
    kept = Kept(channel if channel in Channel.values else "", values.get("body", ""), tone)
    kind = Kind(step) if step in KINDS else Kind.THANKS
    return Begun(kind, kept, alarm=alarm, fault=fault, is_doubt=is_doubt)


def _note(form: KindWordsForm) -> OutgoingNote:
    values = form.cleaned_data
    origin, step = drafts.origin_of(values["origin"]), Step(values["step"])
    return OutgoingNote(
        body=values["body"],
        channel=values["channel"],
        subject=values["subject"] if values["channel"] == Channel.EMAIL else "",
        step=step,
        tone=origin.tone,
        template_version=origin.template_version,
        kept_note=origin.kept_note,
        tip=_tip(values["tip"]) if step == Step.TIP else None,
    )


def _tip(number: int | None) -> int | None:
    """The tip's number, if it is (still) one of the catalog's."""
    return number if number and CareTip.objects.filter(pk=number).exists() else None
