"""Who buys here: how to reach them, what they allowed, bought, sent back and complained of."""

from datetime import date, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Right

from catalog.models import Product, Variant
from clienteling.fields import RealField
from clienteling.folding import fold
from clienteling.models import Store, User
from clienteling.prepared import Moment, Number
from customers.lapsing import about_to_lapse
from customers.notebook_models import ClientNote as ClientNote
from customers.notebook_models import ImportantDate as ImportantDate
from customers.notebook_models import StatedSize as StatedSize


class Channel(models.TextChoices):
    SMS = "sms", "Text"
    EMAIL = "email", "Email"


KNOWN_CHANNEL = Q(channel__in=["sms", "email"])


LIVING = Q(erased_at=None)


def _walked(owner: str, whose: Q, name: str) -> tuple[models.Index, models.Index]:
    """The two orders in which a search and a list walk through these people, and stop when a page
    is full: last names, and first names with last names."""
    return (
        models.Index(
            fields=[owner, "search_name", "id"], condition=whose, name=f"customer_{name}_names"
        ),
        models.Index(
            fields=[owner, "search_first_name", "search_name"],
            condition=whose,
            name=f"customer_{name}_firsts",
        ),
    )


class CustomerQuerySet(models.QuerySet["Customer"]):
    def visible_to(self, user: User) -> "CustomerQuerySet":
        """Where every look-up starts: the clients of the stores this person works in, and of
        her colleagues there, who may have one without a store.

        An admin keeps the register in Django admin and sees no client pages.
        """
        if user.role == User.Role.ADMIN:
            return self.none()
        stores = Store.objects.visible_to(user).values("pk")
        homeless = Q(store=None, associate__store__in=stores)
        return self.filter(Q(store__in=stores) | homeless, erased_at=None)

    def of_stores(self, user: User) -> "CustomerQuerySet":
        """Those of them that have a store: for long lists, in the order of an index."""
        return self.filter(store__in=Store.objects.visible_to(user).values("pk"), erased_at=None)

    def in_book_of(self, associate: User) -> "CustomerQuerySet":
        """Her own clients, and those of her store who have no associate yet."""
        return self.in_book(associate.pk, associate.store_id)

    def in_book(self, associate: Number, store: Number | None) -> "CustomerQuerySet":
        """The same for an associate and a store known by their numbers."""
        hers = Q(associate=associate) | Q(associate=None, store=store)
        return self.filter(hers, erased_at=None)

    def lapsed(self, *, at: Moment, days: int) -> "CustomerQuerySet":
        """Has bought, and not within the last `days` full days before `at`."""
        return self.filter(last_purchase_at__lte=at - timedelta(days=days))

    def about_to_lapse(self, *, at: Moment, days: int) -> "CustomerQuerySet":
        """Not lapsed yet, but late by her own rhythm, and no longer likely to come by herself.

        The rule of `customers.rhythm.is_about_to_lapse`; without an outlook her rhythm decides.
        """
        return self.filter(about_to_lapse(at=at, days=days))


class Customer(models.Model):
    """Anyone on record. The columns from `first_purchase_at` on are `customers.standing`'s."""

    customer_id = models.CharField(max_length=64, unique=True, verbose_name="customer ID")
    first_name = models.CharField(max_length=200, blank=True)
    last_name = models.CharField(max_length=200, blank=True)
    city = models.CharField(max_length=120, blank=True)
    birth_year = models.PositiveSmallIntegerField(null=True, blank=True)
    joined_on = models.DateField(null=True, blank=True)
    store = models.ForeignKey(
        Store, null=True, blank=True, on_delete=models.PROTECT, related_name="customers"
    )
    associate = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="clients",
    )
    preferred_channel = models.CharField(max_length=8, choices=Channel, blank=True)
    leave_until = models.DateField(
        null=True, blank=True, help_text="Asked to be left in peace until this day."
    )

    search_name = models.CharField(
        max_length=420, db_collation="C", editable=False, default="", help_text="last first, folded"
    )
    search_first_name = models.CharField(
        max_length=210, db_collation="C", editable=False, default=""
    )

    first_purchase_at = models.DateTimeField(null=True, editable=False)
    last_purchase_at = models.DateTimeField(null=True, editable=False)
    visit_count = models.PositiveIntegerField(
        default=0, editable=False, help_text="Days on which something was bought."
    )
    usual_gap_days = models.PositiveIntegerField(
        null=True, editable=False, help_text="Median days between visits, from three visits on."
    )
    net_spend = models.DecimalField(max_digits=14, decimal_places=2, default=0, editable=False)

    merged_into = models.ForeignKey(
        "self", null=True, editable=False, on_delete=models.PROTECT, related_name="merged_records"
    )
    erased_at = models.DateTimeField(null=True, editable=False)

    objects: ClassVar[CustomerQuerySet] = CustomerQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ("search_name", "pk")
        indexes = [
            models.Index(fields=["associate", "last_purchase_at"], name="customer_book"),
            models.Index(fields=["store", "last_purchase_at"], name="customer_store_last"),
            models.Index(fields=["last_purchase_at"], name="customer_last_purchase"),
            models.Index(fields=["search_name"], name="customer_search_name"),
            models.Index(fields=["search_first_name"], name="customer_search_first"),
            *_walked("store", LIVING, "store"),
            *_walked("associate", LIVING, "book"),
            *_walked("store", LIVING & Q(associate=None), "nobodys"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(customer_id=""), name="customer_has_id"),
            models.CheckConstraint(
                condition=Q(preferred_channel__in=["", "sms", "email"]),
                name="customer_preferred_channel_known",
            ),
        ]

    def __str__(self) -> str:
        return self.full_name or self.customer_id

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the folded names beside the names; imports set both themselves."""
        self.search_name = fold(f"{self.last_name} {self.first_name}")
        self.search_first_name = fold(self.first_name)
        super().save(*args, **kwargs)

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def called(self) -> str:
        """What a button may call her: the first name, else the last, else her id."""
        return self.first_name or self.last_name or self.customer_id


class ContactPoint(models.Model):
    """An address of hers. An unusable one is kept as written, with the reason."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="contact_points")
    channel = models.CharField(max_length=8, choices=Channel)
    address = models.CharField(
        max_length=254,
        blank=True,
        db_collation="C",
        help_text="E.164 or a folded email; blank when unusable.",
    )
    as_written = models.CharField(max_length=254)
    unusable_because = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer", "channel"], name="contact_point_one_each"),
            models.CheckConstraint(condition=KNOWN_CHANNEL, name="contact_point_channel_known"),
            models.CheckConstraint(
                condition=~Q(address="") | ~Q(unusable_because=""),
                name="contact_point_usable_or_reasoned",
            ),
            models.CheckConstraint(
                condition=~Q(channel="sms")
                | Q(address="")
                | Q(address__regex=r"^\+[1-9][0-9]{6,14}$"),
                name="contact_point_phone_is_e164",
            ),
        ]
        indexes = [
            # With what they are asked for, so that a number thousands share is read here alone.
            models.Index(
                fields=["channel", "address"], include=["customer"], name="contact_point_address"
            ),
            models.Index(
                Right("address", 4),
                condition=Q(channel="sms"),
                include=["address", "customer"],
                name="contact_point_last_four",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} of {self.customer_id}"

    @property
    def is_usable(self) -> bool:
        return not self.unusable_because


class Purchase(models.Model):
    """One order: at the till or online. A return has an order of its own or shares one."""

    class Where(models.TextChoices):
        POS = "pos", "In the store"
        ONLINE = "online", "Online"

    order_id = models.CharField(max_length=64, unique=True)
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="purchases", db_index=False
    )
    store = models.ForeignKey(Store, null=True, blank=True, on_delete=models.PROTECT)
    associate = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL
    )
    channel = models.CharField(max_length=8, choices=Where, default=Where.POS)
    purchased_at = models.DateTimeField()

    class Meta:
        ordering = ("-purchased_at", "-pk")
        indexes = [models.Index(fields=["customer", "purchased_at"], name="purchase_customer")]
        constraints = [
            models.CheckConstraint(condition=~Q(order_id=""), name="purchase_has_order_id"),
            models.CheckConstraint(
                condition=Q(channel__in=["pos", "online"]), name="purchase_channel_known"
            ),
        ]

    def __str__(self) -> str:
        return self.order_id


class LineItem(models.Model):
    """One product in an order. A negative quantity is a return. Customer and product are repeated
    here on purpose: every large question is asked of this table alone."""

    purchase = models.ForeignKey(
        Purchase, on_delete=models.CASCADE, related_name="lines", db_index=False
    )
    line = models.IntegerField()
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="lines", db_index=False
    )
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="lines")
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, db_index=False)
    quantity = models.IntegerField()
    unit_price = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    purchased_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["purchase", "line"], name="line_item_once"),
            models.CheckConstraint(condition=~Q(quantity=0), name="line_item_quantity_not_zero"),
            models.CheckConstraint(
                condition=Q(unit_price__isnull=True) | Q(unit_price__gte=0),
                name="line_item_price_not_negative",
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "purchased_at"], name="line_item_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.variant_id}"


class ServiceCase(models.Model):
    """A complaint or repair. While it is open, nothing is sold to her."""

    case_id = models.CharField(max_length=64, unique=True)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="service_cases")
    product = models.ForeignKey(Product, null=True, blank=True, on_delete=models.SET_NULL)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    summary = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("-opened_at",)
        constraints = [
            models.CheckConstraint(condition=~Q(case_id=""), name="service_case_has_id"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(closed_at__gte=F("opened_at")),
                name="service_case_closes_after_opening",
            ),
        ]

    def __str__(self) -> str:
        return self.case_id


class ConsentState(models.TextChoices):
    OPTED_IN = "opted_in", "Opted in"
    OPTED_OUT = "opted_out", "Opted out"


KNOWN_CONSENT = Q(state__in=["opted_in", "opted_out"])


class ConsentEvent(models.Model):
    """The ledger: what she said, when, how. A trigger refuses to change or delete an entry."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="consent_events")
    channel = models.CharField(max_length=8, choices=Channel)
    state = models.CharField(max_length=12, choices=ConsentState)
    recorded_at = models.DateTimeField(help_text="When she said so.")
    entered_at = models.DateTimeField(help_text="When we wrote it down.")
    source = models.CharField(max_length=120, blank=True)
    evidence = models.JSONField(default=dict, blank=True, help_text="Wording, form, message id.")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT
    )

    class Meta:
        ordering = ("-recorded_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "channel", "state", "recorded_at"], name="consent_event_once"
            ),
            models.CheckConstraint(condition=KNOWN_CHANNEL, name="consent_event_channel_known"),
            models.CheckConstraint(condition=KNOWN_CONSENT, name="consent_event_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.state} {self.channel}"


class Consent(models.Model):
    """Where the ledger stands, one row per customer and channel; `customers.consent` keeps it."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="consents")
    channel = models.CharField(max_length=8, choices=Channel)
    state = models.CharField(max_length=12, choices=ConsentState)
    since = models.DateTimeField()
    source = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer", "channel"], name="consent_one_each"),
            models.CheckConstraint(condition=KNOWN_CHANNEL, name="consent_channel_known"),
            models.CheckConstraint(condition=KNOWN_CONSENT, name="consent_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.state} {self.channel}"


class Suppression(models.Model):
    """An address never to be used, whoever it belongs to, until its owner lifts it."""

    channel = models.CharField(max_length=8, choices=Channel)
    address = models.CharField(max_length=254, db_collation="C")
    reason = models.CharField(
        max_length=120, help_text="stop-word, unsubscribed, provider, bounced"
    )
    suppressed_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "address"],
                condition=Q(lifted_at__isnull=True),
                name="suppression_one_active",
            ),
            models.CheckConstraint(condition=~Q(address=""), name="suppression_has_address"),
            models.CheckConstraint(condition=KNOWN_CHANNEL, name="suppression_channel_known"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.reason}"


class ErasedAddress(models.Model):
    """An address that an erased client asked us never to use, known only by its keyed hash.

    The key is not in the database, so that nobody who has it can try out all numbers there are.
    """

    channel = models.CharField(max_length=8, choices=Channel)
    keyed_hash = models.CharField(max_length=64, db_collation="C")
    erased_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "keyed_hash"], name="erased_address_once"),
            models.CheckConstraint(condition=KNOWN_CHANNEL, name="erased_address_channel_known"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.keyed_hash[:8]}"


class SuggestionRun(models.Model):
    """One recomputation of the suggestions, so that an admin sees when and how well it went."""

    class State(models.TextChoices):
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    as_of = models.DateTimeField()
    new_within = models.PositiveSmallIntegerField(help_text="Days an arrival counts as new.")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=8, choices=State, default=State.RUNNING)
    lines = models.PositiveBigIntegerField(default=0, help_text="Purchase lines read.")
    customers = models.PositiveIntegerField(default=0)
    candidates = models.PositiveIntegerField(default=0, help_text="New arrivals to choose from.")
    suggestions = models.PositiveIntegerField(default=0)
    with_fewer = models.PositiveIntegerField(
        default=0, help_text="Clients with fewer suggestions than are shown."
    )
    coverage = models.FloatField(
        default=0, help_text="Share of the new arrivals shown to anybody at all."
    )
    seconds = models.FloatField(default=0)
    blend = models.ForeignKey(
        "LearnedBlend", null=True, blank=True, on_delete=models.SET_NULL, related_name="runs"
    )
    warnings = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ("-started_at",)
        get_latest_by = "started_at"

    def __str__(self) -> str:
        return f"Suggestions as of {self.as_of:%Y-%m-%d}"


class LearnedBlend(models.Model):
    """How much each signal counts in this shop, learned from its own past up to `as_of`."""

    as_of = models.DateTimeField()
    learned_at = models.DateTimeField()
    seconds = models.FloatField(default=0)
    parameters = models.JSONField(help_text="What the recommender reads; see docs/recommender.md.")
    summary = models.JSONField(
        default=dict, help_text="Past dates, examples, and how it did on the dates kept apart."
    )

    class Meta:
        ordering = ("-as_of", "-learned_at")
        get_latest_by = ("as_of", "learned_at")

    def __str__(self) -> str:
        return f"Blend as of {self.as_of:%Y-%m-%d}"


class Suggestion(models.Model):
    """An item proposed to a customer, with the evidence for it; `customers.because` has the words.

    The whole table is swapped, never edited, so nothing points at it and it points at others
    without constraints. Counts stop at 32,767. Ranks are among the new arrivals, 0 for none.
    """

    pk = models.CompositePrimaryKey("customer_id", "rank")
    customer = models.ForeignKey(
        Customer,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="suggestions",
    )
    rank = models.PositiveSmallIntegerField()
    product = models.ForeignKey(
        Product,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="suggestions",
    )
    score = RealField(help_text="The sum of the contributions.")
    contributions = ArrayField(
        RealField(), default=list, help_text="By signal, in the order of `SIGNALS`."
    )
    similar_customers = models.PositiveSmallIntegerField(
        default=0, help_text="Of the customers most like her, how many bought it lately."
    )
    nearest = models.ForeignKey(
        Product,
        null=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
        help_text="Of what she kept, the one most like it.",
    )
    shared_traits = models.PositiveSmallIntegerField(
        default=0, help_text="What both have in common: a sum of `Trait`s."
    )
    city_units = models.PositiveSmallIntegerField(default=0)
    city_rank = models.PositiveSmallIntegerField(default=0)
    store_units = models.PositiveSmallIntegerField(default=0)
    store_rank = models.PositiveSmallIntegerField(default=0)
    units = models.PositiveSmallIntegerField(default=0, help_text="Sold lately, all stores.")
    units_rank = models.PositiveSmallIntegerField(default=0)
    brand_items = models.PositiveSmallIntegerField(
        default=0, help_text="Different items of its brand that she kept."
    )
    category_items = models.PositiveSmallIntegerField(
        default=0, help_text="Different items of its kind that she kept."
    )
    days_new = models.SmallIntegerField(default=-1, help_text="Days since it arrived; -1 unknown.")

    class Meta:
        ordering = ("customer_id", "rank")

    def __str__(self) -> str:
        return f"{self.customer_id} {self.rank}: {self.product_id}"


class NearMiss(models.Model):
    """An item that came close and lost, and to what: swapped together with the suggestions."""

    pk = models.CompositePrimaryKey("customer_id", "place")
    customer = models.ForeignKey(
        Customer,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="near_misses",
    )
    place = models.PositiveSmallIntegerField(help_text="1 came closest.")
    product = models.ForeignKey(
        Product, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    score = RealField()
    objection = models.PositiveSmallIntegerField(
        help_text="The number of the rule that removed it; 0: others scored higher."
    )

    class Meta:
        ordering = ("customer_id", "place")

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.product_id} lost"


class Outlook(models.Model):
    """How likely a customer is to come back: computed nightly, swapped whole, never edited."""

    customer = models.OneToOneField(
        Customer,
        primary_key=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="outlook",
    )
    alive = RealField(help_text="Probability that she has not left for good (BG/NBD).")
    will_buy = RealField(help_text="Probability of a purchase within the next 90 days (BG/NBD).")

    class Meta:
        ordering = ("customer_id",)

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.will_buy:.0%}"


class Feedback(models.Model):
    """What she makes of an item: the latest word counts. `customers.feedback` writes it."""

    class Kind(models.TextChoices):
        LOVE_IT = "love_it", "Loves it"
        NOT_FOR_ME = "not_for_me", "Not for her"
        TRIED_NOT_RIGHT = "tried_not_right", "Tried it, not right"
        IGNORED = "ignored", "Was shown it and did nothing"

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="feedback")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="feedback")
    kind = models.CharField(max_length=16, choices=Kind)
    said_at = models.DateTimeField()
    said_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        help_text="The associate who noted it; blank: she said so herself.",
    )

    class Meta:
        ordering = ("-said_at", "-pk")
        constraints = [
            models.UniqueConstraint(fields=["customer", "product"], name="feedback_latest_only"),
            models.CheckConstraint(
                condition=Q(kind__in=["love_it", "not_for_me", "tried_not_right", "ignored"]),
                name="feedback_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.kind} {self.product_id}"


def age_band(birth_year: int | None, *, on: date) -> int:
    """Ten-year band of an age, -1 when the birth year is unknown or absurd."""
    age = on.year - birth_year if birth_year else -1
    return age // 10 if 0 <= age < 120 else -1
