"""A leaderboard in Chromium, at a desk and on a phone."""

from typing import Any

from django.utils import timezone

from wagtail_referrals.insights.reach import update_reach
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.referrals.join import join_program
from wagtail_referrals.referrals.models import Advocate, Referral

from .test_nps import look
from .test_rewards import ours

NAMES = ["Ida Novak", "Tom Baker", "Wilhelmina Featherstonehaugh-Cholmondeley", "Ömer Şahin"]


def test_a_board_is_readable_at_a_desk_and_on_a_phone(staff: Any, program: Any) -> None:
    people = [
        find_or_add_person(f"c{number}@example.org", name=name) for number, name in enumerate(NAMES)
    ]
    for number, person in enumerate(people):
        advocate = join_program(program, person)
        Advocate.objects.filter(pk=advocate.pk).update(friends_converted=12 - number // 2)
        Referral.objects.create(
            program=program,
            advocate=advocate,
            referrer=person,
            friend=people[(number + 1) % len(people)],
            counts_until=timezone.now(),
        )
    update_reach()
    page, problems = staff()
    page.goto("/admin/referrals/leaders/")
    look(page, "leaders")
    page.goto("/admin/referrals/leaders/?board=furthest")
    assert page.locator("main tbody tr").count() == len(NAMES)
    look(page, "leaders-furthest")
    assert ours(problems) == []
