"""Mail to a friend by the site: off, named, few, once, never to who asked not to be contacted."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from wagtail_referrals.due import run_due
from wagtail_referrals.events.claim import claim_offer
from wagtail_referrals.exceptions import InvalidInput, ReferralsError
from wagtail_referrals.messages.compose import compose
from wagtail_referrals.messages.models import Message, Quota
from wagtail_referrals.people.erase import erase_person
from wagtail_referrals.people.models import Person, Suppression
from wagtail_referrals.people.register import find_or_add_person, find_person
from wagtail_referrals.people.suppression import suppress
from wagtail_referrals.referrals.friend_mail import (
    decline,
    forget_friends,
    remind_friends,
    write_to_friend,
)
from wagtail_referrals.referrals.friend_mail_models import FriendMail
from wagtail_referrals.referrals.join import join_program
from wagtail_referrals.referrals.models import Advocate

NOON = datetime(2026, 3, 3, 12, 30, tzinfo=UTC)


@pytest.fixture
def program(program):
    program.mails_to_friends = True
    program.starts_at = NOON - timedelta(days=1)
    program.save()
    return program


def write(advocate, email="bo@example.org", **values):
    return write_to_friend(advocate, email=email, **{"at": NOON, **values})


def refusal(advocate, **values):
    with pytest.raises(ReferralsError) as refused:
        write(advocate, **values)
    assert not FriendMail.objects.exists()
    return refused.value.code


def kinds():
    return sorted(Message.objects.values_list("kind", flat=True))


def test_a_friend_gets_one_mail_that_names_who_recommends(advocate):
    write(advocate, name="Bo", note="Try it!")
    message = Message.objects.get()
    assert (message.kind, message.person.email) == ("friend_invitation", "bo@example.org")
    assert message.context["advocate_name"] == "Ann"
    assert message.context["note"] == "Try it!"
    assert message.context["offer_headline"] == "10% off"
    assert "via=mail" in message.context["claim_link"]


def test_it_is_off_until_the_owner_turns_it_on(advocate, program):
    program.mails_to_friends = False
    assert refusal(advocate) == "friend_mails_off"


def test_nobody_writes_to_themselves_however_they_spell_it(advocate):
    assert refusal(advocate, email="ANN@example.org") == "self_referral"


@pytest.mark.parametrize("state", ["paused", "left"])
def test_who_is_not_taking_part_has_nobody_written_to(advocate, state):
    advocate.state = state
    assert refusal(advocate) == "closed"


def test_a_closed_program_writes_to_nobody(advocate, program):
    program.is_active = False
    assert refusal(advocate) == "closed"


@pytest.mark.parametrize(
    "name", ["", "ann@example.org", "Win at casino.example", "www.example.org", "4711", "http://x"]
)
def test_a_sender_without_a_name_is_asked_for_one(advocate, name):
    advocate.person.name = name
    assert refusal(advocate) == "sender_unnamed"


@pytest.mark.parametrize(
    "note",
    [
        "See https://example.org",
        "see www.example.org",
        "example.org is great",
        "mail me: bo@example.org",
        "<b>Hi</b>",
        "<script>alert(1)</script>",
        "Hi&nbsp;there",
        "ｅｘａｍｐｌｅ．ｏｒｇ",
        "example。org",
        "exa\u200bmple.org",
        "ехаmple.оrg",
        "at 192.0.2.7",
        "दिल्ली.भारत",
        "example.\u034forg",
        "🦆.example",
        "javascript://x",
        "x" * 301,
    ],
)
def test_a_note_with_more_than_words_is_refused(advocate, note):
    assert refusal(advocate, note=note) == "invalid_note"


@pytest.mark.parametrize("note", ["I <3 it. 3.50 for a cup, e.g. on Sundays!", "Süß… 10 % 🦆", ""])
def test_plain_words_go_along(advocate, note):
    assert write(advocate, note=note).note == note


def test_a_friends_name_is_a_name(advocate):
    with pytest.raises(InvalidInput, match="Enter a name"):
        write(advocate, name="casino.example")


@pytest.mark.parametrize("email", ["", "x", "a@b", "bo@example.org\nBcc: x@example.org"])
def test_an_address_that_is_none_is_said(advocate, email):
    assert refusal(advocate, email=email) == "invalid_email"


def test_one_friend_is_written_to_once_whoever_asks(advocate, program):
    other = join_program(program, find_or_add_person("cleo@example.org", name="Cleo"))
    assert write(advocate)
    assert write(advocate, "BO@example.org") is None
    assert write(other) is None
    assert kinds() == ["friend_invitation"]


def test_who_asked_not_to_be_contacted_gets_none_and_nobody_learns_of_it(advocate):
    suppress("bo@example.org")
    assert write(advocate) is None
    assert not Message.objects.exists()
    assert not Person.objects.filter(email="bo@example.org").exists()


def test_a_customer_gets_none(advocate):
    person = find_or_add_person("bo@example.org")
    Person.objects.filter(pk=person.pk).update(customer_since=NOON)
    assert write(advocate) is None


def test_who_came_already_gets_none(advocate, landing):
    claim_offer(advocate, email="bo@example.org")
    Message.objects.all().delete()
    assert write(advocate) is None
    assert not Message.objects.exists()


def test_an_advocate_of_the_program_gets_none(advocate, program):
    join_program(program, find_or_add_person("bo@example.org"))
    assert write(advocate) is None


def test_a_mail_to_somebody_known_leaves_their_name_alone(advocate):
    find_or_add_person("bo@example.org", name="Boris")
    write(advocate, name="Bobo")
    assert find_person("bo@example.org").name == "Boris"


def test_ten_a_day_and_what_was_not_sent_counts_too(advocate):
    suppress("f0@example.org")
    for number in range(10):
        write(advocate, f"f{number}@example.org")
    with pytest.raises(ReferralsError, match="That is enough"):
        write(advocate, "f10@example.org")
    assert Message.objects.count() == 9
    assert write(advocate, "f10@example.org", at=NOON + timedelta(days=1))


def test_what_was_refused_uses_nothing_up(advocate, settings):
    settings.WAGTAIL_REFERRALS = {"FRIEND_MAILS_PER_HOUR": 0}
    assert refusal(advocate) == "friend_mails_used_up"
    assert not Quota.objects.filter(used__gt=0).exists()


def test_a_second_program_is_no_second_day(advocate, program):
    twin = make_twin(program)
    second = join_program(twin, advocate.person)
    for number in range(10):
        write(advocate if number % 2 else second, f"f{number}@example.org")
    with pytest.raises(ReferralsError, match="That is enough"):
        write(second, "f10@example.org")


def make_twin(program):
    program.pk, program.slug, program._state.adding = None, "twin", True
    program.save()
    return program


def test_the_site_has_its_hour(program, settings):
    settings.WAGTAIL_REFERRALS = {"FRIEND_MAILS_PER_HOUR": 12}
    people = [find_or_add_person(f"a{n}@example.org", name="Ann") for n in range(3)]
    advocates = [join_program(program, person) for person in people]
    sent = 0
    for number in range(30):
        try:
            sent += bool(write(advocates[number % 3], f"f{number}@example.org"))
        except ReferralsError:
            continue
    assert sent == Message.objects.count() == 12


@pytest.mark.slow
def test_a_thousand_over_every_path_stay_under_every_cap(program, settings, client):
    """By the verb, by the page of the advocates, by the reminders."""
    settings.WAGTAIL_REFERRALS = {"FORM_MIN_SECONDS": 0, "FORM_RATE": None}
    now = timezone.now()
    program.starts_at = now - timedelta(days=60)
    program.save()
    from wagtail_referrals.referrals.own_link import own_page_path

    people = [find_or_add_person(f"a{n}@example.org", name="Ann") for n in range(50)]
    advocates = [join_program(program, person) for person in people]
    older = [write(a, f"old{a.pk}@example.org", at=now - timedelta(days=6)) for a in advocates]
    suppressed = {f"f{number}@example.org" for number in range(0, 1000, 7)}
    for email in suppressed:
        suppress(email)
    form = client.get(f"{own_page_path(advocates[0])}friend/").context["form"]
    shown = {form.stamp_name: form[form.stamp_name].value()}
    for number in range(1000):
        advocate, email = advocates[number % 50], f"f{number}@example.org"
        if number % 2:
            client.post(f"{own_page_path(advocate)}friend/", {"email": email, **shown})
            continue
        try:
            write_to_friend(advocate, email=email)
        except ReferralsError as refused:
            assert refused.code == "friend_mails_used_up"
    assert len(older) == 50
    remind_friends()
    fresh = Message.objects.filter(created_at__gte=now)
    # The hour may end while the test runs.
    used = Quota.objects.filter(key__startswith="friend_mails:", ends_at__gte=now)
    assert all(row.used <= 200 for row in used)
    assert fresh.count() <= 200 * used.count()
    for advocate in advocates:
        theirs = FriendMail.objects.filter(advocate=advocate, created_at__gte=now)
        assert theirs.count() <= 10
    assert not fresh.filter(person__email__in=suppressed).exists()
    # Both by the verb and by the page.
    assert fresh.filter(person__email__in=["f1@example.org", "f2@example.org"]).count() == 2


def test_a_friend_who_does_not_come_is_reminded_once(advocate):
    write(advocate)
    assert remind_friends(at=NOON + timedelta(days=4)) == 0
    assert remind_friends(at=NOON + timedelta(days=5)) == 1
    assert remind_friends(at=NOON + timedelta(days=6)) == 0
    assert kinds() == ["friend_invitation", "friend_reminder"]


def _came(mail):
    claim_offer(mail.advocate, email="bo@example.org", at=NOON)


def _joined(mail):
    join_program(mail.program, mail.friend)


def _bought(mail):
    Person.objects.filter(pk=mail.friend_id).update(customer_since=NOON)


def _asked_for_peace(mail):
    suppress("bo@example.org")


def _turned_off(mail):
    mail.program.mails_to_friends = False
    mail.program.save()


def _left(mail):
    Advocate.objects.update(state="left")


def _ended(mail):
    mail.program.ends_at = NOON + timedelta(days=2)
    mail.program.save()


@pytest.mark.parametrize(
    "change", [_came, _joined, _bought, _asked_for_peace, _turned_off, _left, _ended, decline]
)
def test_a_reason_gone_is_no_reminder(advocate, landing, change):
    change(write(advocate))
    assert remind_friends(at=NOON + timedelta(days=5)) == 0


def test_reminders_can_be_switched_off(advocate, settings):
    write(advocate)
    settings.WAGTAIL_REFERRALS = {"FRIEND_REMINDER_DAYS": None}
    assert remind_friends(at=NOON + timedelta(days=9)) == 0


def test_reminders_count_for_the_sites_hour(advocate, settings):
    write(advocate)
    settings.WAGTAIL_REFERRALS = {"FRIEND_MAILS_PER_HOUR": 0}
    assert remind_friends(at=NOON + timedelta(days=5)) == 0
    settings.WAGTAIL_REFERRALS = {}
    assert remind_friends(at=NOON + timedelta(days=5)) == 1


def test_who_says_no_is_left_alone_for_good(advocate, client):
    mail = write(advocate)
    address = "/" + Message.objects.get().context["decline_link"].split("/", 3)[3]
    assert client.get(address).status_code == 200
    mail.refresh_from_db()
    assert mail.declined_at is None
    assert not Suppression.objects.exists()
    for _twice in range(2):
        assert client.post(address).status_code == 303
    mail.refresh_from_db()
    assert mail.declined_at
    assert Suppression.objects.count() == 1
    assert "We won't write to you again" in client.get(address).content.decode()


def test_who_is_forgotten_can_still_say_no(advocate):
    mail = write(advocate)
    forget_friends(at=NOON + timedelta(days=31))
    mail.refresh_from_db()
    decline(mail)
    assert write(advocate, at=NOON + timedelta(days=32)) is None
    assert Suppression.objects.count() == 1


def test_a_friend_who_did_not_come_is_forgotten(advocate):
    write(advocate, name="Bo", note="Dear Bo")
    assert forget_friends(at=NOON + timedelta(days=29)) == 0
    assert forget_friends(at=NOON + timedelta(days=31)) == 1
    mail = FriendMail.objects.get()
    assert (mail.friend, mail.note) == (None, "")
    assert not Person.objects.filter(email="bo@example.org").exists()
    assert not Message.objects.filter(context__icontains="Bo").exists()
    assert write(advocate, at=NOON + timedelta(days=32)) is None


def test_a_friend_we_know_otherwise_stays(advocate, landing):
    mail = write(advocate)
    claim_offer(advocate, email="bo@example.org", at=NOON)
    forget_friends(at=NOON + timedelta(days=31))
    mail.refresh_from_db()
    assert mail.friend is None
    assert find_person("bo@example.org").erased_at is None


def test_who_could_not_be_erased_is_forgotten_by_the_next_run(advocate, monkeypatch):
    mail = write(advocate)

    def die(*args, **values):
        raise RuntimeError("the worker is killed")

    with monkeypatch.context() as patched:
        patched.setattr("wagtail_referrals.referrals.friend_mail.erase_person", die)
        with pytest.raises(RuntimeError):
            forget_friends(at=NOON + timedelta(days=31))
    assert Person.objects.filter(email="bo@example.org").exists()
    assert forget_friends(at=NOON + timedelta(days=31)) == 1
    mail.refresh_from_db()
    assert mail.friend is None
    assert not Person.objects.filter(email="bo@example.org").exists()


def test_forgetting_can_be_switched_off(advocate, settings):
    write(advocate)
    settings.WAGTAIL_REFERRALS = {"FRIEND_FORGET_DAYS": None}
    assert forget_friends(at=NOON + timedelta(days=3000)) == 0


def test_due_jobs_remind_and_forget(advocate):
    write(advocate)
    assert run_due(at=NOON + timedelta(days=6))["friends_reminded"] == 1
    assert run_due(at=NOON + timedelta(days=31))["friends_forgotten"] == 1


@pytest.mark.parametrize("who", ["ann@example.org", "bo@example.org"])
def test_erasing_one_of_the_two_takes_the_words_with_it(advocate, who):
    write(advocate, note="Dear Bo, yours Ann")
    erase_person(find_person(who), reason="Asked for")
    message = Message.objects.get()
    assert (message.state, message.last_error) == ("skipped", "no_person")
    assert (message.context, message.person) == ({}, None)
    assert FriendMail.objects.get().note == ""


def test_the_mail_names_who_recommends_and_how_to_say_no(advocate):
    write(advocate, name="Bo", note="Try the <3 blend & more")
    message = Message.objects.select_related("person", "program__site").get()
    mail = compose(message)
    html = mail.alternatives[0][0]
    site = message.program.site.site_name or message.program.name
    assert mail.subject == f"Ann recommends {site} to you"
    assert "Hello Bo," in mail.body
    assert "Try the <3 blend & more" in mail.body
    assert "Try the &lt;3 blend &amp; more" in html
    for part in (mail.body, html):
        assert message.context["decline_link"] in part
        assert message.context["claim_link"].partition("?")[0] in part
    assert "List-Unsubscribe" in mail.extra_headers
    assert "ann@example.org" not in mail.message().as_string()
