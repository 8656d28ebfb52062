"""What the shop sells: a product is a style, a variant is one size of it, stock is per store."""

import re
from datetime import date
from typing import Any, ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db import models
from django.db.models import Q
from django.templatetags.static import static

from clienteling.folding import fold
from clienteling.models import Store
from clienteling.prepared import Moment


class Brand(models.Model):
    name = models.CharField(max_length=120, unique=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Category(models.Model):
    name = models.CharField(max_length=120, unique=True)

    class Meta:
        ordering = ("name",)
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return self.name


# The words of a name, as the index holds them; core full text, so no extension is needed.
NAME_WORDS = SearchVector("search_name", config="simple")


class ProductQuerySet(models.QuerySet["Product"]):
    def newly_arrived(self, *, since: date, until: date) -> "ProductQuerySet":
        """On sale for the first time within [since, until]; products without a date are not new."""
        return self.filter(launched_on__gte=since, launched_on__lte=until)

    def search(self, words: str) -> "ProductQuerySet":
        """Style or SKU exactly as written, or every word the beginning of one in the name.

        A union of three index look-ups: an OR over them would read the whole table.
        """
        found = Product.objects.filter(style=words).values("pk")
        found = found.union(Variant.objects.filter(sku=words).values("product"))
        beginnings = " & ".join(f"{word}:*" for word in re.findall(r"\w+", fold(words)))
        if beginnings:
            query = SearchQuery(beginnings, config="simple", search_type="raw")
            named = Product.objects.annotate(words=NAME_WORDS).filter(words=query)
            found = found.union(named.values("pk"))
        return self.filter(pk__in=found)


class Product(models.Model):
    """A style: what a client likes. Its sizes are variants; its price may differ by variant."""

    style = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    search_name = models.CharField(max_length=400, db_collation="C", editable=False, default="")
    brand = models.ForeignKey(Brand, null=True, blank=True, on_delete=models.PROTECT)
    category = models.ForeignKey(Category, null=True, blank=True, on_delete=models.PROTECT)
    subcategory = models.CharField(max_length=120, blank=True)
    color = models.CharField(max_length=60, blank=True)
    gender = models.CharField(
        max_length=20, blank=True, help_text="As the retailer writes it; blank is unknown."
    )
    price = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    launched_on = models.DateField(null=True, blank=True)
    attributes = models.JSONField(default=dict, blank=True)
    image = models.CharField(
        max_length=300, blank=True, help_text="Path of a picture in the static files."
    )
    picture = models.ImageField(upload_to="products/%Y/", blank=True)

    objects: ClassVar[ProductQuerySet] = ProductQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ("name", "style")
        indexes = [
            models.Index(fields=["launched_on"], name="product_launched_on"),
            models.Index(fields=["brand", "search_name"], name="product_namesakes"),
            models.Index(fields=["name", "style"], name="product_name_style"),
            GinIndex(NAME_WORDS, name="product_name_words"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(style=""), name="product_has_style"),
            models.CheckConstraint(
                condition=Q(price__isnull=True) | Q(price__gte=0), name="product_price_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the folded name beside the name; imports set both themselves."""
        self.search_name = fold(self.name)
        super().save(*args, **kwargs)

    @property
    def picture_url(self) -> str:
        """The uploaded picture, else the file's; empty where the page has to draw a stand-in."""
        return picture_url_of(self.picture.name, self.image)


def picture_url_of(picture: str | None, image: str) -> str:
    """`Product.picture_url` from the two columns alone, for pages that read no objects."""
    if picture:
        return Product._meta.get_field("picture").storage.url(picture)
    return static(image) if image else ""


class Variant(models.Model):
    """One size of a product: the SKU that a till scans."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="variants")
    sku = models.CharField(max_length=64, unique=True)
    size = models.CharField(max_length=20, blank=True)
    price = models.DecimalField(
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="Blank: the style's price.",
    )

    class Meta:
        ordering = ("product", "size", "sku")
        constraints = [
            models.CheckConstraint(condition=~Q(sku=""), name="variant_has_sku"),
            models.CheckConstraint(
                condition=Q(price__isnull=True) | Q(price__gte=0), name="variant_price_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sku} {self.size}".strip()


class SetAsideQuerySet(models.QuerySet["SetAside"]):
    def at(self, moment: Moment) -> "SetAsideQuerySet":
        """Those that still count at this moment."""
        return self.filter(until__gt=moment)


class StockLevel(models.Model):
    """Pieces of a variant in a store. No row means nobody told us, which is not zero."""

    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="stock_levels")
    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="stock_levels")
    quantity = models.PositiveIntegerField()

    class Meta:
        ordering = ("store", "variant")
        constraints = [
            models.UniqueConstraint(fields=["variant", "store"], name="stock_level_once"),
        ]
        indexes = [models.Index(fields=["store", "variant"], name="stock_level_store")]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.variant_id} in {self.store_id}"


class SetAside(models.Model):
    """One piece of a variant that a store keeps back for somebody until a moment.

    Until then so much less of it is available; afterwards the row means nothing any more. The
    retailer's own figure, `StockLevel.quantity`, is never touched.
    """

    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="+")
    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="+")
    until = models.DateTimeField()

    objects: ClassVar[SetAsideQuerySet] = SetAsideQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ("until", "pk")
        verbose_name = "piece set aside"
        verbose_name_plural = "pieces set aside"
        indexes = [models.Index(fields=["variant", "store", "until"], name="set_aside_variant")]

    def __str__(self) -> str:
        return f"{self.variant_id} in {self.store_id} until {self.until:%Y-%m-%d %H:%M}"


class CareTip(models.Model):
    """How to look after a thing, or what to wear it with: for a category, a material, or both.

    `material` is matched as a word in the product's own `material`, in any case.
    """

    class Kind(models.TextChoices):
        CARE = "care", "Care"
        STYLING = "styling", "Styling"

    category = models.ForeignKey(
        Category, null=True, blank=True, on_delete=models.CASCADE, related_name="care_tips"
    )
    material = models.CharField(max_length=60, blank=True, help_text="One word; blank is any.")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.CARE)
    text = models.CharField(max_length=300)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ("category__name", "material", "pk")
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="care_tip_has_text"),
            models.CheckConstraint(
                condition=Q(category__isnull=False) | ~Q(material=""),
                name="care_tip_is_about_something",
                violation_error_message="Name a category, a material, or both.",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["care", "styling"]), name="care_tip_kind_known"
            ),
            models.UniqueConstraint(
                fields=["category", "material", "text"],
                nulls_distinct=False,
                name="care_tip_once",
            ),
        ]

    def __str__(self) -> str:
        return self.text
