"""Jinja2 for the parts that a page draws dozens of times: `templates/jinja2/`.

The same card costs Django's own templates six times the processor time. Whole pages stay with
Django; they draw a part by `{% part %}` (`clienteling.templatetags.parts`).

A part drawn from frozen values alone is the same as long as they are: it is kept, and a page that
is opened again draws only what has changed. Whoever edits such a part starts the server anew.
"""

import re
from collections.abc import Hashable, Iterable
from functools import lru_cache
from types import SimpleNamespace
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.core.signals import setting_changed
from django.dispatch import receiver
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template import engines
from django.templatetags.static import static
from jinja2 import ChainableUndefined, Environment
from markupsafe import Markup

from clienteling import clock
from clienteling.wall_clock import clock_words

PARTS_KEPT = 2_000  # about 10 kB each; those not asked for longest give way
# Not to be guessed, so that nobody's words can hold one:
_CSRF_PLACE, _FORM_PLACE, _CLOCK_PLACE = (Markup("({})").format(uuid4()) for _ in range(3))
_CLOCKS = re.compile(re.escape(_CLOCK_PLACE) + r"\[([^]]+)\]")
_CSRF = Markup('<input type="hidden" name="csrfmiddlewaretoken" value="{token}">')
_ICON = Markup('<svg class="i{look}" aria-hidden="true"><use href="{sprite}#i-{name}"/></svg>')


def environment(**options: Any) -> Environment:
    """The environment that `settings.TEMPLATES` names. What a part was not given is blank."""
    made = Environment(**(options | {"undefined": ChainableUndefined}))  # noqa: S701 - Django escapes
    made.globals |= {"icon": icon, "form_token": form_token, "clock_on": clock_on}
    return made


def drawn_once(
    part_name: str, request: HttpRequest, value_name: str, values: Iterable[Hashable]
) -> str:
    """The part as drawn from each of these values, which must be frozen, one after the other.

    The first is told that it `is_first`; of the request a part may ask only for `request.user.pk`.
    All have the request's own proof against forgery, each has a form token, and clocks tell the
    time of now.
    """
    reader = getattr(request.user, "pk", None)
    kept = [
        _drawn(part_name, reader, not place, value_name, value)
        for place, value in enumerate(values)
    ]
    if not kept:
        return ""
    proof = _CSRF.format(token=get_token(request))
    whole = "\n".join(each.replace(_FORM_PLACE, form_token()) for each in kept)
    return _CLOCKS.sub(lambda place: clock_on(place[1]), whole.replace(_CSRF_PLACE, proof))


def form_token() -> str:
    """A new name for a form: what is sent by it is sent once."""
    return str(uuid4())


def clock_on(zone: str) -> str:
    """What a clock on a wall of that zone says now."""
    return clock_words(clock.now(), ZoneInfo(zone))


def _clock_place(zone: str) -> Markup:
    return _CLOCK_PLACE + Markup("[{}]").format(zone)


@lru_cache(maxsize=PARTS_KEPT)
def _drawn(
    part_name: str, reader: int | None, is_first: bool, value_name: str, value: Hashable
) -> str:
    template: Any = engines["jinja2"].get_template(part_name)
    drawn: str = template.template.render(
        {value_name: value},
        is_first=is_first,
        csrf_input=_CSRF_PLACE,
        form_token=lambda: _FORM_PLACE,
        clock_on=_clock_place,
        request=SimpleNamespace(user=SimpleNamespace(pk=reader)),
    )
    return drawn


@lru_cache(maxsize=256)
def icon(name: str, look: str = "") -> Markup:
    """An icon of the sprite, `static/icons.svg`; decoration only, so nothing reads it aloud."""
    return _ICON.format(look=f" {look}" if look else "", sprite=static("icons.svg"), name=name)


@receiver(setting_changed)
def _forget_icons(*, setting: str, **_: object) -> None:
    """Only tests change settings; the sprite's address hangs on them."""
    if setting in ("STORAGES", "STATIC_URL", "STATIC_ROOT", "DEBUG"):
        icon.cache_clear()
        _drawn.cache_clear()
