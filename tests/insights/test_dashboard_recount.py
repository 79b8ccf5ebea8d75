"""Every number on the dashboard of `make demo` equals a recount from the raw rows."""

import json

import pytest

ZONES = ("UTC", "Asia/Kathmandu", "America/New_York")


@pytest.mark.slow
def test_every_number_of_the_demo_equals_a_recount_at_three_time_zones(loaded_demo):
    """Of a day by hours, of thirty by days, of ninety by weeks and of four hundred by months."""
    told = loaded_demo.run(
        "tests.insights.plain_recount", *ZONES, DJANGO_SETTINGS_MODULE="example_site.settings"
    )
    found = json.loads(told)
    assert len(found) == 4 * len(ZONES)
    assert {name: one["differ"] for name, one in found.items() if one["differ"]} == {}
    assert all(one["numbers"] > 10 for one in found.values())
