from customers.models.consent import Consent, ConsentEvent, ConsentState, ErasedAddress, Suppression
from customers.models.customer import (
    KNOWN_CHANNEL,
    Channel,
    ContactPoint,
    Customer,
    CustomerQuerySet,
)
from customers.models.feedback import Feedback
from customers.models.notebook import ClientNote, ImportantDate, StatedSize
from customers.models.purchase import LineItem, Purchase, ServiceCase
from customers.models.suggestion import LearnedBlend, NearMiss, Outlook, Suggestion, SuggestionRun

__all__ = [
    "KNOWN_CHANNEL",
    "Channel",
    "ClientNote",
    "Consent",
    "ConsentEvent",
    "ConsentState",
    "ContactPoint",
    "Customer",
    "CustomerQuerySet",
    "ErasedAddress",
    "Feedback",
    "ImportantDate",
    "LearnedBlend",
    "LineItem",
    "NearMiss",
    "Outlook",
    "Purchase",
    "ServiceCase",
    "StatedSize",
    "Suggestion",
    "SuggestionRun",
    "Suppression",
]
