"""A person's own link to what we publish of them: looking at it, and taking it off."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from ..conf import setting
from ..feedback.testimonials import find_by_withdraw_key, withdraw_path, withdraw_testimonial
from .landing import see_other
from .notices import private


# The key in the address is what allows it: nothing here is done for a session.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, key: str) -> HttpResponse:
    """GET shows the words as they are published, POST takes them off every page."""
    testimonial = find_by_withdraw_key(key)
    if testimonial is None:
        raise Http404
    if request.method == "POST":
        withdraw_testimonial(testimonial)
        return see_other(withdraw_path(testimonial))
    context = {"referrals_base": setting("BASE_TEMPLATE"), "testimonial": testimonial}
    template = "wagtail_referrals/pages/testimonial_withdraw.html"
    response = private(TemplateResponse(request, template, context))
    # In the language they gave it in: this address has none of its own.
    with translation.override(testimonial.locale or settings.LANGUAGE_CODE):
        return response.render()
