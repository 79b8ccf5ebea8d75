"""What every screen survives; what lists and the menu say. Who may open which: test_roles.py."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from wagtail_referrals.admin.links import RECORDS as RECORD_MODELS
from wagtail_referrals.admin.links import SETUP as SETUP_MODELS

from .conftest import RECORDS, SETUP, Story

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


def test_the_menu_is_one_group_in_its_order(story: Story, owner: Client) -> None:
    from django.test import RequestFactory
    from wagtail.admin.menu import admin_menu

    request = RequestFactory().get("/admin/")
    request.user = get_user_model().objects.get(username="owner")
    [group] = [item for item in admin_menu.registered_menu_items if item.name == "referrals"]
    items = sorted(group.menu.menu_items_for_request(request), key=lambda item: item.order)
    assert [item.url for item in items] == [
        f"/admin/referrals/{part}" + ("" if "?" in part else "/")
        for part in (
            *SETUP,
            "mails",
            "feedback",
            "cases/?is_open=true",
            "invitations",
            "partners",
            "introductions/?is_open=true",
            "collateral",
            "advocates",
            "referrals",
            "friend_mails",
            "coupons",
            "batches",
            "rewards/?state=held&ordering=created_at",
            "rewards",
            "payouts",
            "events",
            "people",
            "asks",
            "messages",
            "champions/report",
            "testimonials",
            "nps",
            "starters",
            "why",
            "stored",
        )
    ]
    assert len({item.icon_name for item in items}) == len(items)


def test_permissions_can_be_given_to_groups(story: Story, owner: Client) -> None:
    page = owner.get("/admin/groups/new/").content.decode()
    for label in ("reward rule", "coupon", "person", "message"):
        assert f"{label}" in page.lower()
