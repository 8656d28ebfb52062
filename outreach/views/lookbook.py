"""The client's page behind the link: public, and the same for whoever holds the link.

Links are opened by scanners, forms are not sent by them: a GET changes nothing that she would call
hers. No cookie is set and no form token is needed: whoever knows the token in the address may
answer. The associate who tries the page out is not the client, and is told so.
"""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Concatenate

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clienteling import clock
from customers.feedback import Kind
from outreach import lookbook as lookbooks
from outreach.day import letter
from outreach.forms import ComingForm, PageWordsForm, PieceForm, WordForm
from outreach.models import Lookbook, PageGesture
from outreach.page import clicks, coming, counter, holds, knocks, understudies, words
from outreach.page.coming import NoSuchTime
from outreach.page.holds import CannotHold
from outreach.page.knocks import Door

Gesture = PageGesture.Kind
PageView = Callable[[HttpRequest, Lookbook, datetime], HttpResponse]
TokenView = Callable[Concatenate[HttpRequest, str, ...], HttpResponse]

OF_KIND = {Kind.LOVE_IT: Gesture.LOVE_IT, Kind.NOT_FOR_ME: Gesture.NOT_FOR_ME}
NO_LONGER = "That time is no longer free: please choose another."
NO_WORDS = "Please write a few words first, 1,000 characters at most."


def on_page(view: PageView) -> TokenView:
    """Find the page of a token. A wrong token, a closed page and too many of them answer alike.

    Compressed: it holds no secret that an attacker's words could stand beside.
    """

    @csrf_exempt
    @gzip_page
    @wraps(view)
    def opened(request: HttpRequest, token: str) -> HttpResponse:
        now, network = clock.now(), knocks.network_of(request)
        if knocks.is_closed(knocks.WRONG_PAGE, network, now=now):
            return _public(render(request, "lookbook/closed.html", status=429))
        book = lookbooks.find(token, now=now)
        if book is None:
            knocks.count(knocks.WRONG_PAGE, network, now=now)
            return _public(render(request, "lookbook/closed.html", status=404))
        return _public(view(request, book, now))

    return opened


@require_http_methods(["GET", "HEAD", "POST"])
@on_page
def lookbook(request: HttpRequest, book: Lookbook, now: datetime) -> HttpResponse:
    """Her three as they stand now; a POST is her word on one."""
    if request.method == "POST":
        return _word(request, book, now)
    clicks.note_opened(book, request, now=now)
    return _page(request, book, now)


@require_POST
@on_page
def hold(request: HttpRequest, book: Lookbook, now: datetime) -> HttpResponse:
    """Keep a piece for her, or give one back."""
    form = PieceForm(request.POST)
    if not form.is_valid():
        raise Http404
    style, back = form.cleaned_data["product"], form.cleaned_data["back"]
    refusal = _refusal(request, book, now, None if back else knocks.HOLDS)
    if refusal:
        return _page(request, book, now, {style: refusal})
    if back:
        holds.withdraw(book, back, now=now)
        return _to_piece(book, style)
    return _held(request, book, style, form.cleaned_data["size"], now)


@require_POST
@on_page
def come(request: HttpRequest, book: Lookbook, now: datetime) -> HttpResponse:
    """She comes by at one of the offered times, or not after all."""
    form = ComingForm(request.POST)
    if not form.is_valid():
        raise Http404
    refusal = _refusal(request, book, now)
    if refusal:
        return _page(request, book, now, {letter.COMING: refusal})
    at = form.cleaned_data["at"]
    if at is None:
        coming.withdraw(book, now=now)
        return redirect(lookbooks.path(book) + "#come")
    try:
        coming.say(book, at, now=now)
    except NoSuchTime:
        return _page(request, book, now, {letter.COMING: NO_LONGER})
    clicks.gesture(book, Gesture.COMING, request, now=now)
    return redirect(lookbooks.path(book) + "#come")


@require_POST
@on_page
def reply(request: HttpRequest, book: Lookbook, now: datetime) -> HttpResponse:
    """Her words go into the conversation, as an answer by text would."""
    form = PageWordsForm(request.POST)
    said = request.POST.get("words", "")
    if not form.is_valid():
        return _page(request, book, now, {letter.REPLY: NO_WORDS}, drafted=said)
    refusal = _refusal(request, book, now, knocks.WORDS)
    if refusal:
        return _page(request, book, now, {letter.REPLY: refusal}, drafted=said)
    token = form.cleaned_data["form_token"].hex
    if words.reply(book, form.cleaned_data["words"], token=token, now=now):
        clicks.gesture(book, Gesture.REPLY, request, now=now)
    return redirect(lookbooks.path(book) + "#reply")


@require_POST
@on_page
def seen(request: HttpRequest, book: Lookbook, now: datetime) -> HttpResponse:
    """The first touch, key or turn of a wheel, as the page's script tells it."""
    if knocks.count(knocks.ANSWERS, book.token, now=now):
        clicks.gesture(book, Gesture.LOOKED, request, now=now)
    return HttpResponse(status=204)


@require_safe
@on_page
def in_store(request: HttpRequest, book: Lookbook, now: datetime) -> HttpResponse:
    """What the square code opens: for staff of its store her page there, for others the page."""
    if request.user.is_authenticated:
        code = counter.code_of(book)
        if counter.find(code, request.user, now=now):
            return redirect("in-store-page", code=code)
    return redirect(lookbooks.path(book))


def _word(request: HttpRequest, book: Lookbook, now: datetime) -> HttpResponse:
    """The whole page again, at the piece; its script takes the answer out of it."""
    form = WordForm(request.POST)
    if not form.is_valid():
        raise Http404
    style, kind = form.cleaned_data["product"], form.cleaned_data["kind"]
    found = lookbooks.piece(book, style)
    if found is None:
        raise Http404
    refusal = _refusal(request, book, now)
    if refusal:
        return _page(request, book, now, {style: refusal})
    lookbooks.answer(book, style, kind, now=now)
    if kind:
        clicks.gesture(book, OF_KIND[kind], request, now=now, product=found[1])
    return _to_piece(book, style)


def _held(
    request: HttpRequest, book: Lookbook, style: str, size: str, now: datetime
) -> HttpResponse:
    found = lookbooks.piece(book, style)
    if found is None:
        raise Http404
    try:
        holds.ask(book, found[1], size, now=now)
    except CannotHold as refusal:
        return _page(request, book, now, {style: refusal.sentence})
    clicks.gesture(book, Gesture.HOLD, request, now=now, product=found[1])
    return _to_piece(book, style)


def _refusal(request: HttpRequest, book: Lookbook, now: datetime, door: Door | None = None) -> str:
    """Why what was sent is not taken; "" when it is. Staff's trying out is not counted."""
    if request.user.is_authenticated:
        return letter.NOT_HERS
    doors = (knocks.ANSWERS, door) if door else (knocks.ANSWERS,)
    taken = [knocks.count(each, book.token, now=now) for each in doors]
    return "" if all(taken) else letter.TOO_OFTEN


def _page(
    request: HttpRequest,
    book: Lookbook,
    now: datetime,
    faults: dict[str, str] | None = None,
    *,
    drafted: str = "",
) -> HttpResponse:
    items = lookbooks.current(book, now=now)
    if request.method != "HEAD" and understudies.put_in(book, items, now=now):
        items = lookbooks.current(book, now=now)
    page = letter.of(book, items, now=now, faults=faults, drafted=drafted)
    status = 429 if letter.TOO_OFTEN in (faults or {}).values() else 200
    return render(request, "lookbook/page.html", {"page": page}, status=status)


def _to_piece(book: Lookbook, style: str) -> HttpResponse:
    found = lookbooks.piece(book, style)
    return redirect(lookbooks.path(book) + (f"#piece-{found[0]}" if found else ""))


def _public(response: HttpResponse) -> HttpResponse:
    """Nobody indexes it, nobody keeps it, and its address is told to nobody."""
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "private, no-store"
    return response
