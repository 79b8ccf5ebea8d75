"""Lists bear the ends of time: west and east of Greenwich they are in no year a database knows."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from wagtail.users.models import UserProfile

from wagtail_referrals.admin.links import RECORDS

ENDS = "0001-01-01", "9999-12-31"
LISTS = {
    "referrals": ("claimed_at", "qualified_at", "converted_at"),
    "champions": ("last_at",),
    "rewards": ("created_at", "issued"),
    "asks": ("settled_at",),
    "feedback": ("submit_time",),
}


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "America/New_York"])
def test_a_list_bears_the_ends_of_time(owner: Client, zone: str) -> None:
    assert set(LISTS) <= set(RECORDS.values())
    user = get_user_model().objects.get()
    UserProfile.objects.create(user=user, current_time_zone=zone)
    for part, names in LISTS.items():
        for name in names:
            asked = {f"{name}_from": ENDS[0], f"{name}_to": ENDS[1]}
            answer = owner.get(f"/admin/referrals/{part}/", asked)
            assert answer.status_code == 200, (part, name)
