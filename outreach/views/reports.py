"""The manager's results."""

from django.http import HttpResponse
from django.shortcuts import render

from clienteling import clock
from clienteling.access import managers_only
from clienteling.http import StaffRequest
from clienteling.models import Store
from outreach.day.wording import money, time_words
from outreach.proof import charts, in_store
from outreach.proof.answer_times import answer_time
from outreach.proof.reports import DEFINITIONS, outreach_report

PERIODS = (30, 90, 365)


@managers_only
def reports(request: StaffRequest) -> HttpResponse:
    """What became of the notes of the last 30 days (`?days=90`, `?days=365`) in her stores."""
    days = _days(request.GET.get("days", ""))
    stores = list(Store.objects.visible_to(request.user))
    report = outreach_report(stores, days=days, now=clock.now())
    shown = in_store.shown(stores, since=report.since, until=report.until)
    answered = answer_time(stores, since=report.since, until=report.until)
    context = {
        "report": report,
        "answered": answered,
        "in_store": shown,
        "revenue": money(shown.revenue) if shown.revenue else "",
        "answer_time": time_words(answered.median) if answered.median is not None else "",
        "days": days,
        "periods": PERIODS,
        "definitions": DEFINITIONS,
        "notes_chart": charts.notes_by_month(report.months),
        "bought_chart": charts.bought_by_month(report.months),
        "zone": stores[0].zone if stores else None,
    }
    return render(request, "outreach/reports.html", context)


def _days(text: str) -> int:
    return next((days for days in PERIODS if str(days) == text), PERIODS[0])
