"""The hub: a guide on one topic or for one town, with a directory of partners."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.contrib.routable_page.models import RoutablePageMixin, path
from wagtail.fields import StreamField
from wagtail.images import get_image_model_string

from ..blocks_partners import hub_blocks
from .join import JoinMixin
from .program_page import ProgramPageMixin


class AbstractPartnerHubPage(JoinMixin, RoutablePageMixin, ProgramPageMixin):
    """A guide: what its blocks say, and below ``directory/`` the partners it lists."""

    summary = models.CharField(
        _("in one sentence"),
        max_length=200,
        blank=True,
        help_text=_("What a visitor finds here. It stands under the title and in shared links."),
    )
    picture = models.ForeignKey(
        get_image_model_string(),
        verbose_name=_("picture"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("At the top of the page and in shared links."),
    )
    topics = ParentalManyToManyField(
        "wagtail_referrals.PartnerTopic",
        verbose_name=_("only partners on"),
        blank=True,
        related_name="+",
        help_text=_("A town, a trade: its directory lists partners of any of them. None: all."),
    )
    body = StreamField(hub_blocks(), verbose_name=_("body"), blank=True, null=True)

    # The type of the pages in its directory; a site with one of its own names it here.
    partner_pages = "wagtail_referrals_pages.PartnerPage"
    page_template = "wagtail_referrals/pages/hub_page.html"
    hub_panels: list[Any] = [
        *ProgramPageMixin.program_panels,
        MultiFieldPanel([FieldPanel("summary"), FieldPanel("picture")], heading=_("At the top")),
        FieldPanel("body"),
        FieldPanel("topics"),
        *JoinMixin.join_panels,
    ]

    class Meta:
        abstract = True

    @path("")
    def guide(self, request: HttpRequest) -> HttpResponse:
        """The hub itself."""
        return TemplateResponse(request, self.page_template, self.get_context(request))
