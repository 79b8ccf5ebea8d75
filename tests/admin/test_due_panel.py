"""What is due this week on Wagtail's home page: of what one may see, one's own and nobody's."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from wagtail_referrals.partners.collateral_models import Collateral
from wagtail_referrals.partners.introduction_models import Introduction
from wagtail_referrals.partners.models import Partner

from .conftest import Story, make_partner

HEADING = "Due this week"


def home(client: Client) -> str:
    return client.get("/admin/").content.decode()


def test_there_is_no_panel_while_nothing_is_due(story: Story, owner: Client) -> None:
    Partner.objects.update(next_contact_on=timezone.localdate() + timedelta(days=8))
    assert HEADING not in home(owner)


def test_contacts_and_stale_collateral_are_on_it(story: Story, owner: Client) -> None:
    today = timezone.localdate()
    Partner.objects.update(next_contact_on=today + timedelta(days=7))
    Collateral.objects.update(valid_until=today - timedelta(days=1))
    page = home(owner)
    assert HEADING in page
    assert "Cuppers Lane" in page
    assert f"/admin/referrals/collateral/inspect/{Collateral.objects.get().pk}/" in page


def test_the_next_step_of_an_introduction_is_on_it(story: Story, owner: Client) -> None:
    step = Introduction.objects.get()
    Introduction.objects.update(
        stage="contacted", next_step="Ring Bo", next_step_on=timezone.localdate(), owner=None
    )
    page = home(owner)
    assert f"{step.introduced}: Ring Bo" in page
    assert f"/admin/referrals/introductions/inspect/{step.pk}/" in page


def test_it_is_one_s_own_and_nobody_s(
    story: Story, viewer: Client, owner: Client, django_user_model: Any
) -> None:
    users = django_user_model.objects
    today = timezone.localdate()
    Partner.objects.update(next_contact_on=today, owner=users.get(username="owner"))
    assert "Cuppers Lane" in home(owner)
    assert "Cuppers Lane" not in home(viewer)


def test_what_one_may_not_see_is_not_on_it(story: Story, stranger: Client, viewer: Client) -> None:
    Partner.objects.update(next_contact_on=timezone.localdate())
    assert HEADING not in home(stranger)
    assert "Cuppers Lane" in home(viewer)
    story.program.groups.add(Group.objects.create(name="Others"))
    assert "Cuppers Lane" not in home(viewer)


def test_it_costs_as_much_with_more_of_it(
    story: Story, owner: Client, django_assert_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def cost() -> int:
        home(owner)
        with CaptureQueriesContext(connection) as queries:
            home(owner)
        return len(queries)

    Partner.objects.update(next_contact_on=timezone.localdate())
    before = cost()
    for number in range(4):
        make_partner(story.program, f"p{number}@example.org", f"Partner {number}")
    Partner.objects.update(next_contact_on=timezone.localdate())
    assert cost() == before
