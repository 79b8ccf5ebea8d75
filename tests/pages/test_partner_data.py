"""What a partner's page tells search engines, checked against their own lists."""

from datetime import timedelta

import pytest
from django.utils import timezone
from wagtail.models import Page

from tests.pages.joining import apply, png, publish
from tests.structured import structured_data, things_of
from tests.test_query_counts import at_most, plain_count, plain_page, served  # noqa: F401
from wagtail_referrals.feedback.testimonial_models import Testimonial
from wagtail_referrals.pages.models import PartnerPage
from wagtail_referrals.partners.models import JointOffer, Partner
from wagtail_referrals.people.models import Consent

pytestmark = pytest.mark.usefixtures("no_time_trap")


@pytest.fixture
def page(client, hub):
    apply(client, hub, logo=png())
    return publish(PartnerPage.objects.get())


def told(client, page):
    return client.get(page.url).content.decode()


def words_of(partner, **values):
    person = partner.person
    consent = Consent.objects.create(person=person, kind=Consent.Kind.PUBLISH, wording="Yes")
    values = {"name": "Dora", "stars": 5, "stars_of": 5, "words": "They came at noon.", **values}
    return Testimonial.objects.create(
        program=partner.program, person=person, consent=consent, scope="name", live=True, **values
    )


def test_a_business_in_a_town_its_place_on_the_site_and_its_offers(client, page):
    kinds = [thing["@type"] for thing in structured_data(told(client, page))]
    assert kinds == ["BreadcrumbList", "LocalBusiness", "Offer"]


def test_a_business_without_a_town_is_an_organisation(client, page):
    PartnerPage.objects.update(town="")
    assert things_of(told(client, page), "Organization")


def test_an_offer_says_how_long_it_lasts_and_is_gone_afterwards(client, page):
    today = timezone.localdate()
    JointOffer.objects.update(ends_on=today)
    (offer,) = things_of(told(client, page), "Offer")
    assert offer["validThrough"] == today.isoformat()
    JointOffer.objects.update(ends_on=today - timedelta(days=1))
    assert not things_of(told(client, page), "Offer")


@pytest.mark.parametrize(("kind", "there"), [("review", 1), ("testimonial", 0)])
def test_words_about_the_partner_are_reviews_and_words_about_us_are_not(client, page, kind, there):
    words = words_of(Partner.objects.get())
    page.body = [(kind, {"testimonial": words})]
    page.save()
    html = told(client, page)
    assert "They came at noon." in html
    assert len(things_of(html, "Review")) == there


@pytest.mark.parametrize("values", [{"stars": None, "stars_of": None}, {"name": ""}])
def test_words_without_stars_or_a_name_are_no_review_to_a_search_engine(client, page, values):
    words = words_of(Partner.objects.get(), **values)
    page.body = [("review", {"testimonial": words})]
    page.save()
    assert not things_of(told(client, page), "Review")


def test_words_that_were_taken_back_are_on_no_page(client, page):
    from wagtail_referrals.feedback.testimonials import withdraw_testimonial

    words = words_of(Partner.objects.get())
    page.body = [("review", {"testimonial": words})]
    page.save()
    withdraw_testimonial(words)
    html = told(client, page)
    assert "They came at noon." not in html
    assert not things_of(html, "Review")


def test_what_a_partner_wrote_cannot_leave_the_structured_data(client, hub):
    apply(client, hub, business="</script><script>alert(1)</script>")
    page = publish(PartnerPage.objects.get())
    html = told(client, page)
    assert "<script>alert" not in html
    assert structured_data(html)


def test_the_profile_asks_the_database_about_as_often_as_it_has_parts(
    plain_count,  # noqa: F811
    client,
    page,
):
    get = served(client, Page.objects.get(pk=page.pk))
    with at_most(plain_count + 10):
        get()
