"""A customer's own page: who has the link sees what is theirs, and little of anybody else's."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.core import signing
from django.test import Client
from django.utils import timezone

from tests.fixtures import BROWSER, make_program
from tests.pages.me import RENEW, ask, link_in, post, shown, text
from tests.rewards.buying import LATER, buy, issue_all, refund
from tests.test_query_counts import at_most, count
from wagtail_referrals.api import record_event
from wagtail_referrals.events.claim import claim_offer
from wagtail_referrals.messages.deliver import compose
from wagtail_referrals.messages.models import Message
from wagtail_referrals.partners.collateral_models import Collateral
from wagtail_referrals.partners.models import Partner
from wagtail_referrals.people.block import block_person
from wagtail_referrals.people.erase import erase_person
from wagtail_referrals.people.models import Consent, Person
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.people.suppression import suppress
from wagtail_referrals.programs.models import Program, current_terms
from wagtail_referrals.referrals.join import join_program
from wagtail_referrals.referrals.models import Advocate, Referral
from wagtail_referrals.referrals.own import leave, show_on_board
from wagtail_referrals.referrals.own_link import find_by_token, own_page_path
from wagtail_referrals.rewards.approve import approve_rewards
from wagtail_referrals.rewards.models import Reward
from wagtail_referrals.rewards.standing import ROWS
from wagtail_referrals.rewards.telling import Telling
from wagtail_referrals.tokens import make_token

pytestmark = pytest.mark.usefixtures("no_time_trap", "landing")


def claim(advocate, number=1, name=""):
    referral = claim_offer(advocate, email=f"friend-{number}@example.org").referral
    Person.objects.filter(pk=referral.friend_id).update(name=name)
    return referral


# What it shows


def test_a_new_advocate_sees_the_link_and_what_to_do_first(client, advocate):
    page = shown(client, advocate)
    assert advocate.display_code in text(page)
    assert "Nobody has come by your link yet. What works best:" in text(page)


def test_the_address_is_shown_masked_only(client, advocate):
    page = shown(client, advocate)
    assert "a…@example.org" in text(page)
    assert b"ann@" not in page.content


def test_of_a_friend_only_the_first_name_is_shown(client, advocate):
    claim(advocate, name="Bodo Blau")
    page = shown(client, advocate)
    assert "Bodo claimed your offer" in text(page)
    assert b"Blau" not in page.content
    assert b"friend-1@" not in page.content


def test_of_a_friend_without_a_name_the_initial_is_shown(client, advocate):
    claim(advocate)
    assert "F. claimed your offer" in text(shown(client, advocate))


def test_of_a_friend_who_was_erased_nothing_is_shown(client, advocate):
    referral = claim(advocate, name="Bodo")
    Person.objects.filter(pk=referral.friend_id).update(erased_at=timezone.now(), name="")
    assert "Somebody claimed your offer" in text(shown(client, advocate))


def test_who_has_not_bought_yet_is_said_to_have_time(client, advocate):
    claim(advocate)
    assert "Has not bought yet. A purchase counts until" in text(shown(client, advocate))


def test_who_comes_too_late_is_said_to_be(client, advocate):
    referral = claim(advocate)
    Referral.objects.filter(pk=referral.pk).update(counts_until=timezone.now())
    words = "It came after the time within which a recommendation counts."
    assert words in text(shown(client, advocate))


def test_a_waiting_reward_says_until_when(client, advocate):
    buy(advocate)
    page = text(shown(client, advocate))
    assert "has bought" in page
    assert "€10 off: It is set aside for you until" in page


def test_a_held_reward_says_that_one_looks_at_it_and_nothing_of_why(client, advocate):
    reward = buy(advocate)
    Reward.objects.filter(pk=reward.pk).update(state="held", flags=["same_browser"])
    page = shown(client, advocate)
    assert "It waits for approval: one of us looks at it first." in text(page)
    assert b"browser" not in page.content


def test_an_approved_reward_says_until_when_its_hold_runs(client, advocate):
    reward = buy(advocate)
    Reward.objects.filter(pk=reward.pk).update(state="held")
    approve_rewards([reward], reason="Looks fine")
    day = Telling(timezone.now()).day(reward.hold_until)
    assert f"It is approved, and set aside for you until {day}" in text(shown(client, advocate))


def test_an_approved_reward_whose_hold_is_over_comes_soon(client, advocate):
    reward = buy(advocate)
    Reward.objects.filter(pk=reward.pk).update(state="approved", hold_until=timezone.now())
    assert "It is approved. You get it soon." in text(shown(client, advocate))


def test_a_returned_order_says_that_it_was_not_given(client, advocate):
    buy(advocate)
    refund()
    assert "It was not given in the end." in text(shown(client, advocate))


def test_a_purchase_that_earned_nothing_says_why(client, advocate):
    Program.objects.update(advocate_offer=None)
    advocate = Advocate.objects.get()
    claim(advocate)
    record_event(
        advocate.program,
        "purchase",
        external_id="1",
        email="friend-1@example.org",
        amount=Decimal(50),
        currency="EUR",
    )
    assert "There was no offer for this at that time." in text(shown(client, advocate))


def test_a_coupon_can_be_shown_at_the_till(client, advocate):
    buy(advocate)
    issue_all()
    page = shown(client, advocate)
    coupon = Reward.objects.get().coupon
    assert coupon.display_code in text(page)
    till = client.get(f"{own_page_path(advocate)}coupon/{coupon.pk}/")
    assert "Show this at the till" in text(till)
    assert coupon.display_code in text(till)


@pytest.mark.parametrize("pk", [0, 10**9, 10**30])
def test_a_coupon_of_nobody_leads_back_to_the_page(client, advocate, pk):
    own = own_page_path(advocate)
    assert client.get(f"{own}coupon/{pk}/").url == own


def test_somebody_elses_coupon_is_not_shown(client, advocate):
    buy(advocate)
    issue_all()
    other = join_program(advocate.program, find_or_add_person("olga@example.org"))
    coupon = Reward.objects.get().coupon
    assert client.get(f"{own_page_path(other)}coupon/{coupon.pk}/").status_code == 303


def test_a_coupon_that_has_run_out_is_not_ready(client, advocate):
    buy(advocate)
    issue_all()
    coupon = Reward.objects.get().coupon
    coupon.expires_at = timezone.now()
    coupon.save()
    assert not shown(client, advocate).context["coupons"]


def test_store_credit_is_one_sum_for_each_currency(client, advocate):
    offer = advocate.program.advocate_offer
    offer.kind = "store_credit"
    offer.save()
    for order in ("1", "2"):
        buy(advocate, order)
    issue_all()
    assert "Your store credit: €20" in text(shown(client, advocate))


def test_store_credit_that_still_waits_is_none(client, advocate):
    offer = advocate.program.advocate_offer
    offer.kind = "store_credit"
    offer.save()
    buy(advocate)
    assert not shown(client, advocate).context["credit"]


def test_material_can_be_taken(client, advocate):
    Collateral.objects.create(
        program=advocate.program,
        kind="video",
        title="How we roast",
        audience="customers",
        url="https://example.org/film",
    )
    (item,) = shown(client, advocate).context["shelf"]
    assert client.get(item.address).status_code == 302


def test_the_terms_are_those_that_were_agreed_to(client, advocate):
    Consent.objects.create(
        person=advocate.person,
        kind="terms",
        wording=current_terms(advocate.program).body,
        place="/",
    )
    Program.objects.update(terms="<p>Everything is new.</p>")
    page = text(shown(client, advocate))
    assert "The terms you agreed to on" in page
    assert "One coupon for each friend." in page


def test_a_yes_to_another_programs_terms_is_none_to_these(client, advocate):
    Consent.objects.create(person=advocate.person, kind="terms", wording="<p>Others.</p>")
    assert shown(client, advocate).context["agreed"] is None


def test_who_agreed_to_nothing_sees_the_terms_that_hold(client, advocate):
    assert "The terms in full" in text(shown(client, advocate))


def test_pages_in_other_programs_are_named(client, advocate):
    other = make_program("second", name="Second")
    join_program(other, advocate.person)
    assert "Your page in “Second”" in text(shown(client, advocate))


def test_it_speaks_the_language_of_its_owner(client, advocate):
    Person.objects.update(locale="de")
    assert "Weitersagen" in text(shown(client, advocate))


def test_it_is_kept_nowhere_and_named_to_nobody(client, advocate):
    page = shown(client, advocate)
    assert "no-store" in page["Cache-Control"]
    assert page["X-Robots-Tag"] == "noindex"
    assert page["Referrer-Policy"] == "no-referrer"
    assert b'<meta name="referrer" content="no-referrer">' in page.content
    assert not page.cookies


def test_opening_it_changes_nothing(client, advocate):
    claim(advocate)

    def rows():
        return [list(model.objects.values()) for model in (Advocate, Person, Referral, Message)]

    before = rows()
    shown(client, advocate)
    assert rows() == before


# As many queries with 5 friends as with 500


def many_friends(advocate, number, first=0):
    keys = range(first, first + number)
    Person.objects.bulk_create(
        Person(email=f"f{key}@example.org", email_key=f"{key:064}") for key in keys
    )
    Referral.objects.bulk_create(
        Referral(
            program=advocate.program,
            advocate=advocate,
            referrer=advocate.person,
            friend=friend,
            stage="converted",
            counts_until=timezone.now() + LATER,
        )
        for friend in Person.objects.filter(email_key__in=[f"{key:064}" for key in keys])
    )


def test_it_asks_the_database_12_times_at_most_however_many_friends(client, advocate):
    buy(advocate)
    issue_all()
    Advocate.objects.update(friends_converted=1)
    show_on_board(advocate, shown_as="first_name")
    many_friends(advocate, 4)
    shown(client, advocate)
    few = count(lambda: shown(client, advocate))
    many_friends(advocate, 495, first=4)
    with at_most(12):
        page = shown(client, advocate)
    assert page.context["rank"] == 1
    assert count(lambda: shown(client, advocate)) == few


def test_older_friends_are_on_pages_of_their_own(client, advocate):
    many_friends(advocate, ROWS + 3)
    first = shown(client, advocate)
    assert (len(first.context["friends"]), first.context["older"]) == (ROWS, 2)
    second = shown(client, advocate, "?page=2")
    assert (len(second.context["friends"]), second.context["older"]) == (3, None)
    assert second.context["newer"] == 1


@pytest.mark.parametrize("page", ["0", "-1", "x", "9" * 30, "٣", "1e9", "%00", ""])
def test_a_page_that_is_none_is_answered(client, advocate, page):
    assert shown(client, advocate, f"?page={page}").status_code == 200


# The link


@pytest.mark.parametrize("token", ["x", ":" * 50, "1:2:3", "a" * 3000, "%00", "😀", "confirm"])
def test_forged_links_lead_to_a_new_one(client, advocate, token):
    for part in ("", "coupon/1/"):
        answer = client.get(f"{RENEW}{token}/{part}")
        assert answer.status_code == 404
        assert RENEW in answer.content.decode()


def test_a_link_of_another_kind_opens_nothing(client, advocate):
    assert client.get(f"{RENEW}{make_token('partner', advocate.pk)}/").status_code == 404


def test_a_link_expires(client, advocate, settings):
    link = own_page_path(advocate)
    settings.WAGTAIL_REFERRALS = {"TOKEN_DAYS": 0}
    assert client.get(link).status_code == 404


def test_the_link_of_who_was_erased_is_dead(client, advocate):
    link = own_page_path(advocate)
    erase_person(advocate.person, reason="asked")
    assert client.get(link).status_code == 404


def test_a_forwarded_link_can_neither_erase_nor_leave_nor_download(client, advocate):
    for change in ("erase", "leave", "data"):
        assert post(client, advocate, change).url.endswith("?mailed")
    advocate.refresh_from_db()
    assert advocate.state == "active"
    assert Person.objects.filter(erased_at=None, pk=advocate.person_id).exists()
    mails = Message.objects.filter(kind="own_confirm")
    assert {mail.person_id for mail in mails} == {advocate.person_id}
    assert len(mails) == 3


def test_a_change_is_mailed_once_in_ten_minutes(client, advocate):
    for _time in range(5):
        post(client, advocate, "erase")
    # Ten minutes may end meanwhile.
    assert Message.objects.filter(kind="own_confirm").count() <= 2


@pytest.mark.parametrize("change", ["", "drop", "x" * 5000, "\x00"])
def test_a_change_there_is_none_of_changes_nothing(client, advocate, change):
    assert post(client, advocate, change).status_code == 303
    assert not Message.objects.exists()


# Asking for it


def test_an_advocate_is_mailed_the_way_to_their_page(client, advocate):
    answer = ask(client, "ANN@example.org ")
    assert answer.url == "/refer/me/sent/"
    assert client.get(link_in("own_link")).context["advocate"] == advocate


def test_the_answer_is_the_same_for_everybody(client, advocate):
    known, unknown = ask(client, "ann@example.org"), ask(client, "nobody@example.org")
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert "If there is something we can send" in text(client.get(known.url))


def test_it_takes_as_many_queries_whoever_asks(client, advocate):
    Program.objects.update(audience="everyone")
    blocked = find_or_add_person("blocked@example.org")
    block_person(blocked, reason="r")
    find_or_add_person("known@example.org")
    suppress("never@example.org")
    ask(client, "first@example.org")
    asked = [
        count(lambda email=email: ask(client, email))
        for email in (
            "ann@example.org",
            "known@example.org",
            "unknown@example.org",
            "never@example.org",
            "blocked@example.org",
        )
    ]
    assert len(set(asked)) == 1, asked


def test_it_is_mailed_once_an_hour(client, advocate):
    for _time in range(5):
        ask(client, "ann@example.org")
    assert Message.objects.filter(kind="own_link").count() <= 2  # the hour may end meanwhile


def test_several_programs_are_one_mail(client, advocate):
    join_program(make_program("second", name="Second"), advocate.person)
    ask(client, "ann@example.org")
    (mail,) = Message.objects.all()
    assert [line["text"] for line in mail.context["lines"]] == [
        "Friends of Harbour Coffee",
        "Second",
    ]
    assert mail.context["link"] == ""


def test_an_address_that_is_none_is_told_so(client, advocate):
    answer = ask(client, "not an address")
    assert answer.status_code == 200
    assert answer.context["form"].errors["email"]


def test_too_many_are_refused(client, advocate, settings):
    settings.WAGTAIL_REFERRALS = {"FORM_MIN_SECONDS": 0, "FORM_RATE": "2/h"}
    assert [ask(client, "ann@example.org").status_code for _time in range(3)] == [303, 303, 429]


def test_who_is_signed_in_is_led_to_their_page(client, advocate):
    user = User.objects.create_user("ann", password="x")
    Person.objects.filter(pk=advocate.person_id).update(user=user)
    client.force_login(user)
    answer = client.get(RENEW)
    assert find_by_token(answer.url.split("/")[-2]) == advocate
    assert "no-store" in answer["Cache-Control"]


def test_who_is_signed_in_as_somebody_else_is_asked_for_the_address(client, advocate):
    client.force_login(User.objects.create_user("bo", password="x"))
    assert client.get(RENEW).status_code == 200


# Joining


def test_who_is_no_customer_can_join_a_program_for_everyone(client, program):
    Program.objects.update(audience="everyone")
    ask(client, "nora@example.org")
    link = link_in("confirm_address")
    page = client.get(link)
    assert not Advocate.objects.exists()
    assert "n…@example.org" in text(page)
    answer = client.post(link, joining(page, name="Nora", terms="on"), HTTP_USER_AGENT=BROWSER)
    advocate = Advocate.objects.get()
    assert find_by_token(answer.url.split("/")[-2]) == advocate
    assert (advocate.person.email, advocate.person.name) == ("nora@example.org", "Nora")
    consent = Consent.objects.get(kind="terms")
    assert (consent.person, consent.wording) == (advocate.person, program.terms)


def joining(page, **data):
    form = page.context["form"]
    traps = {name: form[name].value() or "" for name in (form.stamp_name, form.trap_name)}
    return {**traps, **data}


def joined(client, link, **data):
    return client.post(link, joining(client.get(link), **data), HTTP_USER_AGENT=BROWSER)


def test_nobody_joins_without_a_yes_to_the_terms(client, program):
    Program.objects.update(audience="everyone")
    ask(client, "nora@example.org")
    answer = joined(client, link_in("confirm_address"))
    assert answer.context["form"].errors["terms"]
    assert not Advocate.objects.exists()


def test_joining_twice_is_one_membership_and_one_consent(client, program):
    Program.objects.update(audience="everyone")
    ask(client, "nora@example.org")
    for _time in range(2):
        joined(client, link_in("confirm_address"), name="Nora", terms="on")
    assert Advocate.objects.count() == Consent.objects.count() == 1


@pytest.mark.parametrize("name", ["www.spam.example", "https://spam.example/x"])
def test_a_name_is_no_address(client, program, name):
    Program.objects.update(audience="everyone")
    ask(client, "nora@example.org")
    answer = joined(client, link_in("confirm_address"), name=name, terms="on")
    assert answer.context["form"].errors["name"]


def test_a_program_for_customers_lets_customers_join(client, program):
    customer = find_or_add_person("carla@example.org")
    Person.objects.filter(pk=customer.pk).update(customer_since=timezone.now())
    ask(client, "carla@example.org")
    assert Message.objects.get().kind == "confirm_address"


def test_a_program_for_customers_is_not_for_others(client, program):
    ask(client, "nobody@example.org")
    assert not Message.objects.exists()
    assert not Person.objects.exists()


def test_a_program_for_staff_lets_those_in_who_work_here(client, program):
    Program.objects.update(audience="staff")
    User.objects.create_user("sam", email="Sam@example.org", password="x", is_staff=True)
    ask(client, "sam@example.org")
    joined(client, link_in("confirm_address"), name="Sam", terms="on")
    assert Advocate.objects.get().person.email == "sam@example.org"


def test_a_program_for_staff_lets_nobody_else_in(client, program):
    Program.objects.update(audience="staff")
    User.objects.create_user("cleo", email="cleo@example.org", password="x")
    ask(client, "cleo@example.org")
    assert not Message.objects.exists()


def test_an_address_that_only_looks_like_one_of_the_staff_is_nobodys(client, program):
    """MariaDB compares "ä" and "a" as equal: one buys the domain, and is let in."""
    Program.objects.update(audience="staff")
    User.objects.create_user("sam", email="sam@example.org", password="x", is_staff=True)
    ask(client, "sam@exämple.org")
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    "over", [{"is_active": False}, {"ends_at": timezone.now() - timedelta(hours=1)}]
)
def test_a_program_that_is_over_is_joined_by_nobody(client, program, over):
    Program.objects.update(audience="everyone", starts_at=timezone.now() - timedelta(days=9))
    ask(client, "nora@example.org")
    link = link_in("confirm_address")
    Program.objects.update(**over)
    assert "You cannot join at the moment" in text(client.get(link))
    client.post(link, {"terms": "on"}, HTTP_USER_AGENT=BROWSER)
    assert not Advocate.objects.exists()


def test_who_asked_not_to_be_contacted_gets_no_invitation_to_join(client, program):
    Program.objects.update(audience="everyone")
    suppress("never@example.org")
    ask(client, "never@example.org")
    assert not Message.objects.exists()
    assert not Person.objects.exists()


def test_who_asked_not_to_be_contacted_gets_the_way_to_their_own_page(client, advocate):
    suppress("ann@example.org")
    ask(client, "ann@example.org")
    assert Message.objects.get().kind == "own_link"


# What is confirmed by mail


def confirmation(client, advocate, change):
    post(client, advocate, change)
    return link_in("own_confirm")


def test_a_confirming_links_get_changes_nothing(client, advocate):
    for change in ("erase", "leave", "data"):
        assert client.get(confirmation(client, advocate, change)).status_code == 200
    advocate.refresh_from_db()
    assert (advocate.state, advocate.person.erased_at) == ("active", None)


def test_a_confirming_link_holds_for_an_hour(client, advocate, monkeypatch):
    link = confirmation(client, advocate, "erase")
    now = signing.time.time()
    monkeypatch.setattr(signing.time, "time", lambda: now + 3700)
    answer = client.post(link)
    assert answer.status_code == 404
    assert "It holds for an hour only." in text(answer)


def test_the_data_is_not_behind_the_link_to_the_own_page(client, advocate):
    token = own_page_path(advocate).rstrip("/").rpartition("/")[2]
    assert client.get(f"/refer/me/confirm/{token}/data.json").status_code == 404


def test_leaving_kills_the_link_and_leaves_what_was_earned(client, advocate):
    buy(advocate)
    answer = client.post(confirmation(client, advocate, "leave"))
    assert "You have left" in text(client.get(answer.url))
    assert client.get(f"/refer/r/{advocate.display_code}/").status_code != 302
    assert issue_all() == 1


def test_who_has_left_can_come_back(client, advocate):
    leave(advocate)
    post(client, advocate, "come_back")
    advocate.refresh_from_db()
    assert advocate.state == "active"
    assert client.get(f"/refer/r/{advocate.display_code}/").status_code == 302


def test_who_was_paused_by_us_does_not_come_back_by_themselves(client, advocate):
    Advocate.objects.update(state="paused")
    post(client, advocate, "come_back")
    assert Advocate.objects.get().state == "paused"


def test_leaving_twice_is_once(client, advocate):
    link = confirmation(client, advocate, "leave")
    assert [client.post(link).status_code for _time in range(2)] == [303, 303]


def test_erasing_says_what_is_lost(client, advocate):
    buy(advocate)
    page = text(client.get(confirmation(client, advocate, "erase")))
    assert "One reward that still waits for you is lost." in page


def test_who_confirms_is_forgotten(client, advocate):
    answer = client.post(confirmation(client, advocate, "erase"))
    assert "You are forgotten" in text(answer)
    person = Person.objects.get()
    assert (person.email, person.name) == ("", "")
    assert person.erased_at


def test_a_copy_of_ones_data_is_a_file_to_read_and_one_for_programs(client, advocate):
    page = client.get(confirmation(client, advocate, "data"))
    for kind, address in page.context["data_urls"].items():
        answer = client.get(address)
        assert answer["Content-Disposition"] == f'attachment; filename="my-data.{kind}"'
        assert "ann@example.org" in answer.content.decode()
        assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("part", ["data.json", "data.html", "data.exe", "data."])
def test_a_link_to_leave_gives_no_copy_of_the_data(client, advocate, part):
    link = confirmation(client, advocate, "leave")
    assert client.get(f"{link}{part}").status_code == 404


def test_who_is_on_the_block_list_has_to_write_to_us(client, advocate):
    block_person(advocate.person, reason="r")
    answer = client.post(confirmation(client, advocate, "erase"))
    assert "one of us looks at it" in text(answer)
    assert Person.objects.get().erased_at is None


# The board


def test_a_yes_to_be_named_is_kept_in_its_words(client, advocate):
    assert post(client, advocate, "board", shown_as="first_name").url.endswith("?saved")
    assert Advocate.objects.get().shown_as == "first_name"
    assert "Friends of Harbour Coffee" in Consent.objects.get(kind="listed").wording


def test_a_program_whose_name_is_markup_is_named_by_its_letters(client, advocate):
    Program.objects.update(name="<script>alert(1)</script>")
    page = client.get(own_page_path(advocate), follow=True).content.decode()
    assert "where “&lt;script&gt;" in page
    assert "<script>alert" not in page


def test_a_name_that_is_refused_is_kept_in_the_form_with_why(client, advocate):
    answer = post(client, advocate, "board", shown_as="alias", alias="a@b.example")
    assert answer.status_code == 200
    assert answer.context["form"].errors["alias"]
    assert Advocate.objects.get().shown_as == ""


def test_no_more_to_be_named(client, advocate):
    post(client, advocate, "board", shown_as="first_name")
    post(client, advocate, "board", shown_as="")
    assert Advocate.objects.get().shown_as == ""
    assert Consent.objects.get().withdrawn_at


def test_who_gave_no_name_is_offered_none(client, program):
    nameless = join_program(program, find_or_add_person("x@example.org"))
    fields = shown(client, nameless).context["form"].fields
    assert [key for key, _label in fields["shown_as"].choices] == ["", "alias"]


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"a=%00", b"x" * 100_000])
def test_a_body_that_is_no_form_is_answered_without_an_error(advocate, body):
    for address in (own_page_path(advocate), RENEW, f"{RENEW}join/x/", f"{RENEW}confirm/x/"):
        for kind in ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data"):
            answer = Client().generic("POST", address, body, content_type=kind)
            assert answer.status_code in (200, 303, 400, 404), (address, kind)


def test_a_partner_leaves_on_the_partners_page(client, advocate):
    Partner.objects.create(
        program=advocate.program, advocate=advocate, name="Bicycles", state="active"
    )
    page = shown(client, advocate)
    assert not page.context["can_leave"]
    assert "Your page as our partner" in text(page)


# The mails


def mail(kind):
    return compose(Message.objects.filter(kind=kind).latest("pk"))


def test_the_mail_to_an_advocate_leads_to_the_page_and_says_nothing_else(client, advocate):
    ask(client, "ann@example.org")
    sent = mail("own_link")
    assert link_in("own_link") in sent.body
    assert sent.to == ["ann@example.org"]


def test_the_mail_about_several_programs_names_each(client, advocate):
    join_program(make_program("second", name="Second"), advocate.person)
    ask(client, "ann@example.org")
    body = mail("own_link").body
    assert "Second" in body
    assert body.count("/refer/me/") == 2


def test_the_mail_to_who_would_like_to_join_leads_to_the_terms(client, program):
    Program.objects.update(audience="everyone")
    ask(client, "nora@example.org")
    assert link_in("confirm_address") in mail("confirm_address").body


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("leave", "leave the program"),
        ("data", "a copy of everything"),
        ("erase", "erase everything"),
    ],
)
def test_the_mail_that_confirms_says_what(client, advocate, change, words):
    link = confirmation(client, advocate, change)
    body = " ".join(mail("own_confirm").body.split())
    assert words in body
    assert link in body
    others = {"leave the program", "a copy of everything", "erase everything"} - {words}
    assert not [other for other in others if other in body]
