"""A partner's page: whom it serves, how to spot a client for it, and what it does with us."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from wagtail import blocks
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.images import get_image_model_string
from wagtail.images.blocks import ImageChooserBlock
from wagtail.search import index

from ..partners.models import Partner


class PartnerPersonBlock(blocks.StructBlock):
    """Somebody who works at a partner."""

    name = blocks.CharBlock(label=_("Name"), max_length=120)
    role = blocks.CharBlock(label=_("Role"), max_length=120, required=False)
    photo = ImageChooserBlock(label=_("Photo"), required=False)

    class Meta:
        icon = "user"
        label = _("Person")


def partner_blocks() -> list[tuple[str, blocks.Block]]:
    """What the lower part of a partner's page can hold. A site adds to it in its subclass."""
    return [
        ("heading", blocks.CharBlock(label=_("Heading"), icon="title", max_length=120)),
        ("text", blocks.RichTextBlock(label=_("Text"), features=["bold", "italic", "link", "ul"])),
        ("page", blocks.PageChooserBlock(label=_("Page"))),
    ]


class AbstractPartnerPage(models.Model):
    """What visitors read about a partner; what is between it and us is on ``Partner``."""

    partner = models.ForeignKey(
        Partner,
        verbose_name=_("partner"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="pages",
    )
    summary = models.CharField(
        _("in one sentence"),
        max_length=200,
        blank=True,
        help_text=_("What their clients get from them. It stands on cards, too."),
    )
    logo = models.ForeignKey(
        get_image_model_string(),
        verbose_name=_("logo"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    picture = models.ForeignKey(
        get_image_model_string(),
        verbose_name=_("picture"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    serves = models.TextField(_("whom they serve"), blank=True, max_length=2000)
    spot = models.TextField(_("how to spot a client for them"), blank=True, max_length=2000)
    phrases = models.TextField(
        _("what that client says"),
        blank=True,
        max_length=2000,
        help_text=_("Words to listen for, one phrase on each line."),
    )
    works = models.TextField(_("how they work"), blank=True, max_length=2000)
    different = models.TextField(_("what makes them different"), blank=True, max_length=2000)
    takes_new_clients = models.BooleanField(_("takes new clients"), default=True)
    town = models.CharField(_("town"), max_length=80, blank=True)
    topics = ParentalManyToManyField(
        "wagtail_referrals.PartnerTopic",
        verbose_name=_("directory topics"),
        blank=True,
        related_name="+",
        help_text=_("Under what it is found in directories."),
    )
    people = StreamField(
        [("person", PartnerPersonBlock())], verbose_name=_("people"), blank=True, null=True
    )
    body = StreamField(partner_blocks(), verbose_name=_("more"), blank=True, null=True)

    # Not "template": Wagtail gives every page class one of its own.
    page_template = "wagtail_referrals/pages/partner_page.html"
    partner_panels: list[Any] = [
        FieldPanel("partner"),
        FieldPanel("summary"),
        MultiFieldPanel([FieldPanel("logo"), FieldPanel("picture")], heading=_("Pictures")),
        MultiFieldPanel(
            [
                FieldPanel("serves"),
                FieldPanel("spot"),
                FieldPanel("phrases"),
                FieldPanel("works"),
                FieldPanel("different"),
            ],
            heading=_("How to introduce them"),
        ),
        MultiFieldPanel(
            [FieldPanel("town"), FieldPanel("topics"), FieldPanel("takes_new_clients")],
            heading=_("In directories"),
        ),
        FieldPanel("people"),
        FieldPanel("body"),
    ]
    partner_search_fields = [
        index.SearchField("summary", boost=2),
        index.SearchField("serves"),
        index.SearchField("spot"),
        index.SearchField("phrases"),
        index.SearchField("town"),
        index.AutocompleteField("summary"),
        index.FilterField("partner"),
        index.FilterField("takes_new_clients"),
        index.RelatedFields("topics", [index.SearchField("name")]),
    ]

    class Meta:
        abstract = True
