"""The landing page a friend is led to."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, HelpPanel, MultiFieldPanel
from wagtail.contrib.routable_page.models import RoutablePageMixin, path
from wagtail.fields import RichTextField
from wagtail.images import get_image_model_string

from ..coupons.codes import LINK_LENGTH, code_key, display_code
from ..events.claim import claim_offer, coupon_of
from ..exceptions import ClaimRefused, InvalidInput
from ..referrals.forms import ClaimForm, CodeForm
from ..referrals.links import find_advocate
from ..referrals.models import Advocate, Referral
from ..referrals.visitors import visitor_hash
from ..tokens import make_token, read_token
from . import samples
from .forms import ReferralPageForm
from .notices import NOTICES, SAME_MOMENT, notice_response, private
from .program_page import ProgramPageMixin

TOKEN = "claim"


class AbstractReferralPage(RoutablePageMixin, ProgramPageMixin):
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

    @path("with/<str:code>/")
    def with_code(self, request: HttpRequest, code: str) -> HttpResponse:
        """The friend's view."""
        advocate = self._advocate(code)
        if not self.is_open:
            return self._notice(request, "closed")
        if advocate is None:
            return self._notice(request, "unknown")
        if self.is_full:
            return self._notice(request, "full")
        return self._friends_view(request, advocate, self._form())

    @path("thanks/<str:token>/")
    def thanks(self, request: HttpRequest, token: str) -> HttpResponse:
        """The coupon, for whoever has the address."""
        key = read_token(TOKEN, token) or 0
        referral = Referral.objects.filter(pk=key, program=self.program_id).first()
        if referral is None:
            return self._notice(request, "too_old")
        return self._thanks(request, coupon_of(referral))

    @path("sorry/<slug:reason>/")
    def sorry(self, request: HttpRequest, reason: str) -> HttpResponse:
        """Why there is no coupon."""
        return self._notice(request, reason.replace("-", "_"))

    def form_address(self, request: HttpRequest, code: str = "") -> str:
        key = code_key(code, LINK_LENGTH)
        return self.address(request, "with", display_code(key)) if key else self.address(request)

    def receive(self, request: HttpRequest, *, code: str, too_many: bool) -> HttpResponse:
        """A friend claims. Every outcome has an address of its own: reloading sends nothing."""
        advocate = self._advocate(code)
        if not self.is_open:
            return self._sorry(request, "closed")
        if advocate is None:
            return self._sorry(request, "unknown")
        form = self._form(request.POST)
        if too_many:
            form.refuse_too_many()
            return self._friends_view(request, advocate, form, status=429)
        if not (form.is_valid() and form.passes_captcha()):
            return self._friends_view(request, advocate, form)
        return self._claim(request, advocate, form)

    def _claim(self, request: HttpRequest, advocate: Advocate, form: ClaimForm) -> HttpResponse:
        visitor = visitor_hash(request.META)
        try:
            claim = claim_offer(
                advocate,
                email=form.cleaned_data["email"],
                visitor=visitor,
                user_id=getattr(request, "user", None) and request.user.pk,
                locale=get_language() or "",
                place=request.path,
            )
        except InvalidInput as error:
            form.add_error("email", str(error))
            return self._friends_view(request, advocate, form)
        except ClaimRefused as error:
            return self._sorry(request, error.code)
        referral = claim.referral
        just_now = timezone.now() - referral.claimed_at < SAME_MOMENT
        if not claim.created and not (just_now and referral.visitor == visitor):
            # Somebody who only knows the address must not see the coupon.
            return self._sorry(request, "sent")
        token = make_token(TOKEN, claim.referral.pk)
        return see_other(self.address(request, "thanks", token))

    def _advocate(self, code: str) -> Advocate | None:
        advocate = find_advocate(code)
        if advocate is None or advocate.program_id != self.program_id:
            return None
        # It brings its program with it: one query for both.
        self.loaded_program = advocate.program
        return advocate

    def _form(self, data: Any = None) -> ClaimForm:
        program = self.loaded_program
        return ClaimForm(data, has_terms=bool(program and program.terms))

    def _friends_view(
        self, request: HttpRequest, advocate: Advocate, form: ClaimForm, status: int = 200
    ) -> TemplateResponse:
        context = {
            "code": advocate.display_code,
            "form": form,
            "form_action": self.form_action(advocate.display_code),
            "advocate_name": advocate.person.first_name,
        }
        response = self._page(request, **context)
        response.status_code = status
        response["X-Robots-Tag"] = "noindex"
        return response

    def _thanks(self, request: HttpRequest, coupon: Any) -> TemplateResponse:
        context = {**self.get_context(request), "coupon": coupon}
        template = "wagtail_referrals/pages/referral_thanks.html"
        return private(TemplateResponse(request, template, context))

    def _page(self, request: HttpRequest, **context: Any) -> TemplateResponse:
        context = {**self.get_context(request), **context}
        return TemplateResponse(request, self.page_template, context)

    def _notice(self, request: HttpRequest, reason: str) -> TemplateResponse:
        text = self.closed_text if reason == "closed" else ""
        return notice_response(request, reason, self.get_context(request), text=text)

    def _sorry(self, request: HttpRequest, reason: str) -> HttpResponse:
        return see_other(self.address(request, "sorry", reason.replace("_", "-")))

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
            return self._thanks(request, samples.coupon(self.loaded_program))
        if mode_name in NOTICES:
            response = self._notice(request, mode_name)
            response.status_code = 200  # the preview is there, what it shows is not
            return response
        form = self._form({}) if mode_name == "errors" else self._form()
        return self._friends_view(request, samples.advocate(self.loaded_program), form)


def see_other(url: str) -> HttpResponse:
    response = HttpResponseRedirect(url, status=303)
    response["Cache-Control"] = "no-store"
    return response
