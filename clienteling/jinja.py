"""Jinja2 for the parts that a page draws dozens of times: `templates/jinja2/`.

The same card costs Django's own templates six times the processor time. Whole pages stay with
Django; they draw a part by `{% part %}` (`clienteling.templatetags.parts`).
"""

from functools import lru_cache
from typing import Any

from django.core.signals import setting_changed
from django.dispatch import receiver
from django.templatetags.static import static
from jinja2 import ChainableUndefined, Environment
from markupsafe import Markup

_ICON = Markup('<svg class="i{look}" aria-hidden="true"><use href="{sprite}#i-{name}"/></svg>')


def environment(**options: Any) -> Environment:
    """The environment that `settings.TEMPLATES` names. What a part was not given is blank."""
    made = Environment(**(options | {"undefined": ChainableUndefined}))  # noqa: S701 - Django escapes
    made.globals["icon"] = icon
    return made


@lru_cache(maxsize=256)
def icon(name: str, look: str = "") -> Markup:
    """An icon of the sprite, `static/icons.svg`; decoration only, so nothing reads it aloud."""
    return _ICON.format(look=f" {look}" if look else "", sprite=static("icons.svg"), name=name)


@receiver(setting_changed)
def _forget_icons(*, setting: str, **_: object) -> None:
    """Only tests change settings; the sprite's address hangs on them."""
    if setting in ("STORAGES", "STATIC_URL", "STATIC_ROOT", "DEBUG"):
        icon.cache_clear()
