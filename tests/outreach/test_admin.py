from datetime import date, time
from importlib import import_module

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client

from outreach.models import MarketingSend, QuietPeriod, StateHours
from tests.factories import NOON, AdminFactory, CustomerFactory, MarketingSendFactory

pytestmark = pytest.mark.django_db

LAWS = "/admin/outreach/statehours/"


@pytest.fixture
def desk(client: Client) -> Client:
    client.force_login(AdminFactory(username="robin"))
    return client


def law(**changes: str) -> dict[str, str]:
    return {
        "region": "ga",
        "days": "0123456",
        "opens": "8:00",
        "closes": "20:00",
        "source": "O.C.G.A. 46-5-27",
        "checked_on": "2026-06-01",
        **changes,
    }


def test_an_admin_enters_a_stricter_state(desk: Client) -> None:
    desk.post(f"{LAWS}add/", law())

    entered = StateHours.objects.get(region="GA")
    assert (entered.opens, entered.closes) == (time(8), time(20))
    assert (entered.source, entered.checked_on) == ("O.C.G.A. 46-5-27", date(2026, 6, 1))


@pytest.mark.parametrize(
    "wrong",
    [{"region": "G4"}, {"region": ""}, {"closes": "8:00"}, {"source": ""}, {"days": "8"}],
)
def test_hours_that_cannot_be_are_refused(desk: Client, wrong: dict[str, str]) -> None:
    answer = desk.post(f"{LAWS}add/", law(**wrong))

    assert b"errornote" in answer.content
    assert not StateHours.objects.filter(region__startswith="G").exists()


def test_the_migration_has_entered_the_states_that_were_known() -> None:
    """The rows a new database begins with; other tests may have emptied the table before."""
    StateHours.objects.all().delete()
    migration = import_module("outreach.migrations.0009_stricter_states")

    migration.enter(apps, None)
    migration.enter(apps, None)

    assert list(StateHours.objects.values_list("region", "days")) == [
        ("CT", "0123456"),
        ("FL", "0123456"),
        ("MD", "0123456"),
        ("MS", "0123456"),
        ("NJ", "0123456"),
        ("OK", "0123456"),
        ("RI", "01234"),
        ("RI", "56"),
        ("TX", "012345"),
        ("TX", "6"),
    ]


def test_quiet_days_entered_in_admin_say_who_entered_them(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clienteling.clock.now", lambda: NOON)
    customer = CustomerFactory()
    days = {"customer": customer.pk, "starts_on": "2026-07-01", "ends_on": "2026-07-10"}

    desk.post("/admin/outreach/quietperiod/add/", days)
    refused = desk.post("/admin/outreach/quietperiod/add/", {**days, "ends_on": "2026-06-10"})

    period = QuietPeriod.objects.get()
    assert period.entered_by is not None
    assert (period.entered_by.username, period.entered_at) == ("robin", NOON)
    assert b"The last day lies before the first." in refused.content


def test_others_mailings_are_looked_at_and_not_edited(desk: Client) -> None:
    MarketingSendFactory(campaign="Spring letter")

    page = desk.get("/admin/outreach/marketingsend/")

    assert b"Spring letter" in page.content
    assert not admin.site._registry[MarketingSend].has_add_permission(None)  # type: ignore[arg-type]
