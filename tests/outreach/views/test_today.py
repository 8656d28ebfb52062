"""Today beside its cards: who wrote, what was promised, who came back, what a person must do."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clienteling.models import User
from customers.models import Customer
from outreach.models import Gesture, Promise
from tests.factories import (
    NOON,
    CareTipFactory,
    CategoryFactory,
    CustomerFactory,
    GestureFactory,
    HoldFactory,
    ImportantDateFactory,
    LookbookFactory,
    MessageFactory,
    ProductFactory,
    PromiseFactory,
    ReplyFactory,
    ServiceCaseFactory,
    UserFactory,
)
from tests.outreach.scenes import bought, lapsed_client, reachable
from tests.outreach.views.page import Element, read

HTMX = {"HTTP_HX_REQUEST": "true"}
CAME_BACK = "/?who=came-back"
DAY_QUERIES, CAME_BACK_QUERIES = 8, 6


def client_of(associate: User, **values: object) -> Customer:
    return CustomerFactory(**{"associate": associate, "store": associate.store, **values})


def returned_client(associate: User, *, days: int = 3, before: int = 120, **values) -> Customer:
    """She bought `days` ago, and `before` days before that."""
    last, first = NOON - timedelta(days=days), NOON - timedelta(days=days + before)
    customer = client_of(
        associate, first_purchase_at=first, last_purchase_at=last, visit_count=2, **values
    )
    reachable(customer)
    bought(customer, at=first)
    bought(customer, at=last, name="Marlow loafer")
    return customer


# --- Who waits ------------------------------------------------------------------------------------
def test_day_begins_with_who_wrote_and_her_first_words(shop: Client, associate: User) -> None:
    second = client_of(associate, customer_id="C-2", first_name="Priya", last_name="Raman")
    first = client_of(associate, customer_id="C-1", first_name="Amanda", last_name="Reyes")
    ReplyFactory(customer=second, body="Do you have it in blue?", received_at=NOON)
    ReplyFactory(customer=first, body="Lovely!", received_at=NOON - timedelta(hours=2))
    ReplyFactory(customer=first, body="And in 38?", received_at=NOON - timedelta(hours=1))

    replies = read(shop.get("/")).one("ul", class_="replies").all("a")

    assert [each["href"] for each in replies] == ["/clients/C-1/thread/", "/clients/C-2/thread/"]
    assert [each.text for each in replies] == [
        "Amanda Reyes 10:00Lovely!",
        "Priya Raman 12:00Do you have it in blue?",
    ]


def test_header_counts_cards_sent_and_replies(shop: Client, associate: User) -> None:
    lapsed_client(associate)
    ReplyFactory(customer=client_of(associate))

    page = read(shop.get("/"))

    assert page.one(class_="stitches").one("p").text == "1 for today, 0 done, 1 reply waiting"


def test_replies_beyond_five_are_counted(shop: Client, associate: User) -> None:
    for number in range(6):
        ReplyFactory(customer=client_of(associate, customer_id=f"C-{number}"))

    page = read(shop.get("/"))

    assert len(page.one("ul", class_="replies").all("li")) == 5
    assert page.one("a", href="/inbox/", class_="btn plain small").text == "1 more in the inbox"


def test_nobody_elses_replies_and_promises_are_shown(shop: Client) -> None:
    colleague = UserFactory()
    ReplyFactory(customer=client_of(colleague))
    PromiseFactory(customer=client_of(colleague), falls_to=colleague)

    page = read(shop.get("/"))

    assert page.all("section", class_="first-things") == []


# --- Promises -------------------------------------------------------------------------------------
def test_day_shows_promises_due_the_latest_first(shop: Client, associate: User) -> None:
    amanda = client_of(associate, first_name="Amanda", last_name="Reyes")
    PromiseFactory(customer=amanda, falls_to=associate, words="Today")
    late = PromiseFactory(
        customer=amanda,
        falls_to=associate,
        words="Late",
        due_on=NOON.date() - timedelta(days=1),
    )
    PromiseFactory(
        customer=amanda, falls_to=associate, due_on=NOON.date() + timedelta(days=1), words="Later"
    )

    promises = read(shop.get("/")).all("article", aria_label="Promise to Amanda Reyes")

    assert [each.one("p").text for each in promises] == ["Late since yesterday", "Today today"]
    assert promises[0]["id"] == f"promise-{late.pk}"


def test_promise_is_kept_in_one_tap_and_can_be_taken_up_again(
    shop: Client, associate: User
) -> None:
    promise = PromiseFactory(customer=client_of(associate), falls_to=associate)

    kept = read(shop.post(f"/promises/{promise.pk}/keep/", **HTMX)).one("article")
    undo = kept.one("button", data_action="undo")
    again = read(shop.post(kept.one("form")["action"], **HTMX)).one("article")

    assert kept.one("p").text == "Call when the 38 is in Kept."
    assert undo.text == "Undo u"
    assert again.one("p").text == "Call when the 38 is in today"
    assert Promise.objects.open().get() == promise


def test_promise_is_snoozed(shop: Client, associate: User) -> None:
    promise = PromiseFactory(customer=client_of(associate), falls_to=associate)

    line = read(shop.post(f"/promises/{promise.pk}/snooze/", {"days": "1"}, **HTMX)).one("article")

    assert line.one("p").text == "Call when the 38 is in tomorrow Put off."
    assert Promise.objects.get().due_on == NOON.date() + timedelta(days=1)


@pytest.mark.parametrize(
    ("page", "back"),
    [("day", "/"), ("inbox", "/inbox/"), ("client", "/clients/C-1/"), ("new-in", "/"), ("x", "/")],
)
def test_promise_kept_without_a_script_goes_back_where_it_was_kept(
    shop: Client, associate: User, page: str, back: str
) -> None:
    customer = client_of(associate, customer_id="C-1")
    promise = PromiseFactory(customer=customer, falls_to=associate)

    answer = shop.post(f"/promises/{promise.pk}/keep/", {"page": page})

    assert answer["Location"] == back


@pytest.mark.parametrize("days", ["", "0", "91", "x"])
def test_promise_is_not_snoozed_by_nonsense(shop: Client, associate: User, days: str) -> None:
    promise = PromiseFactory(customer=client_of(associate), falls_to=associate)

    answer = shop.post(f"/promises/{promise.pk}/snooze/", {"days": days}, **HTMX)

    assert answer.status_code == 404


def test_promise_of_another_store_is_not_found(shop: Client) -> None:
    promise = PromiseFactory()

    for name in ("keep", "snooze", "take-up"):
        assert shop.post(f"/promises/{promise.pk}/{name}/", {"days": "1"}).status_code == 404


def test_promise_is_given_from_the_panel(shop: Client, associate: User) -> None:
    client_of(associate, customer_id="C-1")
    given = {"words": "Bring the suede brush", "due_on": "2026-06-16", "page": "day"}

    answer = shop.post("/clients/C-1/promise/", given)

    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert Promise.objects.get().words == "Bring the suede brush"


def test_promise_without_words_is_asked_for(shop: Client, associate: User) -> None:
    client_of(associate, customer_id="C-1")

    page = read(shop.post("/clients/C-1/promise/", {"due_on": "2026-06-16"}, follow=True))

    assert "What was promised?" in page.text
    assert not Promise.objects.exists()


# --- Holds ----------------------------------------------------------------------------------------
def test_hold_that_waits_for_a_yes_is_confirmed_in_one_tap(shop: Client, associate: User) -> None:
    amanda = client_of(associate, first_name="Amanda", last_name="Reyes")
    hold = HoldFactory(
        lookbook=LookbookFactory(customer=amanda, associate=associate),
        product=ProductFactory(name="Marlow loafer"),
    )

    line = read(shop.get("/")).one("article", data_hold=str(hold.pk))
    form = line.one("button", data_action="confirm-hold")

    assert line.all("p")[0].text == "Would you keep Marlow loafer, 38?"
    assert (form["name"], form["value"]) == ("step", "confirm")


# --- Important days -------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("month", "day", "words"),
    [
        (6, 15, "Birthday today"),
        (6, 22, "Birthday on 22 June"),
        (6, 23, ""),
        (6, 14, ""),
    ],
)
def test_card_says_that_her_birthday_is_near(
    shop: Client, associate: User, month: int, day: int, words: str
) -> None:
    amanda = lapsed_client(associate, customer_id="C-1")
    ImportantDateFactory(customer=amanda, month=month, day=day)

    card = read(shop.get("/")).one("article", data_client="C-1")
    panel = read(shop.get("/clients/C-1/steps/", **HTMX))

    said = [each.text for each in card.one("ul", class_="facts").all("li")]
    assert [each for each in said if each.startswith("Birthday")] == ([words] if words else [])
    assert (panel.one("p", class_="best")["data-step"] == "greeting") is bool(words)


# --- No selling today -----------------------------------------------------------------------------
def test_case_is_called_about_by_its_product(shop: Client, associate: User) -> None:
    amanda = lapsed_client(associate, customer_id="C-1")
    ServiceCaseFactory(customer=amanda, product=ProductFactory(name="Linden flat"))

    held = read(shop.get("/")).one("article", data_client="C-1")

    assert held.one("a", class_="btn quiet").text == "Call about the Linden flat"


def test_done_she_is_happy_solves_the_case_and_can_be_taken_back(
    shop: Client, associate: User
) -> None:
    amanda = lapsed_client(associate, customer_id="C-1")
    case = ServiceCaseFactory(customer=amanda)
    held = read(shop.get("/")).one("article", data_client="C-1")

    done = read(shop.post(held.one("form")["action"], **HTMX))
    case.refresh_from_db()
    solved_at = case.closed_at
    shop.post(done.one("form")["action"], **HTMX)

    case.refresh_from_db()
    assert done.one("p").text == (
        "Noted: Amanda is happy; the case is solved. Two quiet weeks follow."
    )
    assert (solved_at, case.closed_at) == (NOON, None)


def test_case_solved_lately_is_asked_after_once(shop: Client, associate: User) -> None:
    amanda = lapsed_client(associate, customer_id="C-1")
    case = ServiceCaseFactory(customer=amanda, closed_at=NOON - timedelta(days=2))
    before = read(shop.get("/")).one("article", data_client="C-1")

    shop.post(f"/clients/C-1/cases/{case.pk}/followed-up/", **HTMX)
    after = read(shop.get("/"))

    assert before.one("p").text == (
        "A service case (A heel broke) was solved lately: ask whether all is well."
    )
    assert after.one("li", data_client="C-1")["data-blocked"] == "recent-complaint"


def test_case_of_another_client_is_not_found(shop: Client, associate: User) -> None:
    client_of(associate, customer_id="C-1")
    case = ServiceCaseFactory()

    assert shop.post(f"/clients/C-1/cases/{case.pk}/followed-up/").status_code == 404


# --- Came back ------------------------------------------------------------------------------------
def rows(page: Element) -> dict[str, str]:
    return {each["data-client"]: each["data-step"] for each in page.all("article", data_step=None)}


def test_came_back_after_a_lapse_is_thanked(shop: Client, associate: User) -> None:
    returned_client(associate, customer_id="C-1", first_name="Amanda")

    page = read(shop.get(CAME_BACK))

    line = page.one("article", data_client="C-1")
    assert [each.text for each in line.all("p")] == [
        "Came back on Friday, after 120 days away. Bought: Marlow loafer.",
        "Next: Was here 3 days ago, and nobody has said thanks yet.",
    ]
    assert line.one("button", value="thanks").text == "Thanked Amanda"
    assert page.one("nav", class_="tabs").one("a", aria_current="page").text == "Came back 1"


def test_came_back_after_a_note_is_said_so(shop: Client, associate: User) -> None:
    amanda = returned_client(associate, before=30, customer_id="C-1")
    sent_at = NOON - timedelta(days=7)
    MessageFactory(
        customer=amanda,
        sender=associate,
        state="delivered",
        queued_at=sent_at,
        sent_at=sent_at,
        delivered_at=sent_at,
    )

    line = read(shop.get(CAME_BACK)).one("article", data_client="C-1")

    assert line.all("p")[0].text == (
        "Came back on Friday, 4 days after your note. Bought: Marlow loafer."
    )


@pytest.mark.parametrize(
    ("days", "before", "shown"),
    [(13, 90, True), (14, 90, False), (3, 89, False), (3, 90, True)],
)
def test_came_back_is_lately_and_after_a_lapse(
    shop: Client, associate: User, days: int, before: int, shown: bool
) -> None:
    returned_client(associate, days=days, before=before, customer_id="C-1")

    assert ("C-1" in rows(read(shop.get(CAME_BACK)))) is shown


@pytest.mark.parametrize(("days", "shown"), [(14, True), (15, False)])
def test_note_counts_for_two_weeks(shop: Client, associate: User, days: int, shown: bool) -> None:
    amanda = returned_client(associate, before=30, customer_id="C-1")
    sent_at = NOON - timedelta(days=3 + days)
    MessageFactory(
        customer=amanda, sender=associate, state="sent", queued_at=sent_at, sent_at=sent_at
    )

    assert ("C-1" in rows(read(shop.get(CAME_BACK)))) is shown


def test_thanked_once_she_is_told_a_tip_about_what_she_took(shop: Client, associate: User) -> None:
    amanda = returned_client(associate, customer_id="C-1", first_name="Amanda")
    tip = CareTipFactory(category=CategoryFactory(name="Shoes"), text="Rest them for a day.")
    shop.post("/clients/C-1/gestures/", {"kind": "thanks"}, **HTMX)

    line = read(shop.get(CAME_BACK)).one("article", data_client="C-1")
    shop.post("/clients/C-1/gestures/", {"kind": "tip", "tip": tip.pk}, **HTMX)
    told = read(shop.get(CAME_BACK)).one("article", data_client="C-1")

    assert line["data-step"] == "tip"
    assert "Rest them for a day." in line.text
    assert told["data-step"] == "silence"
    assert list(Gesture.objects.values_list("customer", "kind", "tip")) == [
        (amanda.pk, "tip", tip.pk),
        (amanda.pk, "thanks", None),
    ]


def test_nobody_came_back_is_said_kindly(shop: Client, associate: User) -> None:
    lapsed_client(associate)

    page = read(shop.get(CAME_BACK))

    assert page.one(class_="empty").one("h2").text == "Nobody has come back just now"


@pytest.mark.parametrize("clients", [1, 5])
def test_came_back_asks_as_often_for_one_as_for_many(
    shop: Client, associate: User, clients: int
) -> None:
    for _ in range(clients):
        returned_client(associate)

    with CaptureQueriesContext(connection) as asked:
        page = read(shop.get(CAME_BACK))

    assert len(rows(page)) == clients
    assert len(asked) == CAME_BACK_QUERIES


# --- Other steps ----------------------------------------------------------------------------------
def test_panel_names_the_next_best_step_and_tips(shop: Client, associate: User) -> None:
    lapsed_client(associate, customer_id="C-1")
    CareTipFactory(category=CategoryFactory(name="Shoes"), text="Rest them for a day.")

    panel = read(shop.get("/clients/C-1/steps/", **HTMX))

    assert panel.one("p", class_="best").text == (
        "The next best step: an offer. Something new suits, and a note may go."
    )
    assert "A tip for the Linden flat" in panel.text
    assert "Rest them for a day." in panel.text


def test_panel_says_silence_for_whom_the_policy_blocks(shop: Client, associate: User) -> None:
    amanda = lapsed_client(associate, customer_id="C-1")
    amanda.leave_until = NOON.date() + timedelta(days=9)
    amanda.save()

    panel = read(shop.get("/clients/C-1/steps/", **HTMX))

    assert panel.one("p", class_="best")["data-step"] == "silence"


@pytest.mark.parametrize("kind", ["call", "kindness", "thanks", "greeting"])
def test_gesture_is_one_tap_with_a_way_back(shop: Client, associate: User, kind: str) -> None:
    client_of(associate, customer_id="C-1")

    noted = read(shop.post("/clients/C-1/gestures/", {"kind": kind}, **HTMX))
    made = Gesture.objects.get()
    taken = read(shop.post(noted.one("form")["action"], **HTMX))

    assert (made.kind, made.made_by) == (kind, associate)
    assert taken.one("p").text == "Taken back: nothing is noted."
    assert not Gesture.objects.exists()


@pytest.mark.parametrize("kind", ["", "follow_up", "dance"])
def test_gesture_refuses_what_no_button_sends(shop: Client, associate: User, kind: str) -> None:
    client_of(associate, customer_id="C-1")

    assert shop.post("/clients/C-1/gestures/", {"kind": kind}, **HTMX).status_code == 404


def test_gesture_of_a_colleague_is_not_hers_to_take_back(shop: Client, associate: User) -> None:
    client = client_of(associate, customer_id="C-1")
    made = GestureFactory(customer=client)

    answer = shop.post(f"/clients/C-1/gestures/{made.pk}/take-back/", **HTMX)

    assert answer.status_code == 404


def test_without_a_script_a_gesture_goes_back_to_the_day(shop: Client, associate: User) -> None:
    client_of(associate, customer_id="C-1", first_name="Amanda")

    page = shop.post("/clients/C-1/gestures/", {"kind": "call"}, follow=True)

    assert page.redirect_chain == [("/", 302)]
    assert "Noted: you called Amanda." in read(page).text


# --- The order explains itself --------------------------------------------------------------------
def test_card_says_why_it_is_first_without_a_figure_of_money(shop: Client, associate: User) -> None:
    lapsed_client(associate, customer_id="C-1", usual_gap_days=41, visit_count=5, net_spend=1234)

    why = read(shop.get("/")).one("details", class_="why-here")

    assert why.one("summary").text == "Why first"
    assert why.one("p").text == (
        "Counts most: 2.5 times her usual gap. Then: what she bought so far, "
        "5 visits, newest item arrived 10 days ago, not written to before."
    )


@pytest.mark.parametrize("people", [0, 1])
def test_day_asks_as_much_with_replies_and_promises_as_without(
    shop: Client, associate: User, people: int
) -> None:
    lapsed_client(associate)
    for _ in range(people):
        ReplyFactory(customer=client_of(associate))
        PromiseFactory(customer=client_of(associate), falls_to=associate)

    with CaptureQueriesContext(connection) as asked:
        shop.get("/")

    assert len(asked) == DAY_QUERIES


def test_end_of_the_day_is_said(shop: Client, associate: User) -> None:
    written = lapsed_client(associate)
    MessageFactory(
        customer=written, sender=associate, state="delivered", sent_at=NOON, delivered_at=NOON
    )

    done = read(shop.get("/")).one("p", class_="day-done")

    assert done.text == "Done. The day’s notes are written."
    assert "hidden" not in done.attributes
