"""What is stored of people: one screen that leaves nothing out."""

from django.apps import apps
from django.test import Client

from tests.people.test_export import leads_to_person
from wagtail_referrals.retention import KEPT
from wagtail_referrals.stored import STORED, as_text

from .conftest import Story

# Set up by owners, or counted: of nobody.
OF_NOBODY = {
    *("Program", "Offer", "TermsVersion", "ShareText", "MessageTemplate", "Touchpoint"),
    *("RewardRule", "RuleEffect", "RuleVersion", "CodePool", "CouponBatch", "PayoutRun"),
    *("CaseRule", "PartnerTopic", "GradeLine", "StageWords"),
    *("Goal", "ChannelCost", "Experiment", "Variant", "Rollup", "RollupState", "ChangedHour"),
    *("FeedbackTally", "TallyState", "ChangedDay", "ValueSettings", "ValueSummary", "ReachRun"),
}


def listed() -> list[str]:
    return [model.__name__ for one in STORED for model in one.models]


def test_every_model_is_on_it_or_of_nobody() -> None:
    ours = {model.__name__ for model in apps.get_app_config("wagtail_referrals").get_models()}
    assert ours - OF_NOBODY == set(listed())
    assert len(listed()) == len(set(listed()))


def test_nothing_that_leads_to_a_person_is_said_to_be_of_nobody() -> None:
    assert not {model.__name__ for model in leads_to_person()} & OF_NOBODY


def test_every_time_that_can_be_set_is_told() -> None:
    assert {one.kept for one in STORED} - {""} == set(KEPT)


def test_the_screen_says_how_long_from_the_settings(owner: Client, settings) -> None:
    assert "395 days, then deleted" in owner.get("/admin/referrals/stored/").content.decode()
    settings.WAGTAIL_REFERRALS = {"RETENTION_DAYS": {"clicks": 30}}
    assert "30 days, then deleted" in owner.get("/admin/referrals/stored/").content.decode()


def test_the_text_to_copy_says_it_all(owner: Client) -> None:
    answer = owner.get("/admin/referrals/stored/?as=text")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    text = answer.content.decode()
    assert text == as_text()
    for one in STORED:
        assert str(one.label) in text and one.how_long() in text


def test_it_says_how_many_there_are(story: Story, owner: Client) -> None:
    page = owner.get("/admin/referrals/stored/")
    people = next(one for one in page.context["stored"] if one.kept == "people")
    assert people.count() >= 3


def test_only_who_may_see_people_opens_it(viewer: Client, stranger: Client) -> None:
    assert viewer.get("/admin/referrals/stored/").status_code == 200
    assert stranger.get("/admin/referrals/stored/").status_code in (302, 403)
