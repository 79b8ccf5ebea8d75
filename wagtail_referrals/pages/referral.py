"""The landing page a friend is led to."""

from __future__ import annotations

from html import unescape
from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.html import strip_tags
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, HelpPanel, MultiFieldPanel
from wagtail.contrib.routable_page.models import RoutablePageMixin, path
from wagtail.fields import RichTextField
from wagtail.images import get_image_model_string

from ..coupons.codes import LINK_LENGTH, code_key, display_code
from ..referrals.forms import CodeForm
from . import samples
from .forms import ReferralPageForm
from .landing import LandingMixin
from .notices import NOTICES
from .program_page import ProgramPageMixin


class AbstractReferralPage(LandingMixin, RoutablePageMixin, ProgramPageMixin):
    """Who recommends, what you get, one field, one button."""

    introduction = RichTextField(_("introduction"), blank=True)
    image = models.ForeignKey(
        get_image_model_string(),
        verbose_name=_("picture"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    friend_heading = models.CharField(
        _("heading for the friend"),
        max_length=120,
        blank=True,
        help_text=_("Empty: “A welcome gift for you”."),
    )
    button_label = models.CharField(
        _("button"), max_length=40, blank=True, help_text=_("Empty: “Get my coupon”.")
    )
    thanks_heading = models.CharField(_("heading with the coupon"), max_length=120, blank=True)
    thanks_text = models.TextField(_("text under the coupon"), blank=True, max_length=1000)
    closed_text = models.TextField(
        _("text when the program has ended"), blank=True, max_length=1000
    )

    is_landing_page = True
    # Not "template": Wagtail gives every page class one of its own.
    page_template = "wagtail_referrals/pages/referral_page.html"
    base_form_class = ReferralPageForm
    referral_panels = [
        *ProgramPageMixin.program_panels,
        MultiFieldPanel(
            [
                FieldPanel("friend_heading"),
                FieldPanel("introduction"),
                FieldPanel("image"),
                FieldPanel("button_label"),
            ],
            heading=_("What a friend sees"),
        ),
        MultiFieldPanel(
            [FieldPanel("thanks_heading"), FieldPanel("thanks_text")],
            heading=_("With the coupon"),
        ),
        FieldPanel("closed_text"),
        HelpPanel(
            _("Offers and terms come from the program, so that every page says the same."),
            heading=_("What is not here"),
        ),
    ]

    class Meta:
        abstract = True

    @property
    def shared_text(self) -> str:
        """What a post says of the page that a shared link leads to."""
        plain = unescape(strip_tags(self.introduction.replace("><", "> <")))
        # A site's own base page need not have one.
        described: str = getattr(self, "search_description", "")
        return described or Truncator(" ".join(plain.split())).chars(160)

    @path("")
    def without_code(self, request: HttpRequest) -> HttpResponse:
        """A place to type the code somebody was told."""
        if not self.is_open:
            return self._notice(request, "closed")
        if self.is_full:
            return self._notice(request, "full")
        form = CodeForm(request.GET) if "code" in request.GET else CodeForm()
        if form.is_bound and form.is_valid():
            key = code_key(form.cleaned_data["code"], LINK_LENGTH)
            if key:
                return HttpResponseRedirect(self.address(request, "with", display_code(key)))
            form.add_error("code", str(NOTICES["unknown"][1]))
        return self._page(request, code="", code_form=form)

    def _page(self, request: HttpRequest, **context: Any) -> TemplateResponse:
        context = {**self.get_context(request), **context}
        return TemplateResponse(request, self.page_template, context)

    preview_modes = [
        ("", _("Friend's view")),
        ("without_code", _("Without a code")),
        ("errors", _("With errors")),
        ("thanks", _("With the coupon")),
        ("closed", _("Program closed")),
        ("full", _("Program full")),
        ("already_customer", _("A customer already")),
        ("already_referred", _("Has the offer already")),
        ("self_referral", _("One's own link")),
        ("unknown", _("Unknown code")),
    ]

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        if mode_name == "without_code":
            return self._page(request, code="", code_form=CodeForm())
        if mode_name == "thanks":
            coupon = samples.coupon(self.loaded_program)
            return self._thanks(request, coupon, came_action=self.form_action("came:preview"))
        if mode_name in NOTICES:
            response = self._notice(request, mode_name)
            response.status_code = 200  # the preview is there, what it shows is not
            return response
        form = self._form({}) if mode_name == "errors" else self._form()
        return self._friends_view(request, samples.advocate(self.loaded_program), form)
