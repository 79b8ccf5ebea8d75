"""The feedback form, which ends with a coupon for a friend."""

from __future__ import annotations

from typing import Any

from django.core.validators import MaxValueValidator
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, InlinePanel, MultiFieldPanel
from wagtail.contrib.forms.models import FormMixin
from wagtail.contrib.routable_page.models import RoutablePageMixin, path
from wagtail.fields import RichTextField, StreamField

from ..blocks import ReviewLinkBlock
from ..exceptions import InvalidInput
from ..feedback.flow_blocks import OtherPageWordsBlock
from ..feedback.forms import FeedbackForm, FeedbackFormBuilder
from ..feedback.invitation_models import Invitation
from ..feedback.invitations import find_invitation
from ..feedback.models import FeedbackResponse, ResponseState
from ..feedback.questions import EMAIL, NAME, question_name, type_of
from ..feedback.submit import submit_feedback
from ..feedback.wording import (
    AUDIENCES,
    audiences,
    first_word,
    is_recalling,
    page_words,
    recall,
    stored_words,
)
from ..partners.shelf import shelf_of_advocate
from ..referrals.models import Advocate
from ..referrals.promised import for_advocate
from ..referrals.share import share_kit
from ..referrals.visitors import visitor_hash
from ..rewards.standing import has_coupon_coming
from ..tokens import make_token, read_token
from . import samples
from .fair_publishing import FairPublishingMixin
from .fairness_panel import FairnessPanel
from .forms import FeedbackPageForm
from .invited import InvitedMixin
from .landing import see_other
from .notices import SAME_MOMENT, notice_response, private
from .program_page import ProgramPageMixin

TOKEN = "feedback"


class AbstractFeedbackPage(
    FairPublishingMixin, InvitedMixin, RoutablePageMixin, FormMixin, ProgramPageMixin
):
    """Questions, then a coupon to hand on, then, apart from it, the review links."""

    introduction = RichTextField(_("introduction"), blank=True)
    button_label = models.CharField(
        _("button"), max_length=40, blank=True, help_text=_("Empty: “Send”.")
    )
    again_after_days = models.PositiveIntegerField(
        _("days until one may answer again"),
        default=30,
        validators=[MaxValueValidator(3650)],
        help_text=_("Within them a person has one answer and one coupon."),
    )
    thanks_heading = models.CharField(_("heading with the coupon"), max_length=120, blank=True)
    thanks_text = models.TextField(_("text above the coupon"), blank=True, max_length=1000)
    reviews_heading = models.CharField(_("heading above the links"), max_length=120, blank=True)
    reviews_text = models.TextField(_("text above the links"), blank=True, max_length=1000)
    review_links = StreamField([("link", ReviewLinkBlock())], blank=True)
    other_words = StreamField(
        [("words", OtherPageWordsBlock())],
        blank=True,
        verbose_name=_("other words for some"),
        help_text=_("The first that fits is shown. Coupon and review links are always the same."),
    )

    # Not "template": Wagtail gives every page class one of its own.
    page_template = "wagtail_referrals/pages/feedback_page.html"
    landing_page_template = "wagtail_referrals/pages/feedback_thanks.html"
    base_form_class = FeedbackPageForm
    form_builder = FeedbackFormBuilder
    feedback_panels = [
        *ProgramPageMixin.program_panels,
        FieldPanel("introduction"),
        InlinePanel("form_fields", label=_("question"), heading=_("Questions")),
        FieldPanel("button_label"),
        FieldPanel("other_words"),
        FieldPanel("again_after_days"),
        MultiFieldPanel(
            [FieldPanel("thanks_heading"), FieldPanel("thanks_text")],
            heading=_("With the coupon"),
        ),
        MultiFieldPanel(
            [
                FieldPanel("reviews_heading"),
                FieldPanel("reviews_text"),
                FieldPanel("review_links"),
            ],
            heading=_("Review links, on a screen of their own"),
        ),
        FairnessPanel(),
    ]

    class Meta:
        abstract = True

    @path("")
    def show_form(self, request: HttpRequest) -> HttpResponse:
        """The form. The same for everybody with that address, so that a cache can keep it."""
        form = self.get_form()
        if EMAIL not in form.special:
            return self._answered(request, "closed")
        if request.GET:
            form.prefill(request.GET)
        form.begin()
        return self._form_page(request, form)

    @path("thanks/<str:token>/")
    def thanks(self, request: HttpRequest, token: str) -> HttpResponse:
        """The coupon to hand on, and the link to share."""
        response = self._response(token)
        if response is None:
            return self._answered(request, "too_old")
        advocates = Advocate.objects.select_related(
            "friend_offer",
            "program__site",
            "program__friend_offer",
            "program__advocate_offer",
        )
        advocate = advocates.filter(program=self.program_id, person=response.person_id).first()
        reviews = self.address(request, "thanks", token, "reviews") if self.review_links else ""
        belongs_to = audiences(response.score, response.regular)
        words = self._thanks_words(belongs_to, response.form_data)
        is_held = response.state == ResponseState.HELD
        is_coming = response.coupon is None and has_coupon_coming(response.event_id)
        return self._thanks(request, response.coupon, advocate, reviews, words, is_held, is_coming)

    @path("thanks/<str:token>/reviews/")
    def reviews(self, request: HttpRequest, token: str) -> HttpResponse:
        """The review links, the same whatever was answered, and no coupon beside them."""
        response = self._response(token)
        if response is None:
            return self._answered(request, "too_old")
        return self._reviews(request, response)

    @path("answered/")
    def answered(self, request: HttpRequest) -> HttpResponse:
        """For somebody who has answered before, from another browser."""
        return self._answered(request, "answered")

    def get_submission_class(self) -> type[FeedbackResponse]:
        return FeedbackResponse

    def receive(self, request: HttpRequest, *, code: str, too_many: bool) -> HttpResponse:
        """Store an answer and lead to the thank-you page, by an address that cannot be guessed."""
        invitation = find_invitation(self, code) if code else None
        if code and self.invitation_is_over(request, invitation):
            return see_other(self.form_address(request, code))
        form: FeedbackForm = (
            self.invited_form(invitation, code, request.POST)
            if invitation
            else self.get_form(request.POST)
        )
        if EMAIL not in form.special:
            raise Http404
        is_finished = form.is_finished()
        if not is_finished and form.is_going_on():
            return self._form_page(request, form)
        # The steps of one form count as one.
        if too_many:
            form.refuse_too_many()
            return self._form_page(request, form, status=429)
        if not (is_finished and form.passes_captcha()):
            return self._form_page(request, form)
        return self._submit(request, form, invitation)

    def _submit(
        self, request: HttpRequest, form: FeedbackForm, invitation: Invitation | None
    ) -> HttpResponse:
        visitor = visitor_hash(request.META)
        try:
            result = submit_feedback(
                self,
                self.loaded_program,
                form.answers(),
                again_after_days=self.again_after_days,
                visitor=visitor,
                locale=get_language() or "",
                invitation=invitation,
            )
        except InvalidInput as error:
            if invitation:
                return see_other(self.form_address(request, form.code))
            form.add_error(form.special[EMAIL], str(error))
            form.show_errors()
            return self._form_page(request, form)
        is_theirs = result.created or invitation is not None
        if not is_theirs and not self._is_same(result.response, form, visitor):
            # Somebody who only knows the address must not see the coupon.
            return see_other(self.address(request, "answered"))
        token = make_token(TOKEN, result.response.pk)
        return see_other(self.address(request, "thanks", token))

    @staticmethod
    def _is_same(response: FeedbackResponse, form: FeedbackForm, visitor: str) -> bool:
        """Whether it is the form that was stored, sent again: same browser, moment and words."""
        just_now = timezone.now() - response.submit_time < SAME_MOMENT
        words = {name: str(answer) for name, answer in form.answers().data.items()}
        stored = {name: str(answer) for name, answer in response.form_data.items()}
        return just_now and response.visitor == visitor and words == stored

    def _response(self, token: str) -> FeedbackResponse | None:
        key = read_token(TOKEN, token) or 0
        responses = FeedbackResponse.objects.select_related("coupon")
        return responses.filter(pk=key, page=self.pk).first()

    def _form_page(
        self, request: HttpRequest, form: FeedbackForm, status: int = 200
    ) -> TemplateResponse:
        step = form.step
        context = {
            **self.get_context(request),
            "form": form,
            "form_action": self.form_action(form.code),
            "heading": recall(page_words(self, "title", step.audiences), step.recalled),
        }
        return TemplateResponse(request, self.page_template, context, status=status)

    def _thanks_words(self, belongs_to: set[str], answers: dict[str, Any]) -> dict[str, str]:
        """What may differ with the coupon, which itself never does."""
        names = ("thanks_heading", "thanks_text")
        texts = {name: page_words(self, name, belongs_to) for name in names}
        if any(map(is_recalling, texts.values())):
            named = (question_name(q) for q in self.get_form_fields() if type_of(q).meaning == NAME)
            answers = {"first_name": first_word(answers.get(next(named, ""))), **answers}
        return {name: recall(text, answers) for name, text in texts.items()}

    def _thanks(
        self,
        request: HttpRequest,
        coupon: Any,
        advocate: Advocate | None,
        reviews_url: str,
        words: dict[str, str],
        is_held: bool = False,
        is_coming: bool = False,
    ) -> TemplateResponse:
        context = {
            **self.get_context(request),
            **words,
            "coupon": coupon,
            "is_held": is_held,
            "is_coming": is_coming,
            "share": share_kit(advocate) if advocate and self.is_open else None,
            "advocate_offer": for_advocate(advocate) if advocate else None,
            # A preview's advocate is nobody, who can be given nothing.
            "shelf": shelf_of_advocate(advocate, get_language() or "")
            if advocate and advocate.pk and self.is_open
            else [],
            "reviews_url": reviews_url,
        }
        return private(TemplateResponse(request, self.landing_page_template, context))

    def words_back(self, response: FeedbackResponse | None) -> str:
        """Their own words, to take along to a review site; None for the preview."""
        return ""

    def _reviews(
        self, request: HttpRequest, response: FeedbackResponse | None = None
    ) -> TemplateResponse:
        links = [block.value for block in self.review_links if block.value.address]
        words = self.words_back(response)
        context = {**self.get_context(request), "review_links": links, "words": words}
        template = "wagtail_referrals/pages/feedback_reviews.html"
        return private(TemplateResponse(request, template, context))

    def _answered(self, request: HttpRequest, reason: str, coupon: Any = None) -> TemplateResponse:
        context = {**self.get_context(request), "coupon": coupon}
        if reason != "answered":
            return notice_response(request, reason, context)
        template = "wagtail_referrals/pages/feedback_answered.html"
        return private(TemplateResponse(request, template, context))

    @property
    def preview_modes(self) -> list[tuple[str, str | Promise]]:
        """Every screen a visitor can see."""
        steps = sum(1 for question in self.get_form_fields()[1:] if question.step_title)
        audiences = {block.get("audience") for block in stored_words(self.other_words)}
        return [
            ("", _("Form")),
            *((f"step-{n}", _("Step %(number)s") % {"number": n}) for n in range(2, steps + 2)),
            ("errors", _("With errors")),
            ("thanks", _("With the coupon")),
            *(
                (f"thanks-{key}", _("With the coupon: %(who)s") % {"who": who})
                for key, who in AUDIENCES.items()
                if key in audiences
            ),
            ("reviews", _("Review links")),
            ("answered", _("Answered before")),
            ("closed", _("Program closed")),
        ]

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        mode, _dash, detail = mode_name.partition("-")
        if mode in ("thanks", "closed"):
            closed = mode == "closed"
            advocate = (
                None if closed or not self.loaded_program else samples.advocate(self.loaded_program)
            )
            coupon = None if closed else samples.coupon(self.loaded_program)
            words = self._thanks_words({detail}, {})
            reviews_url = "#" if self.review_links else ""
            return self._thanks(request, coupon, advocate, reviews_url, words)
        if mode == "reviews":
            return self._reviews(request)
        if mode == "answered":
            return self._answered(request, "answered")
        return self._form_page(request, self._previewed_form(mode, detail))

    def _previewed_form(self, mode: str, detail: str) -> FeedbackForm:
        form: FeedbackForm = self.get_form({} if mode == "errors" else None)
        if mode == "errors":
            form.is_finished()
        elif mode == "step":
            form.shown = min(int(detail), len(form.plan.steps)) - 1
        return form
