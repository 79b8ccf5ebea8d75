"""A partner's private page about somebody who was introduced to it."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from ..conf import setting
from ..exceptions import ReferralsError
from ..partners.introduction_mails import TOKEN, introduction_path
from ..partners.introduction_models import Direction, Introduction, IntroductionStage
from ..partners.models import PartnerState
from ..partners.stages import RELATED, move
from ..tokens import read_token
from .landing import see_other
from .notices import notice_response, private

# What the partner itself can say, and from where: the end of it is told to us.
STEPS: dict[str, list[str]] = {
    IntroductionStage.RECEIVED: [IntroductionStage.ACCEPTED],
    IntroductionStage.ACCEPTED: [IntroductionStage.CONTACTED],
    IntroductionStage.CONTACTED: [IntroductionStage.MEETING],
    IntroductionStage.MEETING: [IntroductionStage.OFFER],
}


# The token in the address is what allows it: nothing here is done for a session.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def introduction(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows who it is and what they need; POST says how far it has come."""
    found = _find(token)
    if found is None:
        return notice_response(request, "unknown_introduction")
    steps = [IntroductionStage(stage) for stage in STEPS.get(found.stage, [])]
    if request.method == "POST":
        stage = str(request.POST.get("stage", ""))
        if stage in steps:
            _move(found, stage)
        return see_other(introduction_path(found))
    context = {
        "referrals_base": setting("BASE_TEMPLATE"),
        "introduction": found,
        "steps": steps,
    }
    template = "wagtail_referrals/pages/introduction.html"
    response = private(TemplateResponse(request, template, context))
    assert found.partner is not None
    # In the language of whom it was mailed to: this address has none of its own.
    with translation.override(found.partner.person.locale or settings.LANGUAGE_CODE):
        return response.render()


def _move(found: Introduction, stage: str) -> None:
    try:
        move(found, stage, actor="partner")
    except ReferralsError:  # somebody else was quicker: the page says how it is now
        return


def _find(token: str) -> Introduction | None:
    key = read_token(TOKEN, token)
    given = Introduction.objects.filter(direction=Direction.GIVEN, introduced__erased_at=None)
    given = given.exclude(partner__state=PartnerState.ENDED).select_related(*RELATED)
    given = given.filter(partner__advocate__person__blocked_at=None)
    return given.filter(pk=key).first() if key else None
