import pytest
from wagtail.models import Locale


@pytest.fixture(autouse=True)
def _first_language(db: None) -> None:
    """Wagtail's first language, where a flush of the database took it away."""
    Locale.objects.get_or_create(language_code="en")
