import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from customers import consent
from customers.models import Customer
from tests.factories import (
    NOON,
    AdminFactory,
    ConsentFactory,
    ContactPointFactory,
    CustomerFactory,
    LineItemFactory,
)

pytestmark = pytest.mark.django_db

LIST = "/admin/customers/customer/"


@pytest.fixture
def desk(client: Client) -> Client:
    client.force_login(AdminFactory())
    return client


def choose(desk: Client, *customers: Customer):  # type: ignore[no-untyped-def]
    chosen = {"action": "merge_two", "_selected_action": [each.pk for each in customers]}
    return desk.post(LIST, chosen)


def test_two_chosen_records_are_merged_after_a_question(desk: Client) -> None:
    kept, gone = CustomerFactory(customer_id="K"), CustomerFactory(customer_id="G")
    LineItemFactory(purchase__customer=gone)
    ContactPointFactory(customer=gone)
    ConsentFactory(customer=gone)

    asked = choose(desk, kept, gone)
    page = desk.get(asked["Location"])
    answer = desk.post(asked["Location"], {"kept": kept.pk}, follow=True)

    gone.refresh_from_db()
    assert b"Which record is kept?" in page.content
    assert gone.merged_into == kept
    assert b"G is K now. Moved 1 line items, 1 purchases." in answer.content
    assert LogEntry.objects.get().change_message.startswith("Merged with G.")


@pytest.mark.parametrize("number", [1, 3])
def test_exactly_two_are_to_be_chosen(desk: Client, number: int) -> None:
    customers = [CustomerFactory() for _ in range(number)]

    answer = desk.post(
        LIST,
        {"action": "merge_two", "_selected_action": [each.pk for each in customers]},
        follow=True,
    )

    assert b"Choose exactly two records." in answer.content


@pytest.mark.parametrize("said", ["", "nonsense", "999999"])
def test_nothing_is_merged_unless_one_is_named(desk: Client, said: str) -> None:
    one, other = CustomerFactory(), CustomerFactory()

    answer = desk.post(
        reverse("admin:customers_customer_merge", args=[one.pk, other.pk]),
        {"kept": said},
        follow=True,
    )

    assert b"Say which of the two is kept." in answer.content
    assert not Customer.objects.exclude(merged_into=None).exists()


def test_a_second_merge_of_the_same_is_refused_with_a_sentence(desk: Client) -> None:
    kept, gone = CustomerFactory(), CustomerFactory()
    url = reverse("admin:customers_customer_merge", args=[kept.pk, gone.pk])
    desk.post(url, {"kept": kept.pk})

    answer = desk.post(url, {"kept": kept.pk}, follow=True)

    assert b"One of them was merged before." in answer.content


def test_merging_is_for_admins(client: Client) -> None:
    one, other = CustomerFactory(), CustomerFactory()

    answer = client.post(reverse("admin:customers_customer_merge", args=[one.pk, other.pk]))

    assert answer.status_code == 302
    assert not Customer.objects.exclude(merged_into=None).exists()


def test_an_edit_in_admin_does_not_lift_a_suppression(desk: Client) -> None:
    """The address is typed in for another client, with consent: it stays as it is."""
    consent.suppress("+13125550142", "sms", reason="stop-word", at=NOON)
    customer = CustomerFactory()
    ConsentFactory(customer=customer)

    answer = desk.post(
        f"{LIST}{customer.pk}/change/",
        {
            "customer_id": customer.customer_id,
            "first_name": "Amanda",
            "last_name": "Reyes",
            "city": "Chicago",
            "store": customer.store_id,
            "preferred_channel": "sms",
            "contact_points-TOTAL_FORMS": "1",
            "contact_points-INITIAL_FORMS": "0",
            "contact_points-0-channel": "sms",
            "contact_points-0-address": "+13125550142",
            "contact_points-0-as_written": "+13125550142",
            "consents-TOTAL_FORMS": "0",
            "consents-INITIAL_FORMS": "0",
        },
    )

    assert answer.status_code == 302
    assert consent.permissions([customer])[customer.pk]["sms"].address == "+13125550142"
    assert not consent.may_receive(customer, "sms")
