from collections.abc import Iterator

import pytest
from django.test import TransactionTestCase
from wagtail.models import Locale

from tests.concurrency.racing import empty_tables


@pytest.fixture(scope="module", autouse=True)
def _quick_flush() -> Iterator[None]:
    """Django truncates every table after each of these tests: seconds on PostgreSQL."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: empty_tables())
        yield


@pytest.fixture(autouse=True)
def _first_language(db: None) -> None:
    """Wagtail's first language, where a flush of the database took it away."""
    Locale.objects.get_or_create(language_code="en")
