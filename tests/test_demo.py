"""`make demo` has something to show: its data load into an empty database."""

import pytest


@pytest.mark.slow
def test_the_demo_loads(loaded_demo):
    assert "The demo starts afresh" in loaded_demo.said
