"""The least a page could cost on this machine, measured in the same run: what ratios refer to.

`hello` is an answer through the whole middleware. `bare` is the plainest page of 24 cards: two
queries, a template that only loops, and as much HTML as the day's page (`?bytes=`).
"""

from django.http import HttpRequest, HttpResponse
from django.template import Context, Template
from django.urls import include, path

from clienteling.models import User
from customers.models import Customer, Suggestion

CARDS = 24
SHOWN = 3
PAGE = """<!doctype html><title>Cards</title>{% for card in cards %}
<article><h2>{{ card.name }}</h2><p>{{ card.since }}</p><ul>{% for item in card.items %}
<li>{{ item.name }} {{ item.price }}</li>{% endfor %}</ul>{{ filling }}</article>{% endfor %}"""
TEMPLATE = Template(PAGE)
BYTES_OF_A_BARE_CARD = 150


def hello(request: HttpRequest) -> HttpResponse:
    """Nothing but the way through the middleware."""
    return HttpResponse("hello")


def bare(request: HttpRequest) -> HttpResponse:
    """24 clients of an associate's book with three suggestions each, and not a rule asked."""
    associate = User(pk=int(request.GET["associate"]), store_id=int(request.GET["store"]))
    clients = list(
        Customer.objects.filter(associate=associate, suggestions__rank=1)
        .order_by("-last_purchase_at")
        .values("pk", "first_name", "last_name", "last_purchase_at")[:CARDS]
    )
    items: dict[int, list[dict[str, object]]] = {}
    for customer, name, price in Suggestion.objects.filter(
        customer__in=[client["pk"] for client in clients], rank__lte=SHOWN
    ).values_list("customer_id", "product__name", "product__price"):
        items.setdefault(customer, []).append({"name": name, "price": price})
    filling = "x" * max(0, int(request.GET["bytes"]) // CARDS - BYTES_OF_A_BARE_CARD)
    cards = [
        {
            "name": f"{client['first_name']} {client['last_name']}",
            "since": f"{client['last_purchase_at']:%-d %B}",
            "items": items[client["pk"]],
        }
        for client in clients
    ]
    return HttpResponse(TEMPLATE.render(Context({"cards": cards, "filling": filling})))


urlpatterns = [
    path("hello/", hello),
    path("bare/", bare),
    path("", include("clienteling.urls")),
]
