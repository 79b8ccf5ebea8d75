"""Helpers for our templates: a form without crispy settings, widget attributes, days."""

from collections.abc import Iterable
from typing import Any

from crispy_forms.templatetags.crispy_forms_tags import CrispyFormNode
from django import forms, template
from django.forms.utils import flatatt
from django.template import Context
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from ..feedback.wording import recall_html
from ..insights.reckon import with_minus
from ..messages.values import as_day
from ..pages.structured import Thing, as_script

register = template.Library()
register.filter("as_day", as_day)
register.filter("with_minus", with_minus)

# A lone radio may not carry aria-invalid: the group says it. The scale's words are ours to place.
GROUP_ATTRS = ("class", "aria-invalid", "data-scale", "data-scale-low", "data-scale-high")


@register.simple_tag(takes_context=True)
def referrals_form(context: Context, form: forms.BaseForm) -> SafeString:
    """Render a form as its helper says, whatever the host's CRISPY_ settings are."""
    pack = getattr(getattr(form, "helper", None), "template_pack", None) or "referrals"
    node = CrispyFormNode("form", None, template_pack=pack)
    with context.push(form=form):
        return node.render(context)


@register.filter
def breakable(name: str) -> SafeString:
    """A name that may be an address: in a narrow column it is broken after the @ first."""
    return mark_safe(conditional_escape(str(name)).replace("@", "@<wbr>"))  # noqa: S308 - escaped


@register.filter
def widget_attr(field: forms.BoundField, name: str) -> Any:
    """An attribute of the field's widget whose name a template cannot spell."""
    return field.field.widget.attrs.get(name, "")


@register.filter
def choices_template(field: forms.BoundField) -> str:
    """What shows a group of choices: a list, or the row that its widget's ``data-scale`` names."""
    return f"referrals/layout/{field.field.widget.attrs.get('data-scale') or 'choices'}.html"


@register.filter
def option_attrs(option: dict[str, Any]) -> SafeString:
    """The attributes of one radio or checkbox of a group."""
    kept = {name: value for name, value in option["attrs"].items() if name not in GROUP_ATTRS}
    return flatatt(kept)


@register.filter
def first_input_id(field: forms.BoundField) -> str:
    """Where a link in the error summary leads to: the first thing one can fill in."""
    widget = field.field.widget
    if isinstance(widget, forms.RadioSelect):
        options = field.subwidgets
        return options[0].id_for_label if options else f"div_{field.auto_id}"
    if field.use_fieldset:
        return field.id_for_label or f"div_{field.auto_id}"
    return field.id_for_label


@register.filter
def recalled(html: SafeString, answers: dict[str, Any]) -> SafeString:
    """HTML with what was answered put in, escaped."""
    return mark_safe(recall_html(html, answers))  # noqa: S308


@register.simple_tag
def structured_data(things: Iterable[Thing]) -> SafeString:
    """Things in schema.org's words, as search engines read them."""
    return as_script(things)


@register.filter
def star_row(stars: int, of: int | None) -> str:
    """So many full stars, the rest of them empty."""
    return "★" * stars + "☆" * max((of or stars) - stars, 0)
