"""The hub: a guide on one topic or for one town, with a directory of partners."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.contrib.routable_page.models import RoutablePageMixin, path
from wagtail.fields import StreamField
from wagtail.images import get_image_model_string

from ..partners.models import Partner
from . import structured
from .calendar import as_calendar
from .directory import LOGO, Directory
from .directory_wish import Wish
from .hub_body import events_in, has_block, hub_blocks
from .introduce import AbstractIntroductionMixin
from .join import JoinMixin
from .joint_offers import ShownOffer, shown_offers
from .pictures import with_renditions
from .program_page import ProgramPageMixin
from .seen import around, private_paths

LIST = "directory"


class AbstractPartnerHubPage(
    JoinMixin, AbstractIntroductionMixin, RoutablePageMixin, ProgramPageMixin
):
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
    directory_template = "wagtail_referrals/pages/directory_page.html"
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
        context = self.get_context(request)
        full, events = context["full_address"], events_in(self.body)
        offers = self.offers if has_block(self.body, "offers") else []
        context["structured"] = [
            structured.breadcrumbs(context["places"]),
            self._list(context["root"]) if has_block(self.body, "directory") else {},
            *(structured.joint_offer(one.offer, address=full) for one in offers),
            *(structured.event(one, address=full, organizer=self._owner) for _id, one in events),
        ]
        return TemplateResponse(request, self.page_template, context)

    @path(f"{LIST}/")
    def list_partners(self, request: HttpRequest) -> HttpResponse:
        """The partners that fit: the address says which."""
        self.directory = directory = self._directory(request.GET)
        context = self.get_context(request)
        root = context["root"]
        places = [*context["places"], (gettext("Partners"), root + directory.base)]
        context.update(
            canonical=root + directory.canonical,
            noindex=not directory.is_indexed,
            structured=[structured.breadcrumbs(places), self._list(root)],
        )
        response = TemplateResponse(request, self.directory_template, context)
        if context["noindex"]:
            response["X-Robots-Tag"] = "noindex, follow"
        return response

    @path("event/<uuid:key>/")
    def add_to_calendar(self, request: HttpRequest, key: Any) -> HttpResponse:
        """An event of the body as a calendar's file."""
        event = dict(events_in(self.body)).get(str(key))
        if event is None:
            raise Http404
        url = self.root_url(request) + self.address(request)
        stamp = getattr(self, "last_published_at", None)
        text = as_calendar(event, uid=f"{key}@{request.get_host()}", address=url, stamp=stamp)
        response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="event.ics"'
        response["X-Robots-Tag"] = "noindex"
        return response

    def event_address(self, key: str) -> str:
        """Where the calendar's file of an event is."""
        return f"{self.path_of(self)}event/{key}/"

    @cached_property
    def _around(self) -> tuple[list[Any], list[str]]:
        page: Any = self
        return around(page) if page.pk else ([], private_paths())

    @property
    def private_paths(self) -> list[str]:
        """Where private sections begin: asked once for all that the hub shows."""
        return self._around[1]

    @cached_property
    def directory(self) -> Directory:
        """All its partners, from the first one on."""
        return self._directory(QueryDict())

    def _directory(self, params: Any) -> Directory:
        return Directory(self, Wish.read(params), f"{self.path_of(self)}{LIST}/")

    @cached_property
    def offers(self) -> list[ShownOffer]:
        """What its partners offer now."""
        return shown_offers(self.directory.everybody)

    @property
    def partners_to_choose(self) -> QuerySet[Partner]:
        """Those of the directory that take new clients."""
        pages = self.directory.everybody.filter(takes_new_clients=True)
        return Partner.objects.filter(pk__in=pages.order_by().values("partner"))

    def listed(self, partners: Sequence[int]) -> list[Any]:
        """The pages of these partners, in that order, as far as the directory may show them."""
        pages = self.directory.everybody.filter(partner__in=partners)
        by_partner = {page.partner_id: page for page in pages.select_related("partner", "logo")}
        return with_renditions(
            [by_partner[pk] for pk in partners if pk in by_partner], "logo", LOGO
        )

    @property
    def _owner(self) -> str:
        program = self.loaded_program
        return (program.site.site_name or program.site.hostname) if program else ""

    def _list(self, root: str) -> structured.Thing:
        page: Any = self
        shown = [(one.title, root + self.path_of(one)) for one in self.directory.partners]
        return structured.item_list(page.title, shown, first=self.directory.first_place)

    def path_of(self, page: Any) -> str:
        """The address of a page of the same site, without the site's own."""
        program = self.loaded_program
        return (page.relative_url(program.site) if program else page.url) or "/"

    def _places(self, root: str) -> list[tuple[str, str]]:
        """The pages from the home page to this one: names and full addresses."""
        program = self.loaded_program
        above = self._around[0] if program else []
        return [(one.title, root + self.path_of(one)) for one in above if one.url]

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        root = self.root_url(request)
        own = root + self.address(request)
        context.update(
            root=root,
            canonical=own,
            full_address=own,
            directory=self.directory,
            places=self._places(root),
        )
        return context
