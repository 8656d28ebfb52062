"""A client is forgotten everywhere; the figures, and that she must not be written to, stay."""

import io
from datetime import datetime, timedelta
from email.message import EmailMessage
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from catalog.models import SetAside
from clienteling import clock
from clienteling.feeds import Feed
from clienteling.models import User
from customers import consent, erased_addresses, identity
from customers.importing.customers import import_customers
from customers.models import ContactPoint, Customer, ErasedAddress, Feedback, Suppression
from outreach import erasure
from outreach.decisions import recording
from outreach.erasure import CannotErase
from outreach.messages import (
    inbound,
    inbound_mail,
    mail_events,
    mail_identity,
    outbox,
    unknown_senders,
    unsubscribe_link,
)
from outreach.messages.inbound import StatusEvent, WordsEvent
from outreach.messages.mail_events import MailEvent, News
from outreach.messages.notices import tell_of_opt_out
from outreach.messages.providers.receipts import Refused, Status
from outreach.models import (
    AnsweringPeers,
    Coming,
    Decision,
    MailPause,
    Message,
    Notice,
    ProviderEvent,
    Reply,
    ReplyPicture,
    SimulatedMessage,
)
from outreach.models.message import State
from outreach.page import coming, holds
from outreach.proof import reports
from tests.factories import (
    AdminFactory,
    AnsweringPeersFactory,
    ClientNoteFactory,
    ContactPointFactory,
    CustomerFactory,
    FeedbackFactory,
    HoldFactory,
    ImportantDateFactory,
    LineItemFactory,
    LookbookFactory,
    LookbookItemFactory,
    ManagerFactory,
    MarketingSendFactory,
    MessageFactory,
    ProductFactory,
    QuietPeriodFactory,
    ReplyFactory,
    ReplyPictureFactory,
    ServiceCaseFactory,
    StatedSizeFactory,
    StockLevelFactory,
)
from tests.outreach.messages.worlds import MAILBOX, PHONE, associate_with_client, client_of

pytestmark = pytest.mark.django_db

FORMER_PHONE = "+13125550177"
NEEDLES = (
    "Zuzanna",
    "Ostrowska",
    "Evanston",
    "3125550142",
    "3125550177",
    "amanda@example.com",
    "heron",  # in everything that was written
)


@pytest.fixture
def associate_and_client(now: datetime) -> tuple[User, Customer]:
    """A client with something in every table that may tell of her."""
    associate, customer = associate_with_client(
        customer_id="C-9", first_name="Zuzanna", last_name="Ostrowska", city="Evanston"
    )
    book = LookbookFactory(customer=customer)
    LookbookItemFactory(
        lookbook=book,
        because="Goes with your heron coat",
        understudy=ProductFactory(),
        understudy_because="As grey as a heron",
        replaced_at=now,
    )
    HoldFactory(lookbook=book, state="declined", settled_at=now, sentence="A heron sat on it.")
    said = {"To": PHONE, "Body": "heron"}
    sent = MessageFactory(
        customer=customer,
        sender=associate,
        state="delivered",
        body="Dear Zuzanna, a heron.",
        subject="A heron",
        lookbook=book,
        sent_at=now - timedelta(days=20),
        queued_at=now - timedelta(days=20),
        delivered_at=now - timedelta(days=20),
        intent_at=now - timedelta(days=20),
        provider="simulator",
        provider_id="SM1",
    )
    MessageFactory(
        customer=customer, to_address=FORMER_PHONE, body="heron", state="failed", intent_at=now
    )
    ProviderEvent.objects.create(
        provider="simulator", event_key="SM1:x", message=sent, payload=said, received_at=now
    )
    inbound.apply(WordsEvent("simulator", "R1", "sms", PHONE, "A heron!", now, payload=said))
    ReplyFactory(customer=None, from_address=FORMER_PHONE, body="heron?", provider_id="R2")
    for reply in Reply.objects.filter(provider_id__in=["R1", "R2"]):
        ReplyPictureFactory(reply=reply, content=b"a heron", source="https://twilio/heron")
    LineItemFactory(purchase__customer=customer, purchased_at=now - timedelta(days=15))
    ServiceCaseFactory(customer=customer, summary="The heron's beak broke")
    MarketingSendFactory(customer=customer, campaign="heron")
    QuietPeriodFactory(customer=customer, reason="watching herons")
    tell_of_opt_out(sent, at=now)
    MailPause.objects.create(address=MAILBOX, paused_at=now, until=now)
    ProviderEvent.objects.create(
        provider="mailgun",
        event_key="a newsletter:complaint",
        payload={"answer": f"<{MAILBOX}> does not want it"},
        received_at=now,
    )
    AnsweringPeersFactory(customer=customer)
    recording.record(now.date(), as_of=now, now=now)
    FeedbackFactory(customer=customer)
    ClientNoteFactory(customer=customer, words="Feeds a heron")
    StatedSizeFactory(customer=customer)
    ImportantDateFactory(customer=customer, label="heron")
    coming.say(book, coming.offered(book, now=now)[0], now=now)
    SimulatedMessage.objects.create(
        direction="to_client", channel="sms", address=PHONE, body="heron", at=now
    )
    consent.suppress(PHONE, "sms", reason="stop-word", at=now)
    LogEntry.objects.log_actions(AdminFactory().pk, [customer], 2, change_message="x")
    return associate, customer


@pytest.fixture
def customer(associate_and_client: tuple[User, Customer]) -> Customer:
    return associate_and_client[1]


def mailed(customer: Customer, now: datetime) -> Message:
    """A note by mail, which arrived."""
    return MessageFactory(
        customer=customer,
        channel="email",
        to_address=MAILBOX,
        subject="A heron",
        body="A heron, Zuzanna.",
        state="sent",
        intent_at=now,
        sent_at=now,
        provider="mailgun",
        provider_id="MG1",
    )


def answer(message: Message | None, *, key: str, now: datetime) -> Reply:
    """She answers it by mail; without a note, somebody writes in her name."""
    mail = EmailMessage()
    mail["From"], mail["Subject"] = MAILBOX, "A heron"
    mail["Message-ID"] = f"<{key}.zuzanna@heron.example>"
    if message:
        mail["In-Reply-To"] = mail_identity.message_id(message.pk)
    mail.set_content("The heron, please.")
    assert inbound_mail.receive(mail, provider="mailgun", now=now)
    return Reply.objects.latest("pk")


def tables_with(needle: str) -> list[str]:
    """Every table of the database in which some row holds these words."""
    tables = connection.introspection.table_names()
    with connection.cursor() as cursor:
        found = []
        for table in tables:
            cursor.execute(
                f'SELECT EXISTS (SELECT FROM "{table}" told WHERE told::text ILIKE %s)',  # noqa: S608
                [f"%{needle}%"],
            )
            if cursor.fetchone()[0]:
                found.append(table)
    return found


def feed(folder: Path, content: str) -> Feed:
    path = folder / "customers.csv"
    path.write_text(content)
    return Feed(path)


def test_erase_leaves_no_word_of_her_in_the_database(customer: Customer, now: datetime) -> None:
    before = {needle for needle in NEEDLES if tables_with(needle)}

    erased = erasure.erase(customer, by="a test", now=now)

    assert before == set(NEEDLES)
    for model in (AnsweringPeers, Coming, Decision, Feedback, MailPause, Notice):
        assert not model.objects.exists(), model
    assert {needle: tables_with(needle) for needle in NEEDLES} == {each: [] for each in NEEDLES}
    assert (erased.messages, erased.replies, erased.stopped) == (2, 2, 0)


def test_erase_puts_back_on_the_shelf_what_is_kept_for_her(
    customer: Customer, now: datetime
) -> None:
    page = LookbookFactory(customer=customer, code="K74M2P")
    level = StockLevelFactory(store=page.store, quantity=1)
    kept = holds.ask(page, level.variant.product, level.variant.size, now=now)

    erasure.erase(customer, by="a test", now=now)

    kept.refresh_from_db()
    page.refresh_from_db()
    assert (kept.state, page.code) == ("released", None)
    assert SetAside.objects.count() == 0


def test_erase_deletes_the_pictures_she_sent(customer: Customer, now: datetime) -> None:
    others = ReplyPictureFactory()

    erasure.erase(customer, by="a test", now=now)

    assert list(ReplyPicture.objects.all()) == [others]


def test_erase_empties_the_mails_she_wrote_and_what_the_service_told(now: datetime) -> None:
    _, customer = associate_with_client(first_name="Zuzanna", last_name="Ostrowska")
    note = mailed(customer, now)
    told = [answer(each, key=key, now=now) for key, each in (("one", note), ("two", None))]
    before = {each for each in ("heron", MAILBOX) if "outreach_providerevent" in tables_with(each)}

    erased = erasure.erase(customer, by="a test", now=now)

    assert [each.customer for each in told] == [customer, customer]
    assert before == {"heron"}
    assert {needle: tables_with(needle) for needle in NEEDLES} == {each: [] for each in NEEDLES}
    assert (erased.messages, erased.replies) == (1, 2)


def test_what_comes_by_mail_after_the_erasure_is_nobodys(customer: Customer, now: datetime) -> None:
    note = mailed(customer, now)
    erasure.erase(customer, by="a test", now=now)

    late = answer(note, key="late", now=now)

    assert (late.customer, late.message, late.is_verified) == (None, None, False)


@pytest.mark.parametrize("news", [News.HARD_BOUNCE, News.SOFT_BOUNCE, News.COMPLAINT])
def test_news_of_a_mail_after_the_erasure_says_nothing_about_an_address(
    customer: Customer, now: datetime, news: News
) -> None:
    note = mailed(customer, now)
    erasure.erase(customer, by="a test", now=now)

    mail_events.apply(
        MailEvent("mailgun", news, now, message_id=note.pk, recipient=MAILBOX, payload={"x": 1})
    )

    assert ProviderEvent.objects.filter(message=note, payload={}).exists()
    assert not Suppression.objects.exists()
    assert not MailPause.objects.exists()


def test_a_carriers_no_after_the_erasure_marks_no_other_address(
    customer: Customer, now: datetime
) -> None:
    sent = MessageFactory(
        customer=customer, state="sent", intent_at=now, sent_at=now, provider="twilio"
    )
    point = ContactPointFactory(address="", unusable_because="Not a phone number.")
    erasure.erase(customer, by="a test", now=now)

    outbox.fail(sent, Refused("30006", "A landline.", unusable=True), at=now)

    point.refresh_from_db()
    assert point.unusable_because == "Not a phone number."


def test_erase_leaves_the_figures_of_the_reports(
    associate_and_client: tuple[User, Customer], now: datetime
) -> None:
    associate, customer = associate_and_client
    before = reports.outreach_report([associate.store], days=30, now=now)

    erasure.erase(customer, by="a test", now=now)

    assert reports.outreach_report([associate.store], days=30, now=now) == before
    assert (before.total.sent, before.total.delivered) == (1, 1)


def test_erase_remembers_her_addresses_by_a_keyed_hash(customer: Customer, now: datetime) -> None:
    erasure.erase(customer, by="a test", now=now)

    kept = set(ErasedAddress.objects.values_list("channel", "keyed_hash"))
    assert kept == {
        (channel, erased_addresses.keyed_hash(address, channel))
        for channel, address in (("sms", PHONE), ("sms", FORMER_PHONE), ("email", MAILBOX))
    }
    plain = {sha256(each.encode()).hexdigest() for each in (PHONE, f"sms:{PHONE}")}
    assert not plain & {told for _, told in kept}
    assert not Suppression.objects.exists()


def test_the_keyed_hash_needs_the_key(settings: Any) -> None:
    settings.ERASURE_KEY = "one"
    first = erased_addresses.keyed_hash(PHONE, "sms")
    settings.ERASURE_KEY = "another"

    assert erased_addresses.keyed_hash(PHONE, "sms") != first


def test_an_erased_client_does_not_come_back_by_a_file(
    tmp_path: Path, customer: Customer, now: datetime
) -> None:
    erasure.erase(customer, by="a test", now=now)
    content = (
        "customer_id,first_name,phone,email\n"
        "C-9,Zuzanna,(312) 555-0142,amanda@example.com\n"
        "C-10,Zuzanna,(312) 555-0142,\n"
        "C-11,Ruth,(312) 555-0188,\n"
    )

    report = import_customers(feed(tmp_path, content), now=now)

    customer.refresh_from_db()
    back = Customer.objects.get(customer_id="C-10")
    assert customer.first_name == ""
    assert not ContactPoint.objects.filter(customer=customer).exists()
    assert report.warnings == (
        "1 are about people who were erased: they were passed over.",
        "1 addresses (phone) were erased before: they will not be used.",
    )
    assert consent.is_suppressed(PHONE, "sms")
    assert not consent.is_suppressed("+13125550188", "sms")
    consent.record(back, "sms", "opted_in", source="a form", at=now, now=now)
    assert not consent.may_receive(back, "sms")


def test_her_own_start_lifts_it_and_no_file_undoes_that(
    tmp_path: Path, customer: Customer, now: datetime
) -> None:
    erasure.erase(customer, by="a test", now=now)
    import_customers(feed(tmp_path, "customer_id,phone\nC-10,(312) 555-0142\n"), now=now)
    later = now + timedelta(days=1)

    inbound.apply(WordsEvent("simulator", "R9", "sms", PHONE, "START", later))
    import_customers(feed(tmp_path, "customer_id,phone\nC-10,(312) 555-0142\n"), now=later)

    assert not consent.is_suppressed(PHONE, "sms")


def test_an_erased_number_stays_unused_when_it_is_typed_in(
    client: Client, customer: Customer, now: datetime
) -> None:
    erasure.erase(customer, by="a test", now=now)
    other = CustomerFactory()
    client.force_login(AdminFactory())

    client.post(
        f"/admin/customers/customer/{other.pk}/change/",
        {
            "customer_id": other.customer_id,
            "contact_points-TOTAL_FORMS": "1",
            "contact_points-INITIAL_FORMS": "0",
            "contact_points-0-channel": "sms",
            "contact_points-0-address": PHONE,
            "contact_points-0-as_written": PHONE,
            "consents-TOTAL_FORMS": "0",
            "consents-INITIAL_FORMS": "0",
        },
    )

    assert ContactPoint.objects.get().address == PHONE
    assert consent.is_suppressed(PHONE, "sms")


def test_an_erased_number_stays_unused_when_a_sender_is_recognised(
    customer: Customer, now: datetime
) -> None:
    erasure.erase(customer, by="a test", now=now)
    other = CustomerFactory()
    reply = ReplyFactory(customer=None, from_address=PHONE, provider_id="R7")
    sender = unknown_senders.sender_of(reply.pk, manager := ManagerFactory())
    assert sender

    unknown_senders.match(sender, other, by=manager, now=now)

    assert consent.is_suppressed(PHONE, "sms")


def test_what_was_set_aside_of_hers_is_erased_and_does_not_come_back(
    customer: Customer, now: datetime
) -> None:
    reply = Reply.objects.get(provider_id="R2")
    manager = ManagerFactory()
    Reply.objects.filter(pk=reply.pk).update(handled_at=now, settled_at=now, settled_by=manager)

    erasure.erase(customer, by="a test", now=now)

    assert unknown_senders.put_aside(manager) == []
    assert not unknown_senders.bring_back(reply.pk, by=manager)


def test_an_address_that_somebody_shares_is_left_to_him(
    associate_and_client: tuple[User, Customer], now: datetime
) -> None:
    associate, customer = associate_and_client
    Suppression.objects.all().delete()
    husband = client_of(associate, mailbox="his@example.com")

    erasure.erase(customer, by="a test", now=now)

    assert consent.may_receive(husband, "sms")
    assert erased_addresses.recognise([PHONE], "sms", now=now) == 0


def test_what_is_queued_is_stopped_and_what_may_have_left_is_settled_without_words(
    associate_and_client: tuple[User, Customer], now: datetime
) -> None:
    associate, customer = associate_and_client
    queued = MessageFactory(customer=customer, sender=associate)
    unclear = MessageFactory(
        customer=customer, sender=associate, state="unconfirmed", intent_at=now, provider="twilio"
    )

    erasure.erase(customer, by="a test", now=now)
    inbound.apply(
        StatusEvent(
            "twilio",
            "SM9",
            "SM9:delivered",
            Status.DELIVERED,
            now,
            message_id=unclear.pk,
            payload={"To": PHONE},
        )
    )

    queued.refresh_from_db()
    unclear.refresh_from_db()
    assert (queued.state, queued.reason) == (State.CANCELED, "The client was erased.")
    assert (unclear.state, unclear.provider_id) == (State.DELIVERED, "SM9")
    assert tables_with(PHONE) == []


def test_erase_waits_while_a_note_is_leaving(customer: Customer, now: datetime) -> None:
    MessageFactory(customer=customer, state="sending", intent_at=now)

    with pytest.raises(CannotErase):
        erasure.erase(customer, by="a test", now=now)

    customer.refresh_from_db()
    assert customer.first_name == "Zuzanna"


def test_unsubscribe_works_after_the_erasure(
    client: Client, customer: Customer, now: datetime
) -> None:
    mail = MessageFactory(customer=customer, channel="email", to_address=MAILBOX, state="failed")
    path = "/u/" + unsubscribe_link.url(mail).rpartition("/u/")[2]
    erasure.erase(customer, by="a test", now=now)

    asked, done = client.get(path), client.post(path, {"List-Unsubscribe": "One-Click"})

    assert (asked.status_code, done.status_code) == (200, 200)
    assert not Suppression.objects.exists()


def test_erase_takes_the_records_merged_into_hers_with_it(
    customer: Customer, now: datetime
) -> None:
    twin = CustomerFactory(customer_id="C-8", first_name="Zuzanna", last_name="Ostrowska")
    ContactPointFactory(customer=twin, address=FORMER_PHONE)
    identity.merge(customer, twin, by=AdminFactory(), now=now)

    with pytest.raises(CannotErase):
        erasure.erase(twin, by="a test", now=now)
    erasure.erase(customer, by="a test", now=now)

    assert {needle: tables_with(needle) for needle in NEEDLES} == {each: [] for each in NEEDLES}


def test_erased_clients_are_in_no_book(
    associate_and_client: tuple[User, Customer], now: datetime
) -> None:
    associate, customer = associate_and_client

    erasure.erase(customer, by="a test", now=now)

    assert list(Customer.objects.in_book_of(associate)) == []
    assert list(Customer.objects.visible_to(associate)) == []
    assert not Reply.objects.waiting().filter(customer=customer).exists()


def test_erase_client_says_what_it_would_do_and_does_it(
    customer: Customer, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: now)
    said = io.StringIO()

    call_command("erase_client", "C-9", "--dry-run", stdout=said)
    untouched = Customer.objects.get(pk=customer.pk).first_name
    call_command("erase_client", "C-9", stdout=said)

    figures = "2 messages and 2 answers hold no word any more, 0 messages were stopped."
    assert said.getvalue().splitlines() == [f"Would be erased: {figures}", f"Erased: {figures}"]
    assert untouched == "Zuzanna"
    assert Customer.objects.get(pk=customer.pk).erased_at == now
    for number in ("C-9", "C-404"):
        with pytest.raises(CommandError):
            call_command("erase_client", number, stdout=said)


def test_admin_erases_after_asking_once_more(client: Client, customer: Customer) -> None:
    client.force_login(AdminFactory())
    chosen = {"action": "erase_chosen", "_selected_action": [customer.pk]}

    asked = client.post("/admin/customers/customer/", chosen)
    untouched = Customer.objects.get(pk=customer.pk).first_name
    done = client.post("/admin/customers/customer/", {**chosen, "confirmed": "yes"}, follow=True)

    assert b"Erase them for good" in asked.content
    assert untouched == "Zuzanna"
    assert b"C-9 is erased." in done.content
    assert tables_with("Zuzanna") == []
