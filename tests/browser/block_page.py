"""Pages of a host that carry our blocks of customers' words, and of names, and nothing else."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

from tests.urls import urlpatterns as site_urls
from wagtail_referrals.blocks import (
    AverageRatingBlock,
    TestimonialBlock,
    TestimonialSliderBlock,
    TestimonialWallBlock,
)
from wagtail_referrals.blocks_people import LeaderboardBlock, WallOfThanksBlock
from wagtail_referrals.conf import setting
from wagtail_referrals.feedback.testimonial_models import public

PAGE = "{% extends base %}{% block content %}<h1>Ours</h1>{{ blocks }}{% endblock %}"


def show(request: HttpRequest, page_id: int) -> HttpResponse:
    """One, a wall, a slider, and the average."""
    wanted = {"page": page_id, "count": 4, "heading": ""}
    rendered = [
        (TestimonialBlock(), {"testimonial": public().last().pk}),
        (AverageRatingBlock(), wanted),
        (TestimonialWallBlock(), wanted),
        (TestimonialSliderBlock(), {**wanted, "heading": "Heard on the quay"}),
    ]
    return _page(request, rendered)


def show_names(request: HttpRequest, program: int) -> HttpResponse:
    """The board and the wall of thanks."""
    wanted = {"program": str(program), "period": "all", "text": ""}
    rendered = [
        (LeaderboardBlock(), {**wanted, "heading": "Who brings the most friends"}),
        (WallOfThanksBlock(), {**wanted, "heading": "Thank you"}),
    ]
    return _page(request, rendered)


def _page(request: HttpRequest, rendered: list[tuple[Any, dict[str, Any]]]) -> HttpResponse:
    blocks = [block.render(block.to_python(value)) for block, value in rendered]
    context = {"base": setting("BASE_TEMPLATE"), "page": {"title": "Ours"}}
    template = engines["django"].from_string(PAGE.replace("{{ blocks }}", "{{ blocks|safe }}"))
    return HttpResponse(template.render({**context, "blocks": "<br>".join(blocks)}, request))


urlpatterns = [
    path("blocks/<int:page_id>/", show),
    path("names/<int:program>/", show_names),
    *site_urls,
]
