"""`{% part %}`: a part of a page that Jinja2 draws."""

from collections.abc import Hashable, Iterable
from typing import Any

from django import template
from django.template import engines
from django.template.context import Context
from django.utils.safestring import SafeString, mark_safe

from clienteling import jinja

register = template.Library()


@register.simple_tag(takes_context=True)
def part(context: Context, part_name: str, **values: Any) -> SafeString:
    """Draw `templates/jinja2/<part_name>` with these values alone, the request beside them."""
    drawn = engines["jinja2"].get_template(part_name).render(values, context["request"])
    return mark_safe(drawn)  # noqa: S308 - escaped by its own engine


@register.simple_tag(takes_context=True)
def part_of_each(
    context: Context, part_name: str, value_name: str, values: Iterable[Hashable]
) -> SafeString:
    """Draw the part for each of these frozen values; one drawn before is not drawn again."""
    drawn = jinja.drawn_once(part_name, context["request"], value_name, values)
    return mark_safe(drawn)  # noqa: S308 - escaped by its own engine


@register.simple_tag
def form_token() -> str:
    """A new name for a form: what is sent by it is sent once."""
    return jinja.form_token()


@register.simple_tag
def icon(name: str, look: str = "") -> SafeString:
    """An icon of the sprite, `static/icons.svg`; decoration only, so nothing reads it aloud."""
    return mark_safe(jinja.icon(name, look))  # noqa: S308 - escaped where it is made
