"""A hub, and a partner on it whose page is live."""

import pytest

from tests.pages.joining import apply, publish
from wagtail_referrals.pages.models import PartnerHubPage, PartnerPage
from wagtail_referrals.partners.models import Partner


@pytest.fixture
def hub(landing):
    root = landing.get_parent()
    hub = PartnerHubPage(title="Kiel by bicycle", slug="hub", program=landing.program)
    return root.add_child(instance=hub)


@pytest.fixture
def partner(client, hub):
    apply(client, hub)
    publish(PartnerPage.objects.get())
    return Partner.objects.get()
