"""The friend's way on a page that an advocate's link leads to: offer, form, coupon."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import get_language
from wagtail.contrib.routable_page.models import path

from ..conf import setting
from ..coupons.codes import LINK_LENGTH, code_key, display_code
from ..events.claim import claim_offer, coupon_of, shown_offer
from ..exceptions import ClaimRefused, InvalidInput
from ..referrals.came import say_whether_would_have_come
from ..referrals.forms import ClaimForm
from ..referrals.links import find_advocate
from ..referrals.models import Advocate, Referral
from ..referrals.promised import for_friends
from ..referrals.visitors import visitor_hash
from ..tokens import make_token, read_token
from .notices import SAME_MOMENT, notice_response, private
from .program_page import FormPageMixin

TOKEN = "claim"


class LandingMixin(FormPageMixin):
    """``with/CODE/`` below the page is the friend's view; the form on it claims the offer."""

    closed_text = ""
    page_template: str
    # The friend's view, where it is not the page's own template.
    landing_template = ""

    class Meta:
        abstract = True

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
        response = self._friends_view(request, advocate, self._form(advocate))
        return kept_shortly(request, response)

    @path("thanks/<str:token>/")
    def thanks(self, request: HttpRequest, token: str) -> HttpResponse:
        """The coupon, for whoever has the address."""
        key = read_token(TOKEN, token) or 0
        referral = Referral.objects.filter(pk=key, program=self.program_id).first()
        if referral is None:
            return self._notice(request, "too_old")
        asked = referral.would_have_come is None
        question = self.form_action(f"came:{token}") if asked else ""
        return self._thanks(
            request, coupon_of(referral), came_action=question, came_answered=not asked
        )

    @path("sorry/<slug:reason>/")
    def sorry(self, request: HttpRequest, reason: str) -> HttpResponse:
        """Why there is no coupon."""
        return self._notice(request, reason.replace("-", "_"))

    def form_address(self, request: HttpRequest, code: str = "") -> str:
        form, _colon, token = code.partition(":")
        if form == "came" and token:
            return self.address(request, "thanks", token)
        if self.form_of(code):
            return super().form_address(request, code)
        key = code_key(code, LINK_LENGTH)
        return self.address(request, "with", display_code(key)) if key else self.address(request)

    def receive(self, request: HttpRequest, *, code: str, too_many: bool) -> HttpResponse:
        """A friend claims. Every outcome has an address of its own: reloading sends nothing."""
        if self.form_of(code):
            return super().receive(request, code=code, too_many=too_many)
        advocate = self._advocate(code)
        if not self.is_open:
            return self._sorry(request, "closed")
        if advocate is None:
            return self._sorry(request, "unknown")
        form = self._form(advocate, request.POST)
        if too_many:
            form.refuse_too_many()
            return self._friends_view(request, advocate, form, status=429)
        if not (form.is_valid() and form.passes_captcha()):
            return self._friends_view(request, advocate, form)
        return self._claim(request, advocate, form)

    def receive_came(self, request: HttpRequest, *, token: str, too_many: bool) -> HttpResponse:
        """Would the friend have come without the recommendation? One tap, kept once."""
        key = read_token(TOKEN, token) or 0
        referral = Referral.objects.filter(pk=key, program=self.program_id).first()
        said = {"yes": True, "no": False}.get(request.POST.get("came", ""))
        if referral is not None and said is not None and not too_many:
            say_whether_would_have_come(referral, said)
        return see_other(self.form_address(request, f"came:{token}"))

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
                page=self,
                promised=form.promised,
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

    def _form(self, advocate: Advocate, data: Any = None) -> ClaimForm:
        program = self.loaded_program
        form = ClaimForm(
            data,
            has_terms=bool(program and program.terms),
            code_key=advocate.code_key,
            offer=for_friends(advocate) if program else None,
        )
        if promised := form.promised if data else None:
            # With an error, the page says again what it said before.
            form.offer = shown_offer(form.offer, promised)
        return form

    def _friends_view(
        self, request: HttpRequest, advocate: Advocate, form: ClaimForm, status: int = 200
    ) -> TemplateResponse:
        context = {
            **self.get_context(request),
            **self.landing_context(advocate),
            "code": advocate.display_code,
            "form": form,
            "form_action": self.form_action(advocate.display_code),
            "friend_offer": form.offer,
            "advocate_name": advocate.person.first_name,
        }
        template = self.landing_template or self.page_template
        response = TemplateResponse(request, template, context, status=status)
        response["X-Robots-Tag"] = "noindex"
        return response

    def landing_context(self, advocate: Advocate) -> dict[str, Any]:
        """What else the friends of this advocate see."""
        return {}

    def _thanks(self, request: HttpRequest, coupon: Any, **more: Any) -> TemplateResponse:
        context = {**self.get_context(request), "coupon": coupon, **more}
        template = "wagtail_referrals/pages/referral_thanks.html"
        return private(TemplateResponse(request, template, context))

    def _notice(self, request: HttpRequest, reason: str) -> TemplateResponse:
        text = self.closed_text if reason == "closed" else ""
        return notice_response(request, reason, self.get_context(request), text=text)

    def _sorry(self, request: HttpRequest, reason: str) -> HttpResponse:
        return see_other(self.address(request, "sorry", reason.replace("_", "-")))


def kept_shortly(request: HttpRequest, response: TemplateResponse) -> TemplateResponse:
    """A shared cache keeps the page for minutes, so that what is put to the test gets around.

    What belongs to one visitor is nothing for such a cache. The site's own templates may ask who
    that is, and some caches do not heed "Vary": it is looked at when the page is rendered.
    """

    def keep(response: HttpResponse) -> None:
        if not is_of_one_visitor(request):
            patch_cache_control(response, s_maxage=setting("LINK_CACHE_SECONDS"))

    response.add_post_render_callback(keep)
    return response


def is_of_one_visitor(request: HttpRequest) -> bool:
    """Whether the answer may hold somebody's name, a message to them, or the key of their form."""
    if {settings.SESSION_COOKIE_NAME, CookieStorage.cookie_name} & request.COOKIES.keys():
        return True
    session = getattr(request, "session", None)
    return bool(getattr(session, "modified", False) or request.META.get("CSRF_COOKIE_NEEDS_UPDATE"))


def see_other(url: str) -> HttpResponse:
    response = HttpResponseRedirect(url, status=303)
    response["Cache-Control"] = "no-store"
    return response
