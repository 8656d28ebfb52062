"""What staff type and tap, made into clean values with sentences for what is wrong."""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from django import forms

from clienteling.defaults import CARD_DAYS, MOST_CAP_DAYS, MOST_CAP_MESSAGES
from clienteling.models import Store
from customers.feedback import Kind
from customers.models import Channel
from outreach.day.drafts import CHOICES, trace_of
from outreach.day.kind_words import KINDS
from outreach.day.segments import RHYTHMS, TRAITS
from outreach.messages.conversations import Place
from outreach.messages.wording import MOST_CHARACTERS, MOST_SUBJECT_CHARACTERS
from outreach.models import Gesture, PutOff, Showing, Tone
from outreach.models.message import Step
from outreach.page import holds

EMPTY_NOTE = "The note has no words."
TOO_LONG = f"A note has at most {MOST_CHARACTERS:,} characters."
MILLISECONDS_OF_A_DAY = 86_400_000
PAGES = ("day", "client", "new-in")
PAGES_WITH_STEPS = ("day", "client", "steps")
PAGES_WITH_PROMISES = ("day", "client", "inbox")


def _words(**more: Any) -> forms.CharField:
    """A field for the words of a note; line ends and blanks inside are the writer's own."""
    return forms.CharField(
        max_length=MOST_CHARACTERS,
        error_messages={"required": EMPTY_NOTE, "max_length": TOO_LONG},
        **more,
    )


class SendForm(forms.Form):
    """The card's form. `page` says where its answer is to be put."""

    form_token = forms.UUIDField()
    seen = forms.CharField(max_length=4_000)
    channel = forms.ChoiceField(choices=Channel)
    subject = forms.CharField(max_length=MOST_SUBJECT_CHARACTERS, required=False)
    origin = forms.CharField(max_length=200, required=False)
    meant = forms.CharField(max_length=16, required=False)
    body = _words()

    @property
    def fault(self) -> str:
        """The first thing that is wrong, about the words before anything else."""
        errors = self.errors.get("body") or next(iter(self.errors.values()), [""])
        return str(errors[0])


class KindWordsForm(SendForm):
    """The form of thanks, a good wish or a tip; the number of the `tip` it passes on."""

    step = forms.ChoiceField(choices=[(kind.value, kind.value) for kind in KINDS])
    tip = forms.IntegerField(min_value=1, required=False)


class ToneForm(forms.Form):
    """A tap on a tone. `drafted` is the trace of the draft that was shown, so that words of her own
    are known; `replace` names a tone whose words may take the place of hers.

    Without a `step` the note is an offer.
    """

    step = forms.ChoiceField(choices=[(kind.value, kind.value) for kind in KINDS], required=False)

    tone = forms.ChoiceField(choices=[(choice, choice) for choice in CHOICES], required=False)
    replace = forms.ChoiceField(choices=[(choice, choice) for choice in CHOICES], required=False)
    channel = forms.ChoiceField(choices=Channel)
    drafted = forms.CharField(max_length=16, required=False)
    body = forms.CharField(max_length=MOST_CHARACTERS, required=False, strip=False)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not (values.get("tone") or values.get("replace")):
            raise forms.ValidationError("Which tone?")
        return values

    @property
    def choice(self) -> str:
        return str(self.cleaned_data["replace"] or self.cleaned_data["tone"])

    @property
    def keeps_her_words(self) -> bool:
        """Whether she has written something else than was drafted, and has not let it go."""
        words = self.cleaned_data["body"]
        is_her_own = words.strip() and trace_of(words) != self.cleaned_data["drafted"]
        return bool(is_her_own) and not self.cleaned_data["replace"]


class TemplateForm(forms.Form):
    """A manager's words for a place; `after` is the number of the newest version she was shown."""

    PREVIEW, SAVE, GIVE_BACK, BRING_BACK = "preview", "save", "house", "bring-back"

    act = forms.ChoiceField(
        choices=[(act, act) for act in (PREVIEW, SAVE, GIVE_BACK, BRING_BACK)], required=False
    )
    subject = forms.CharField(max_length=MOST_SUBJECT_CHARACTERS, required=False)
    body = forms.CharField(max_length=MOST_CHARACTERS, required=False, strip=False)
    after = forms.IntegerField(min_value=0, required=False)
    customer = forms.CharField(max_length=100, required=False, strip=False)
    version = forms.IntegerField(min_value=1, required=False)

    @property
    def act_named(self) -> str:
        return str(self.cleaned_data["act"] or self.PREVIEW)

    @property
    def newest_seen(self) -> int:
        return int(self.cleaned_data["after"] or 0)


class KeepForm(forms.Form):
    """The answer to "This worked; keep it?"."""

    KEEP, DECLINE = "keep", "decline"

    answer = forms.ChoiceField(choices=[(KEEP, KEEP), (DECLINE, DECLINE)])


class StyleForm(forms.Form):
    """How an associate writes, and whether her evening comes by mail, too."""

    tone = forms.ChoiceField(choices=Tone)
    wants_evening_mail = forms.BooleanField(required=False)


class AnswerForm(forms.Form):
    """An answer in a conversation."""

    form_token = forms.UUIDField()
    channel = forms.ChoiceField(choices=Channel)
    body = _words()

    @property
    def fault(self) -> str:
        return str(next(iter(self.errors.values()), [""])[0])


class DraftForm(forms.Form):
    """Words being typed; none at all forgets the former ones.

    `item` is the style of the one piece a note is about. `age` is in milliseconds, for words that
    waited for a connection: a browser tells how long ago and not when, for its clock is not ours.
    """

    form_token = forms.UUIDField()
    step = forms.ChoiceField(choices=Step)
    channel = forms.ChoiceField(choices=Channel)
    body = forms.CharField(max_length=MOST_CHARACTERS, required=False, strip=False)
    age = forms.IntegerField(min_value=0, required=False)
    item = forms.CharField(max_length=100, required=False, strip=False)

    def clean_age(self) -> timedelta:
        """Never more than a draft is kept."""
        told = self.cleaned_data["age"] or 0
        return timedelta(milliseconds=min(told, CARD_DAYS * MILLISECONDS_OF_A_DAY))


class QuickAnswerForm(forms.Form):
    """A quick answer tapped where no script runs: it comes back in the field, and is not sent."""

    quick = _words()


class OffShiftForm(forms.Form):
    """Until when somebody is off shift: till the store opens again, or till she is back."""

    until = forms.ChoiceField(
        choices=[("opening", "the store opens again"), ("back", "she is back")]
    )


HER_WORDS = (Kind.LOVE_IT, Kind.NOT_FOR_ME)
NOTED_WORDS = (Kind.LOVE_IT, Kind.NOT_FOR_ME, Kind.TRIED_NOT_RIGHT)


class WordForm(forms.Form):
    """A word on one item; a blank `kind` takes back what was said."""

    product = forms.CharField(max_length=100, strip=False)
    kind = forms.ChoiceField(choices=[(kind, kind.label) for kind in HER_WORDS], required=False)


class PieceForm(forms.Form):
    """A wish to keep a piece: which, and in what size; or which hold is given back."""

    product = forms.CharField(max_length=100, strip=False)
    size = forms.CharField(max_length=20, required=False, strip=False)
    back = forms.IntegerField(min_value=1, required=False)


class ComingForm(forms.Form):
    """One of the offered times, as the page wrote it; blank takes back what was said."""

    at = forms.DateTimeField(required=False)


class PageWordsForm(forms.Form):
    """What she writes on her page. `form_token` makes a repeat the same words."""

    form_token = forms.UUIDField()
    words = forms.CharField(max_length=1_000)


class CodeForm(forms.Form):
    """The six characters, as somebody types them who hears them."""

    code = forms.CharField(max_length=40)


class ShowingForm(forms.Form):
    """What became of an item in the store; a blank outcome takes it back."""

    product = forms.CharField(max_length=100, strip=False)
    outcome = forms.ChoiceField(choices=Showing.Outcome, required=False)


class NotedWordForm(WordForm):
    """The same from the associate, who may have seen her try it on."""

    kind = forms.ChoiceField(choices=[(kind, kind.label) for kind in NOTED_WORDS], required=False)


class HoldForm(forms.Form):
    """What staff do with a hold; a refusal says why, in a ready sentence or their own words."""

    step = forms.ChoiceField(choices=[(step, step) for step in holds.STEPS])
    sentence = forms.CharField(max_length=200, required=False)
    own = forms.CharField(max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        values["sentence"] = values.get("own") or values.get("sentence") or ""
        if values.get("step") == "decline" and not values["sentence"]:
            raise forms.ValidationError("Please choose or write what her page is to say.")
        return values

    @property
    def fault(self) -> str:
        return str(next(iter(self.errors.values()), [""])[0])


class BookForm(forms.Form):
    """What is asked of the client book; nonsense asks for everybody."""

    q = forms.CharField(max_length=100, required=False)
    whose = forms.ChoiceField(choices=[("mine", "mine"), ("store", "store")], required=False)
    rhythm = forms.ChoiceField(choices=list(RHYTHMS.items()), required=False)
    trait = forms.MultipleChoiceField(choices=list(TRAITS.items()), required=False)
    brand = forms.CharField(max_length=120, required=False, strip=False)
    category = forms.CharField(max_length=120, required=False, strip=False)
    letter = forms.RegexField(r"\A([a-z]|other)\Z", required=False)
    after = forms.CharField(max_length=420, required=False, strip=False)
    number = forms.IntegerField(min_value=1, required=False)


class InboxForm(forms.Form):
    """Behind whom the next page of those who wait begins; nonsense is the first page."""

    after = forms.CharField(max_length=40)
    number = forms.IntegerField(min_value=1)
    covering = forms.BooleanField(required=False)

    def clean_after(self) -> datetime:
        try:
            return datetime.fromisoformat(self.cleaned_data["after"]).astimezone(UTC)
        except (ValueError, OverflowError):
            raise forms.ValidationError("Not a moment.") from None

    @property
    def place(self) -> Place | None:
        if not self.is_valid():
            return None
        values = self.cleaned_data
        return Place(values["covering"], values["after"], values["number"])


class NightForm(forms.Form):
    """A name and a night of the decision record; nonsense is the newest night."""

    q = forms.CharField(max_length=100, required=False)
    on = forms.DateField(required=False)


class RestingForm(forms.Form):
    """For which reason, and which page."""

    reason = forms.CharField(max_length=40, required=False)
    page = forms.IntegerField(min_value=1, max_value=1_000_000, required=False)


class StoreChoiceForm(forms.Form):
    """Which store, by its number; without one the first."""

    store = forms.IntegerField(min_value=1, required=False)


class StoreRulesForm(forms.ModelForm):
    """A store's numbers as the what-if desk lets a manager try and save them."""

    LEAST_LAPSE_DAYS, MOST_LAPSE_DAYS, MOST_CARDS = 30, 730, 100

    class Meta:
        model = Store
        fields = (
            "lapse_days",
            "cards_per_day",
            "cap_messages",
            "cap_days",
            "long_cap_messages",
            "long_cap_days",
            "text_opens",
            "text_closes",
            "email_opens",
            "email_closes",
        )

        widgets: ClassVar[dict[str, forms.Widget]] = {
            name: forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
            for name in ("text_opens", "text_closes", "email_opens", "email_closes")
        }

    lapse_days = forms.IntegerField(min_value=LEAST_LAPSE_DAYS, max_value=MOST_LAPSE_DAYS)
    cards_per_day = forms.IntegerField(min_value=1, max_value=MOST_CARDS)
    cap_messages = forms.IntegerField(min_value=1, max_value=MOST_CAP_MESSAGES)
    cap_days = forms.IntegerField(min_value=1, max_value=MOST_CAP_DAYS)
    long_cap_messages = forms.IntegerField(min_value=1, max_value=MOST_CAP_MESSAGES)
    long_cap_days = forms.IntegerField(min_value=1, max_value=MOST_CAP_DAYS)

    def clean(self) -> dict[str, Any]:
        """The two caps must fit each other, and hours must open before they close."""
        values = super().clean() or {}
        self._must_not_be_less("long_cap_messages", "cap_messages", "The longer cap allows fewer.")
        self._must_not_be_less("long_cap_days", "cap_days", "The longer cap has fewer days.")
        for channel in ("text", "email"):
            opens, closes = values.get(f"{channel}_opens"), values.get(f"{channel}_closes")
            if opens and closes and opens >= closes:
                self.add_error(f"{channel}_closes", "Closes before it opens.")
        return values

    def _must_not_be_less(self, name: str, than: str, sentence: str) -> None:
        value, other = self.cleaned_data.get(name), self.cleaned_data.get(than)
        if value is not None and other is not None and value < other:
            self.add_error(name, sentence)


class StopTargetForm(forms.Form):
    """Which store, by its number, and which channel; blank is every one of them."""

    store = forms.IntegerField(min_value=1, required=False)
    channel = forms.ChoiceField(choices=[("", "both"), *Channel.choices], required=False)


class ReasonForm(forms.Form):
    """Why; it is shown to everybody whom it holds back."""

    reason = forms.CharField(
        max_length=200,
        error_messages={"required": "Please say why: it is shown to everybody concerned."},
    )

    @property
    def fault(self) -> str:
        return str(self.errors["reason"][0]) if self.errors else ""


class StopWishForm(forms.Form):
    """What a person makes of words that may be a stop; `up_to` is the newest she was shown."""

    STOP, GO_ON = "stop", "go_on"

    answer = forms.ChoiceField(choices=[(STOP, STOP), (GO_ON, GO_ON)])
    up_to = forms.IntegerField(min_value=1)


class QuietDaysForm(forms.Form):
    """From the first to the last day on which she is left alone."""

    starts_on = forms.DateField(error_messages={"required": "From which day?"})
    ends_on = forms.DateField(error_messages={"required": "Up to which day?"})
    reason = forms.CharField(max_length=120, required=False)

    @property
    def fault(self) -> str:
        return str(next(iter(self.errors.values()), [""])[0])


class NotNowForm(forms.Form):
    """Why she is put off, until when, and which items were wrong."""

    reason = forms.ChoiceField(
        choices=PutOff.Reason, error_messages={"required": "Please say why: one tap does."}
    )
    back_on = forms.DateField(
        error_messages={"required": "From which day again?", "invalid": "From which day again?"}
    )
    wrong = forms.MultipleChoiceField(required=False)
    seen = forms.CharField(max_length=4_000, required=False)

    def __init__(self, *args: Any, items: Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        wrong = self.fields["wrong"]
        assert isinstance(wrong, forms.MultipleChoiceField)
        wrong.choices = [(style, style) for style in items]

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if values.get("reason") == PutOff.Reason.WRONG_ITEMS and not values.get("wrong"):
            raise forms.ValidationError("Which of them? Tick the wrong ones.")
        return values

    @property
    def fault(self) -> str:
        return str(next(iter(self.errors.values()), [""])[0])


class SwapForm(forms.Form):
    """Which item goes and, once she has chosen, which takes its place."""

    seen = forms.CharField(max_length=4_000)
    out = forms.CharField(max_length=100, strip=False)
    instead = forms.CharField(max_length=100, strip=False, required=False)


class GestureForm(forms.Form):
    """What was done for a client, in a word or two."""

    kind = forms.ChoiceField(
        choices=[each for each in Gesture.Kind.choices if each[0] != Gesture.Kind.FOLLOW_UP]
    )
    words = forms.CharField(max_length=200, required=False)
    tip = forms.IntegerField(min_value=1, required=False)


class PromiseForm(forms.Form):
    """What was promised, and until when."""

    words = forms.CharField(
        max_length=200,
        error_messages={
            "required": "What was promised?",
            "max_length": "A promise has at most 200 characters.",
        },
    )
    due_on = forms.DateField(error_messages={"required": "By which day?"})
    due_time = forms.TimeField(required=False)

    @property
    def fault(self) -> str:
        return str(next(iter(self.errors.values()), [""])[0])


class SnoozeForm(forms.Form):
    """In how many days a promise is to come back."""

    days = forms.IntegerField(min_value=1, max_value=90)


class MatchForm(forms.Form):
    """Whose words an unknown sender's are."""

    customer_id = forms.CharField(max_length=100, strip=False)


class SimulatedWordsForm(forms.Form):
    """Words from the simulated phone or mailbox."""

    channel = forms.ChoiceField(choices=Channel)
    address = forms.CharField(max_length=254)
    body = forms.CharField(max_length=1_600, required=False)
    quick = forms.CharField(max_length=1_600, required=False)
    picture = forms.BooleanField(required=False)

    @property
    def words(self) -> str:
        return str(self.cleaned_data["quick"] or self.cleaned_data["body"])

    @property
    def says_something(self) -> bool:
        """A picture needs no words; a mail carries none."""
        return bool(self.words.strip()) or self.has_picture

    @property
    def has_picture(self) -> bool:
        return bool(self.cleaned_data["picture"]) and self.cleaned_data["channel"] == Channel.SMS


class WindForm(forms.Form):
    """How far to wind the demo clock on: up to four weeks at a time, or to the next morning."""

    minutes = forms.IntegerField(min_value=1, max_value=28 * 24 * 60, required=False)
    until = forms.ChoiceField(choices=[("morning", "morning")], required=False)


class CastForm(forms.Form):
    """Whether the simulated people answer by themselves, and which piece they play."""

    is_on = forms.BooleanField(required=False)
    seed = forms.IntegerField(min_value=1, max_value=1_000_000, required=False)


def page_of(values: Any, pages: Collection[str] = PAGES) -> str:
    """Where the answer is drawn: the day, unless another of these pages asks."""
    page = values.get("page", "")
    return page if page in pages else "day"
