"""Programs, offers and rules, as an owner sets them up."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from wagtail.models import GroupPagePermission, Page, Site

from tests.fixtures import make_pages, make_program, make_root
from tests.insights.playing import run_experiment
from wagtail_referrals.programs.models import Offer, Program
from wagtail_referrals.programs.share_models import ShareText
from wagtail_referrals.rewards.rule_models import RewardRule

from .conftest import Story

PROGRAMS = "/admin/referrals/programs/"
RICH_TEXT = '{"entityMap": {}, "blocks": [{"key": "a", "text": "Be fair.", "type": "unstyled"}]}'


def form(**values: Any) -> dict[str, Any]:
    return {
        "name": "Friends",
        "slug": "friends",
        "site": Site.objects.get(is_default_site=True).pk,
        "audience": "customers",
        "currency": "EUR",
        "is_active": "on",
        "starts_at": "2024-01-01 00:00",
        "attribution_model": "first",
        "attribution_window_days": "90",
        "hold_days": "14",
        "working_days": ["0", "1", "2", "3", "4"],
        "working_from": "09:00",
        "working_to": "17:00",
        "quiet_from": "21:00",
        "quiet_to": "08:00",
        "days_between_asks": "90",
        "terms": RICH_TEXT,
        **values,
    }


def test_a_new_program_has_its_rules_and_says_what_is_missing(owner: Client) -> None:
    make_root()
    response = owner.post(PROGRAMS + "create/", form())
    program = Program.objects.get()
    assert response.url == f"{PROGRAMS}edit/{program.pk}/"  # type: ignore[attr-defined]
    assert program.rules.count() == 3
    page = owner.get(response.url).content.decode()  # type: ignore[attr-defined]
    assert "with three reward rules" in page
    for sentence in ("no offer for the friend", "no offer for the advocate", "No page shows it"):
        assert sentence in page
    assert f"{PROGRAMS}history/{program.pk}/" in page
    history = owner.get(f"{PROGRAMS}history/{program.pk}/").content.decode()
    assert "Created" in history and "owner" in history


def test_a_program_leads_to_its_pages(story: Story, owner: Client, viewer: Client) -> None:
    page = owner.get(f"{PROGRAMS}edit/{story.program.pk}/").content.decode()
    assert f"/admin/pages/{story.landing.pk}/edit/" in page
    assert f"/admin/pages/{story.feedback_page.pk}/edit/" in page
    assert "No page shows it" not in page
    GroupPagePermission.objects.filter(group__name="viewer").delete()
    seen = viewer.get(f"{PROGRAMS}inspect/{story.program.pk}/").content.decode()
    assert "Welcome" in seen and f"/admin/pages/{story.landing.pk}/edit/" not in seen


def test_what_is_wrong_stands_next_to_its_field(owner: Client) -> None:
    make_root()
    dollars = Offer.objects.create(name="D", kind="fixed", amount=Decimal(5), currency="USD")
    home = Page.objects.get(pk=make_root().pk)
    other = make_pages(make_program("other"))[0]
    for values, field, message in [
        ({"name": ""}, "name", "required"),
        ({"currency": "EURO"}, "currency", "at most 3 characters"),
        ({"currency": "XYZ"}, "currency", "three letters"),
        ({"ends_at": "2023-01-01 00:00"}, "ends_at", "after the start"),
        ({"friend_offer": dollars.pk}, "friend_offer", "in USD, the program in EUR"),
        ({"landing_page": home.pk}, "landing_page", "friends can land on"),
        ({"landing_page": other.pk}, "landing_page", "belongs to another program"),
        ({"hold_days": "9999"}, "hold_days", "less than or equal to 365"),
        ({"slug": "other"}, "slug", "already exists"),
    ]:
        response = owner.post(PROGRAMS + "create/", form(**values))
        assert response.status_code == 200
        assert message in str(response.context["form"].errors.get(field, "")), (values, field)
    assert Program.objects.count() == 1


def test_an_edit_is_in_the_history(story: Story, owner: Client) -> None:
    program = story.program
    values = form(
        name="Renamed",
        slug=program.slug,
        friend_offer=program.friend_offer_id,
        advocate_offer=program.advocate_offer_id,
        landing_page=story.landing.pk,
    )
    response = owner.post(f"{PROGRAMS}edit/{program.pk}/", values)
    assert response.status_code == 302
    program.refresh_from_db()
    assert program.name == "Renamed" and program.rules.count() == 3
    assert "Edited" in owner.get(f"{PROGRAMS}history/{program.pk}/").content.decode()


@pytest.mark.parametrize("part", ["programs", "offers", "rules"])
def test_what_is_used_is_kept_and_says_by_what(part: str, story: Story, owner: Client) -> None:
    target = {
        "programs": story.program,
        "offers": story.program.friend_offer,
        "rules": story.reward.rule,
    }[part]
    address = f"/admin/referrals/{part}/delete/{target.pk}/"
    for response in (owner.get(address), owner.post(address)):
        assert response.status_code == 200
        page = response.content.decode()
        assert "is used and cannot be deleted" in page and "Yes, delete" not in page
    assert type(target).objects.filter(pk=target.pk).exists()


def test_what_is_not_used_can_be_deleted(owner: Client) -> None:
    make_root()
    program = make_program("short-lived")
    for part, target in [
        ("rules", RewardRule.objects.first()),
        ("programs", program),
        ("offers", Offer.objects.first()),
    ]:
        assert target
        address = f"/admin/referrals/{part}/delete/{target.pk}/"
        assert "Yes, delete" in owner.get(address).content.decode()
        response = owner.post(address, follow=True)
        assert "is deleted." in response.content.decode()
        assert not type(target).objects.filter(pk=target.pk).exists()


def test_an_offer_without_its_amount_is_told_so(owner: Client) -> None:
    response = owner.post("/admin/referrals/offers/create/", {"name": "X", "kind": "percent"})
    assert "above 0" in str(response.context["form"].errors["amount"])
    response = owner.post(
        "/admin/referrals/offers/create/", {"name": "X", "kind": "fixed", "amount": "5"}
    )
    assert "currency" in response.context["form"].errors


def test_a_policy_of_the_site_is_asked(
    story: Story, owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The registry's policy rules, not Django's permissions."""
    from wagtail.permission_policies import ModelPermissionPolicy

    from wagtail_referrals.admin import permissions

    class Closed(ModelPermissionPolicy):
        def user_has_any_permission(self, user: Any, actions: Any) -> bool:
            return False

        def user_has_permission(self, user: Any, action: str) -> bool:
            return False

    monkeypatch.setattr(permissions, "policy_for", Closed)
    assert owner.get(PROGRAMS).status_code == 302
    assert owner.get(PROGRAMS + "create/").status_code == 302


def test_a_program_has_a_budget_and_says_how_much_of_it_is_used(
    story: Story, owner: Client
) -> None:
    program = story.program
    values = form(
        slug=program.slug,
        budget_amount="500",
        budget_rewards="3",
        notify_email="boss@example.org",
        risk_off=["fast", "alias"],
    )
    address = f"{PROGRAMS}edit/{program.pk}/"
    assert owner.post(address, values).status_code == 302
    program.refresh_from_db()
    assert (program.budget_amount, program.budget_rewards) == (Decimal("500.00"), 3)
    assert set(program.risk_off) == {"fast", "alias"}
    page = owner.get(address).content.decode()
    assert "€0 of €500 are granted" in page and "0 of 3 rewards are granted" in page
    response = owner.post(address, {**values, "risk_off": ["mood"], "budget_amount": "-1"})
    assert {"risk_off", "budget_amount"} <= set(response.context["form"].errors)


def test_a_full_program_says_so_on_its_screen(story: Story, owner: Client) -> None:
    Program.objects.update(full_since=story.purchase.occurred_at)
    RewardRule.objects.filter(trigger="feedback.submitted").update(
        dry_since=story.purchase.occurred_at
    )
    page = owner.get(f"{PROGRAMS}edit/{story.program.pk}/").content.decode()
    assert "Full since" in page and "ran dry" in page


@pytest.mark.parametrize("part", ["programs", "texts", "experiments"])
def test_a_screen_of_its_own_links_our_stylesheet_once(
    part: str, owner: Client, program: Program
) -> None:
    text = ShareText.objects.create(program=program, text="Go there.")
    keys = {"programs": program.pk, "texts": text.pk, "experiments": run_experiment(program).pk}
    page = owner.get(f"/admin/referrals/{part}/inspect/{keys[part]}/").content.decode()
    assert page.count("wagtail_referrals/admin/admin.css") == 1
