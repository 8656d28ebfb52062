from outreach.models.lookbook import Lookbook, LookbookItem
from outreach.models.mail_pause import MailPause
from outreach.models.message import Message, ProviderEvent, Reply
from outreach.models.reconciliation import Difference, ReconciliationRun
from outreach.models.simulator import SimulatedMessage

__all__ = [
    "Difference",
    "Lookbook",
    "LookbookItem",
    "MailPause",
    "Message",
    "ProviderEvent",
    "ReconciliationRun",
    "Reply",
    "SimulatedMessage",
]
