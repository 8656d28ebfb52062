from outreach.models.contact import MarketingSend, QuietPeriod
from outreach.models.decision import Decision, DecisionNight, DecisionRules
from outreach.models.habit import AnsweringPeers
from outreach.models.lookbook import Lookbook, LookbookItem
from outreach.models.mail_pause import MailPause
from outreach.models.message import Message, ProviderEvent, Reply
from outreach.models.notice import Notice
from outreach.models.picture import ReplyPicture
from outreach.models.reconciliation import Difference, ReconciliationRun
from outreach.models.shift import OffShift
from outreach.models.simulator import SimulatedCast, SimulatedMessage
from outreach.models.state_hours import StateHours

__all__ = [
    "AnsweringPeers",
    "Decision",
    "DecisionNight",
    "DecisionRules",
    "Difference",
    "Lookbook",
    "LookbookItem",
    "MailPause",
    "MarketingSend",
    "Message",
    "Notice",
    "OffShift",
    "ProviderEvent",
    "QuietPeriod",
    "ReconciliationRun",
    "Reply",
    "ReplyPicture",
    "SimulatedCast",
    "SimulatedMessage",
    "StateHours",
]
