"""`{% part %}`: a part of a page that Jinja2 draws."""

from typing import Any

from django import template
from django.template import engines
from django.template.context import Context
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.simple_tag(takes_context=True)
def part(context: Context, part_name: str, **values: Any) -> SafeString:
    """Draw `templates/jinja2/<part_name>` with these values alone, the request beside them."""
    drawn = engines["jinja2"].get_template(part_name).render(values, context["request"])
    return mark_safe(drawn)  # noqa: S308 - escaped by its own engine
