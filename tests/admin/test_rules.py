"""The screens of reward rules, used as a browser without JavaScript uses them."""

from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import ModelLogEntry

from tests.fixtures import make_program, make_root
from wagtail_referrals.programs.models import Offer, Program
from wagtail_referrals.rewards.models import Decision
from wagtail_referrals.rewards.rule_models import RewardRule, RuleState
from wagtail_referrals.rewards.versions import copy_rule

from .conftest import Story

RULES = "/admin/referrals/rules/"
CREATE = RULES + "create/"


class Page(HTMLParser):
    """The fields of the rule's form, as a browser would send them; and what is marked as wrong."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.fields: dict[str, list[str]] = {}
        self._inside = False
        self._select = self._textarea = ""
        self.html = html
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        known = dict(attrs)
        if tag == "form":
            self._inside = "data-referrals-rule" in known
        if not self._inside:
            return
        name, value = known.get("name") or "", known.get("value") or ""
        if tag == "input" and name:
            chosen = known.get("type") not in ("checkbox", "radio") or "checked" in known
            if chosen and "disabled" not in known:
                self.fields.setdefault(name, []).append(value)
        elif tag == "select" and "disabled" not in known:
            self._select = name
            self._first = True
        elif tag == "option" and self._select:
            if self._first or "selected" in known:
                self.fields[self._select] = [value]
            self._first = False
        elif tag == "textarea":
            self._textarea = name
            self.fields[name] = [""]

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.fields[self._textarea][0] += data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        if tag == "textarea":
            self._textarea = ""


class Owner:
    """Somebody who fills in the form step by step."""

    def __init__(self, client: Client, address: str = CREATE) -> None:
        self.client, self.address = client, address
        self.response: Any = client.get(address)
        assert self.response.status_code == 200
        self.page = Page(self.response.content.decode())

    def choose(self, **values: Any) -> "Owner":
        """Fill in fields; two underscores stand for a dash."""
        for name, value in values.items():
            self.page.fields[name.replace("__", "-")] = (
                list(value) if isinstance(value, list) else [str(value)]
            )
        return self

    def press(self, name: str, value: str = "1") -> "Owner":
        self.response = self.client.post(self.address, {**self.page.fields, name: value})
        if self.response.status_code == 200:
            self.page = Page(self.response.content.decode())
        return self

    def update(self, **values: Any) -> "Owner":
        return self.choose(**values).press("_update")

    def errors(self) -> dict[str, str]:
        """What is wrong, by the name of the field it stands next to."""
        form = self.response.context["form"]
        found = {}
        for small in form._all:
            for field, messages in small.errors.items():
                found[small.add_prefix(field)] = " ".join(messages)
        return found


@pytest.fixture
def program(db: None) -> Program:
    make_root()
    return for_any_order(make_program())


def for_any_order(program: Program) -> Program:
    """What the friend gets after a purchase has to be for later ones too."""
    Offer.objects.filter(pk=program.friend_offer_id).update(first_order_only=False)
    return program


@pytest.fixture
def maker(program: Program, owner: Client) -> Owner:
    return Owner(owner)


def first_paragraph(maker: Owner) -> Owner:
    """The rule of the issue: €10, from the fourth friend on €20, at most €200 a year, …"""
    maker.update(name="Thank you", trigger="first_purchase")
    maker.press("_add", "conditions").update(conditions__0__part="order_amount")
    maker.choose(conditions__0__options__at_least="30", conditions__0__options__currency="EUR")
    maker.update(advocate__what="stepped", friend__what="offer", approval="above")
    maker.choose(advocate__options__by="friends", advocate__options__steps="1: 10\n4: 20")
    maker.choose(advocate__kind="store_credit", hold_days="14", approval_above="50")
    maker.press("_add", "limits")
    return maker.choose(
        limits__0__most="200",
        limits__0__measure="amount",
        limits__0__period="year",
        limits__0__per="advocate",
    )


def test_a_rule_is_made_step_by_step_without_javascript(maker: Owner, program: Program) -> None:
    made = first_paragraph(maker).press("_save")
    assert made.response.status_code == 302, made.errors()
    rule = RewardRule.objects.get(name="Thank you")
    assert rule.event_kind == "purchase" and rule.state == RuleState.ACTIVE
    assert rule.conditions == [
        {"key": "order_amount", "options": {"at_least": "30.00", "currency": "EUR"}}
    ] or rule.conditions == [
        {"key": "order_amount", "options": {"at_least": "30", "currency": "EUR"}}
    ]
    assert [(limit["per"], limit["period"]) for limit in rule.limits] == [("advocate", "year")]
    effects = {effect.beneficiary: effect for effect in rule.effects.all()}
    assert effects["advocate"].formula == "stepped" and effects["advocate"].kind == "store_credit"
    assert effects["friend"].effective_offer() == program.friend_offer
    assert rule.version and rule.version.number == 1 and rule.version.created_by


def test_the_sentence_says_what_was_chosen(maker: Owner) -> None:
    page = first_paragraph(maker).press("_update").page.html
    assert (
        "When a friend bought for the first time and the order is at least €30, the advocate gets "
        "€10 from friend number 1 on, €20 from friend number 4 on, as store credit and the friend "
        "gets 10% off; at most €200 a year per advocate; after 14 days; over €50 only with "
        "approval."
    ) in page


def test_only_what_matters_is_shown(maker: Owner) -> None:
    assert "approval_above" not in maker.page.fields
    assert {"advocate-what", "friend-what"} <= set(maker.page.fields)
    assert "friend-offer" not in maker.page.fields
    maker.update(trigger="feedback.submitted")
    assert "hand_on-what" in maker.page.fields and "advocate-what" not in maker.page.fields
    maker.update(trigger="nth_purchase", approval="above", advocate__what="percent")
    shown = set(maker.page.fields)
    assert {"trigger-options-number", "approval_above", "advocate-options-percent"} <= shown
    assert "advocate-offer" not in shown and "exclusive_by" not in shown
    maker.update(exclusive_group="thanks", advocate__what="offer")
    assert {"exclusive_by", "advocate-offer"} <= set(maker.page.fields)


def test_while_choosing_everything_typed_is_kept_and_no_fault_is_found(maker: Owner) -> None:
    maker.update(name="A", trigger="nth_purchase", trigger__options__number="x", hold_days="many")
    maker.press("_add", "conditions").press("_add", "conditions").press("_add", "limits")
    maker.update(conditions__0__part="weekday", conditions__1__part="product", limits__0__most="?")
    maker.choose(conditions__0__options__weekdays=["0", "6"])
    maker.choose(conditions__1__options__skus="bag\nbox")
    maker.press("_remove", "conditions-0")
    fields = maker.page.fields
    assert fields["conditions-row"] == ["1"]
    assert fields["conditions-1-options-skus"] == ["bag\nbox"]
    assert fields["trigger-options-number"] == ["x"] and fields["hold_days"] == ["many"]
    assert fields["limits-0-most"] == ["?"]
    assert not maker.errors() and "error-message" not in maker.page.html


WRONG = [
    ({"name": ""}, "name", "required"),
    (
        {"ends_at": "2024-01-01T00:00", "starts_at": "2024-02-01T00:00"},
        "ends_at",
        "after the start",
    ),
    ({"trigger__options__number": "0"}, "trigger-options-number", "greater than or equal to 1"),
    (
        {"advocate__options__percent": "101"},
        "advocate-options-percent",
        "less than or equal to 100",
    ),
    ({"advocate__options__percent": "-1"}, "advocate-options-percent", "greater than or equal"),
    ({"approval_above": ""}, "approval_above", "above which amount"),
    ({"limits__0__most": "0"}, "limits-0-most", "At least something"),
    ({"limits__0__most": "1.5"}, "limits-0-most", "whole number"),
    ({"limits__0__measure": "x"}, "limits-0-measure", "valid choice"),
    ({"conditions__0__part": "score"}, "conditions-0-part", "valid choice"),
    (
        {"conditions__0__options__at_most": "20"},
        "conditions-0-options-at_most",
        "nothing would match",
    ),
    ({"conditions__0__options__currency": "XYZ"}, "conditions-0-options-currency", "three letters"),
    ({"conditions__0__options__currency": "USD"}, "advocate-what", "never be true together"),
    ({"friend__offer": "9999"}, "friend-offer", "valid choice"),
    ({"priority": "-1"}, "priority", "greater than or equal to 0"),
    ({"exclusive_group": "two words"}, "exclusive_group", "valid"),
]


@pytest.mark.parametrize(("values", "field", "words"), WRONG)
def test_what_is_wrong_stands_next_to_its_field_and_nothing_is_saved(
    maker: Owner, values: dict[str, Any], field: str, words: str
) -> None:
    before = RewardRule.objects.count()
    maker.update(name="R", trigger="nth_purchase", approval="above", friend__what="offer")
    maker.press("_add", "conditions").update(
        conditions__0__part="order_amount", advocate__what="percent"
    )
    maker.press("_add", "limits")
    maker.choose(
        trigger__options__number="2",
        approval_above="50",
        advocate__options__percent="10",
        conditions__0__options__at_least="30",
        conditions__0__options__currency="EUR",
        limits__0__most="3",
        limits__0__measure="count",
    )
    maker.choose(**values).press("_save")
    assert maker.response.status_code == 200
    assert words in maker.errors().get(field, ""), maker.errors()
    assert RewardRule.objects.count() == before


def test_an_offer_that_was_deleted_meanwhile_is_said(maker: Owner, program: Program) -> None:
    offer = Offer.objects.create(name="Short", kind="percent", amount=5)
    maker.update(name="R", trigger="purchase", friend__what="offer")
    maker.choose(friend__offer=offer.pk)
    offer.delete()
    assert "valid choice" in maker.press("_save").errors()["friend-offer"]


def test_an_edit_is_a_version_and_two_owners_do_not_overwrite_each_other(
    maker: Owner, owner: Client, django_user_model: Any
) -> None:
    first_paragraph(maker).press("_save")
    rule = RewardRule.objects.get(name="Thank you")
    address = f"{RULES}edit/{rule.pk}/"
    mine = Owner(owner, address)
    other = Client()
    other.force_login(django_user_model.objects.create_superuser("zoe", "z@example.org", "x"))
    theirs = Owner(other, address).choose(hold_days="7").press("_save")
    assert theirs.response.status_code == 302, theirs.errors()
    mine.choose(name="My words").press("_save")
    rule.refresh_from_db()
    assert mine.response.status_code == 200 and rule.name == "Thank you" and rule.hold_days == 7
    page = mine.page.html
    assert "zoe has changed this rule meanwhile" in page
    assert "Waits: “after 7 days” instead of “after 14 days”" in page
    assert mine.page.fields["name"] == ["My words"]
    assert mine.press("_save").response.status_code == 302
    rule.refresh_from_db()
    assert rule.name == "My words" and rule.version and rule.version.number == 3


def test_saving_what_is_there_already_changes_nothing(maker: Owner, owner: Client) -> None:
    first_paragraph(maker).press("_save")
    rule = RewardRule.objects.get(name="Thank you")
    assert Owner(owner, f"{RULES}edit/{rule.pk}/").press("_save").response.status_code == 302
    assert rule.versions.count() == 1


def test_the_history_says_who_changed_what(maker: Owner, owner: Client) -> None:
    first_paragraph(maker).press("_save")
    rule = RewardRule.objects.get(name="Thank you")
    edit = Owner(owner, f"{RULES}edit/{rule.pk}/")
    edit.choose(friend__what="").press("_save")
    owner.post(f"{RULES}state/{rule.pk}/", {"do": "paused"})
    page = owner.get(f"{RULES}history/{rule.pk}/").content.decode()
    assert "Version 1" in page and "Version 2" in page and "owner" in page
    assert "The friend: “nothing” instead of “10% off”" in page
    assert "Now it is paused" in page
    actions = ModelLogEntry.objects.for_instance(rule).values_list("action", flat=True)
    assert set(actions) == {"wagtail.create", "wagtail.edit", "wagtail_referrals.rule_state"}


def test_a_rule_is_paused_activated_copied_and_archived(story: Story, owner: Client) -> None:
    rule = story.reward.rule
    address = f"{RULES}state/{rule.pk}/"
    for state in ("paused", "active", "archived"):
        assert owner.post(address, {"do": state}).status_code == 302
        rule.refresh_from_db()
        assert rule.state == state
    owner.post(address, {"do": "copy"})
    copy = RewardRule.objects.get(name=f"Copy of {rule.name}")
    assert copy.state == RuleState.PAUSED and copy.effects.count() == rule.effects.count()
    assert "so already" in owner.post(address, {"do": "archived"}, follow=True).content.decode()
    owner.post(address, {"do": "delete"})
    assert RewardRule.objects.filter(pk=rule.pk).exists()


def test_only_who_may_change_rules_does(story: Story, viewer: Client) -> None:
    rule = story.reward.rule
    assert viewer.post(f"{RULES}state/{rule.pk}/", {"do": "paused"}).status_code in (302, 403)
    assert viewer.get(f"{RULES}dry-run/?rule={rule.pk}").status_code in (302, 403)
    rule.refresh_from_db()
    assert rule.state == RuleState.ACTIVE
    assert "dry-run" not in viewer.get(RULES).content.decode()


def test_the_list_shows_the_order_the_sentence_and_the_groups(story: Story, owner: Client) -> None:
    first, second, third = RewardRule.objects.order_by("pk")
    RewardRule.objects.filter(pk=third.pk).update(
        priority=1, exclusive_group="thanks", limits=[], dry_since=story.purchase.occurred_at
    )
    page = unescape(owner.get(RULES).content.decode())
    assert page.index(third.name) < page.index(first.name) < page.index(second.name)
    assert "When a friend bought for the first time, the advocate gets €10 off" in page
    assert "thanks: the first that grants" in page and "Ran dry on" in page


def test_the_list_costs_the_same_for_many_rules(story: Story, owner: Client) -> None:
    limits = [{"per": "rule", "period": "month", "measure": "count", "most": "5"}]
    RewardRule.objects.update(limits=limits)
    owner.get(RULES)
    with CaptureQueriesContext(connection) as few:
        owner.get(RULES)
    for rule in RewardRule.objects.all():
        copy_rule(rule)
    with CaptureQueriesContext(connection) as many:
        owner.get(RULES)
    assert len(many) == len(few)


def test_a_rule_that_has_granted_is_never_deleted(story: Story, owner: Client) -> None:
    rule = story.reward.rule
    page = owner.post(f"{RULES}delete/{rule.pk}/").content.decode()
    assert "cannot be deleted" in page and "Archive it instead" in page
    assert Decision.objects.filter(rule=rule).exists()


HOSTILE = [
    {"trigger": "\x00", "program": "x", "_update": "1"},
    {"conditions-row": ["-1", "abc", "0", "99999999", "0"], "conditions-0-part": "\x00"},
    {"_remove": "conditions-", "limits-row": "0"},
    {"_add": "rules", "seen_version": "-5"},
    {"trigger": "own_kind", "trigger-options-kind": "ä" * 500, "program": "9" * 40},
    {"advocate-what": "\x00", "friend-what": "x" * 3000, "trigger": "purchase"},
    {"conditions-row": [str(n) for n in range(200)], "_add": "conditions"},
]


@pytest.mark.parametrize("values", HOSTILE)
def test_any_post_is_survived(values: dict[str, Any], story: Story, owner: Client) -> None:
    rule = story.reward.rule
    for address in (CREATE, f"{RULES}edit/{rule.pk}/", f"{RULES}dry-run/"):
        assert owner.post(address, values).status_code == 200, address
        assert owner.post(address, {**values, "trigger": "x"}).status_code == 200, address
    assert RewardRule.objects.count() == 3


def test_numbers_that_are_none_of_a_form_s_break_nothing(story: Story, owner: Client) -> None:
    rule, long = story.reward.rule, "9" * 5000
    for kind in ("limits", "conditions"):
        page = owner.post(CREATE, {"_add": kind, f"{kind}-row": long})
        assert page.status_code == 200
    page = owner.get(f"{RULES}edit/{rule.pk}/")
    typed = {**Page(page.content.decode()).fields, "seen_version": long}
    assert owner.post(f"{RULES}edit/{rule.pk}/", typed).status_code in (200, 302)
