"""What pages are measured against, in the same run: what the ratios refer to.

`hello` is an answer through the whole middleware. `bare` is 24 cards as Django's tutorial would
write them: clients with prefetched suggestions and products, and a template of variables, loops
and the usual filters. It asks no rule, drafts no note and has no form.
"""

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path

from customers.models import Customer, Suggestion

CARDS = 24
SHOWN = 3
PAGE = """<!doctype html><title>Cards</title>{% for client in clients %}
<article id="client-{{ client.pk }}">
  <h2><a href="/clients/{{ client.customer_id }}/">
    {{ client.first_name }} {{ client.last_name }}</a></h2>
  <p>{{ client.city }} · {{ client.visit_count }} visits · {{ client.net_spend|floatformat:2 }}</p>
  <p>{{ client.last_purchase_at|date:"j F Y" }}, {{ client.last_purchase_at|timesince }} ago</p>
  <ul>{% for suggestion in client.shown %}
    <li id="item-{{ suggestion.product.style }}">
      <h3>{{ suggestion.product.name }}</h3>
      <p>{{ suggestion.product.color }} · {{ suggestion.product.price|floatformat:2 }}</p>
      <p>{{ suggestion.rank }}. {{ suggestion.score|floatformat:3 }}</p>
    </li>{% endfor %}
  </ul>
  <form method="post">{% csrf_token %}<textarea name="body">Dear {{ client.first_name }}</textarea>
  <button>Send to {{ client.first_name }}</button></form>
</article>{% endfor %}"""


def hello(request: HttpRequest) -> HttpResponse:
    """Nothing but the way through the middleware."""
    return HttpResponse("hello")


def bare(request: HttpRequest) -> HttpResponse:
    """24 clients of an associate's book with three suggestions each, and not a rule asked."""
    shown = Suggestion.objects.filter(rank__lte=SHOWN).select_related("product")
    clients = (
        Customer.objects.filter(associate=request.GET["associate"], suggestions__rank=1)
        .order_by("-last_purchase_at")
        .prefetch_related(Prefetch("suggestions", queryset=shown, to_attr="shown"))
    )
    template = engines["django"].from_string(PAGE)
    return HttpResponse(template.render({"clients": clients[:CARDS]}, request))


urlpatterns = [
    path("hello/", hello),
    path("bare/", bare),
    path("", include("clienteling.urls")),
]
