"""Words on their way into a note, kept while she pauses."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from catalog.models import Product
from clienteling import clock
from clienteling.access import associates_only
from clienteling.http import StaffRequest
from customers.models import Customer
from outreach.forms import DraftForm
from outreach.messages import drafts
from outreach.messages.drafts import Typed


@associates_only
@require_POST
def draft(request: StaffRequest, customer_id: str) -> HttpResponse:
    """Keep what is typed; nothing is shown, for the page has it already. 205: not kept any more."""
    customer = get_object_or_404(Customer.objects.visible_to(request.user), customer_id=customer_id)
    form = DraftForm(request.POST)
    if not form.is_valid():
        raise Http404
    values = form.cleaned_data
    typed = Typed(
        step=values["step"],
        channel=values["channel"],
        body=values["body"],
        form_token=str(values["form_token"]),
        age=values["age"],
        product=_item(values["item"]),
    )
    is_kept = drafts.keep(customer, typed, author=request.user, now=clock.now())
    return HttpResponse(status=204 if is_kept else 205)


def _item(style: str) -> int | None:
    return get_object_or_404(Product.objects.only("pk"), style=style).pk if style else None
