from outreach.models.contact import MarketingSend, QuietPeriod
from outreach.models.decision import Decision, DecisionNight, DecisionRules
from outreach.models.digest import EveningDigest
from outreach.models.draft import Draft
from outreach.models.gesture import Gesture
from outreach.models.habit import AnsweringPeers
from outreach.models.hold import Hold
from outreach.models.lookbook import Lookbook, LookbookItem
from outreach.models.mail_pause import MailPause
from outreach.models.message import Message, ProviderEvent, Reply
from outreach.models.note import ClientTone, KeptNote, TemplateVersion, Tone, WritingStyle
from outreach.models.notice import Notice
from outreach.models.page import Coming, Knock, PageGesture, Showing
from outreach.models.picture import ReplyPicture
from outreach.models.promise import Promise
from outreach.models.put_off import PutOff
from outreach.models.reconciliation import Difference, ReconciliationRun
from outreach.models.shift import OffShift
from outreach.models.simulator import SimulatedCast, SimulatedMessage
from outreach.models.state_hours import StateHours

__all__ = [
    "AnsweringPeers",
    "ClientTone",
    "Coming",
    "Decision",
    "DecisionNight",
    "DecisionRules",
    "Difference",
    "Draft",
    "EveningDigest",
    "Gesture",
    "Hold",
    "KeptNote",
    "Knock",
    "Lookbook",
    "LookbookItem",
    "MailPause",
    "MarketingSend",
    "Message",
    "Notice",
    "OffShift",
    "PageGesture",
    "Promise",
    "ProviderEvent",
    "PutOff",
    "QuietPeriod",
    "ReconciliationRun",
    "Reply",
    "ReplyPicture",
    "Showing",
    "SimulatedCast",
    "SimulatedMessage",
    "StateHours",
    "TemplateVersion",
    "Tone",
    "WritingStyle",
]
