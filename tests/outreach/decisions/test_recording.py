from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from clienteling import clock
from clienteling.locks import DatabaseLock
from clienteling.models import User
from customers.models import Customer
from outreach import tasks
from outreach.decisions import gathering, recording
from outreach.decisions.verdicts import NUMBERS
from outreach.models import Decision, DecisionNight, DecisionRules
from tests.factories import (
    NOON,
    CustomerFactory,
    MessageFactory,
    OutlookFactory,
    StoreFactory,
    UserFactory,
)
from tests.outreach.scenes import bought, lapsed_client

pytestmark = pytest.mark.django_db
TONIGHT = date(2026, 6, 15)
A_DAY = timedelta(days=1)


@pytest.fixture
def associate() -> User:
    return UserFactory()


def record(nights_on: int = 0) -> recording.Recorded:
    """Write a night down as of noon of that day."""
    moment = NOON + nights_on * A_DAY
    return recording.record(TONIGHT + nights_on * A_DAY, as_of=moment, now=moment)


def stretches(customer: Customer) -> list[tuple[date, date | None, int]]:
    rows = Decision.objects.filter(customer=customer).order_by("first_night")
    return list(rows.values_list("first_night", "last_night", "verdict"))


def test_record_writes_one_row_for_every_client_of_a_book(associate: User) -> None:
    lapsed = lapsed_client(associate)
    nobodys = CustomerFactory(store=associate.store, associate=None)
    storeless = CustomerFactory(store=None, associate=associate)
    CustomerFactory(store=None, associate=None)
    CustomerFactory(store=associate.store, erased_at=NOON)

    recorded = record()

    found = set(Decision.objects.values_list("customer_id", flat=True))
    assert found == {lapsed.pk, nobodys.pk, storeless.pk}
    assert (recorded.clients, recorded.changed, recorded.due) == (3, 3, 1)


def test_record_keeps_the_verdict_its_inputs_and_the_next_date(associate: User) -> None:
    customer = lapsed_client(associate)
    MessageFactory(
        customer=customer,
        sender=associate,
        state="delivered",
        sent_at=NOON - 5 * A_DAY,
        delivered_at=NOON - 5 * A_DAY,
    )

    record()

    decision = Decision.objects.get(customer=customer)
    assert decision.verdict == NUMBERS["contacted-recently"]
    assert decision.next_on == date(2026, 6, 24)
    assert decision.contacted_on == [date(2026, 6, 10)]
    assert decision.last_purchase_at == customer.last_purchase_at
    assert decision.worth is not None
    rules = DecisionRules.objects.get(pk=decision.rules)
    assert (rules.lapse_days, rules.cap_days, rules.long_cap_days) == (90, 14, 45)


def test_same_night_again_changes_nothing(associate: User) -> None:
    lapsed_client(associate)
    record()
    before = list(Decision.objects.values())

    again = record()

    assert again.changed == 0
    assert list(Decision.objects.values()) == before


def test_same_night_again_takes_in_what_has_happened_since(associate: User) -> None:
    customer = lapsed_client(associate)
    record()
    Customer.objects.filter(pk=customer.pk).update(leave_until=date(2026, 7, 1))

    again = record()

    assert again.changed == 1
    assert stretches(customer) == [(TONIGHT, None, NUMBERS["asked-for-peace"])]


def test_night_that_changes_nothing_writes_nothing(associate: User) -> None:
    customer = lapsed_client(associate)
    record()

    recorded = record(1)

    assert recorded.changed == 0
    assert stretches(customer) == [(TONIGHT, None, NUMBERS["due"])]
    assert DecisionNight.objects.count() == 2


def test_new_verdict_ends_the_stretch_and_begins_another(associate: User) -> None:
    customer = lapsed_client(associate, days=88)
    record()
    record(1)

    record(2)

    assert stretches(customer) == [
        (TONIGHT, TONIGHT + A_DAY, NUMBERS["bought-lately"]),
        (TONIGHT + 2 * A_DAY, None, NUMBERS["due"]),
    ]


def test_client_who_leaves_every_book_has_no_later_night(associate: User) -> None:
    moved_on = lapsed_client(associate)
    erased_tonight = lapsed_client(associate)
    record()
    Customer.objects.filter(pk=moved_on.pk).update(store=None, associate=None)

    record(1)
    Customer.objects.filter(pk=erased_tonight.pk).update(erased_at=NOON)
    record(1)

    assert stretches(moved_on) == [(TONIGHT, TONIGHT, NUMBERS["due"])]
    assert stretches(erased_tonight) == [(TONIGHT, TONIGHT, NUMBERS["due"])]


@pytest.mark.parametrize(("will_buy", "changed"), [(0.5, 0), (0.26, 0), (0.05, 1)])
def test_worth_ends_a_stretch_only_where_it_changes_by_a_point(
    associate: User, will_buy: float, changed: int
) -> None:
    outlook = OutlookFactory(customer=lapsed_client(associate), will_buy=0.35)
    record()
    type(outlook).objects.update(will_buy=will_buy)

    assert record(1).changed == changed


def test_stores_new_numbers_are_new_inputs(associate: User) -> None:
    customer = lapsed_client(associate)
    record()
    type(associate.store).objects.update(cap_days=21)

    record(1)

    decision = Decision.objects.get(customer=customer, last_night=None)
    assert DecisionRules.objects.get(pk=decision.rules).cap_days == 21


def test_old_nights_are_forgotten(associate: User) -> None:
    customer = lapsed_client(associate, days=88)
    record()
    record(2)

    record(91)

    assert next(first for first, _, _ in stretches(customer)) == TONIGHT + 2 * A_DAY
    assert list(DecisionNight.objects.values_list("night", flat=True)) == [
        TONIGHT + 91 * A_DAY,
        TONIGHT + 2 * A_DAY,
    ]


def test_night_before_one_that_is_written_down_is_refused(associate: User) -> None:
    record(1)

    with pytest.raises(recording.CannotRecord, match="16 June 2026 is written down already"):
        record()


def test_past_night_leaves_out_what_came_later(associate: User) -> None:
    customer = lapsed_client(associate, days=103)
    bought(customer, at=NOON - 3 * A_DAY)
    MessageFactory(customer=customer, sender=associate, state="sent", sent_at=NOON - 4 * A_DAY)
    Customer.objects.filter(pk=customer.pk).update(last_purchase_at=NOON - 3 * A_DAY)

    recording.record(TONIGHT - 5 * A_DAY, as_of=NOON - 5 * A_DAY, now=NOON)
    record()

    assert stretches(customer) == [
        (TONIGHT - 5 * A_DAY, TONIGHT - A_DAY, NUMBERS["due"]),
        (TONIGHT, None, NUMBERS["bought-lately"]),
    ]


def test_crash_in_the_middle_leaves_the_last_night_whole(
    associate: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    lapsed_client(associate, days=89)
    lapsed_client(associate, days=89)
    record()
    before = list(Decision.objects.order_by("customer_id").values())
    monkeypatch.setattr(gathering, "CHUNK", 1)
    chunks = gathering.decided

    def breaks_off(*arguments, **options):
        yield next(chunks(*arguments, **options))
        raise OSError("The power went out.")

    monkeypatch.setattr(gathering, "decided", breaks_off)

    with pytest.raises(OSError, match="power"):
        record(1)

    assert list(Decision.objects.order_by("customer_id").values()) == before
    assert DecisionNight.objects.count() == 1


def test_crash_while_merging_leaves_the_last_night_whole(
    associate: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    lapsed_client(associate, days=89)
    record()
    before = list(Decision.objects.values())
    monkeypatch.setattr(recording, "BEGIN", "SELECT 1 / 0")

    with pytest.raises(Exception, match="division by zero"):
        record(1)

    assert list(Decision.objects.values()) == before


def test_second_run_at_the_same_time_is_refused(associate: User) -> None:
    lapsed_client(associate)
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [DatabaseLock.DECISIONS])

        with pytest.raises(recording.CannotRecord, match="Another run"):
            record()
        cursor.execute("SELECT pg_advisory_unlock_all()")
    other.close()

    assert not Decision.objects.exists()
    assert record().clients == 1


def test_empty_shop_has_nights_too(db: None) -> None:
    recorded = record()

    assert (recorded.clients, recorded.changed, recorded.due) == (0, 0, 0)
    assert DecisionNight.objects.get().night == TONIGHT


def test_gathering_asks_one_query_for_each_chunk(
    associate: User, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries
) -> None:
    for _ in range(5):
        lapsed_client(associate)
    monkeypatch.setattr(gathering, "CHUNK", 2)

    with django_assert_num_queries(1 + 3 + 1):  # the stores, three chunks, and the empty one
        chunks = list(gathering.decided(gathering.of_books(), as_of=NOON, now=NOON))

    assert [len(chunk) for chunk in chunks] == [2, 2, 1]


def test_storeless_client_lives_where_her_associate_works() -> None:
    elsewhere = UserFactory(store=StoreFactory(lapse_days=120))
    customer = lapsed_client(elsewhere, days=103)
    Customer.objects.filter(pk=customer.pk).update(store=None)

    record()

    assert stretches(customer) == [(TONIGHT, None, NUMBERS["bought-lately"])]


# --- By hand --------------------------------------------------------------------------------------
def test_command_writes_tonight_down(
    associate: User, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lapsed_client(associate)
    monkeypatch.setattr(clock, "now", lambda: NOON)

    call_command("record_decisions")

    assert capsys.readouterr().out.startswith("Decided about 1 clients for 15 June 2026")


@pytest.mark.parametrize(
    ("night", "sentence"),
    [("2026-06-16", "has not come yet"), ("2026-06-14", "cannot be"), ("June", "not a date")],
)
def test_command_refuses_nights_that_cannot_be(
    associate: User, monkeypatch: pytest.MonkeyPatch, night: str, sentence: str
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON)
    call_command("record_decisions")

    with pytest.raises(CommandError, match=sentence):
        call_command("record_decisions", "--as-of", night)


def test_scheduled_night_is_the_shops_own_day(
    associate: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    lapsed_client(associate)
    after_midnight_in_utc = NOON + timedelta(hours=10)  # ten in the evening in Chicago
    monkeypatch.setattr(clock, "now", lambda: after_midnight_in_utc)

    tasks.record_decisions()

    assert DecisionNight.objects.get().night == TONIGHT


def test_scheduled_night_leaves_a_running_one_alone(
    associate: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON)
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [DatabaseLock.DECISIONS])

        tasks.record_decisions()

        cursor.execute("SELECT pg_advisory_unlock_all()")
    other.close()
    assert not DecisionNight.objects.exists()
