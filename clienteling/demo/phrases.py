"""What the demo's people write and say. Every sentence is made up."""

SMS_NOTES = (
    "Hi {first}, {associate} at {store} here. The {item} just came in and I thought of you. "
    "Three picks: {link}",
    "Hello {first}, it's {associate} from {store}. A few things arrived that are very much you, "
    "the {item} above all: {link}",
    "{first}, {associate} at {store}. When I unpacked the {item} I had to think of you. "
    "Have a look when you like: {link}",
    "Hi {first}, new arrivals this week and three of them are yours, I think. "
    "{associate}, {store}: {link}",
)
FIRST_NOTE_ENDING = " Reply STOP to opt out."
EMAIL_SUBJECTS = (
    "Three new arrivals I picked for you",
    "The {item}, and two more",
    "Something new at {store}",
)
EMAIL_NOTES = (
    "Dear {first},\n\nthe {item} arrived this week, and it made me think of what you have chosen "
    "here before. I picked two more to go with it:\n{link}\n\nCome by whenever it suits you.\n\n"
    "{associate}\n{store}",
    "Hello {first},\n\nthree new pieces came in that I would love to show you, "
    "first of all the {item}:\n{link}\n\nWarmly,\n{associate}, {store}",
)

# What clients answer, and what the associate writes back.
GLAD_TALKS = (
    ("Oh these are lovely! I'll come by on Saturday.", "Wonderful. I'll have them out for you."),
    ("Love number 2! Could you keep it for me until the weekend?", "Done, it has your name on it."),
    ("You know me too well. See you this week!", "That makes my day. See you then!"),
    ("Yes please! What time are you in tomorrow?", "From ten to six. Just ask for me."),
    ("The first one is exactly what I was looking for.", "I hoped so! It is here when you are."),
    ("Can I see them on Thursday after work?", "Of course, we are open until eight."),
    ("So pretty. My sister wants to come along too.", "Do bring her! I'll keep an hour free."),
)
OTHER_TALKS = (
    ("Thank you for thinking of me. Is the first one true to size?", "It is, take your usual one."),
    ("Not quite me this time, but thank you!", "Good to know. I'll keep looking for you."),
    ("Beautiful. Does it also come in a darker shade?", "Not yet. I'll tell you when it does."),
    (
        "I'm travelling until the end of the month, I'll stop by after that.",
        "Safe travels! Everything can wait.",
    ),
    ("Thanks! I just bought something similar, maybe next time.", "Enjoy it! Until next time."),
    ("Lovely, but a little more than I want to spend just now.", "I understand. No hurry at all."),
)
# Written to the first associate just before the demo's day begins: they wait for his answer.
WAITING_REPLIES = (
    "Oh, the first one! Is it still there? I could come by around six today.",
    "Love these. Could you keep number 2 for me until Saturday?",
    "Hi! Is number 3 very heavy, or fine for walking to work?",
)
STOP_WORDS = ("STOP", "Stop", "stop", "UNSUBSCRIBE")

COMPLAINTS = {
    "Shoes": (
        "Heel tip came off after two weeks; wants it repaired.",
        "Left sole is coming away at the toe.",
        "Insole slips; asked for a new pair.",
        "Colour rubbed off on light trousers.",
    ),
    "Bags": (
        "Strap clasp does not close any more.",
        "Zip catches; sent to the workshop.",
        "Lining tore at the inner pocket.",
    ),
    "Clothing": (
        "Hem alteration is late; she needs it for a wedding.",
        "Button lost on the first day; a spare is ordered.",
        "Knit pilled after one wash.",
    ),
    "Accessories": (
        "Pulled thread at the edge; to be mended.",
        "Gift box was missing from the online order.",
    ),
}

CONSENT_SOURCES = {
    "sms": ("signed at the till", "asked in the store", "web checkout"),
    "email": ("web checkout", "signed at the till", "newsletter form"),
}
STOP_SOURCE = "STOP by text"
UNSUBSCRIBE_SOURCE = "unsubscribe link"
CARRIER_FAILURES = (
    ("30003", "The phone could not be reached."),
    ("30005", "The carrier does not know this number."),
    ("30007", "The carrier filtered the text."),
)
MAIL_FAILURES = (("550", "The mail server does not know this mailbox."),)
UNREADABLE_PHONES = ("312 555 01", "see her card", "0", "555-0134 ext. mother", "no mobile")

LOOKBOOK_REASONS = (
    "Close to what you chose before",
    "In your colours",
    "New this week",
    "Goes with what you have",
)
