"""Words for one group of customers, on any page: for whoever is signed in and belongs to it."""

from __future__ import annotations

from posixpath import normpath
from typing import Any
from urllib.parse import urlsplit

from bs4 import BeautifulSoup
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.models import Page, Site

from .blocks_share import has_session
from .feedback.addresses import target_of
from .feedback.review_sites import site_at
from .people.models import Person
from .people.segments import segments

# More parts than that no address of a page has.
_DEEPEST = 30


class ButtonBlock(blocks.StructBlock):
    """A way to go on."""

    label = blocks.CharBlock(label=_("Words on the button"), max_length=40)
    page = blocks.PageChooserBlock(label=_("Page"))

    class Meta:
        icon = "link"
        label = _("Button")
        template = "wagtail_referrals/blocks/group_button.html"


class GroupWordsBlock(blocks.StreamBlock):
    """What may be said to a group. No link to a review site: those are the same for everybody."""

    heading = blocks.CharBlock(
        label=_("Heading"),
        max_length=120,
        icon="title",
        template="wagtail_referrals/blocks/group_heading.html",
    )
    text = blocks.RichTextBlock(
        label=_("Text"),
        features=["bold", "italic", "link", "ol", "ul"],
        template="wagtail_referrals/blocks/group_text.html",
    )
    button = ButtonBlock()

    class Meta:
        icon = "doc-full"
        label = _("Content")


class CustomerGroupBlock(blocks.StructBlock):
    """Shown to one group only. Who is not signed in is nobody we know: they see nothing of it.

    Behind a page cache, too: a page that is asked for without a session's cookie is the same for
    everybody, and one that is asked for with it is kept nowhere.
    """

    segment = blocks.ChoiceBlock(
        label=_("For"),
        choices=segments.choices,
        help_text=_(
            "Seen by who is signed in to your site with an account that belongs to a customer of "
            "this group; by nobody else."
        ),
    )
    content = GroupWordsBlock(label=_("Content"))

    class Meta:
        icon = "group"
        label = _("For a group of customers")
        template = "wagtail_referrals/blocks/group_block.html"

    def clean(self, value: Any) -> Any:
        """Refuse a link to a review: who is asked for one, and where, is the same for everybody."""
        value = super().clean(value)
        wrong = {
            number: ValidationError(words)
            for number, child in enumerate(value["content"])
            if (words := _leads_to_review(child))
        }
        if wrong:
            content = blocks.StreamBlockValidationError(block_errors=wrong)
            raise blocks.StructBlockValidationError(block_errors={"content": content})
        return value

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        request = (parent_context or {}).get("request")
        context["for_whom"] = _label(value["segment"])
        context["is_preview"] = bool(getattr(request, "is_preview", False))
        context["is_shown"] = context["is_preview"] or _belongs(request, value["segment"])
        return context


def _leads_to_review(child: Any) -> str:
    """What is wrong with a link in a text or a button; "" where nothing is."""
    if child.block_type == "button":
        page = child.value["page"]
        # A draft may lack it.
        return _asks_for_review([page.pk] if page else [])
    if child.block_type != "text":
        return ""
    links = BeautifulSoup(child.value.source, "html.parser").find_all("a")
    for link in links:
        if site := site_at(str(link.get("href") or "")):
            words = gettext(
                "This leads to %(site)s. Review links are the same for everybody: put it outside."
            )
            return words % {"site": site.label}
    keys = [str(link["id"]) for link in links if link.get("linktype") == "page"]
    typed = [own_page(str(link["href"])) for link in links if link.get("href")]
    return _asks_for_review([*(int(key) for key in keys if key.isdecimal()), *filter(None, typed)])


def own_page(address: str) -> int | None:
    """The key of the site's own page that a typed address leads to, as far as that can be told.

    By the tree's addresses: a page that is served elsewhere, or by a redirect, is not found.
    """
    target = target_of(address)
    # No database takes a path of control characters.
    if target is None or not target.path.isprintable():
        return None
    parts = [part for part in normpath(target.path).split("/") if part][:_DEEPEST]
    ways = [parts]
    if parts and parts[0] in dict(settings.LANGUAGES):
        ways.append(parts[1:])
    roots = {
        site.root_path
        for site in Site.get_site_root_paths()
        if target.host in ("", urlsplit(site.root_url).hostname)
    }
    wanted = {
        root + "".join(f"{part}/" for part in way[:end])
        for root in roots
        for way in ways
        for end in range(len(way) + 1)
    }
    # A page may have addresses of its own below itself: the nearest one answers.
    found = Page.objects.filter(url_path__in=wanted).values_list("url_path", "pk")
    return max(found, key=lambda row: len(row[0]), default=("", None))[1]


def _asks_for_review(keys: list[int]) -> str:
    pages = Page.objects.filter(pk__in=keys).specific()
    if not any(getattr(page, "is_review_page", False) for page in pages):
        return ""
    return gettext("This page asks for a review, which everybody is asked alike: put it outside.")


def _belongs(request: HttpRequest | None, key: str) -> bool:
    """Whether who looks at the page is of the group."""
    segment = segments.get(key) if key else None
    if request is None or segment is None or not has_session(request):
        return False
    if not request.user.is_authenticated:
        return False
    known = Person.objects.filter(user=request.user.pk, erased_at=None, blocked_at=None)
    person = known.select_related("user").first()
    return bool(person and segment.includes(person))


def _label(key: str) -> Any:
    """The group's name; a key that nobody offers any more by itself."""
    return dict(segments.choices()).get(key, key)
