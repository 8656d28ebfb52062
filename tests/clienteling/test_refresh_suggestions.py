import re
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from clienteling.management.commands.refresh_suggestions import moment_of
from customers.models import Suggestion, SuggestionRun
from tests.factories import (
    CustomerFactory,
    LineItemFactory,
    ProductFactory,
    PurchaseFactory,
    StoreFactory,
)

CHICAGO = ZoneInfo("America/Chicago")


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("refresh_suggestions", *arguments, stdout=out, no_color=True)
    return out.getvalue()


@pytest.fixture
def shop(now: datetime, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A shop in Chicago with one lapsed client and four new arrivals."""
    monkeypatch.setattr("clienteling.clock.now", lambda: now)
    client = CustomerFactory(store=StoreFactory(timezone="America/Chicago"))
    old = (now - timedelta(days=500)).date()
    order = PurchaseFactory(customer=client, purchased_at=now - timedelta(days=100))
    LineItemFactory(purchase=order, variant__product__launched_on=old)
    ProductFactory.create_batch(4, launched_on=(now - timedelta(days=10)).date())
    return client


def test_moment_of_a_plain_date_is_the_end_of_that_day_in_the_shop() -> None:
    moment = moment_of("2017-10-31", zone=CHICAGO)

    assert moment == datetime(2017, 11, 1, 5, 0, tzinfo=UTC) - timedelta(microseconds=1)


def test_moment_of_a_date_with_a_time_is_that_moment() -> None:
    assert moment_of("2017-10-31T18:00", zone=CHICAGO) == datetime(2017, 10, 31, 23, tzinfo=UTC)
    assert moment_of("2017-10-31T18:00Z", zone=CHICAGO) == datetime(2017, 10, 31, 18, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2017-02-30", "yesterday", "31.10.2017", "9999-12-31"])
def test_moment_of_anything_else_is_refused(text: str) -> None:
    with pytest.raises(CommandError, match="is not a date"):
        moment_of(text, zone=CHICAGO)


@pytest.mark.django_db
def test_command_ends_with_a_true_sentence(shop: Any) -> None:
    said = run().splitlines()

    assert re.fullmatch(
        r"Suggestions for 1 of 1 lapsed clients among 4 new arrivals, as of 2026-06-15, "
        r"in \d+\.\d s; 0 have fewer than 3\.",
        said[-1],
    )
    assert Suggestion.objects.filter(customer=shop).count() == 4


@pytest.mark.django_db
def test_command_as_of_a_day_includes_that_day_and_says_that_it_replaces(shop: Any) -> None:
    said = run("--as-of", "2026-06-04").splitlines()

    assert said[-2] == "These replace the suggestions on show; they are as of 2026-06-04."
    assert "Suggestions for 0 of 0 lapsed clients among 0 new arrivals" in said[-1]
    assert SuggestionRun.objects.get().as_of == datetime(2026, 6, 5, 5, 0, tzinfo=UTC) - timedelta(
        microseconds=1
    )


@pytest.mark.django_db
def test_command_options_reach_the_run(shop: Any, tmp_path: Path) -> None:
    file = tmp_path / "out.csv"

    said = run("--new-within", "9", "--top", "2", "--clients", "all", "--export", str(file))

    assert "Nothing arrived in the 9 days up to 2026-06-15." in said
    assert "Suggestions for 0 of 1 clients" in said
    assert file.read_text() == "customer_id,rank,sku,score,reason\n"


@pytest.mark.django_db
@pytest.mark.parametrize("arguments", [("--top", "0"), ("--new-within", "x"), ("--clients", "me")])
def test_command_refuses_nonsense(arguments: tuple[str, str]) -> None:
    with pytest.raises(CommandError):
        run(*arguments)


@pytest.mark.django_db
def test_command_refuses_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="is not a folder"):
        run("--export", str(tmp_path / "nowhere" / "out.csv"))
