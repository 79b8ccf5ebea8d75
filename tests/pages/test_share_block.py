"""The share kit on any page: one's own for who is signed in, and nobody else's by a cache."""

import pytest
from django.template.response import TemplateResponse

from wagtail_referrals.blocks_share import ShareKitBlock, keep_private


@pytest.fixture
def show(rf, landing):
    """The block as a page of the host holds it: what is shown, and how it may be kept."""

    def show(user=None, cookie=False):
        block = ShareKitBlock()
        value = block.to_python({"page": landing.pk})
        request = rf.get("/")
        request.user = user
        if cookie:
            request.COOKIES["sessionid"] = "x"

        def serve(page, request, args, kwargs):
            html = block.render(value, {"request": request})
            return TemplateResponse(request, FromText(html))

        response = keep_private(serve)(landing, request, [], {})
        return response.render()

    return show


class FromText:
    def __init__(self, html):
        self.html = html

    def render(self, context, request):
        return self.html


@pytest.fixture
def ann(advocate, django_user_model):
    advocate.person.user = django_user_model.objects.create_user("ann")
    advocate.person.save()
    return advocate.person.user


def test_a_visitor_sees_the_way_to_a_link_of_their_own(show):
    response = show()
    assert "/refer/me/" in response.content.decode()
    assert "Cache-Control" not in response


def test_an_advocate_who_is_signed_in_sees_the_kit_and_no_cache_keeps_it(show, ann, advocate):
    response = show(ann, cookie=True)
    assert advocate.display_code in response.content.decode()
    assert "private" in response["Cache-Control"]


def test_somebody_else_signed_in_is_kept_apart_too(show, django_user_model, advocate):
    response = show(django_user_model.objects.create_user("bo"), cookie=True)
    assert advocate.display_code not in response.content.decode()
    assert "private" in response["Cache-Control"]


@pytest.mark.parametrize("state", ["paused", "left"])
def test_who_left_sees_no_kit(show, ann, advocate, state):
    advocate.state = state
    advocate.save()
    assert advocate.display_code not in show(ann, cookie=True).content.decode()


def test_a_closed_program_has_no_kit(show, ann, advocate, program):
    program.is_active = False
    program.save()
    assert advocate.display_code not in show(ann, cookie=True).content.decode()


def test_a_draft_without_a_page_is_shown(db):
    block = ShareKitBlock()
    assert "/refer/me/" in block.render(block.to_python({}))
