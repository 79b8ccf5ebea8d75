"""Blocks for any page: what may be seen, of how many, and at how few questions."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.test_query_counts import at_most
from wagtail_referrals.blocks import (
    AverageRatingBlock,
    TestimonialBlock,
    TestimonialSliderBlock,
    TestimonialWallBlock,
)
from wagtail_referrals.feedback.selection import average_stars, select
from wagtail_referrals.feedback.submit import Answers, submit_feedback
from wagtail_referrals.feedback.testimonial_models import Testimonial
from wagtail_referrals.feedback.testimonials import withdraw_testimonial

for block in (TestimonialBlock, TestimonialSliderBlock, TestimonialWallBlock):
    block.__test__ = False


@pytest.fixture
def words(feedback_page, program):
    """So many customers' words, so many of them published."""

    program.starts_at = timezone.now() - timedelta(days=1)
    program.save()

    def words(total, published=None, **values):
        for number in range(total):
            answers = Answers(
                f"p{number}@example.org",
                name=f"Nora{number} Example",
                words=f"Words number {number}",
                publish="Yes",
                scope="name",
                **values,
            )
            at = timezone.now() - timedelta(minutes=total - number)
            submit_feedback(feedback_page, program, answers, at=at)
        asked = Testimonial.objects.order_by("pk")
        for testimonial in asked[: total if published is None else published]:
            testimonial.save_revision().publish()
        return list(asked)

    return words


def shown(block_class, feedback_page, **values):
    block = block_class()
    return block.render(block.to_python({"page": feedback_page.pk, **values}))


def test_one_quote_shows_who_and_what(words):
    [testimonial] = words(1, stars=4, stars_of=5)
    block = TestimonialBlock()
    page = block.render(block.to_python({"testimonial": testimonial.pk}))
    assert "Words number 0" in page
    assert "Nora0 Example" in page
    assert "4 of 5 stars" in page
    assert "received a thank-you coupon" in page


@pytest.mark.parametrize("how", ["draft", "withdrawn", "retired", "deleted"])
def test_a_quote_that_may_not_be_seen_leaves_nothing(words, how):
    [testimonial] = words(1, published=0 if how == "draft" else 1)
    testimonial.refresh_from_db()
    if how == "withdrawn":
        withdraw_testimonial(testimonial)
    if how == "retired":
        Testimonial.objects.update(expire_at=timezone.now())
    if how == "deleted":
        Testimonial.objects.all().delete()
    block = TestimonialBlock()
    assert block.render(block.to_python({"testimonial": testimonial.pk})).strip() == ""


@pytest.mark.parametrize("block", [TestimonialWallBlock, TestimonialSliderBlock])
def test_a_wall_shows_the_newest_and_says_of_how_many(words, feedback_page, block):
    words(5, published=4)
    page = shown(block, feedback_page, count=3, heading="Heard on the quay")
    assert [number for number in range(5) if f"Words number {number}" in page] == [1, 2, 3]
    assert "A selection: 3 of 5 who let us publish their words." in page
    assert "Heard on the quay" in page


def test_all_are_said_to_be_all(words, feedback_page):
    words(2)
    assert "The words of all 2" in shown(TestimonialWallBlock, feedback_page)


def test_withdrawn_ones_are_off_the_wall_at_once_and_count_no_more(words, feedback_page, program):
    testimonials = words(2)
    withdraw_testimonial(testimonials[0])
    selection = select(program.pk, 6)
    assert ([one.pk for one in selection.shown], selection.total) == ([testimonials[1].pk], 1)


def test_a_slider_can_be_reached_by_keyboard_and_does_not_move_by_itself(words, feedback_page):
    words(2)
    page = shown(TestimonialSliderBlock, feedback_page)
    assert 'tabindex="0"' in page
    assert "<script" not in page


@pytest.mark.parametrize("block", [TestimonialWallBlock, AverageRatingBlock])
def test_with_nothing_to_show_there_is_nothing(feedback_page, landing, block):
    assert shown(block, feedback_page).strip() == ""
    program = feedback_page.program
    type(feedback_page).objects.update(program=None)
    assert shown(block, feedback_page).strip() == ""
    assert shown(block, program.site.root_page).strip() == ""


def test_the_average_is_of_everybody_and_says_of_how_many(feedback_page, program):
    for number, (stars, of) in enumerate([(5, 5), (1, 5), (10, 10), (3, 3)]):
        answers = Answers(f"p{number}@example.org", stars=stars, stars_of=of)
        submit_feedback(feedback_page, program, answers)
    submit_feedback(feedback_page, program, Answers("silent@example.org"))
    average = average_stars(program.pk)
    assert (average.value, average.count) == (4.0, 4)  # 5, 1, 5 and 5 of five
    page = shown(AverageRatingBlock, feedback_page)
    assert "4.0 of 5 stars" in page
    assert "from all 4 answers, not a selection" in page
    assert "ld+json" not in page


def test_a_wall_asks_few_questions_however_many_it_shows(words, feedback_page):
    words(6)
    block = TestimonialWallBlock()
    value = block.to_python({"page": feedback_page.pk, "count": 6})
    # The page, its type, the words, how many there are.
    with at_most(4):
        block.render(value)


def test_a_quote_asks_two(words):
    [testimonial] = words(1)
    block = TestimonialBlock()
    value = block.to_python({"testimonial": testimonial.pk})
    with at_most(2):
        block.render(value)


def test_the_average_asks_nothing_the_second_time(words, feedback_page):
    words(2, stars=4, stars_of=5)
    block = AverageRatingBlock()
    value = block.to_python({"page": feedback_page.pk})
    block.render(value)
    with at_most(0):
        block.render(value)
