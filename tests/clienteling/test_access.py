"""Every address of the project, asked for by everybody. An address missing here fails the walk."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from clienteling import clock
from clienteling.models import SendingStop, User
from customers.models import Customer
from outreach.models import Hold, Message, Promise, Reply, ReplyPicture
from tests.factories import (
    NOON,
    AdminFactory,
    HoldFactory,
    LookbookFactory,
    ManagerFactory,
    MessageFactory,
    PromiseFactory,
    ReplyFactory,
    ReplyPictureFactory,
    UserFactory,
)
from tests.outreach.scenes import lapsed_client

ROLES = (
    "stranger",
    "associate",
    "associate elsewhere",
    "manager",
    "manager elsewhere",
    "admin",
)
LOGIN = 302


@dataclass(frozen=True)
class Rule:
    """The status of a GET for each of `ROLES`; 405 says that only a POST is answered."""

    statuses: tuple[int, int, int, int, int, int]


def everyone(status: int) -> Rule:
    return Rule((status,) * 6)


STAFF = Rule((LOGIN, 200, 200, 200, 200, 404))
OF_A_CLIENT = Rule((LOGIN, 200, 404, 200, 404, 404))
OF_HER_BOOK = Rule((LOGIN, 200, 404, 404, 404, 404))
POST_BY_ASSOCIATES = Rule((LOGIN, 405, 405, 404, 404, 404))
POST_BY_STAFF = Rule((LOGIN, 405, 405, 405, 405, 404))
MANAGERS = Rule((LOGIN, 404, 404, 200, 200, 404))
POST_BY_MANAGERS = Rule((LOGIN, 404, 404, 405, 405, 404))
ADMIN_ONLY = Rule((LOGIN, 302, 302, 302, 302, 200))

# Open to strangers, and meant to be.
PUBLIC = {
    "login": Rule((200, 302, 302, 302, 302, 302)),
    "logout": everyone(405),
    "lock": everyone(302),
    "open-tablet": everyone(405),
    "manifest": everyone(200),
    "worker": everyone(200),
    "offline": everyone(200),
    "healthz": everyone(200),
    "readyz": everyone(200),
    "media": everyone(404),
    "lookbook": everyone(200),
    "lookbook-hold": everyone(405),
    "lookbook-come": everyone(405),
    "lookbook-reply": everyone(405),
    "lookbook-seen": everyone(405),
    "lookbook-in-store": everyone(302),
    "unsubscribe": everyone(404),
    "twilio-status": everyone(405),
    "twilio-inbound": everyone(405),
    "mail-tracking": everyone(405),
    "mail-inbound": everyone(405),
}
SIGNED_IN = {
    "day": Rule((LOGIN, 200, 200, 302, 302, 302)),
    "inbox": STAFF,
    "clients": STAFF,
    "book-counts": STAFF,
    "new-in": STAFF,
    "pulse": Rule((LOGIN, 200, 200, 200, 200, 204)),
    "unknown-senders": MANAGERS,
    "unknown-sender": MANAGERS,
    "match-sender": POST_BY_MANAGERS,
    "set-aside-sender": POST_BY_MANAGERS,
    "remove-sender": POST_BY_MANAGERS,
    "bring-back-sender": POST_BY_MANAGERS,
    "cover": MANAGERS,
    "go-off-shift": POST_BY_STAFF,
    "come-back": POST_BY_STAFF,
    "notice-read": POST_BY_ASSOCIATES,
    "picture": OF_A_CLIENT,
    "pin": Rule((LOGIN, 200, 200, 200, 200, 200)),
    "tablets": Rule((LOGIN, 404, 404, 200, 200, 200)),
    "enrol-tablet": Rule((LOGIN, 404, 404, 405, 405, 405)),
    "revoke-tablet": Rule((LOGIN, 404, 404, 405, 405, 405)),
    "alarm-seen": Rule((LOGIN, 404, 404, 405, 405, 405)),
    "sending": Rule((LOGIN, 404, 404, 200, 200, 200)),
    "sending-stop": Rule((LOGIN, 404, 404, 200, 404, 200)),
    "sending-start": Rule((LOGIN, 404, 404, 200, 404, 200)),
    "evening": Rule((LOGIN, 200, 200, 404, 404, 404)),
    "keep-note": POST_BY_ASSOCIATES,
    "drop-phrase": POST_BY_ASSOCIATES,
    "writing-style": POST_BY_ASSOCIATES,
    "note-templates": MANAGERS,
    "note-template": MANAGERS,
    "reports": Rule((LOGIN, 404, 404, 200, 200, 404)),
    "decisions": STAFF,
    "resting": STAFF,
    "what-if": MANAGERS,
    "record-decisions": POST_BY_MANAGERS,
    "client": OF_A_CLIENT,
    "client-decision": OF_A_CLIENT,
    "thread": OF_A_CLIENT,
    "why-not": OF_A_CLIENT,
    "word": POST_BY_ASSOCIATES,
    "tone": POST_BY_ASSOCIATES,
    "send": POST_BY_ASSOCIATES,
    "draft": POST_BY_ASSOCIATES,
    "handled": POST_BY_ASSOCIATES,
    "stop-wish": POST_BY_ASSOCIATES,
    "quiet-days": POST_BY_ASSOCIATES,
    "hold": POST_BY_ASSOCIATES,
    "in-store": STAFF,
    "in-store-page": OF_A_CLIENT,
    "in-store-note": POST_BY_ASSOCIATES,
    "end-quiet-days": POST_BY_ASSOCIATES,
    "swap": POST_BY_ASSOCIATES,
    "not-now": OF_HER_BOOK,
    "take-up-client": POST_BY_ASSOCIATES,
    "steps": OF_HER_BOOK,
    "send-words": POST_BY_ASSOCIATES,
    "gesture": POST_BY_ASSOCIATES,
    "take-back-gesture": POST_BY_ASSOCIATES,
    "followed-up": POST_BY_ASSOCIATES,
    "give-promise": POST_BY_ASSOCIATES,
    "keep-promise": POST_BY_ASSOCIATES,
    "snooze-promise": POST_BY_ASSOCIATES,
    "take-up-promise": POST_BY_ASSOCIATES,
    "add-note": POST_BY_ASSOCIATES,
    "retire-note": POST_BY_ASSOCIATES,
    "state-size": POST_BY_ASSOCIATES,
    "forget-size": POST_BY_ASSOCIATES,
    "keep-date": POST_BY_ASSOCIATES,
    "forget-date": POST_BY_ASSOCIATES,
    "message-strip": Rule((LOGIN, 200, 404, 404, 404, 404)),
    "take-back": POST_BY_ASSOCIATES,
    "simulator": STAFF,
    "simulator-answer": Rule((LOGIN, 405, 405, 405, 405, 404)),
    "simulator-clock": Rule((LOGIN, 405, 405, 405, 405, 404)),
    "simulator-cast": Rule((LOGIN, 405, 405, 405, 405, 404)),
}
RULES = PUBLIC | SIGNED_IN
LOOKBOOK = [name for name in PUBLIC if name.startswith("lookbook")]
CODE = "K74M2P"


@dataclass(frozen=True)
class World:
    users: dict[str, User | AnonymousUser]
    customer: Customer
    message: Message
    token: str
    stop: SendingStop
    unknown: Reply
    picture: ReplyPicture
    hold: Hold
    promise: Promise


@pytest.fixture
def world(db: None, monkeypatch: pytest.MonkeyPatch, settings: Any) -> World:
    monkeypatch.setattr(clock, "now", lambda: NOON)
    settings.SIMULATOR_IS_ON = True
    associate = UserFactory()
    customer = lapsed_client(associate)
    users: dict[str, User | AnonymousUser] = {
        "stranger": AnonymousUser(),
        "associate": associate,
        "associate elsewhere": UserFactory(),
        "manager": ManagerFactory(store=associate.store),
        "manager elsewhere": ManagerFactory(),
        "admin": AdminFactory(),
    }
    message = MessageFactory(customer=customer, sender=associate)
    stop = SendingStop.objects.create(
        store=associate.store, reason="Wrong prices", stopped_by=users["manager"], stopped_at=NOON
    )
    page = LookbookFactory(customer=customer, associate=associate, code=CODE)
    return World(
        users,
        customer,
        message,
        page.token,
        stop,
        ReplyFactory(customer=None),
        ReplyPictureFactory(reply__customer=customer),
        HoldFactory(lookbook=page),
        PromiseFactory(customer=customer, falls_to=associate),
    )


def named_patterns() -> Iterator[str]:
    """The names of all addresses outside Django admin, which is walked by itself."""
    yield from _names(get_resolver())


def _names(resolver: URLResolver) -> Iterator[str]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            if pattern.namespace != "admin":
                yield from _names(pattern)
        else:
            assert isinstance(pattern, URLPattern)
            yield pattern.name or str(pattern.pattern)


def address(name: str, world: World) -> str:
    arguments = {
        "client": [world.customer.customer_id],
        "client-decision": [world.customer.customer_id],
        "thread": [world.customer.customer_id],
        "why-not": [world.customer.customer_id],
        "word": [world.customer.customer_id],
        "tone": [world.customer.customer_id],
        "send": [world.customer.customer_id],
        "draft": [world.customer.customer_id],
        "handled": [world.customer.customer_id],
        "stop-wish": [world.customer.customer_id],
        "quiet-days": [world.customer.customer_id],
        "end-quiet-days": [world.customer.customer_id, 1],
        "swap": [world.customer.customer_id],
        "not-now": [world.customer.customer_id],
        "take-up-client": [world.customer.customer_id, 1],
        "steps": [world.customer.customer_id],
        "send-words": [world.customer.customer_id],
        "gesture": [world.customer.customer_id],
        "take-back-gesture": [world.customer.customer_id, 1],
        "followed-up": [world.customer.customer_id, 1],
        "give-promise": [world.customer.customer_id],
        "keep-promise": [world.promise.pk],
        "snooze-promise": [world.promise.pk],
        "take-up-promise": [world.promise.pk],
        "add-note": [world.customer.customer_id],
        "retire-note": [world.customer.customer_id, 1],
        "state-size": [world.customer.customer_id],
        "forget-size": [world.customer.customer_id, 1],
        "keep-date": [world.customer.customer_id],
        "forget-date": [world.customer.customer_id, 1],
        "message-strip": [world.message.pk],
        "take-back": [world.message.pk],
        "keep-note": [world.message.pk],
        "drop-phrase": [1],
        "note-template": ["offer", "sms", "warm"],
        "unknown-sender": [world.unknown.pk],
        "match-sender": [world.unknown.pk],
        "set-aside-sender": [world.unknown.pk],
        "remove-sender": [world.unknown.pk],
        "bring-back-sender": [world.unknown.pk],
        "go-off-shift": [world.users["associate"].pk],
        "come-back": [world.users["associate"].pk],
        "notice-read": [1],
        "revoke-tablet": [1],
        "alarm-seen": [1],
        "picture": [world.picture.pk],
        "hold": [world.hold.pk],
        "sending-start": [world.stop.pk],
        "twilio-status": [world.message.pk],
        **{lookbook: [world.token] for lookbook in LOOKBOOK},
        "in-store-page": [CODE],
        "in-store-note": [CODE],
        "mail-tracking": ["postmark"],
        "mail-inbound": ["postmark"],
        "unsubscribe": ["no-such-token"],
        "media": ["no-such-file"],
    }
    query = f"?store={world.stop.store_id}&channel=sms" if name == "sending-stop" else ""
    return reverse(name, args=arguments.get(name, [])) + query


def browser_of(user: User | AnonymousUser) -> Client:
    client = Client()
    if isinstance(user, User):
        client.force_login(user)
    return client


def test_every_address_has_a_rule() -> None:
    assert set(named_patterns()) == set(RULES)


@pytest.mark.parametrize("name", sorted(RULES))
def test_address_answers_each_role_as_its_rule_says(name: str, world: World) -> None:
    url = address(name, world)

    statuses = {role: browser_of(user).get(url).status_code for role, user in world.users.items()}

    assert statuses == dict(zip(ROLES, RULES[name].statuses, strict=True))


@pytest.mark.parametrize("name", sorted(SIGNED_IN))
def test_stranger_is_sent_to_the_log_in(name: str, world: World) -> None:
    url = address(name, world)

    response = Client().get(url)

    assert response["Location"] == f"{reverse('login')}?next={quote(url)}"


@pytest.mark.parametrize("role", [role for role in ROLES if role != "stranger"])
@pytest.mark.parametrize(
    "name", ["send", "take-back", "handled", "quiet-days", "hold", "give-promise", "keep-promise"]
)
def test_only_her_associate_may_act(name: str, role: str, world: World) -> None:
    response = browser_of(world.users[role]).post(address(name, world))

    allowed = role == "associate"
    assert (response.status_code in {200, 302}) == allowed
    assert response.status_code in {200, 302, 404}


@pytest.mark.parametrize("name", ["go-off-shift", "come-back"])
@pytest.mark.parametrize("role", [role for role in ROLES if role != "stranger"])
def test_only_she_and_her_manager_say_that_she_is_off_shift(
    name: str, role: str, world: World
) -> None:
    response = browser_of(world.users[role]).post(address(name, world), {"until": "back"})

    assert response.status_code == (302 if role in {"associate", "manager"} else 404)


@pytest.mark.parametrize("role", ["manager", "manager elsewhere", "associate elsewhere", "admin"])
def test_only_her_associate_may_answer(role: str, world: World) -> None:
    response = browser_of(world.users[role]).post(address("thread", world))

    assert response.status_code == 404


def test_admin_pages_are_for_admins(world: World) -> None:
    url = reverse("admin:index")

    statuses = [browser_of(world.users[role]).get(url).status_code for role in ROLES]

    assert statuses == list(ADMIN_ONLY.statuses)


@pytest.mark.parametrize(
    "name", ["simulator", "simulator-answer", "simulator-clock", "simulator-cast"]
)
def test_simulator_does_not_exist_where_messages_are_real(
    name: str,
    world: World,
    settings: Any,
) -> None:
    settings.SIMULATOR_IS_ON = False

    response = browser_of(world.users["associate"]).post(address(name, world))

    assert response.status_code == 404


def test_pages_of_signed_in_people_are_kept_by_no_browser(world: World) -> None:
    browser = browser_of(world.users["associate"])

    for name in ("day", "client", "thread", "inbox", "clients", "new-in"):
        assert "no-store" in browser.get(address(name, world))["Cache-Control"]
