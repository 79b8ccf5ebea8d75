"""Every screen, for everybody: who may open it, and that it opens."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from wagtail_referrals.admin.links import RECORDS as RECORD_MODELS
from wagtail_referrals.admin.links import SETUP as SETUP_MODELS

from .conftest import RECORDS, SETUP, Story

MODELS = {name: model for model, name in {**RECORD_MODELS, **SETUP_MODELS}.items()}


def addresses() -> list[tuple[str, str, str]]:
    """(part, action, address) of every screen of ours, with the key of a real object in it."""
    found = []
    for pattern in _flat(get_resolver().url_patterns, ""):
        if not pattern.startswith("admin/referrals/"):
            continue
        part, _slash, rest = pattern.removeprefix("admin/referrals/").partition("/")
        if part == "why":
            continue  # of no object: see test_why.py
        action = rest.partition("/")[0].rstrip("$") or "index"
        objects = MODELS[part]._default_manager.order_by("pk")
        if part == "rewards" and action == "issue":
            objects = objects.filter(state="pending")
        key = str(objects.values_list("pk", flat=True).first())
        address = pattern.replace("<int:pk>", key).replace("(?P<instance_pk>[-\\w]+)", key)
        found.append((part, action, f"/{address.removesuffix('$')}"))
    assert {part for part, _action, _address in found} == {*SETUP, *RECORDS}
    return found


def _flat(patterns: Any, before: str) -> Any:
    for pattern in patterns:
        here = before + str(pattern.pattern).removeprefix("^")
        if isinstance(pattern, URLResolver):
            yield from _flat(pattern.url_patterns, here)
        elif isinstance(pattern, URLPattern):
            yield here


def test_every_screen_opens_for_the_owner(story: Story, owner: Client) -> None:
    for part, action, address in addresses():
        # A coupon of a reward is ended by its reward.
        assert owner.get(address).status_code == 200, (part, action, address)


def test_who_may_only_view_sees_lists_and_records_but_changes_nothing(
    story: Story, viewer: Client
) -> None:
    seeing = {"index", "results", "inspect", "history", "cards", "qr"}
    for part, action, address in addresses():
        response = viewer.get(address)
        assert (response.status_code == 200) == (action in seeing), (part, action)
        if action not in seeing:
            assert viewer.post(address, {"reason": "x"}).status_code in (302, 403)
        elif action in ("index", "inspect"):
            page = response.content.decode()
            for change in ("/edit/", "/create/", "/delete/", "/void/", "/issue/"):
                assert f'href="/admin/referrals/{part}{change}' not in page, (part, action)
            assert "referrals-actions" not in page


def test_a_stranger_sees_nothing(story: Story, stranger: Client) -> None:
    for part, action, address in addresses():
        response = stranger.get(address)
        assert response.status_code in (302, 403), (part, action, response.status_code)
        assert stranger.post(address, {"reason": "x"}).status_code in (302, 403, 405)
    home = stranger.get("/admin/").content.decode()
    assert "/admin/referrals/" not in home


def test_nobody_else_gets_in_at_all(story: Story, client: Client) -> None:
    for _part, _action, address in addresses():
        assert client.get(address).url.startswith("/admin/login/")


def test_records_of_fact_have_no_address_to_change_them(story: Story, owner: Client) -> None:
    for part in RECORDS:
        key = MODELS[part]._default_manager.first().pk
        for action in ("new", "add", "create", f"edit/{key}", f"delete/{key}", f"copy/{key}"):
            address = f"/admin/referrals/{part}/{action}/"
            if part == "batches" and action in ("new", f"delete/{key}"):
                continue  # a batch is set up by hand, and may go as long as nobody used it
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
            "feedback",
            "advocates",
            "referrals",
            "coupons",
            "batches",
            "rewards/?state=held&ordering=created_at",
            "rewards",
            "payouts",
            "events",
            "people",
            "messages",
            "why",
        )
    ]
    assert len({item.icon_name for item in items}) == len(items)


def test_permissions_can_be_given_to_groups(story: Story, owner: Client) -> None:
    page = owner.get("/admin/groups/new/").content.decode()
    for label in ("reward rule", "coupon", "person", "message"):
        assert f"{label}" in page.lower()
