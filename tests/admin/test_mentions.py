"""Staff read who had told a customer, and whom it counts for or why not."""

from wagtail_referrals.feedback.heard_field import Heard
from wagtail_referrals.feedback.submit import Answers, submit_feedback


def detail(owner, story, email, **named):
    heard = Heard("Somebody told me", told=True, **named)
    answers = Answers(email=email, data={"heard": heard}, heard=heard)
    response = submit_feedback(story.feedback_page, story.program, answers).response
    return owner.get(f"/admin/referrals/feedback/inspect/{response.pk}/").content.decode()


def test_who_was_credited_is_linked(owner, story):
    page = detail(owner, story, "dee@example.org", who="Ann", reach="ann@example.org")
    assert "Ann · ann@example.org" in page
    assert "Counts as the recommendation" in page


def test_who_is_unknown_is_shown_with_the_reason_and_escaped(owner, story):
    page = detail(owner, story, "dee@example.org", who="<b>Somebody</b>")
    assert "&lt;b&gt;Somebody&lt;/b&gt;" in page
    assert "nobody we know by that address or code" in page
