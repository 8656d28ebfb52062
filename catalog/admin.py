"""The catalog desk: products with sizes and pictures, stock edited in the list, what is new."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import AdminIntegerFieldWidget
from django.db.models import PositiveIntegerField, QuerySet, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog.models import Brand, CareTip, Category, Product, StockLevel, Variant
from clienteling import clock, defaults
from clienteling.large_tables import LargeTableAdmin

GENDERS = tuple((word, word.capitalize()) for word in ("women", "men", "unisex", "kids", "unknown"))
ARRIVAL_PERIODS = (("14", "The last 14 days"), ("60", "The last 60 days"), ("none", "No date"))


class NewArrivalFilter(admin.SimpleListFilter):
    """New arrivals, by the same clock and number of days as the suggestions."""

    title = "new arrivals"
    parameter_name = "arrived"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return ARRIVAL_PERIODS

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "none":
            return queryset.filter(launched_on=None)
        if self.value() not in {"14", str(defaults.NEW_ARRIVAL_DAYS)}:
            return queryset
        today = clock.now().astimezone(clock.shop_zone()).date()
        since = today - timedelta(days=int(self.value() or 0))
        return queryset.filter(launched_on__gte=since, launched_on__lte=today)


class GenderFilter(admin.SimpleListFilter):
    """For whom an item is made, of the usual words: to collect those in use would read every
    product."""

    title = "made for"
    parameter_name = "gender"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return GENDERS

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        if value == "unknown":
            return queryset.filter(gender="")
        return queryset.filter(gender__iexact=value) if value else queryset


class ProductList(ChangeList):
    """Counts the pieces of the products on the page: a column would be summed for the skipped."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = list(self.result_list)
        pieces = _pieces_of([product.pk for product in self.result_list])
        for product in self.result_list:
            product.pieces = pieces.get(product.pk)


def _pieces_of(product_ids: list[int]) -> dict[int, int]:
    """Pieces in all stores together; a product is missing when nobody told us about it."""
    levels = StockLevel.objects.filter(variant__product__in=product_ids).order_by()
    summed = levels.values("variant__product").annotate(total=Sum("quantity"))
    return dict(summed.values_list("variant__product", "total"))


class VariantInline(admin.TabularInline):
    model = Variant
    extra = 0
    fields = ("size", "sku", "price")


@admin.register(Product)
class ProductAdmin(LargeTableAdmin):
    list_display = (
        "thumbnail",
        "name",
        "style",
        "brand",
        "subcategory",
        "price",
        "launched_on",
        "in_stock",
    )
    list_display_links = ("name",)
    list_filter = (NewArrivalFilter, "category", GenderFilter)
    list_select_related = ("brand", "category")
    search_fields = ("name",)
    search_help_text = "Beginnings of words in the name, or a whole style or SKU."
    raw_id_fields = ("brand",)
    inlines = (VariantInline,)
    readonly_fields = ("thumbnail", "stock_link")
    fieldsets = (
        (None, {"fields": ("name", "style", "brand", "category", "subcategory")}),
        ("Offer", {"fields": ("price", "launched_on", "stock_link")}),
        ("Looks", {"fields": ("color", "gender", "picture", "image", "thumbnail")}),
        ("More", {"fields": ("attributes",)}),
    )

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[ChangeList]:
        return ProductList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Product], search_term: str
    ) -> tuple[QuerySet[Product], bool]:
        words = search_term.strip()
        return (queryset.search(words) if words else queryset), False  # type: ignore[attr-defined]

    @admin.display(description="Picture")
    def thumbnail(self, product: Product) -> str | SafeString:
        if not product.picture_url:
            return "–"
        return format_html(
            '<img src="{}" width="56" height="56" alt="" loading="lazy" class="thumbnail">',
            product.picture_url,
        )

    @admin.display(description="In stock", empty_value="unknown")
    def in_stock(self, product: Product) -> int | None:
        return product.pieces  # type: ignore[attr-defined]

    @admin.display(description="Stock")
    def stock_link(self, product: Product) -> str | SafeString:
        if not product.pk:
            return "–"
        url = reverse("admin:catalog_stocklevel_changelist")
        return format_html('<a href="{}?q={}">Edit the stock of its sizes</a>', url, product.style)


@admin.register(StockLevel)
class StockLevelAdmin(LargeTableAdmin):
    """Stock at a glance: change the numbers and press Save once."""

    list_display = ("product_name", "size", "sku", "store", "quantity")
    list_display_links = ("product_name",)
    list_editable = ("quantity",)
    list_filter = ("store",)
    list_select_related = ("variant__product", "store")
    search_fields = ("variant__sku",)
    search_help_text = "Beginnings of words in the product's name, or a whole style or SKU."
    raw_id_fields = ("variant",)
    formfield_overrides = {
        # The list draws the field without a label; a screen reader needs one.
        PositiveIntegerField: {"widget": AdminIntegerFieldWidget(attrs={"aria-label": "Quantity"})}
    }
    ordering = ("pk",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[StockLevel], search_term: str
    ) -> tuple[QuerySet[StockLevel], bool]:
        words = search_term.strip()
        if not words:
            return queryset, False
        found = Product.objects.search(words).values("pk")
        return queryset.filter(variant__product__in=found), False

    @admin.display(description="Product")
    def product_name(self, level: StockLevel) -> str:
        return level.variant.product.name

    @admin.display(description="Size")
    def size(self, level: StockLevel) -> str:
        return level.variant.size or "one size"

    @admin.display(description="SKU")
    def sku(self, level: StockLevel) -> str:
        return level.variant.sku


@admin.register(Variant)
class VariantAdmin(LargeTableAdmin):
    list_display = ("sku", "product", "size", "price")
    list_select_related = ("product",)
    search_fields = ("sku__startswith",)
    raw_id_fields = ("product",)
    ordering = ("pk",)


@admin.register(Brand)
class BrandAdmin(LargeTableAdmin):
    search_fields = ("name",)


@admin.register(Category)
class CategoryAdmin(LargeTableAdmin):
    search_fields = ("name",)


@admin.register(CareTip)
class CareTipAdmin(LargeTableAdmin):
    """What an associate can tell somebody about a thing she owns."""

    list_display = ("text", "category", "material", "kind", "is_active")
    list_editable = ("is_active",)
    list_filter = ("kind", "category", "is_active")
    list_select_related = ("category",)
    search_fields = ("text", "material")
