import pytest
from django.test import Client
from django.urls import reverse

from customers.models import LearnedBlend
from tests.factories import (
    NOON,
    AdminFactory,
    CustomerFactory,
    FeedbackFactory,
    SuggestionRunFactory,
)
from tests.outreach.views.page import read


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("words", "found"), [("o'b", {"E"}), ("élo", {"E", "X"}), ("S-1", {"S-1"}), ("brien", set())]
)
def test_customer_search_finds_by_beginnings_and_whole_id(
    client: Client, words: str, found: set[str]
) -> None:
    CustomerFactory(customer_id="E", first_name="Élodie", last_name="O'Brien")
    CustomerFactory(customer_id="X", first_name="Obi", last_name="Elorza")
    CustomerFactory(customer_id="S-1", first_name="Ann", last_name="Smith")
    client.force_login(AdminFactory())

    page = client.get(reverse("admin:customers_customer_changelist"), {"q": words})

    assert {customer.customer_id for customer in page.context["cl"].result_list} == found


@pytest.fixture
def desk(client: Client) -> Client:
    client.force_login(AdminFactory())
    return client


def columns(desk: Client, kind: str) -> list[dict[str, str]]:
    """The change list as a person reads it: each row's words by its columns' names."""
    page = read(desk.get(reverse(f"admin:customers_{kind}_changelist")))
    rows = page.one(id="result_list").one("tbody").all("tr")
    return [
        {
            cell["class"].split()[0].removeprefix("field-"): cell.text
            for cell in [*row.all("th"), *row.all("td")]
        }
        for row in rows
    ]


@pytest.mark.django_db
def test_runs_say_how_the_night_went(desk: Client) -> None:
    SuggestionRunFactory(warnings=["No product has a price.", "<b>Odd</b>"])

    [night] = columns(desk, "suggestionrun")

    assert night | {"as_of": ""} == {
        "as_of": "",
        "outcome": "Done",
        "customers": "1000",
        "new_arrivals": "50",
        "suggestions": "8000",
        "fewer_than_three": "25 (2.5%)",
        "shown_to_somebody": "60%",
        "took": "80.0",
        "remarks": "No product has a price.<b>Odd</b>",
    }


@pytest.mark.django_db
def test_runs_without_clients_divide_by_nobody(desk: Client) -> None:
    SuggestionRunFactory(customers=0, with_fewer=0)

    [night] = columns(desk, "suggestionrun")

    assert night["fewer_than_three"] == "0"


@pytest.mark.django_db
def test_runs_that_failed_stand_out(desk: Client) -> None:
    SuggestionRunFactory(state="failed")

    page = read(desk.get(reverse("admin:customers_suggestionrun_changelist")))

    assert page.one("strong", class_="failed").text == "Failed: the old list stands"


@pytest.mark.django_db
def test_a_run_is_read_and_never_edited(desk: Client) -> None:
    run = SuggestionRunFactory()
    url = reverse("admin:customers_suggestionrun_change", args=[run.pk])

    page = read(desk.get(url))
    written = desk.post(url, {"state": "failed"})

    assert (
        page.one(class_="form-row field-fewer_than_three").one(class_="readonly").text
        == "25 (2.5%)"
    )
    assert page.all("input", type="submit") == []
    assert written.status_code == 403


@pytest.mark.django_db
def test_blends_are_laid_open(desk: Client) -> None:
    blend = LearnedBlend.objects.create(
        as_of=NOON,
        learned_at=NOON,
        seconds=12.34,
        parameters={"demand": 0.5},
        summary={"note": "<i>"},
    )
    SuggestionRunFactory.create_batch(2, blend=blend)

    [row] = columns(desk, "learnedblend")
    page = read(desk.get(reverse("admin:customers_learnedblend_change", args=[blend.pk])))

    assert (row["took"], row["nights"]) == ("12.3", "2")
    parameters, summary = (
        page.one(class_=f"form-row field-readable_{name}").one("pre").text
        for name in ("parameters", "summary")
    )
    assert (parameters, summary) == ('{ "demand": 0.5 }', '{ "note": "<i>" }')
    assert (
        page.one(class_="form-row field-evaluation").one(class_="readonly").text
        == "evaluate_recommender has not been run since"
    )


@pytest.mark.django_db
def test_blend_tells_how_it_did_in_the_shops_past(desk: Client) -> None:
    blend = LearnedBlend.objects.create(
        as_of=NOON,
        learned_at=NOON,
        parameters={},
        summary={"note": "n", "evaluation": {"on": "2026-06-15", "said": ["Finds <b>.", "So."]}},
    )

    page = read(desk.get(reverse("admin:customers_learnedblend_change", args=[blend.pk])))

    assert (
        page.one(class_="form-row field-evaluation").one(class_="readonly").text
        == "On 2026-06-15:Finds <b>.So."
    )
    assert page.one(class_="form-row field-readable_summary").one("pre").text == '{ "note": "n" }'


@pytest.mark.django_db
def test_what_clients_said_of_items_is_read_and_not_written(desk: Client) -> None:
    word = FeedbackFactory(kind="not_for_me")

    [row] = columns(desk, "feedback")

    assert (row["kind"], row["product"]) == ("Not for her", str(word.product))
    assert desk.get(reverse("admin:customers_feedback_add")).status_code == 403
