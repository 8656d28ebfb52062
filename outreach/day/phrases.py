"""The house's own phrases, by tone: what a note is put together from where a store has no template.

Each list has at least three, so that none of the last two notes need be repeated. Only the
placeholders of `placeholders.py` stand in them. They speak of nothing the shop does not know: not
of how long she has been away, not of what she spent.
"""

from collections.abc import Mapping
from enum import StrEnum

from outreach.models.message import Step
from outreach.models.note import Tone

Phrases = tuple[str, ...]
ByTone = Mapping[Tone, Phrases]


class TruthKind(StrEnum):
    """What a sentence about her rests on."""

    PURCHASE = "purchase"
    PAIR = "pair"
    SIZE = "size"


OPENINGS: ByTone = {
    Tone.WARM: (
        "Hi {first_name}, it's {associate} at {store}.",
        "Hello {first_name}, {associate} from {store} here.",
        "Dear {first_name}, this is {associate} at {store}.",
    ),
    Tone.BRIEF: (
        "Hi {first_name}, {associate} at {store}.",
        "{first_name}, it's {associate} from {store}.",
        "Hello {first_name}, {associate} here, {store}.",
    ),
    Tone.FORMAL: (
        "Dear {first_name}, {associate} from {store} writing.",
        "Good day {first_name}, this is {associate} of {store}.",
        "Hello {first_name}, my name is {associate}, at {store}.",
    ),
}
OPENINGS_TO_NOBODY: ByTone = {
    Tone.WARM: (
        "Hi, it's {associate} at {store}.",
        "Hello, {associate} from {store} here.",
        "Hi there, this is {associate} at {store}.",
    ),
    Tone.BRIEF: (
        "Hi, {associate} at {store}.",
        "It's {associate} from {store}.",
        "Hello, {associate} here, {store}.",
    ),
    Tone.FORMAL: (
        "Good day, this is {associate} of {store}.",
        "Hello, {associate} from {store} writing.",
        "Good day, my name is {associate}, at {store}.",
    ),
}
GREETINGS: ByTone = {
    Tone.WARM: ("Dear {first_name},", "Hello {first_name},", "Hi {first_name},"),
    Tone.BRIEF: ("Hi {first_name},", "Hello {first_name},", "{first_name},"),
    Tone.FORMAL: ("Dear {first_name},", "Good day {first_name},", "Hello {first_name},"),
}
GREETINGS_TO_NOBODY: ByTone = {
    Tone.WARM: ("Hello,", "Hi there,", "Good day,"),
    Tone.BRIEF: ("Hello,", "Hi,", "Good day,"),
    Tone.FORMAL: ("Good day,", "Hello,", "Dear client,"),
}
CLOSINGS: ByTone = {
    Tone.WARM: ("Warmly", "With kind regards", "All the best"),
    Tone.BRIEF: ("Best", "Until soon", "Yours"),
    Tone.FORMAL: ("With kind regards", "Yours sincerely", "With best wishes"),
}

TRUTHS: Mapping[Tone, Mapping[TruthKind, Phrases]] = {
    Tone.WARM: {
        TruthKind.PURCHASE: (
            "I thought of the {purchase} you chose in {month}.",
            "The {purchase} you chose in {month} came to mind today.",
            "A few lovely things have come in since you chose the {purchase} in {month}.",
            "Some of our new arrivals would sit well beside the {purchase} you chose in {month}.",
        ),
        TruthKind.PAIR: (
            "The {item} would go beautifully with your {owned}.",
            "I saw the {item} and thought of your {owned}.",
            "Your {owned} and the {item} belong together, I think.",
        ),
        TruthKind.SIZE: (
            "The {item} is here in your size.",
            "We have the {item} in your size.",
            "Your size of the {item} has come in.",
        ),
    },
    Tone.BRIEF: {
        TruthKind.PURCHASE: (
            "I thought of your {purchase} from {month}.",
            "Your {purchase} from {month} came to mind.",
            "Something new since the {purchase} in {month}.",
        ),
        TruthKind.PAIR: (
            "The {item} goes with your {owned}.",
            "New beside your {owned}: the {item}.",
            "For your {owned}: the {item}.",
        ),
        TruthKind.SIZE: (
            "The {item} is in, in your size.",
            "Your size of the {item} is here.",
            "In your size: the {item}.",
        ),
    },
    Tone.FORMAL: {
        TruthKind.PURCHASE: (
            "I remember the {purchase} you selected in {month}.",
            "In {month} you selected the {purchase}, and our arrivals brought it to mind.",
            "Our new arrivals made me think of the {purchase} you selected in {month}.",
        ),
        TruthKind.PAIR: (
            "The {item} would complement your {owned}.",
            "I believe the {item} would suit your {owned}.",
            "To accompany your {owned}, I would suggest the {item}.",
        ),
        TruthKind.SIZE: (
            "The {item} is available here in your size.",
            "We hold the {item} in your size.",
            "I am pleased to say the {item} is here in your size.",
        ),
    },
}
PLAIN: ByTone = {  # where nothing about her can be said
    Tone.WARM: (
        "It has been a while, and I thought of you today.",
        "You came to mind when I saw our new arrivals.",
        "I was thinking of you this week.",
    ),
    Tone.BRIEF: (
        "I thought of you today.",
        "A few new things are in.",
        "Something new that may please you.",
    ),
    Tone.FORMAL: (
        "Several new pieces have arrived that may please you.",
        "I should like to show you some of our new arrivals.",
        "Our new arrivals made me think of you.",
    ),
}

OFFERS: ByTone = {
    Tone.WARM: (
        "I picked {items} for you.",
        "New here, and just your taste I think: {items}.",
        "For you I would start with {items}.",
    ),
    Tone.BRIEF: ("New for you: {items}.", "My picks: {items}.", "I would show you {items}."),
    Tone.FORMAL: (
        "I have selected {items} for you.",
        "May I draw your attention to {items}.",
        "I would recommend {items}.",
    ),
}
ASKS: ByTone = {
    Tone.WARM: (
        "Tell me if one speaks to you.",
        "Would you like to see them?",
        "Which one do you like best?",
    ),
    Tone.BRIEF: ("",),
    Tone.FORMAL: (
        "I would be glad to hear what you think.",
        "May I show them to you?",
        "Please tell me if one is of interest.",
    ),
}
ASKS_FOR_ONE: ByTone = {
    Tone.WARM: ("Does it speak to you?", "Would you like to see it?", "What do you think of it?"),
    Tone.BRIEF: ("",),
    Tone.FORMAL: (
        "I would be glad to hear what you think.",
        "May I show it to you?",
        "Please tell me if it is of interest.",
    ),
}
EMAIL_OFFERS: ByTone = {
    Tone.WARM: (
        "Of everything new here I would show you {items} first; have a look below.",
        "I picked {items} with you in mind; you find more behind the link.",
        "If you walked in today I would put {items} in front of you.",
    ),
    Tone.BRIEF: (
        "New here and, I think, for you: {items}.",
        "My picks for you: {items}.",
        "I would show you {items}; see below.",
    ),
    Tone.FORMAL: (
        "From our new arrivals I have selected {items} for you, listed below.",
        "May I draw your attention to {items}; you will find the details below.",
        "I would recommend {items}, which you will find below.",
    ),
}
EMAIL_ASKS: ByTone = {
    Tone.WARM: (
        "Just answer this email if something speaks to you; I am glad to look up sizes.",
        "Shall I have something ready for you to try? A line back is enough.",
        "Tell me what you think, and I will tell you more.",
    ),
    Tone.BRIEF: (
        "A line back is enough.",
        "Shall I put something ready to try?",
        "Tell me what you think.",
    ),
    Tone.FORMAL: (
        "I would be glad to answer any question, and to look up sizes.",
        "Should you wish to try anything on, I will gladly have it ready.",
        "Please let me know what you think.",
    ),
}
SUBJECTS: ByTone = {
    Tone.WARM: (
        "New here, and I thought of you",
        "Picked for you at {store}",
        "A few things I would love to show you",
    ),
    Tone.BRIEF: ("New in for you", "My picks from {store}", "For you, just in"),
    Tone.FORMAL: (
        "A selection from {store}",
        "New arrivals, selected for you",
        "Our recommendation for you",
    ),
}

# The other steps: nothing is offered. Those that name a piece or a purchase are only used where it
# is known; the last three of each list need nothing.
STEPS: Mapping[Step, ByTone] = {
    Step.THANKS: {
        Tone.WARM: (
            "Thank you for coming in. I hope you enjoy the {purchase}.",
            "It was lovely to see you, and I hope the {purchase} brings you joy.",
            "Thank you for choosing the {purchase} with me.",
            "Thank you for coming in; it was lovely to see you.",
            "It was a pleasure to see you here. Thank you.",
            "Thank you for your visit, I enjoyed it.",
        ),
        Tone.BRIEF: (
            "Thank you for your visit. Enjoy the {purchase}.",
            "Thanks for coming in; I hope the {purchase} pleases you.",
            "Enjoy the {purchase}, and thank you.",
            "Thank you for your visit.",
            "Thanks for coming in.",
            "Lovely to see you. Thank you.",
        ),
        Tone.FORMAL: (
            "Thank you for your visit. I trust the {purchase} will serve you well.",
            "I would like to thank you for choosing the {purchase} with us.",
            "It was a pleasure to serve you, and I hope you are content with the {purchase}.",
            "I would like to thank you for your visit.",
            "It was a pleasure to welcome you. Thank you.",
            "Please accept my thanks for your visit.",
        ),
    },
    Step.GREETING: {
        Tone.WARM: (
            "I wish you a lovely {occasion}. Enjoy every hour of it.",
            "All the very best on your {occasion}, from me and all of us here.",
            "I hope your {occasion} brings you much joy.",
            "I wish you a lovely day, this one above all.",
            "All the very best to you today, from all of us here.",
            "I am thinking of you today, with all good wishes.",
        ),
        Tone.BRIEF: (
            "A happy {occasion} to you!",
            "All the best on your {occasion}.",
            "Enjoy your {occasion}.",
            "A happy day to you!",
            "All the best to you today.",
            "Enjoy your day.",
        ),
        Tone.FORMAL: (
            "I wish you a very happy {occasion}.",
            "Please accept my best wishes on your {occasion}.",
            "My warm congratulations on your {occasion}.",
            "I wish you a very happy day.",
            "Please accept my best wishes today.",
            "My warm congratulations to you.",
        ),
    },
    Step.TIP: {
        Tone.WARM: (
            "A little tip for your {piece}: {tip}",
            "Something that keeps your {piece} beautiful: {tip}",
            "I thought this might help with your {piece}: {tip}",
            "A little tip: {tip}",
            "Something I like to pass on: {tip}",
            "I thought this might help: {tip}",
        ),
        Tone.BRIEF: (
            "For your {piece}: {tip}",
            "A tip for the {piece}: {tip}",
            "To care for your {piece}: {tip}",
            "A tip: {tip}",
            "Worth knowing: {tip}",
            "A short tip: {tip}",
        ),
        Tone.FORMAL: (
            "May I offer some advice on your {piece}: {tip}",
            "For the care of your {piece} I would suggest this: {tip}",
            "To keep your {piece} at its best: {tip}",
            "May I offer some advice: {tip}",
            "I would suggest this: {tip}",
            "You may find this useful: {tip}",
        ),
    },
    Step.SERVICE: {
        Tone.WARM: (
            "I wanted to ask how the {piece} is now. Is everything right?",
            "How is the {piece}? I would like to know that all is well.",
            "I have been thinking of your {piece}: is it as it should be?",
            "I wanted to ask whether everything is right again.",
            "Is everything as it should be now? I would like to know.",
            "I have not forgotten it: is all well?",
        ),
        Tone.BRIEF: (
            "How is the {piece} now?",
            "Is the {piece} all right again?",
            "All well with the {piece}?",
            "Is everything right again?",
            "Is all well now?",
            "May I ask whether all is in order?",
        ),
        Tone.FORMAL: (
            "May I ask whether the {piece} is now to your satisfaction?",
            "I should like to know whether all is well with the {piece}.",
            "I am writing to ask about the {piece}: is everything in order?",
            "May I ask whether everything is now to your satisfaction?",
            "I should like to know whether all is in order.",
            "I am writing to make sure that everything is as it should be.",
        ),
    },
    Step.KINDNESS: {
        Tone.WARM: (
            "No reason to write but this: I hope you are well.",
            "I just wanted to wish you a lovely week.",
            "You came to mind, and I wanted to say hello.",
        ),
        Tone.BRIEF: (
            "I hope you are well.",
            "Just a hello.",
            "Have a lovely week.",
        ),
        Tone.FORMAL: (
            "I hope this finds you well.",
            "I wish you a pleasant week.",
            "With my good wishes, and no other reason to write.",
        ),
    },
}
WISHED_BY_NAME = frozenset(
    {
        "anniversary",
        "big day",
        "birthday",
        "engagement",
        "engagement party",
        "graduation",
        "graduation day",
        "housewarming",
        "name day",
        "prom",
        "retirement party",
        "wedding",
        "wedding anniversary",
        "wedding day",
        "work anniversary",
    }
)
"""Days that are happy for certain, and read well after "a lovely" and "your". What an associate has
called a day in words of her own stays with her: it may be a funeral, a first day of treatment, or a
secret."""
A_DAY_OF_HERS: ByTone = {
    Tone.WARM: (
        "I am thinking of you these days, and wish you well.",
        "You are on my mind these days. I hope all goes well for you.",
        "I wanted you to know that I am thinking of you.",
    ),
    Tone.BRIEF: (
        "Thinking of you these days.",
        "All good wishes to you.",
        "I hope these days are kind to you.",
    ),
    Tone.FORMAL: (
        "I am thinking of you these days, with my good wishes.",
        "Please accept my good wishes for these days.",
        "With kind thoughts for the days to come.",
    ),
}
"""For a day of which no more is known than that it matters to her: nothing here congratulates."""
STEP_SUBJECTS: Mapping[Step, Phrases] = {
    Step.THANKS: ("Thank you", "Thank you for your visit", "It was lovely to see you"),
    Step.GREETING: ("With all good wishes", "All the best to you", "Thinking of you"),
    Step.TIP: ("A little tip", "Good to know", "To keep it beautiful"),
    Step.SERVICE: ("Is everything right?", "Just asking", "How is it now?"),
    Step.KINDNESS: ("A hello from {store}", "Just a hello", "I hope you are well"),
}
ANSWERS = (
    "Thank you, {first_name}. I will look and write right back.",
    "How lovely to hear from you, {first_name}. Give me a moment.",
)
ANSWERS_TO_NOBODY = ("Thank you. I will look and write right back.",)
