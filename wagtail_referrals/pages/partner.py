"""A partner's page: whom it serves, how to spot a client for it, and what it does with us."""

from __future__ import annotations

from typing import Any

from django.core.validators import URLValidator
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from wagtail import blocks
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.contrib.routable_page.models import RoutablePageMixin, path
from wagtail.fields import StreamField
from wagtail.images import get_image_model_string
from wagtail.images.blocks import ImageChooserBlock
from wagtail.search import index

from ..blocks import TestimonialBlock
from ..conf import setting
from ..partners.models import JointOffer, Partner
from ..partners.shelf import shelf_about
from ..programs.models import Program
from ..referrals.models import Advocate
from . import samples
from .forms import PartnerPageForm
from .introduce import AbstractIntroductionMixin
from .joint_offers import current
from .landing import LandingMixin
from .notices import NOTICES
from .partner_data import about_partner, places_of
from .share_picture import share_picture


class PartnerPersonBlock(blocks.StructBlock):
    """Somebody who works at a partner."""

    name = blocks.CharBlock(label=_("Name"), max_length=120)
    role = blocks.CharBlock(label=_("Role"), max_length=120, required=False)
    photo = ImageChooserBlock(label=_("Photo"), required=False)

    class Meta:
        icon = "user"
        label = _("Person")


class LinkBlock(blocks.StructBlock):
    """A link to something of the partner's somewhere else."""

    label = blocks.CharBlock(label=_("Words"), max_length=120, required=False)
    url = blocks.URLBlock(
        label=_("Address"),
        max_length=200,
        validators=[URLValidator(schemes=["http", "https"])],
    )

    class Meta:
        icon = "link-external"
        label = _("Link")


class PartnerReviewBlock(TestimonialBlock):
    """A customer's words about the partner, not about us: search engines are told of them."""

    class Meta:
        icon = "openquote"
        label = _("Customer's words about this partner")


def partner_blocks() -> list[tuple[str, blocks.Block]]:
    """What the lower part of a partner's page can hold. A site adds to it in its subclass."""
    return [
        ("heading", blocks.CharBlock(label=_("Heading"), icon="title", max_length=120)),
        ("text", blocks.RichTextBlock(label=_("Text"), features=["bold", "italic", "link", "ul"])),
        ("page", blocks.PageChooserBlock(label=_("Page"))),
        ("link", LinkBlock()),
        ("review", PartnerReviewBlock()),
        ("testimonial", TestimonialBlock()),
    ]


class AbstractPartnerPage(RoutablePageMixin, AbstractIntroductionMixin, LandingMixin):
    """What visitors read about a partner; what is between it and us is on ``Partner``."""

    partner = models.ForeignKey(
        Partner,
        verbose_name=_("partner"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
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
    landing_template = "wagtail_referrals/pages/partner_landing.html"
    base_form_class = PartnerPageForm
    is_partner_page = True
    program_path = "partner__program"
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

    @property
    def program_id(self) -> int | None:  # type: ignore[override]
        """The program of its partner."""
        return self.partner.program_id if self.partner else None

    @property
    def program(self) -> Program | None:
        """The program of its partner."""
        return self.partner.program if self.partner else None

    @path("")
    def profile(self, request: HttpRequest) -> HttpResponse:
        """What visitors read."""
        return TemplateResponse(request, self.page_template, self.profile_context(request))

    @path("share/")
    def picture_to_share(self, request: HttpRequest) -> HttpResponse:
        """The picture that goes with a shared link, drawn from what the page says."""
        if not self.live and not getattr(request, "is_preview", False):
            raise Http404
        response = HttpResponse(share_picture(self), content_type="image/png")
        response["Cache-Control"] = "public, max-age=86400"
        response["X-Content-Type-Options"] = "nosniff"
        return response

    def profile_context(self, request: HttpRequest) -> dict[str, Any]:
        """What the profile's parts show."""
        partner = self.partner
        root = self.root_url(request)
        full = f"{root}{self.address(request)}"
        offers, places = self.joint_offers, places_of(self, root)
        can_introduce = bool(
            partner and partner.is_active and self.takes_new_clients and self.form_of("introduce")
        )
        return {
            **self.get_context(request),
            "partner": partner,
            "topics_by_group": self.topics_by_group,
            "joint_offers": offers,
            "shelf": shelf_about(partner) if partner else [],
            "introduce_url": self.address(request, "introduce") if can_introduce else "",
            "share_picture": f"{full}share/?{self.picture_version}",
            "full_address": full,
            "above": places[-2] if len(places) > 1 else None,
            "structured": about_partner(self, root, full, offers, places),
        }

    @property
    def phrase_list(self) -> list[str]:
        """What a client for them says."""
        return [line.strip() for line in self.phrases.splitlines() if line.strip()]

    @property
    def links(self) -> list[dict[str, str]]:
        """What the partner wants looked at, somewhere else."""
        return [block.value for block in self.body or () if block.block_type == "link"]

    @property
    def joint_offers(self) -> list[JointOffer]:
        """What its partner offers now; those of one that is not active yet, in its preview."""
        if self.partner is None:
            return []
        if not self.partner.is_active:
            return list(self.partner.joint_offers.all()) if not self.live else []
        return list(current().filter(partner=self.partner))

    @property
    def topics_by_group(self) -> list[tuple[str, list[Any]]]:
        """Under what it is found, by service, place and so on."""
        groups: dict[str, list[Any]] = {}
        for topic in self.topics.all():
            groups.setdefault(str(topic.get_group_display()), []).append(topic)
        return list(groups.items())

    @property
    def picture_version(self) -> str:
        """Another one when the page has changed."""
        changed = getattr(self, "latest_revision_created_at", None)
        return f"{changed:%Y%m%d%H%M%S}" if changed else "0"

    def _advocate(self, code: str) -> Advocate | None:
        """Its partner's own code only: anybody else's leads to the program's page."""
        advocate = super()._advocate(code)
        own = self.partner.advocate_id if self.partner else None
        return advocate if advocate and advocate.pk == own else None

    def landing_context(self, advocate: Advocate) -> dict[str, Any]:
        """Both sides."""
        return {
            **super().landing_context(advocate),
            "partner": self.partner,
            "joint_offers": self.joint_offers,
            "brand": self.brand,
        }

    @property
    def brand(self) -> dict[str, str]:
        """What stands for us beside the partner."""
        program = self.loaded_program
        logo = setting("LOGO")
        return {
            "name": (program.site.site_name or program.name) if program else "",
            "logo": static(logo) if logo else "",
        }

    preview_modes = [
        ("", _("Profile")),
        ("full_up", _("Takes no new clients")),
        ("landing", _("For a friend by their link")),
        ("errors", _("For a friend, with errors")),
        ("thanks", _("With the coupon")),
        ("closed", _("Program closed")),
    ]

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        if mode_name in ("landing", "errors"):
            advocate = self.partner.advocate if self.partner else samples.advocate(self.program)
            form = self._form(advocate, {}) if mode_name == "errors" else self._form(advocate)
            return self._friends_view(request, advocate, form)
        if mode_name == "thanks":
            return self._thanks(request, samples.coupon(self.loaded_program))
        if mode_name in NOTICES:
            response = self._notice(request, mode_name)
            response.status_code = 200  # the preview is there, what it shows is not
            return response
        if mode_name == "full_up":
            self.takes_new_clients = False
        return self.profile(request)
