"""Introducing somebody: to a partner on its page, to us or a partner on a hub."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import get_language, gettext
from wagtail.contrib.routable_page.models import path

from ..exceptions import ClaimRefused, InvalidInput
from ..partners.introduction_forms import IntroduceForm
from ..partners.introduction_mails import TOKEN, both_in_copy, draft_text
from ..partners.introduction_models import Introduction, WantedContact
from ..partners.introductions import WANTED, introduce
from ..partners.models import Partner
from ..tokens import make_token, read_token
from .landing import see_other
from .notices import SAME_MOMENT, notice, notice_response, private
from .program_page import FormPageMixin

CODE = "introduce"
# A longer list is no list to choose from: there, the way is by the partner's own page.
MOST_TO_CHOOSE = 100


class AbstractIntroductionMixin(FormPageMixin):
    """``introduce/`` below the page is a form; what it takes is an introduction.

    A page with a ``partner`` introduces to that one; another one to us, or to a partner of choice.
    """

    introduce_template = "wagtail_referrals/pages/introduce.html"
    introduced_template = "wagtail_referrals/pages/introduced.html"
    draft_template = "wagtail_referrals/pages/introduction_draft.html"

    class Meta:
        abstract = True

    @property
    def introduces_to(self) -> Partner | None:
        """To whom this page introduces; None: to us, or to whom the form says."""
        partner: Partner | None = getattr(self, "partner", None)
        return partner

    @property
    def partners_to_choose(self) -> QuerySet[Partner]:
        """Whom the form of a page without a partner names."""
        return Partner.objects.none()

    @path("introduce/")
    def show_introduce(self, request: HttpRequest) -> HttpResponse:
        """The form."""
        if closed := self._takes_nobody(request):
            return closed
        token = request.GET.get(WANTED, "")
        wanted = _find_wanted(token)
        initial = {"name": wanted.name, "wanted": token} if wanted else {}
        return self._introduce_form(request, self._form_to_introduce(initial=initial))

    @path("introduce/thanks/<str:token>/")
    def introduced(self, request: HttpRequest, token: str) -> HttpResponse:
        """The thank-you, for whoever has the address."""
        key = read_token(TOKEN + ".thanks", token)
        if key is None:
            return notice_response(request, "unknown_introduction", self._context(request))
        # Of one that was there before: a thank-you that tells nothing of it.
        related = ("introduced", "giver", "partner__advocate__person", "program__site")
        own = Introduction.objects.filter(program=self.program_id).select_related(*related)
        introduction = own.filter(pk=key).first()
        by_mail = introduction and introduction.way == "mail"
        draft = both_in_copy(introduction) if introduction and by_mail else None
        context = {"draft": draft, "introduction": introduction}
        return self._private(request, self.introduced_template, context)

    def receive_introduce(self, request: HttpRequest, *, token: str, too_many: bool) -> Any:
        """An introduction is sent. Without consent: a text to send oneself, nothing is stored."""
        if closed := self._takes_nobody(request):
            return closed
        form = self._form_to_introduce(request.POST)
        if too_many:
            form.refuse_too_many()
            return self._introduce_form(request, form, status=429)
        if not (form.is_valid() and form.passes_captcha()):
            return self._introduce_form(request, form)
        if not form.has_consent:
            return self._draft(request, form)
        return self._introduce(request, form)

    def _introduce(self, request: HttpRequest, form: IntroduceForm) -> HttpResponse:
        program, said = self.loaded_program, form.cleaned_data
        assert program is not None
        try:
            result = introduce(
                program,
                form.told(),
                giver_email=said["giver_email"],
                giver_name=said["giver_name"],
                to=self.introduces_to or form.chosen,
                wanted=_find_wanted(said["wanted"], program.pk),
                locale=get_language() or "",
                place=request.path,
            )
        except InvalidInput as error:
            form.add_error("email" if error.code == "invalid_email" else None, str(error))
            return self._introduce_form(request, form)
        except ClaimRefused as error:
            form.add_error(None, str(error))
            return self._introduce_form(request, form)
        just_now = timezone.now() - result.introduction.created_at < SAME_MOMENT
        # What was said before is for nobody who only knows both addresses.
        key = result.introduction.pk if result.created or just_now else 0
        token = make_token(TOKEN + ".thanks", key)
        return see_other(self.address(request, CODE, "thanks", token))

    def _draft(self, request: HttpRequest, form: IntroduceForm) -> HttpResponse:
        said = form.cleaned_data
        partner = self.introduces_to or form.chosen
        page: Any = self
        text = draft_text(
            said["name"],
            partner.name if partner else self._our_name(),
            said["need"],
            said["giver_name"],
            link=page.full_url,
        )
        return self._private(request, self.draft_template, {"text": text})

    def _takes_nobody(self, request: HttpRequest) -> HttpResponse | None:
        partner = self.introduces_to
        if partner and not partner.is_active:
            raise Http404
        if not self.is_open:
            return notice_response(request, "closed", self._context(request))
        if not getattr(self, "takes_new_clients", True):
            return self._no_new_clients(request)
        return None

    def _no_new_clients(self, request: HttpRequest) -> HttpResponse:
        page: Any = self
        back = gettext("Back to %(title)s") % {"title": page.title}
        said = notice("no_new_clients", link_url=page.url, link_label=back)
        return notice_response(request, said.reason, {**self._context(request), "notice": said})

    def _form_to_introduce(self, data: Any = None, **values: Any) -> IntroduceForm:
        partners: list[Partner] = []
        if self.introduces_to is None:
            known = self.partners_to_choose.order_by("name", "pk")
            partners = list(known.select_related("advocate")[: MOST_TO_CHOOSE + 1])
        if len(partners) > MOST_TO_CHOOSE:
            partners = []
        return IntroduceForm(data, partners=partners, us=self._our_name(), **values)

    def _our_name(self) -> str:
        program = self.loaded_program
        return (program.site.site_name or program.name) if program else ""

    def _context(self, request: HttpRequest) -> dict[str, Any]:
        page: Any = self
        context: dict[str, Any] = page.get_context(request)
        return context

    def _introduce_form(
        self, request: HttpRequest, form: IntroduceForm, status: int = 200
    ) -> TemplateResponse:
        partner = self.introduces_to
        context = {
            **self._context(request),
            "form": form,
            "form_action": self.form_action(CODE),
            "to_name": partner.name if partner else "",
        }
        response = TemplateResponse(request, self.introduce_template, context, status=status)
        if form.is_bound or form.initial:
            return private(response)
        response["X-Robots-Tag"] = "noindex"
        return response

    def _private(self, request: HttpRequest, template: str, context: Any) -> TemplateResponse:
        return private(TemplateResponse(request, template, {**self._context(request), **context}))


def _find_wanted(token: str, program_id: int | None = None) -> WantedContact | None:
    key = read_token(WANTED, token) if token else None
    wanted = WantedContact.objects.filter(is_active=True)
    if program_id:
        wanted = wanted.filter(program=program_id)
    return wanted.filter(pk=key).first() if key else None
