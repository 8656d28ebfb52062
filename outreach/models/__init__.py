from outreach.models.contact import MarketingSend, QuietPeriod
from outreach.models.lookbook import Lookbook, LookbookItem
from outreach.models.message import Message, ProviderEvent, Reply
from outreach.models.reconciliation import Difference, ReconciliationRun
from outreach.models.simulator import SimulatedCast, SimulatedMessage
from outreach.models.state_hours import StateHours

__all__ = [
    "Difference",
    "Lookbook",
    "LookbookItem",
    "MarketingSend",
    "Message",
    "ProviderEvent",
    "QuietPeriod",
    "ReconciliationRun",
    "Reply",
    "SimulatedCast",
    "SimulatedMessage",
    "StateHours",
]
