"""Texts to share: refused without what they say about the reward, and how they will look."""

import pytest

from wagtail_referrals.programs.share_models import ShareText
from wagtail_referrals.referrals.share_words import share_words

ADD = "/admin/referrals/texts/create/"


def fill_in(story, **values):
    return {
        "program": story.program.pk,
        "locale": "",
        "channel": "",
        "text": "Great coffee.",
        "disclosure": "I get a bag for it.",
        "picture": "",
        "position": "0",
        "is_active": "on",
        **values,
    }


@pytest.fixture
def text(story):
    return ShareText.objects.get()


def test_a_text_is_added_and_shared(story, owner, django_capture_on_commit_callbacks):
    ShareText.objects.all().delete()
    with django_capture_on_commit_callbacks(execute=True):
        response = owner.post(ADD, fill_in(story), follow=True)
    assert "How it will look" in response.content.decode()
    assert share_words(story.program) == "Great coffee. I get a bag for it."


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"disclosure": ""}, "16 CFR 255.5"),
        ({"text": "See https://example.org"}, "Leave the link out"),
        ({"text": "x" * 501}, "500"),
        ({"locale": "xx"}, "xx"),
        ({"channel": "smoke"}, "smoke"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_kept(story, owner, values, words):
    page = owner.post(ADD, fill_in(story, **values))
    assert page.status_code == 200
    assert words in page.content.decode()
    assert ShareText.objects.count() == 1


def test_its_screen_shows_how_it_looks_everywhere(story, owner, text):
    for action in ("edit", "inspect"):
        page = owner.get(f"/admin/referrals/texts/{action}/{text.pk}/").content.decode()
        assert page.count("I like it there. I get a gift.") >= 7, action
        for words in ("1 text message.", "280 characters", "Welcome", "via=whatsapp"):
            assert words in page, words


def test_what_is_too_long_for_one_way_is_said(story, owner, text):
    ShareText.objects.update(text="x" * 400)
    page = owner.get(f"/admin/referrals/texts/inspect/{text.pk}/").content.decode()
    assert "Too long: 438 of 280 characters." in page


def test_a_programs_own_text_that_hides_the_reward_is_noted(story, owner):
    story.program.share_text = "Best coffee in town."
    story.program.save()
    page = owner.get(f"/admin/referrals/programs/edit/{story.program.pk}/").content.decode()
    assert "the program&#x27;s text to share does not say so" in page
