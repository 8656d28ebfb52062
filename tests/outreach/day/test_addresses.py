import pytest
from django.urls import reverse

from outreach.day.addresses import BELOW, ClientAddresses


@pytest.mark.parametrize("customer_id", ["C-1", "a b/ü?#", "0042", "x" * 64])
def test_addresses_are_those_of_the_views(customer_id: str) -> None:
    addresses = ClientAddresses(customer_id)

    assert addresses.page == reverse("client", args=[customer_id])
    assert {view: addresses.of(view) for view in BELOW} == {
        view: reverse(view, args=[customer_id]) for view in BELOW
    }
