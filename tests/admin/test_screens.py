"""What every screen survives; what lists and the menu say. Who may open which: test_roles.py."""

import re
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group as AuthGroup
from django.contrib.auth.models import Permission
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.utils.translation import override
from wagtail import hooks
from wagtail.admin.menu import Menu, MenuItem

from wagtail_referrals.admin.links import RECORDS as RECORD_MODELS
from wagtail_referrals.admin.links import SETUP as SETUP_MODELS
from wagtail_referrals.admin.menu import referrals_menu

from .conftest import RECORDS, SETUP, Story, staff

MODELS = {name: model for model, name in {**RECORD_MODELS, **SETUP_MODELS}.items()}


# A batch and invitations are made by hand; a batch may go as long as nobody used it, and an answer
# if its page may be changed; words may be shortened.
CHANGED_BY_HAND = {
    "batches": {"new", "delete"},
    "introductions": {"new"},
    "invitations": {"new", "add"},
    "partners": {"new", "edit"},
    "collateral": {"new", "edit", "delete"},
    "feedback": {"delete"},
    "mails": {"edit"},
    "testimonials": {"edit"},
}


def test_records_of_fact_have_no_address_to_change_them(story: Story, owner: Client) -> None:
    for part in RECORDS:
        key = MODELS[part]._default_manager.first().pk
        for action in ("new", "add", "create", f"edit/{key}", f"delete/{key}", f"copy/{key}"):
            address = f"/admin/referrals/{part}/{action}/"
            if action.partition("/")[0] in CHANGED_BY_HAND.get(part, ()):
                continue
            assert owner.get(address).status_code == 404, address
            assert owner.post(address).status_code == 404, address


def test_a_post_to_a_record_changes_nothing(story: Story, owner: Client) -> None:
    for part in sorted({*RECORDS} - {"referrals"}):
        key = MODELS[part]._default_manager.first().pk
        assert owner.post(f"/admin/referrals/{part}/inspect/{key}/").status_code == 405, part
        assert owner.post(f"/admin/referrals/{part}/").status_code == 405, part


@pytest.mark.parametrize("part", [*SETUP, *RECORDS])
def test_an_empty_list_says_what_comes_first(part: str, owner: Client) -> None:
    page = owner.get(f"/admin/referrals/{part}/")
    assert page.status_code == 200
    assert "There are no" not in page.content.decode()
    if part in RECORDS:
        assert "Set up a program first" in page.content.decode()


QUERIES = [
    "utm_source=mail",
    "p=999",
    "p=abc",
    "o=99",
    "o=-abc",
    "e=1",
    "q=%00",
    "q=' OR 1=1",
    f"q={'x' * 2000}",
    "program=999",
    "program__exact=abc",
    "is_active__exact=abc",
    "kind__exact=%00",
    "site__hostname=x",
    "created_at_from=abc",
    "state=abc",
    "ordering=-person__email",
    "export=pdf",
]


@pytest.mark.parametrize("part", [*SETUP, *RECORDS])
def test_any_query_is_survived(part: str, story: Story, owner: Client) -> None:
    for query in QUERIES:
        response = owner.get(f"/admin/referrals/{part}/?{query}", follow=True)
        assert response.status_code == 200, query
        assert all("?" not in url for url, _status in response.redirect_chain), query


@pytest.mark.parametrize("part", [*SETUP, *RECORDS])
def test_what_is_not_there_is_not_found(part: str, owner: Client) -> None:
    for key in ("0", "999999", "99999999999999999999999", "abc", "-1"):
        for action in ("inspect", "history", "edit", "delete", "void", "issue"):
            address = f"/admin/referrals/{part}/{action}/{key}/"
            assert owner.get(address).status_code == 404, address


MENU = {
    "customers": ["people", "advocates", "referrals", "events", "stored"],
    "rewards": [
        "rewards/?state=held&ordering=created_at",
        "rewards",
        "why",
        "payouts",
        "coupons",
        "batches",
        "pools",
    ],
    "feedback": [
        "feedback",
        "cases/?is_open=true",
        "testimonials",
        "nps",
        "invitations",
        "followup",
    ],
    "partners": [
        "partners",
        "introductions/?is_open=true",
        "collateral",
        "topics",
        "wanted",
        "grades",
        "stages",
    ],
    "messages": ["messages", "friend_mails", "asks", "touchpoints", "mails", "texts"],
    "numbers": ["leaders", "champions/report", "experiments", "goals", "costs", "values"],
    "setup": ["programs", "offers", "rules", "starters"],
}


def of(user: str) -> HttpRequest:
    request = RequestFactory().get("/admin/")
    request.user = get_user_model().objects.get(username=user)
    return request


def in_order(menu: Menu, request: HttpRequest) -> list[MenuItem]:
    return sorted(menu.menu_items_for_request(request), key=lambda item: item.order)


def test_the_menu_has_the_dashboard_first_and_everything_else_in_groups(
    story: Story, owner: Client
) -> None:
    dashboard, *groups = in_order(referrals_menu(), of("owner"))
    assert dashboard.url == "/admin/referrals/dashboard/"
    shown = {
        group.name: [entry.url for entry in in_order(group.menu, of("owner"))] for group in groups
    }
    assert list(shown) == list(MENU)
    assert shown == {
        name: [f"/admin/referrals/{part}" + ("" if "?" in part else "/") for part in parts]
        for name, parts in MENU.items()
    }


def test_every_list_has_a_place_in_the_menu() -> None:
    parts = {part.partition("/")[0] for parts in MENU.values() for part in parts}
    assert {*SETUP, *RECORDS} <= parts


def test_no_two_entries_side_by_side_have_the_same_icon(story: Story, owner: Client) -> None:
    top = in_order(referrals_menu(), of("owner"))
    for items in (top, *(in_order(group.menu, of("owner")) for group in top[1:])):
        assert len({item.icon_name for item in items}) == len(items)


def test_what_an_entry_is_called_by_a_hook_is_the_same_in_every_language(db: None) -> None:
    with override("de"):
        names = {item.name for item in referrals_menu().registered_menu_items}
    assert names >= {*SETUP, *RECORDS}


def test_nobody_is_shown_a_group_without_an_entry(story: Story, django_user_model: Any) -> None:
    staff(django_user_model, "one")
    view = Permission.objects.get(codename="view_coupon")
    AuthGroup.objects.get(name="one").permissions.add(view)
    [group] = in_order(referrals_menu(), of("one"))
    assert [entry.name for entry in in_order(group.menu, of("one"))] == ["coupons"]


def test_a_site_takes_an_entry_away_wherever_it_is(story: Story, owner: Client) -> None:
    def without_pools(_request: HttpRequest, items: list[MenuItem]) -> None:
        items[:] = [item for item in items if item.name != "pools"]

    with hooks.register_temporarily("construct_referrals_menu", without_pools):
        groups = {item.name: item for item in in_order(referrals_menu(), of("owner"))}
        entries = in_order(groups["rewards"].menu, of("owner"))
    assert "coupons" in [entry.name for entry in entries]
    assert "pools" not in [entry.name for entry in entries]


@pytest.mark.parametrize(("group", "place"), [("rewards", "rewards"), (None, ""), ("gone", "")])
def test_a_site_adds_an_entry_to_a_group_or_beside_them(
    group: str | None, place: str, story: Story, owner: Client
) -> None:
    def tills() -> MenuItem:
        item = MenuItem("Tills", "/tills/", name="tills")
        if group:
            item.group = group
        return item

    with hooks.register_temporarily("register_referrals_menu_item", tills):
        items = in_order(referrals_menu(), of("owner"))
    if place:
        [submenu] = [item for item in items if item.name == place]
        items = in_order(submenu.menu, of("owner"))
    assert items[-1].name == "tills"


@pytest.mark.parametrize("part", ["dashboard", "leaders", "nps", "champions/report"])
def test_a_screen_of_numbers_has_its_title_once(part: str, story: Story, owner: Client) -> None:
    page = owner.get(f"/admin/referrals/{part}/").content.decode()
    headings = re.findall(r"<(h[1-6])[^>]*>\s*([^<]*?)\s*<", page.split("<main")[1])
    [title] = [words for level, words in headings if level == "h1"]
    assert [words for _level, words in headings].count(title) == 1
    # And from it down without a gap.
    assert headings[1][0] == "h2"


def test_permissions_can_be_given_to_groups(story: Story, owner: Client) -> None:
    page = owner.get("/admin/groups/new/").content.decode()
    for label in ("reward rule", "coupon", "person", "message"):
        assert f"{label}" in page.lower()
