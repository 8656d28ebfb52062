from outreach.models.lookbook import Lookbook, LookbookItem
from outreach.models.message import Message, ProviderEvent, Reply
from outreach.models.reconciliation import Difference, ReconciliationRun
from outreach.models.simulator import SimulatedMessage

__all__ = [
    "Difference",
    "Lookbook",
    "LookbookItem",
    "Message",
    "ProviderEvent",
    "ReconciliationRun",
    "Reply",
    "SimulatedMessage",
]
