"""Six weeks at Harbour Coffee, played through the real verbs with a fixed seed."""

from __future__ import annotations

import heapq
import itertools
import random
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import timezone

from example_site import demo_people, mail
from example_site.demo import EDITOR, PASSWORD
from example_site.demo_asks import add_touchpoints, thank_in_public
from example_site.demo_experiment import (
    Strangers,
    begin_offer_test,
    open_link,
    plan_landing_test,
    set_goal,
)
from example_site.demo_feedback import play_customers
from example_site.demo_pages import build_site, fill_home
from example_site.demo_partners import KNOWN_DAYS, load_partners, partners_to_try
from example_site.demo_program import (
    QUESTIONS,
    add_feedback_page,
    add_program,
    add_referral_page,
    add_share_texts,
    form_data,
)
from example_site.shop import till
from example_site.shop.models import ZERO, Order, Product
from wagtail_referrals.coupons.models import Coupon
from wagtail_referrals.due import run_due
from wagtail_referrals.events.claim import claim_offer
from wagtail_referrals.exceptions import ReferralsError
from wagtail_referrals.feedback.submit import Answers, submit_feedback
from wagtail_referrals.pages.models import (
    FeedbackPage,
    ReviewRequestPage,
)
from wagtail_referrals.programs.models import Program
from wagtail_referrals.referrals.clicks import record_share
from wagtail_referrals.referrals.links import link_path
from wagtail_referrals.referrals.models import Advocate, Referral, Stage
from wagtail_referrals.referrals.own_link import own_page_path

SEED = 20090704
DAYS = 42
# So many days ago an offer was put to the test.
TESTED = 21


def load(*, port: int) -> None:
    """Pages, programme and people, in an empty database."""
    rng = random.Random(SEED)
    # Yesterday evening: the same story at whatever hour the demo is started.
    now = timezone.localtime() - timedelta(days=1)
    now = now.replace(hour=20, minute=0, second=0, microsecond=0)
    site, home, _shop = build_site("127.0.0.1", port)
    add_editor()
    program = add_program(site, now - timedelta(days=KNOWN_DAYS + 3))
    referral_page = add_referral_page(home, program)
    program.refresh_from_db(fields=["landing_page"])
    add_share_texts(program, referral_page.image)
    feedback_page = add_feedback_page(home, program)
    fill_home(home, referral_page, feedback_page)
    play_customers(random.Random(SEED), program, home, now)
    load_partners(home, program, now)
    Story(rng, program, feedback_page, now).play()
    plan_landing_test(program)
    set_goal(program, now)
    add_touchpoints(program, now - timedelta(days=DAYS))
    thank_in_public(program, home)


def add_editor() -> None:
    users = get_user_model()
    users.objects.create_superuser(
        username=EDITOR,
        email="ada@harbour-coffee.example",
        password=PASSWORD,
        first_name="Ada",
        last_name="Holm",
    )


class Story:
    """What happens from the first day to now: each step may lead to later ones."""

    def __init__(
        self, rng: random.Random, program: Program, page: FeedbackPage, now: datetime
    ) -> None:
        self.rng, self.program, self.page, self.now = rng, program, page, now
        self.steps: list[tuple[datetime, int, Callable[[datetime], object]]] = []
        self.count = itertools.count()
        self.returns = itertools.count()
        self.newcomers = iter(demo_people.names())
        self.products = list(Product.objects.on_sale())

    def play(self) -> None:
        begin = self.now - timedelta(days=TESTED)
        self.at(begin, lambda when: begin_offer_test(self.program, when))
        strangers = Strangers(self.program)
        for moment in strangers.moments(begin + timedelta(days=1), self.now):
            self.at(moment, strangers.come)
        for day in range(DAYS):
            self.at(self.now - timedelta(days=DAYS - day, hours=1), self.evening)
            # A regular a day in the first week, later one every second day.
            if day < 7 or day % 2 == 0:
                self.at(self.opening_hours(day), self.regular_comes)
        while self.steps:
            when, _number, step = heapq.heappop(self.steps)
            step(when)
        self.evening(self.now)

    def at(self, when: datetime, step: Callable[[datetime], object]) -> None:
        """Have a step happen, unless it lies in the future."""
        if when < self.now - timedelta(minutes=5):
            heapq.heappush(self.steps, (when, next(self.count), step))

    def later(self, when: datetime, low: float, high: float) -> datetime:
        """Some days after, at an hour when people are awake."""
        day = when + timedelta(days=self.rng.uniform(low, high))
        return day.replace(hour=self.rng.randrange(8, 20), minute=self.rng.randrange(60))

    def opening_hours(self, day: int) -> datetime:
        when = self.now - timedelta(days=DAYS - day)
        return when.replace(hour=self.rng.randrange(8, 17), minute=self.rng.randrange(60))

    def evening(self, when: datetime) -> None:
        with mail.dated(when):
            run_due(at=when)

    def regular_comes(self, when: datetime) -> None:
        """Somebody buys, and is asked for feedback a few days later."""
        name = next(self.newcomers, None)
        if name is None:
            return
        email = demo_people.email_of(name)
        self.buy(email, when)
        if self.rng.random() < 0.8:
            self.at(self.later(when, 1, 4), lambda then: self.answer(name, email, then))
        if self.rng.random() < 0.5:
            self.at(self.later(when, 9, 16), lambda then: self.buy(email, then))

    def buy(self, email: str, when: datetime, **codes: str) -> Order | None:
        lines: list[dict[str, Any]] = []
        for product in self.rng.sample(self.products, self.rng.choice([1, 1, 2, 3])):
            count = self.rng.choice([1, 1, 1, 2])
            price = str(product.price * count)
            lines.append({"name": product.name, "count": count, "price": price})
        goods = sum((Decimal(line["price"]) for line in lines), ZERO)
        ticket = uuid.UUID(int=self.rng.getrandbits(128), version=4)
        try:
            order = till.pay(ticket=ticket, email=email, lines=lines, goods=goods, at=when, **codes)
        except ReferralsError:
            return None  # the coupon is not for this order, and they think again
        if order.notes:
            self.maybe_give_back(order, when)
        return order

    def maybe_give_back(self, order: Order, when: datetime) -> None:
        """Every fifth friend brings something back: soon, or after the hold is over."""
        turn = next(self.returns)
        if turn % 5 == 1:
            part, low = [(1, 15), (2, 2), (1, 2)][turn // 5 % 3]
            self.at(self.later(when, low, low + 3), lambda then: self.give_back(order, part, then))

    def give_back(self, order: Order, part: int, when: datetime) -> None:
        """The whole, or the half, of what was paid."""
        amount = (order.left / part).quantize(Decimal("0.01"))
        if amount:
            till.refund(order, amount, seen=order.refunded, at=when)

    def answer(self, name: str, email: str, when: datetime) -> None:
        """Feedback, and with it the link to share."""
        score = self.rng.choice(demo_people.SCORES)
        heard = self.rng.choice(demo_people.HEARD)
        friend = self.rng.choice(demo_people.names()).split()[0]
        publish = QUESTIONS[-1][1] if self.rng.random() < 0.4 else ""
        data = {
            "score": str(score),
            "better": self.rng.choice(demo_people.BETTER),
            "liked": self.rng.choice(demo_people.LIKED),
            "name": name,
            "email": email,
            "publish": bool(publish),
            "heard": heard,
            "who": friend if heard == "A friend" else "",
        }
        answers = Answers(
            email=email,
            data=form_data(self.page, data),
            name=name,
            score=score,
            words=f"{data['better']}\n\n{data['liked']}",
            # The demo's testimonials come of its other forms.
            quotable="",
            publish=publish,
        )
        response = submit_feedback(self.page, self.program, answers, locale="en", at=when).response
        advocate = Advocate.objects.get(program=self.program, person=response.person)
        self.share(advocate, when)
        if self.rng.random() < 0.25 and response.coupon:
            code = response.coupon.display_code
            self.at(self.later(when, 2, 9), lambda then: self.handed_on(code, then))

    def share(self, advocate: Advocate, when: datetime) -> None:
        channel = self.rng.choice(demo_people.CHANNELS)
        record_share(advocate.pk, f"demo-{advocate.pk}", channel, when)
        for _opening in range(self.rng.choice([0, 1, 2, 2, 3, 4, 6])):
            self.at(self.later(when, 0, 8), lambda then: self.open_link(advocate, channel, then))

        if self.rng.random() < 0.2:
            self.at(self.later(when, 1, 8), lambda then: self.code_alone(advocate, then))
        if self.rng.random() < 0.1:
            # Some try their own code. It is a purchase, and earns nothing.
            own = {"friend_code": advocate.display_code}
            self.at(
                self.later(when, 1, 8), lambda then: self.buy(advocate.person.email, then, **own)
            )

    def code_alone(self, advocate: Advocate, when: datetime) -> None:
        """A friend who was told the code, and says it at the till."""
        name = next(self.newcomers, None)
        if name is not None:
            email = demo_people.email_of(name)
            self.buy(email, when, friend_code=advocate.display_code)
            self.at(self.later(when, 15, 22), lambda then: self.spend_thank_you(advocate, then))

    def spend_thank_you(self, advocate: Advocate, when: datetime) -> None:
        """The hold is over, and the advocate comes with the coupon."""
        coupons = Coupon.objects.filter(holder=advocate.person, uses=0, kind="fixed")
        coupon = coupons.first()
        if coupon and self.rng.random() < 0.6:
            self.buy(advocate.person.email, when, coupon_code=coupon.display_code)

    def open_link(self, advocate: Advocate, channel: str, when: datetime) -> None:
        visitor = f"{self.rng.getrandbits(128):032x}"
        open_link(advocate, visitor, channel, when)
        if self.rng.random() < 0.45:
            then = when + timedelta(minutes=self.rng.randrange(1, 15))
            self.at(then, lambda at: self.claim(advocate, visitor, at))

    def claim(self, advocate: Advocate, visitor: str, when: datetime) -> None:
        name = next(self.newcomers, None)
        if name is None:
            return
        email = demo_people.email_of(name)
        page = self.program.landing_page
        result = claim_offer(
            advocate, email=email, visitor=visitor, locale="en", page=page, at=when
        )
        if self.rng.random() < 0.75 and result.coupon:
            code = result.coupon.display_code
            bought = self.later(when, 0.5, 7)
            self.at(bought, lambda at: self.friend_buys(name, email, at, coupon=code))
            self.at(self.later(bought, 15, 20), lambda at: self.spend_thank_you(advocate, at))

    def friend_buys(self, name: str, email: str, when: datetime, coupon: str) -> None:
        self.buy(email, when, coupon_code=coupon)
        if self.rng.random() < 0.5:
            self.at(self.later(when, 1, 5), lambda at: self.answer(name, email, at))

    def handed_on(self, code: str, when: datetime) -> None:
        """The coupon went from hand to hand: no click, no claim, just the code at the till."""
        name = next(self.newcomers, None)
        if name is not None:
            self.buy(demo_people.email_of(name), when, coupon_code=code)


def things_to_try() -> list[tuple[str, str]]:
    """What a newcomer may do first, and where."""
    feedback_page = FeedbackPage.objects.live().first()
    review_page = ReviewRequestPage.objects.live().first()
    referrals = Referral.objects.select_related("advocate__person", "friend")
    waiting = referrals.filter(stage=Stage.CLAIMED).first()
    things: list[tuple[str, str]] = []
    if feedback_page:
        things.append(("the feedback form", feedback_page.url))
    if review_page:
        things.append(("a review request", review_page.url))
    if waiting:
        name = waiting.advocate.person.first_name
        things.append((f"{name}'s link", link_path(waiting.advocate)))
        things.append((f"{name}'s own page", own_page_path(waiting.advocate)))
    things.append(("the till", reverse("till")))
    coupon = waiting and Coupon.objects.filter(holder=waiting.friend, uses=0).first()
    if waiting and coupon:
        things.append(
            ("  with a coupon", f"{coupon.display_code}, customer {waiting.friend.email}")
        )
    things.append(("the mails", reverse("demo_mail")))
    things.append(("the admin", reverse("wagtailadmin_home")))
    things.append(("the dashboard", reverse("referrals_dashboard:index")))
    things.append(("the feedback inbox", reverse("referrals_feedback:index")))
    things.append(("the NPS report", reverse("referrals_nps:index")))
    things.append(("what is put to the test", reverse("referrals_experiments_modeladmin_index")))
    things.append(("the touchpoint map", reverse("referrals_touchpoints_modeladmin_index")))
    things.append(("the words of mails", reverse("referrals_mails:index")))
    return things + partners_to_try()
