"""A program in which everything has happened once, and staff with and without permissions."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone
from wagtail.documents import get_document_model
from wagtail.models import GroupPagePermission, Page

from tests.fixtures import make_pages, make_program, make_root
from tests.insights.playing import make_experiment
from wagtail_referrals.api import record_event, redeem_coupon
from wagtail_referrals.asks.models import Ask, Touchpoint
from wagtail_referrals.coupons.batches import make_codes
from wagtail_referrals.coupons.models import CouponBatch
from wagtail_referrals.events.claim import ClaimResult, claim_offer
from wagtail_referrals.feedback.case_models import CaseRule
from wagtail_referrals.feedback.cases import open_case
from wagtail_referrals.feedback.guests import Guest
from wagtail_referrals.feedback.invitations import invite
from wagtail_referrals.feedback.submit import Answers, submit_feedback
from wagtail_referrals.insights.champion_models import ValueSettings
from wagtail_referrals.insights.champions import recompute
from wagtail_referrals.insights.goal_models import ChannelCost, Goal
from wagtail_referrals.messages.templates import begin_words
from wagtail_referrals.partners.collateral_models import Collateral
from wagtail_referrals.partners.introduction_models import (
    GradeLine,
    Introduction,
    StageWords,
    WantedContact,
)
from wagtail_referrals.partners.models import Partner, PartnerContact, PartnerTopic
from wagtail_referrals.people.identity import email_key
from wagtail_referrals.people.models import Consent, Person
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.programs.share_models import ShareText
from wagtail_referrals.referrals.clicks import record_click
from wagtail_referrals.referrals.friend_mail_models import FriendMail
from wagtail_referrals.referrals.join import join_program
from wagtail_referrals.referrals.models import Advocate, Referral
from wagtail_referrals.rewards.models import Reward
from wagtail_referrals.rewards.payout_models import Payout
from wagtail_referrals.rewards.pool_models import CodePool
from wagtail_referrals.rewards.pools import add_codes

SETUP = (
    "programs",
    "offers",
    "rules",
    "pools",
    "followup",
    "topics",
    "wanted",
    "grades",
    "stages",
    "texts",
    "touchpoints",
    "values",
    "experiments",
    "goals",
    "costs",
)
RECORDS = (
    "people",
    "advocates",
    "referrals",
    "coupons",
    "batches",
    "rewards",
    "payouts",
    "events",
    "feedback",
    "cases",
    "invitations",
    "partners",
    "collateral",
    "messages",
    "mails",
    "testimonials",
    "introductions",
    "friend_mails",
    "asks",
    "champions",
)


@dataclass
class Story:
    """Ann gave feedback, Bo claimed with her link and bought order 1001; flyers are printed."""

    program: Any
    landing: Any
    feedback_page: Any
    response: Any
    advocate: Advocate
    claim: ClaimResult
    purchase: Any

    @property
    def referral(self) -> Referral:
        return Referral.objects.get(pk=self.claim.referral.pk)

    @property
    def reward(self) -> Reward:
        """Ann's, which waits."""
        return Reward.objects.get(beneficiary="advocate", state="pending")


def tell(slug: str = "friends") -> Story:
    make_root()
    program = make_program(slug)
    landing, feedback_page = make_pages(program)
    at = timezone.now() - timedelta(days=2)
    program.starts_at = at - timedelta(days=1)
    program.save()
    answers = Answers(
        "ann@example.org",
        {"score": "9", "better": "Longer opening hours, please", "email": "ann@example.org"},
        "Ann Advocate",
        score=9,
        town="Lindhaven",
        words="Longer opening hours, please",
        publish="You may publish my words",
        scope="town",
    )
    response = submit_feedback(feedback_page, program, answers, at=at).response
    advocate = join_program(program, response.person)
    record_click(advocate.pk, "visitor-of-bo", "whatsapp", at + timedelta(hours=1))
    claim = claim_offer(
        advocate,
        email="bo@example.org",
        visitor="visitor-of-bo",
        at=at + timedelta(hours=2),
    )
    assert claim.coupon is not None
    redeem_coupon(
        claim.coupon.code_key,
        order_id="1001",
        email="bo@example.org",
        order_total=Decimal("49.90"),
        currency="EUR",
        at=at + timedelta(hours=3),
    )
    purchase = record_event(
        program,
        "purchase",
        external_id="1001",
        email="bo@example.org",
        amount=Decimal("49.90"),
        currency="EUR",
        occurred_at=at + timedelta(hours=3),
    ).event
    rule = CaseRule(program=program, name="Low scores", occasion="detractor")
    rule.full_clean()
    rule.save()
    open_case(response, reason="Worth a call")
    flyers = CouponBatch.objects.create(
        program=program, name="Flyers", kind="percent", amount=Decimal(5), wanted=12
    )
    make_codes(flyers, 11)
    add_codes(CodePool.objects.create(name="Cinema"), b"FILM-1")
    bos = Reward.objects.get(person=claim.referral.friend)
    Payout.objects.create(reward=bos)
    invite(feedback_page, program, [Guest("ann@example.org", email_key("ann@example.org"))])
    ShareText.objects.create(program=program, text="I like it there.", disclosure="I get a gift.")
    FriendMail.objects.create(program=program, advocate=advocate, email_key="a" * 64, note="Hi Bo")
    PartnerTopic.objects.create(group="service", name="Catering", slug="catering")
    make_introduction(make_partner(program), advocate.person, claim.referral.friend)
    begin_words(program, "told_by", "en").get_latest_revision().publish()
    make_ask(purchase)
    ValueSettings.objects.create(program=program, margin_percent=40)
    recompute(program)
    make_experiment(program, smallest_percent=Decimal(9))
    Goal.objects.create(program=program, referred_percent=30)
    ChannelCost.objects.create(
        program=program,
        channel="Newspaper",
        starts_on=at.date(),
        ends_on=at.date(),
        cost=Decimal("120.00"),
    )
    return Story(program, landing, feedback_page, response, advocate, claim, purchase)


def make_ask(purchase: Any) -> Ask:
    """After a purchase everybody is asked for feedback; whoever bought this time, the next day."""
    touchpoint = Touchpoint.objects.create(
        program=purchase.program,
        name="After the order",
        stage="buy",
        event_kind="purchase",
        asks_for="feedback",
        delay_hours=24,
    )
    return Ask.objects.create(
        touchpoint=touchpoint,
        program=purchase.program,
        person=purchase.person,
        event=purchase,
        asks_for="feedback",
        due_at=purchase.occurred_at + timedelta(hours=24),
    )


def make_partner(
    program: Any, email: str = "pia@example.org", name: str = "Cuppers Lane"
) -> Partner:
    """A business that refers its customers to us, with a leaflet of its own."""
    person = find_or_add_person(email, name="Pia Partner")
    partner = Partner.objects.create(
        program=program, advocate=join_program(program, person), name=name, state="active"
    )
    PartnerContact.objects.create(partner=partner, name="Quin Cupper", email="quin@example.org")
    leaflet = get_document_model().objects.create(
        title="Leaflet", file=ContentFile(b"%PDF", name="leaflet.pdf")
    )
    Collateral.objects.create(
        program=program,
        partner=partner,
        kind="brochure",
        title=f"Leaflet of {name}",
        audience="partners",
        document=leaflet,
    )
    return partner


def make_introduction(partner: Partner, giver: Person, introduced: Person) -> Introduction:
    """Ann introduced Bo to the partner; the owner would like to meet somebody, too."""
    program = partner.program
    WantedContact.objects.create(program=program, name="Museum of Boats")
    GradeLine.objects.create(program=program, grade="B")
    StageWords.objects.create(program=program, stage="won", words="Thank you")
    consent = Consent.objects.create(person=introduced, kind="asked", wording="They agree")
    introduction = Introduction.objects.create(
        program=program,
        direction="given",
        partner=partner,
        giver=giver,
        introduced=introduced,
        consent=consent,
        way="mail",
        known="well",
        grade="B",
        open_key="story",
    )
    introduction.entries.create(kind="stage", value="received", actor="giver")
    return introduction


@pytest.fixture
def story(db: None) -> Story:
    return tell()


@pytest.fixture
def cleo(story: Story) -> Advocate:
    """Another advocate of the same program."""
    return join_program(story.program, find_or_add_person("cleo@example.org", name="Cleo Other"))


def staff(django_user_model: Any, name: str, actions: tuple[str, ...] = ()) -> Client:
    """Somebody who may use the admin, and do this to all that is ours."""
    user = django_user_model.objects.create_user(name, f"{name}@example.org", "x")
    group, _new = Group.objects.get_or_create(name=name)
    group.permissions.add(Permission.objects.get(codename="access_admin"))
    for action in actions:
        group.permissions.add(
            *Permission.objects.filter(
                content_type__app_label="wagtail_referrals", codename__startswith=f"{action}_"
            )
        )
    if actions:
        # Who may change a page may open what was said on it.
        open_pages_to(group)
    user.groups.add(group)
    client = Client()
    client.force_login(user)
    return client


def open_pages_to(group: Group, page: Any = None) -> None:
    """Let a group see the answers on a page and below it: on the whole tree when none is given."""
    change = Permission.objects.get(codename="change_page")
    page = page or Page.get_first_root_node()
    GroupPagePermission.objects.create(group=group, page=page, permission=change)


@pytest.fixture
def owner(db: None, django_user_model: Any) -> Client:
    client = Client()
    client.force_login(django_user_model.objects.create_superuser("owner", "o@example.org", "x"))
    return client


@pytest.fixture
def viewer(db: None, django_user_model: Any) -> Client:
    return staff(django_user_model, "viewer", ("view",))


@pytest.fixture
def clerk(db: None, django_user_model: Any) -> Client:
    return staff(django_user_model, "clerk", ("view", "change"))


@pytest.fixture
def stranger(db: None, django_user_model: Any) -> Client:
    return staff(django_user_model, "stranger")
