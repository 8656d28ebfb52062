from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from clienteling.management.commands.evaluate_recommender import weeks
from customers.models import LearnedBlend, Suggestion, SuggestionRun
from tests.factories import CustomerFactory, LineItemFactory, ProductFactory, PurchaseFactory

HOSTILE = "<img src=x onerror=alert(1)>"


def run(*arguments: str) -> list[str]:
    out = StringIO()
    call_command("evaluate_recommender", *arguments, stdout=out, no_color=True)
    return out.getvalue().splitlines()


@pytest.fixture
def shop(now: datetime, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> None:
    """Forty clients who have just found, among six arrivals, the one with the hostile name."""
    monkeypatch.setattr("clienteling.clock.now", lambda: now)
    settings.VAR = tmp_path
    old = ProductFactory(launched_on=(now - timedelta(days=700)).date())
    launched_on = (now - timedelta(days=90)).date()
    wanted = ProductFactory(name=HOSTILE, launched_on=launched_on)
    ProductFactory.create_batch(5, launched_on=launched_on)
    for number in range(40):
        for product, days_ago in ((old, 160), (wanted, 30 if number else 70), (old, 0)):
            bought(product, now - timedelta(days=days_ago), client=number)


def bought(product: Any, at: datetime, *, client: int) -> None:
    customer = CustomerFactory._meta.model.objects.filter(customer_id=f"client-{client}").first()
    customer = customer or CustomerFactory(customer_id=f"client-{client}")
    order = PurchaseFactory(customer=customer, purchased_at=at)
    LineItemFactory(purchase=order, variant__product=product)


@pytest.mark.django_db
def test_command_prints_tables_and_sentences_and_writes_the_report(
    shop: None, tmp_path: Path
) -> None:
    said = run("--weeks", "1")

    report = tmp_path / "reports" / "recommender-2026-06-15.html"
    assert said[0] == "Reading customers, products and purchases..."
    assert said[-1] == f"The report is {report}."
    assert "All clients: 39 answers" in said
    assert "Lapsed clients: 39 answers" in said
    assert [line.split("  ")[0] for line in said].count("this recommender") == 2
    assert any("of 100 clients who bought something new, 100 bought one" in line for line in said)
    assert "of 100 clients who bought something new" in report.read_text()


@pytest.mark.django_db
def test_command_writes_a_hostile_product_name_as_words(shop: None, tmp_path: Path) -> None:
    run("--weeks", "1", "--report", str(tmp_path / "report.html"))

    html = (tmp_path / "report.html").read_text()
    assert HOSTILE not in html
    assert "&lt;img src=x onerror=alert(1)&gt;" in html


@pytest.mark.django_db
def test_command_for_lapsed_clients_shows_only_those(shop: None) -> None:
    said = run("--weeks", "1", "--clients", "lapsed")

    assert "Lapsed clients: 39 answers" in said
    assert [line for line in said if line.startswith("All clients")] == []


@pytest.mark.django_db
def test_command_leaves_suggestions_and_runs_alone(shop: None) -> None:
    run("--weeks", "1")

    assert Suggestion.objects.count() == SuggestionRun.objects.count() == 0
    assert LearnedBlend.objects.count() == 0


@pytest.mark.django_db
def test_command_keeps_its_sentence_beside_the_newest_weights(shop: None, now: datetime) -> None:
    older, newest = (
        LearnedBlend.objects.create(
            as_of=now - timedelta(days=age), learned_at=now, parameters={}, summary={"dates": 7}
        )
        for age in (8, 1)
    )

    said = run("--weeks", "1")

    older.refresh_from_db()
    newest.refresh_from_db()
    assert older.summary == {"dates": 7}
    assert newest.summary["dates"] == 7
    assert newest.summary["evaluation"]["on"] == "2026-06-15"
    assert newest.summary["evaluation"]["said"][0] in said


@pytest.mark.django_db
def test_command_in_an_empty_shop_says_why_not() -> None:
    with pytest.raises(CommandError) as refusal:
        run()

    assert str(refusal.value) == "Too little to go by: there are no purchases on record."


@pytest.mark.django_db
def test_command_refuses_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CommandError) as refusal:
        run("--report", str(tmp_path / "nowhere" / "report.html"))

    assert str(refusal.value) == f"{tmp_path / 'nowhere'} is not a folder."


@pytest.mark.parametrize("text", ["0", "105", "-1", "two"])
def test_weeks_refuses_anything_but_a_sensible_number(text: str) -> None:
    with pytest.raises(CommandError, match="is not a whole number from 1 to 104"):
        run("--weeks", text)


def test_weeks_takes_the_ends_of_the_range() -> None:
    assert (weeks("1"), weeks("104")) == (1, 104)
