"""The site's navigation, and money as the shop writes it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import template
from django.utils.formats import number_format
from wagtail.models import Page, Site

register = template.Library()


@register.simple_tag(takes_context=True)
def site_menu(context: dict[str, Any]) -> list[Page]:
    """Pages below the home page that editors put into menus."""
    request = context.get("request")
    site = Site.find_for_request(request) if request else None
    if site is None:
        return []
    return list(site.root_page.get_children().live().public().in_menu())


@register.filter
def euros(value: Decimal | str | None) -> str:
    """€12.50, with the sign in front as the shop's labels have it."""
    if value in (None, ""):
        return ""
    value = Decimal(value)
    sign = "−" if value < 0 else ""
    return f"{sign}€{number_format(abs(value), decimal_pos=2, use_l10n=True)}"
