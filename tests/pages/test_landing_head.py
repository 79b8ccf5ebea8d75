"""What a post shows of a link that leads to the landing page."""

import pytest

from wagtail_referrals.referrals.models import Advocate


@pytest.fixture
def head(client, landing, advocate):
    def head(**values):
        type(landing).objects.filter(pk=landing.pk).update(**values)
        page = client.get(f"{landing.url}with/{advocate.display_code}/").content.decode()
        return page.partition("</head>")[0]

    return head


def test_the_title_and_the_introduction(head):
    found = head(introduction="<p>Roasted &amp; ground</p><p>on the quay</p>")
    assert '<meta property="og:title" content="Welcome">' in found
    assert '<meta property="og:description" content="Roasted &amp; ground on the quay">' in found


def test_words_for_search_engines_come_first(head):
    found = head(introduction="<p>Long</p>", search_description="Short", seo_title="Coffee")
    assert 'og:title" content="Coffee"' in found
    assert 'og:description" content="Short"' in found


def test_nothing_takes_the_place_of_the_advocates_link(head):
    assert "og:url" not in head()
    assert Advocate.objects.get().display_code not in head()
