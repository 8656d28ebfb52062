"""The store's own words for notes: which places have them, and one place with a preview."""

from datetime import datetime
from typing import Any

from django.contrib import messages as banners
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from clienteling import clock
from clienteling.access import managers_only
from clienteling.http import StaffRequest, page_or_part
from clienteling.models import Store
from customers.models import Channel
from outreach.day import note_templates, placeholders
from outreach.day.note_templates import Overtaken, Place, Refused
from outreach.forms import TemplateForm
from outreach.models import Tone
from outreach.models.message import Step
from outreach.views.shop import store_of

SAVED = {
    TemplateForm.SAVE: "Saved. New cards are drafted with these words.",
    TemplateForm.GIVE_BACK: "The house’s own words are used here again.",
    TemplateForm.BRING_BACK: "Brought back, as a new version.",
}


@managers_only
@require_GET
def shelves(request: StaffRequest) -> HttpResponse:
    """Every step with its places, and whose words stand there."""
    store = _store(request, request.GET.get("store", ""))
    context = {
        "shelves": note_templates.shelves(store),
        "store": store,
        "stores": list(Store.objects.visible_to(request.user)),
    }
    return render(request, "outreach/note_templates.html", context)


@managers_only
@require_http_methods(["GET", "HEAD", "POST"])
def template(request: StaffRequest, step: str, channel: str, tone: str) -> HttpResponse:
    """The words of one place: what they are, how they would read, and every former version."""
    values = request.POST if request.method == "POST" else request.GET
    place = _place(_store(request, values.get("store", "")), step, channel, tone)
    now = clock.now()
    if request.method != "POST":
        return _page(request, place, _written(place), now)
    form = TemplateForm(request.POST)
    if not form.is_valid():
        raise Http404
    if form.act_named == TemplateForm.PREVIEW:
        return _page(request, place, dict(form.cleaned_data), now)
    try:
        _write(request, place, form, now)
    except Refused as refusal:
        return _page(request, place, {**form.cleaned_data, "wrong": refusal.sentences}, now)
    except Overtaken as overtaken:
        return _page(request, place, {**form.cleaned_data, "wrong": [overtaken.sentence]}, now)
    banners.success(request, SAVED[form.act_named])
    return redirect(f"{_url(place)}?store={place.store.pk}")


def _write(request: StaffRequest, place: Place, form: TemplateForm, now: datetime) -> None:
    values = form.cleaned_data
    who: dict[str, Any] = {"after": form.newest_seen, "by": request.user, "now": now}
    if form.act_named == TemplateForm.SAVE:
        note_templates.save(place, subject=values["subject"], body=values["body"], **who)
    elif form.act_named == TemplateForm.GIVE_BACK:
        note_templates.give_back(place, **who)
    else:
        version = get_object_or_404(note_templates.versions(place), number=values["version"])
        note_templates.bring_back(place, version, **who)


def _written(place: Place) -> dict[str, Any]:
    """The words that stand here, as a form shows them."""
    newest = note_templates.versions(place).first()
    return {"subject": newest.subject, "body": newest.body} if newest else {}


def _page(
    request: StaffRequest, place: Place, values: dict[str, Any], now: datetime
) -> HttpResponse:
    """The editor; for htmx the preview alone."""
    clients = note_templates.clients_to_try(place.store, now=now)
    customer = next((each for each in clients if each.customer_id == values.get("customer")), None)
    customer = customer or next(iter(clients), None)
    wrong, preview = list(values.get("wrong", ())), None
    subject, body = values.get("subject", ""), values.get("body", "")
    if customer and body.strip() and not wrong:
        try:
            preview = note_templates.preview(
                place, subject=subject, body=body, customer=customer, by=request.user, now=now
            )
        except Refused as refusal:
            wrong = list(refusal.sentences)
    versions = list(
        note_templates.versions(place).select_related("written_by", "brought_back")[
            : note_templates.VERSIONS_SHOWN
        ]
    )
    context = {
        "place": place,
        "url": _url(place),
        "subject": subject,
        "body": body,
        "clients": clients,
        "customer": customer,
        "wrong": wrong,
        "preview": preview,
        "versions": versions,
        "newest": versions[0].number if versions else 0,
        "after": versions[0].number if versions else 0,
        "placeholders": placeholders.listed(place.step),
        "longest": note_templates.MOST_CHARACTERS,
        "zone": place.store.zone,
    }
    if values.get("wrong"):  # as she was shown them: saving again must not overtake by accident
        context["after"] = values.get("after") or 0
    page, part = "outreach/note_template.html", "outreach/_template_preview.html"
    return page_or_part(request, page, part, context)


def _store(request: StaffRequest, number: str) -> Store:
    """The store asked for, if it is one of hers; her own where none is named."""
    if not number:
        return store_of(request)
    if not number.isdecimal() or len(number) > 18:
        raise Http404
    return get_object_or_404(Store.objects.visible_to(request.user), pk=int(number))


def _place(store: Store, step: str, channel: str, tone: str) -> Place:
    known = step in note_templates.STEPS and channel in Channel.values and tone in Tone.values
    if not known:
        raise Http404
    return Place(store, Step(step), Channel(channel), Tone(tone))


def _url(place: Place) -> str:
    return reverse("note-template", args=[place.step, place.channel, place.tone])
