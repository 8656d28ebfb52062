"""The shop's numbers, all in one place. A store may change the ones that `Store` carries."""

from datetime import time

LAPSE_DAYS = 90
ABOUT_TO_LAPSE_FACTOR = 1.5  # times the client's own rhythm, from three visits on
VISITS_FOR_A_RHYTHM = 3
CARDS_PER_DAY = 10
NEW_ARRIVAL_DAYS = 60
SUGGESTIONS_SHOWN = 3
SUGGESTIONS_KEPT = 8  # three and their understudies

# At most so many first moves towards one client, over all channels and associates.
CONTACT_CAPS = ((1, 14), (2, 45))  # (messages, days)
MOST_CAP_MESSAGES, MOST_CAP_DAYS = 10, 365  # that a store may choose
QUIET_DAYS_AFTER_COMPLAINT = 14
# After so many first moves without an answer or a visit she rests so many days.
SILENT_NOTES, REST_DAYS = 3, 90

# Clients of a hundred who are left alone so that the notes' effect can be told. None until a
# manager decides for it: who is held out gets no card at all.
HOLDOUT_PERCENT, MOST_HOLDOUT_PERCENT = 0, 50

TEXT_OPENS, TEXT_CLOSES = time(9), time(20)
EMAIL_OPENS, EMAIL_CLOSES = time(8), time(21)
STORE_OPENS, STORE_CLOSES = time(10), time(19)
EVENING = time(18)  # when associates hear what their day has brought
DEFAULT_CHANNEL = "sms"

# At most so many notes of one associate, answers included: nobody's hand is faster, a stolen
# log-in's may be.
SENDS_PER_HOUR = 60
SENDS_PER_DAY = 200

RECONCILED_DAYS = 3  # how far back the carriers' lists are compared with our rows

REPLY_WINDOW_DAYS = 7  # her own message opens a conversation this long
CARD_DAYS = 7  # a queued note older than this is not sent any more
LOOKBOOK_DAYS = 30
HOLD_HOURS = 48
REPLY_DAYS = 7
ATTRIBUTION_DAYS = 14
IGNORED_AFTER_DAYS = 14  # an item of a delivered note of which nothing came by then
MAX_DELIVERY_ROUNDS = 3

SOFT_BOUNCES_BEFORE_PAUSE = 3  # of the last mails to an address, one after the other
MAIL_PAUSE_DAYS = 30
