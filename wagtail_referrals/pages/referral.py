"""The landing page a friend is led to."""

from __future__ import annotations

from html import unescape
from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.functional import Promise, cached_property
from django.utils.html import strip_tags
from django.utils.text import Truncator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, HelpPanel, MultiFieldPanel
from wagtail.contrib.routable_page.models import RoutablePageMixin, path
from wagtail.fields import RichTextField
from wagtail.images import get_image_model_string

from ..coupons.codes import LINK_LENGTH, code_key, display_code
from ..programs.experiment_models import Subject, Variant
from ..programs.variants import landing_words, variants_to_show, words_of
from ..referrals.forms import CodeForm
from ..referrals.models import Advocate
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

    page_modes: ClassVar[list[tuple[str, str | Promise]]] = [
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

    @cached_property
    def preview_modes(self) -> list[tuple[str, str | Promise]]:
        """Beside its own, one for each variant that is put to the test here."""
        variants = self._variants
        words = gettext("Variant: %(variant)s (%(experiment)s)")
        return self.page_modes + [
            (f"variant-{one.pk}", words % {"variant": one, "experiment": one.experiment})
            for one in variants
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
        advocate = samples.advocate(self.loaded_program)
        form = self._form(advocate, {}) if mode_name == "errors" else self._form(advocate)
        for variant in self._variants:
            if mode_name == f"variant-{variant.pk}":
                self._say(words_of(variant))
                form.offer = variant.offer or form.offer
        return self._friends_view(request, advocate, form)

    def landing_context(self, advocate: Advocate) -> dict[str, Any]:
        """The page itself says what this code has drawn of what is put to the test."""
        program = self.loaded_program
        # Who has an offer or a page of their own is no part of it.
        has_own = advocate.landing_page_id or advocate.friend_offer_id
        if program and self._says_what_is_tested and not has_own:
            self._say(landing_words(program, advocate.pk))
        return super().landing_context(advocate)

    @property
    def _says_what_is_tested(self) -> bool:
        """Words are tested on the page that the program's links lead to, and on no other."""
        program = self.loaded_program
        return bool(program and self.pk and self.pk == program.landing_page_id)

    @cached_property
    def _variants(self) -> list[Variant]:
        """What a preview shows besides how it is."""
        return [
            one
            for one in variants_to_show(self.program_id)
            if self._says_what_is_tested or one.experiment.subject != Subject.LANDING
        ]

    def _say(self, words: dict[str, str]) -> None:
        """Say something else, for this once."""
        for field, text in words.items():
            setattr(self, field, text)
