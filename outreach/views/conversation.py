"""The inbox, and one conversation."""

from typing import Any

from django.contrib import messages as banners
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clienteling import clock
from clienteling.access import associates_and_managers, associates_only
from clienteling.http import StaffRequest, page_or_part
from clienteling.models import User
from customers.models import Customer
from outreach.day import conversation
from outreach.day import inbox as inboxes
from outreach.forms import AnswerForm, InboxForm, QuickAnswerForm
from outreach.messages import conversations, notices, outbox
from outreach.messages.conversations import Place
from outreach.messages.outbox import NotSendable, StaleCard
from outreach.messages.wording import OutgoingNote
from outreach.models import ReplyPicture
from outreach.models.message import Step
from outreach.views.shop import store_of


@associates_and_managers
@require_GET
def inbox(request: StaffRequest) -> HttpResponse:
    """Who waits, the longest first; `?after=` goes on behind the last of a page."""
    return _inbox(request, after=InboxForm(request.GET).place)


@associates_only
@require_POST
def handled(request: StaffRequest, customer_id: str) -> HttpResponse:
    """Put away without an answer: a thank-you needs none."""
    now = clock.now()
    mine = conversations.answerable_by(request.user, now=now)
    customer = get_object_or_404(mine, customer_id=customer_id)
    conversations.mark_handled(customer, now=now)
    if not request.htmx:
        return redirect("inbox")
    return _inbox(request, say=f"{customer} is put away.")


@associates_only
@require_POST
def notice_read(request: StaffRequest, number: int) -> HttpResponse:
    """She knows; it is told no more."""
    if not notices.mark_read(request.user, number, now=clock.now()):
        raise Http404
    if not request.htmx:
        return redirect("inbox")
    return _inbox(request, say="Put away.")


@associates_and_managers
@require_GET
def picture(request: StaffRequest, number: int) -> HttpResponse:
    """A picture a client sent, for those who see her conversation. Always a JPEG of our making."""
    found = get_object_or_404(
        ReplyPicture.objects.visible_to(request.user).filter(state=ReplyPicture.State.KEPT),
        pk=number,
    )
    response = HttpResponse(bytes(found.content), content_type="image/jpeg")
    response["Content-Disposition"] = f'inline; filename="picture-{found.pk}.jpg"'
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@associates_and_managers
@require_http_methods(["GET", "HEAD", "POST"])
def thread(request: StaffRequest, customer_id: str) -> HttpResponse:
    """One conversation; a POST is an answer.

    What was said is refreshed, and the quick answers to it; never a field somebody may type in.
    """
    customer = get_object_or_404(
        Customer.objects.visible_to(request.user).select_related("associate", "store"),
        customer_id=customer_id,
    )
    if request.method == "POST":
        return _answer(request, customer)
    return _thread(request, customer)


def _inbox(request: StaffRequest, say: str = "", after: Place | None = None) -> HttpResponse:
    shown = inboxes.for_user(request.user, store_of(request), now=clock.now(), say=say, after=after)
    context: dict[str, Any] = {"inbox": shown}
    if request.user.role == User.Role.ASSOCIATE:  # a manager's counts unknown senders, too: /pulse/
        context["inbox_count"] = shown.count
    return page_or_part(request, "outreach/inbox.html", "outreach/_inbox.html", context)


def _thread(
    request: StaffRequest, customer: Customer, *, body: str = "", fault: str = ""
) -> HttpResponse:
    store = customer.store or store_of(request)
    shown = conversation.thread(
        customer, request.user, store, now=clock.now(), body=body, fault=fault
    )
    if request.method == "POST":
        return render(request, "outreach/thread.html", {"thread": shown})
    context = {
        "thread": shown,
        "was_closed": "closed" in request.GET,
        "has_new_wish": request.GET.get("up_to", "") != str(shown.wish.up_to if shown.wish else ""),
    }
    return page_or_part(request, "outreach/thread.html", "outreach/_thread_news.html", context)


def _quick_answer(request: StaffRequest, customer: Customer) -> HttpResponse:
    """A quick answer is put into the field, to be read and changed; nothing is sent."""
    form = QuickAnswerForm(request.POST)
    words = form.cleaned_data["quick"] if form.is_valid() else request.POST.get("body", "")
    return _thread(request, customer, body=words)


def _answer(request: StaffRequest, customer: Customer) -> HttpResponse:
    if request.user.role != User.Role.ASSOCIATE:
        raise Http404
    if "quick" in request.POST:
        return _quick_answer(request, customer)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _thread(request, customer, body=request.POST.get("body", ""), fault=form.fault)
    words = form.cleaned_data["body"]
    try:
        outbox.send(
            customer,
            OutgoingNote(
                body=words,
                channel=form.cleaned_data["channel"],
                subject=conversation.answer_subject(customer, form.cleaned_data["channel"]),
                step=Step.ANSWER,
            ),
            by=request.user,
            form_token=str(form.cleaned_data["form_token"]),
            seen="",
            now=clock.now(),
        )
    except (NotSendable, StaleCard) as refusal:
        return _thread(request, customer, body=words, fault=refusal.sentence)
    banners.success(request, f"Your answer to {customer} is on its way.")
    return redirect("thread", customer_id=customer.customer_id)
