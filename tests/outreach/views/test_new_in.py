from datetime import timedelta

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.models import Product, StockLevel
from clienteling.models import User
from outreach.models import Draft, Message
from tests.factories import (
    NOON,
    AdminFactory,
    BrandFactory,
    ManagerFactory,
    ProductFactory,
    StockLevelFactory,
    SuggestionFactory,
    UserFactory,
    VariantFactory,
    brought,
)
from tests.outreach.scenes import bought, lapsed_client, suggested
from tests.outreach.views.page import Element, form_values, read


def shelf(page: Element) -> list[str]:
    return [piece["data-product"] for piece in page.all("li", data_product=None)]


def people(page: Element) -> list[str]:
    return [person["data-client"] for person in page.all(data_client=None)]


def test_new_in_shows_a_hostile_name_as_words(shop: Client, associate: User) -> None:
    amanda = lapsed_client(associate, items=0)
    nearest = ProductFactory(name="<script>alert(1)</script>", launched_on=None)
    SuggestionFactory(
        customer=amanda, nearest=nearest, shared_traits=1, contributions=brought(taste=1.0)
    )

    answer = shop.get("/new-in/")

    assert read(answer).one("ol").one("small").text == (
        "Same brand as the <script>alert(1)</script> · stock unknown"
    )
    assert b"<script>alert" not in answer.content


def test_new_in_leads_from_a_piece_to_the_clients_it_suits(shop: Client, associate: User) -> None:
    amanda = lapsed_client(associate, customer_id="C-1", items=0)
    suggested(amanda, 1, style="S-1", name="Marlow loafer")
    ProductFactory(style="S-2")

    page = read(shop.get("/new-in/"))

    assert (shelf(page), people(page)) == (["S-1"], ["C-1"])
    fan = page.one("article", data_client="C-1")
    assert fan.one("small").text == (
        "6 clients of similar taste bought it in two weeks · 3 left in 38"
    )
    assert (fan.one("a")["href"], fan.one("a").text) == ("/clients/C-1/", str(amanda))
    assert fan.one("button", data_action="send").text == "Text Amanda"


def fan_form(shop: Client, item: str = "") -> dict[str, str]:
    page = read(shop.get("/new-in/", {"item": item, "which": "all"} if item else {}))
    return form_values(page.all("form", class_="note")[0])


def test_send_on_a_row_makes_a_note_about_this_one_item(shop: Client, associate: User) -> None:
    amanda = lapsed_client(associate, customer_id="C-1", items=3)
    suggested(amanda, 4, style="S-4", name="Heron pump")

    answer = shop.post("/clients/C-1/send/", fan_form(shop, "S-4"), headers={"HX-Request": "true"})

    strip = read(answer).one("article")
    message = Message.objects.get()
    assert (message.state, message.customer) == ("queued", amanda)
    assert message.lookbook is not None
    assert [item.product.style for item in message.lookbook.items.all()] == ["S-4"]
    assert "Heron pump" in message.body
    assert strip.one("button", data_action="undo")
    assert strip.one("input", name="page")["value"] == "new-in"


def test_row_comes_back_with_the_reason_and_the_words_when_it_may_not_be_sent(
    shop: Client, associate: User
) -> None:
    amanda = lapsed_client(associate, customer_id="C-1", items=3)
    bought(amanda, at=NOON - timedelta(days=150), name="Taste")
    pump = ProductFactory(style="S-4", name="Heron pump")
    StockLevelFactory(variant=VariantFactory(product=pump), store=associate.store)
    values = fan_form(shop, "S-4") | {"body": "My own words about the pump."}
    StockLevel.objects.filter(variant__product=pump).update(quantity=0)

    answer = shop.post("/clients/C-1/send/", values, headers={"HX-Request": "true"})

    row = read(answer).one("article", class_="fan")
    assert "None left here" in row.one("div", role="alert").text
    assert row.one("textarea").text == "My own words about the pump."
    assert not Message.objects.filter(state="queued").exists()


def test_undo_brings_the_row_back(shop: Client, associate: User) -> None:
    lapsed_client(associate, customer_id="C-1", items=1)
    shop.post("/clients/C-1/send/", fan_form(shop), headers={"HX-Request": "true"})
    message = Message.objects.get()

    answer = shop.post(
        f"/messages/{message.pk}/take-back/", {"page": "new-in"}, headers={"HX-Request": "true"}
    )

    row = read(answer).one("article", class_="fan")
    assert row["data-say"] == "Taken back. Nothing was sent."
    assert row.one("button", data_action="send")


def test_own_words_about_one_piece_taken_back_stay_about_it(shop: Client, associate: User) -> None:
    lapsed_client(associate, customer_id="C-1", items=1)
    form = {**fan_form(shop), "body": "The pump is here."}
    shop.post("/clients/C-1/send/", form, headers={"HX-Request": "true"})
    message = Message.objects.get()

    shop.post(
        f"/messages/{message.pk}/take-back/", {"page": "new-in"}, headers={"HX-Request": "true"}
    )

    assert [(each.body, each.product) for each in Draft.objects.all()] == [
        ("The pump is here.", Product.objects.get(suggestions__customer=message.customer))
    ]


def test_send_without_a_script_leads_to_where_it_can_be_taken_back(
    shop: Client, associate: User
) -> None:
    client = lapsed_client(associate, customer_id="C-1", items=1)
    place = f"client-card-{client.pk}"

    answer = shop.post("/clients/C-1/send/", fan_form(shop), follow=True)

    assert answer.redirect_chain == [(f"/#{place}", 302)]
    assert read(answer).one("article", id=place).one("button", data_action="undo")
    assert Message.objects.get().state == "queued"


def test_new_in_shows_everything_on_the_other_tab(shop: Client, associate: User) -> None:
    suggested(lapsed_client(associate, items=0), 1, style="S-1")
    ProductFactory(style="S-2", name="Bruno boot", brand=BrandFactory(name="Nobody's brand"))

    page = read(shop.get("/new-in/?which=all&item=S-2"))

    assert shelf(page) == ["S-1", "S-2"]
    assert page.one("section", id="who").one("h2").text == "Bruno boot"
    assert people(page) == []


def test_new_in_names_no_client_of_another_store(client: Client, associate: User) -> None:
    suggested(lapsed_client(associate, customer_id="C-1", items=0), 1, style="S-1")
    client.force_login(UserFactory())

    page = read(client.get("/new-in/?item=S-1"))

    assert (shelf(page), people(page)) == (["S-1"], [])
    assert page.all("span", class_="fits") == []


def test_new_in_names_the_whole_stores_clients_to_its_manager(
    client: Client, associate: User
) -> None:
    colleague = UserFactory(store=associate.store)
    first = lapsed_client(associate, customer_id="C-1", items=0)
    product = suggested(first, 1, style="S-1").product
    second = lapsed_client(colleague, customer_id="C-2", items=0)
    second.suggestions.create(rank=1, product=product, score=0.5)
    client.force_login(ManagerFactory(store=associate.store))

    page = read(client.get("/new-in/"))

    assert people(page) == ["C-1", "C-2"]
    assert page.one("span", class_="fits").text == "2 would like it"


def test_new_in_is_no_page_of_an_admin(client: Client, db: None) -> None:
    client.force_login(AdminFactory())

    assert client.get("/new-in/").status_code == 404


def test_new_in_is_kind_when_nothing_arrived(shop: Client) -> None:
    page = read(shop.get("/new-in/"))

    empty = page.one("div", class_="empty")
    assert empty.one("p").text == "Nothing has arrived in the last 60 days."


def test_new_in_asks_as_many_questions_for_one_piece_as_for_many(
    shop: Client, associate: User
) -> None:
    lapsed_client(associate, items=1)
    shop.get("/new-in/")
    with CaptureQueriesContext(connection) as one:
        shop.get("/new-in/")
    for _ in range(3):
        lapsed_client(associate)

    with CaptureQueriesContext(connection) as many:
        page = read(shop.get("/new-in/"))

    assert len(shelf(page)) == 10
    assert len(many) == len(one)
