from outreach.models.lookbook import Lookbook, LookbookItem
from outreach.models.message import Message, ProviderEvent, Reply
from outreach.models.simulator import SimulatedMessage

__all__ = [
    "Lookbook",
    "LookbookItem",
    "Message",
    "ProviderEvent",
    "Reply",
    "SimulatedMessage",
]
