"""The manager's what-if desk: other rules tried on the recorded nights, and saved if wished."""

from copy import copy

from django.contrib import messages as banners
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from clienteling import clock
from clienteling.access import managers_only
from clienteling.http import StaffRequest
from clienteling.models import Store
from outreach.decisions import desk
from outreach.forms import StoreChoiceForm, StoreRulesForm
from outreach.views.shop import store_of


@managers_only
@require_http_methods(["GET", "HEAD", "POST"])
def what_if(request: StaffRequest) -> HttpResponse:
    """Shows what the numbers in the address would have meant; the POST saves them."""
    asked = request.POST if request.method == "POST" else request.GET
    store = _store(request, asked)
    form = StoreRulesForm({**desk.values_of(store), **asked.dict()}, instance=copy(store))
    is_valid = form.is_valid()
    if request.method == "POST" and is_valid:
        return _save(request, store, form)
    changed = desk.with_numbers(store, form.cleaned_data) if is_valid else store
    context = {
        "form": form,
        "store": store,
        "stores": Store.objects.visible_to(request.user),
        "outcome": desk.outcome(store, changed, now=clock.now()) if is_valid else None,
        "is_valid": is_valid,
    }
    return render(request, "outreach/what_if.html", context, status=200 if is_valid else 422)


def _save(request: StaffRequest, store: Store, form: StoreRulesForm) -> HttpResponse:
    changes = desk.save(store, form.cleaned_data, by=request.user)
    if changes:
        banners.success(request, f"Saved for {store.name}. {'; '.join(changes)}.")
    else:
        banners.info(request, f"{store.name} has these rules already.")
    return redirect(f"{reverse('what-if')}?store={store.pk}")


def _store(request: StaffRequest, asked: QueryDict) -> Store:
    """The store that is named, if it is one of hers; her first one where none is."""
    form = StoreChoiceForm(asked)
    number = form.cleaned_data["store"] if form.is_valid() else None
    if number is None:
        return store_of(request)
    return get_object_or_404(Store.objects.visible_to(request.user), pk=number)
