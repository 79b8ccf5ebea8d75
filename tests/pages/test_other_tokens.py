"""A link for one thing opens no other, and no answer to it is an error of ours."""

import pytest
from django.test import Client
from django.urls import reverse

from wagtail_referrals.messages.addresses import mail_token
from wagtail_referrals.people.models import Person, Suppression
from wagtail_referrals.referrals.friend_mail import TOKEN as FRIEND
from wagtail_referrals.referrals.friend_mail_models import FriendMail
from wagtail_referrals.referrals.joining import join_token
from wagtail_referrals.referrals.models import Advocate
from wagtail_referrals.referrals.own_link import OWN_PAGE
from wagtail_referrals.referrals.own_mail import change_url
from wagtail_referrals.referrals.share import FILES
from wagtail_referrals.tokens import make_token, sign_value

# The kind of token each address is for, by the name of the address.
OPENS = {
    "me": "own",
    "me_friend": "own",
    "me_join": "join",
    "me_confirm": "leave",
    "friend_off": "friend",
    "mail": "mail",
    "mail_off": "mail",
    "mail_not_me": "mail",
    "share_qr": "share",
    "share_cards": "share",
    "me_data": "data",
    "me_coupon": "own",
    "partner": "partner",
    "partner_edit": "partner",
    "partner_join": "invitation",
    "introduction": "introduction",
}
MORE = {"share_qr": ["png"], "me_data": ["json"], "me_coupon": [10**30]}


@pytest.fixture
def tokens(program, advocate):
    program.mails_to_friends = True
    program.save()
    person = advocate.person
    mail = FriendMail.objects.create(
        program=program, advocate=advocate, friend=person, email_key="a" * 64
    )
    confirm = {
        change: change_url(advocate, change).rstrip("/").rpartition("/")[2]
        for change in ("leave", "erase", "data")
    }
    return {
        "own": make_token(OWN_PAGE, advocate.pk),
        "share": make_token(FILES, advocate.pk),
        "friend": make_token(FRIEND, mail.pk),
        "claim": make_token("claim", advocate.pk),
        "join": join_token(program, person),
        "mail": mail_token(person, program),
        "odd": sign_value(OWN_PAGE, {"pk": 1}),
        "endless": sign_value(OWN_PAGE, "9" * 400),
        "cut": make_token(OWN_PAGE, advocate.pk)[:-3],
        "long": make_token(OWN_PAGE, advocate.pk) * 20,
        "null": "\x00",
        **confirm,
    }


def _stored():
    return (
        list(Advocate.objects.values_list("state", "shown_as")),
        list(Person.objects.values_list("email", "name", "erased_at")),
        Suppression.objects.count(),
        list(FriendMail.objects.values_list("declined_at", flat=True)),
    )


@pytest.mark.parametrize("name", OPENS)
def test_a_link_of_another_kind_opens_nothing(tokens, name):
    client = Client(enforce_csrf_checks=True)
    before = _stored()
    for kind, token in tokens.items():
        # All three lead to a page where one of the changes is confirmed.
        same = {"leave", "erase", "data"} if name == "me_confirm" else {OPENS[name]}
        if kind in same:
            continue
        address = reverse(f"wagtail_referrals:{name}", args=[token, *MORE.get(name, [])])
        for answer in (
            client.get(address),
            client.head(address),
            client.post(address, {"change": "erase", "terms": "on", "List-Unsubscribe": "x"}),
            client.put(address),
            client.delete(address),
            client.options(address),
        ):
            assert answer.status_code in (403, 404, 405), (kind, answer)
    assert _stored() == before


@pytest.mark.parametrize("name", [name for name in OPENS if OPENS[name] in ("own", "mail", "join")])
def test_looking_changes_nothing(tokens, name):
    before = _stored()
    address = reverse(f"wagtail_referrals:{name}", args=[tokens[OPENS[name]], *MORE.get(name, [])])
    for answer in (Client().get(address), Client().head(address)):
        assert answer.status_code in (200, 303)
    assert _stored() == before
