"""The addresses of the associate's day, the client's page and the carriers' callbacks."""

from django.urls import URLPattern, path

from outreach.views import (
    clients,
    conversation,
    dashboard,
    lookbook,
    new_in,
    pulse,
    reports,
    sending,
    simulator,
    unknown_senders,
    unsubscribe,
    webhooks,
    wishes,
)

urlpatterns: list[URLPattern] = [
    path("", dashboard.day, name="day"),
    path("messages/<uuid:message_id>/", dashboard.message_strip, name="message-strip"),
    path("messages/<uuid:message_id>/take-back/", dashboard.take_back, name="take-back"),
    path("clients/", clients.clients, name="clients"),
    path("clients/<path:customer_id>/send/", dashboard.send, name="send"),
    path("clients/<path:customer_id>/word/", dashboard.word, name="word"),
    path("clients/<path:customer_id>/why-not/", clients.why_not, name="why-not"),
    path("clients/<path:customer_id>/thread/", conversation.thread, name="thread"),
    path("clients/<path:customer_id>/handled/", conversation.handled, name="handled"),
    path("clients/<path:customer_id>/wish/", wishes.read_wish, name="stop-wish"),
    path("clients/<path:customer_id>/quiet/", wishes.add_quiet_days, name="quiet-days"),
    path(
        "clients/<path:customer_id>/quiet/<int:number>/end/",
        wishes.end_quiet_days,
        name="end-quiet-days",
    ),
    # A customer's id is the retailer's own and may hold a slash, so the bare address comes last.
    path("clients/<path:customer_id>/", clients.client, name="client"),
    path("inbox/", conversation.inbox, name="inbox"),
    path("inbox/unknown/", unknown_senders.unknown, name="unknown-senders"),
    path("inbox/unknown/<int:number>/", unknown_senders.unknown_sender, name="unknown-sender"),
    path("inbox/unknown/<int:number>/match/", unknown_senders.match_sender, name="match-sender"),
    path(
        "inbox/unknown/<int:number>/set-aside/",
        unknown_senders.set_aside,
        name="set-aside-sender",
    ),
    path("sending/", sending.switches, name="sending"),
    path("sending/stop/", sending.stop, name="sending-stop"),
    path("sending/<int:number>/start/", sending.start, name="sending-start"),
    path("new-in/", new_in.new_in, name="new-in"),
    path("reports/", reports.reports, name="reports"),
    path("pulse/", pulse.pulse, name="pulse"),
    path("l/<str:token>/", lookbook.lookbook, name="lookbook"),
    path("u/<str:token>/", unsubscribe.unsubscribe, name="unsubscribe"),
    path("simulator/", simulator.simulator, name="simulator"),
    path("simulator/answer/", simulator.answer, name="simulator-answer"),
    path("simulator/clock/", simulator.wind, name="simulator-clock"),
    path("simulator/cast/", simulator.cast, name="simulator-cast"),
    path("webhooks/twilio/status/<uuid:message_id>/", webhooks.twilio_status, name="twilio-status"),
    path("webhooks/twilio/inbound/", webhooks.twilio_inbound, name="twilio-inbound"),
]
