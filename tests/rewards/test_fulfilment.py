"""Ways of giving: those a site names, and the twin for its tests."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from wagtail import hooks

from tests.rewards.buying import LATER, buy, give_by, issue_all, refund
from wagtail_referrals.conf import DEFAULTS
from wagtail_referrals.messages.compose import compose
from wagtail_referrals.messages.kinds import mail_kinds
from wagtail_referrals.messages.models import Message
from wagtail_referrals.messages.queue import new_message
from wagtail_referrals.messages.words_rewards import paid_values, reward_values
from wagtail_referrals.rewards.announce import MESSAGE_KINDS
from wagtail_referrals.rewards.fulfilment import fulfilments
from wagtail_referrals.rewards.models import Reward
from wagtail_referrals.testing import MemoryFulfilment


@pytest.fixture
def memory(settings: Any) -> type[MemoryFulfilment]:
    twin = "wagtail_referrals.testing.MemoryFulfilment"
    settings.WAGTAIL_REFERRALS = {"FULFILMENTS": [*DEFAULTS["FULFILMENTS"], twin]}
    MemoryFulfilment.clear()
    return MemoryFulfilment


def test_our_own_ways_are_there_without_any_setting():
    assert list(fulfilments.all()) == ["coupon", "pool", "payout", "text"]


def test_the_twin_remembers_what_was_given(program, advocate, memory):
    give_by(program, "memory")
    buy(advocate)
    assert memory.given == []
    issue_all()
    (given,) = memory.given
    assert (given.email, given.amount, given.currency) == (
        "ann@example.org",
        Decimal("10.00"),
        "EUR",
    )
    refund()
    assert memory.taken_back == [given.reward_id]


def test_what_has_nothing_to_give_is_asked_again_later(program, advocate, memory):
    give_by(program, "memory")
    buy(advocate)
    memory.has_nothing = True
    assert issue_all() == 0
    memory.has_nothing = False
    assert issue_all(LATER * 2) == 1


def test_a_way_a_site_took_away_lets_rewards_wait(program, advocate):
    give_by(program, "memory")
    buy(advocate)
    assert issue_all() == 0
    assert Reward.objects.get().state == "approved"


def test_words_are_given_by_the_mail_alone(program, advocate):
    program.advocate_offer.wording = "A cup with your name on the shelf"
    give_by(program, "text", kind="text")
    buy(advocate)
    issue_all()
    reward = Reward.objects.get()
    assert (reward.state, reward.coupon, reward.given) == ("issued", None, "")
    mail = compose(Message.objects.get(kind="reward_issued"))
    assert mail.subject == "Your thank-you: A cup with your name on the shelf"
    assert "Code" not in mail.body
    assert "We will send" not in mail.body


def points_of_the_docs() -> Any:
    """The class that docs/rewards.md shows."""
    paper = (Path(__file__).resolve().parents[2] / "docs/rewards.md").read_text()
    (code,) = [
        block
        for block in paper.split("```python\n")[1:]
        if "class Points(" in block.split("```")[0]
    ]
    names: dict[str, Any] = {}
    exec(compile(code.split("```")[0], "docs", "exec"), names)  # noqa: S102
    return names["Points"]


def test_a_way_of_a_sites_own_gives_rewards_with_its_own_options(program, advocate):
    points = points_of_the_docs()
    with hooks.register_temporarily("register_referrals_fulfilment", lambda: points):
        assert dict(fulfilments.choices())["points"] == "points on the card"
        assert fulfilments.get("points").clean({"factor": "20"}) == {"factor": 20}
        give_by(program, "points", factor=20)
        buy(advocate)
        issue_all()
        reward = Reward.objects.get()
        assert (reward.state, reward.given) == ("issued", "200 points")
        assert "200 points" in compose(Message.objects.get(kind="reward_issued")).body
        refund()
        reward.refresh_from_db()
        assert (reward.state, reward.owed) == ("clawed_back", 0)


@pytest.mark.parametrize("kind", sorted(mail_kinds()))
@pytest.mark.parametrize("given", [{}, {"given": "FILM-1"}, {"fulfilment": "payout"}])
def test_every_mail_reads_well_however_a_reward_is_given(program, advocate, kind, given):
    is_reward = mail_kinds()[kind].derive in (reward_values, paid_values)
    words = {"offer_headline": "€10 off", **given} if is_reward else mail_kinds()[kind].samples
    mail = compose(
        new_message(kind, about=1, person=advocate.person, program=program, context=words)
    )
    html = mail.alternatives[0][0]
    assert mail.subject
    for text in (mail.subject, mail.body, html):
        assert not {"{{", "{%", "None", "“”"} & set(text.split())
    assert "\n\n\n" not in mail.body
    if "given" in words and kind in MESSAGE_KINDS.values():
        assert "FILM-1" in mail.body
        assert "FILM-1" in html
