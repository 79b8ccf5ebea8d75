"""Introductions: who may be introduced, what is kept, and who is told."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError
from django.utils import timezone, translation
from django.utils.functional import lazy

from tests.partners.meeting import AGREED, introduced, make_partner, told
from wagtail_referrals.events.models import Event
from wagtail_referrals.exceptions import Conflict, ReferralsError
from wagtail_referrals.messages.models import Message
from wagtail_referrals.partners import introduction_forms, introduction_mails
from wagtail_referrals.partners.introduction_models import (
    GradeLine,
    Introduction,
    StageWords,
    WantedContact,
)
from wagtail_referrals.partners.introductions import introduce, wanted_for
from wagtail_referrals.partners.models import Partner, PartnerContact
from wagtail_referrals.partners.stages import change_introduction, move, note_introduction
from wagtail_referrals.people.block import block_person
from wagtail_referrals.people.models import Consent, Person
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.people.suppression import suppress
from wagtail_referrals.programs.models import AttributionModel
from wagtail_referrals.referrals.join import join_program
from wagtail_referrals.referrals.models import Advocate, Referral
from wagtail_referrals.referrals.refer import refer
from wagtail_referrals.rewards.models import Reward
from wagtail_referrals.rewards.rule_models import RewardRule, RuleEffect
from wagtail_referrals.rewards.versions import save_rule


@pytest.fixture
def partner(program):
    return make_partner(program)


def commission(program, trigger="introduction.won", conditions=(), formula="percent", **options):
    """A rule: the giver gets ten percent, or what ``formula`` says."""
    rule = RewardRule(
        program=program, name="Commission", trigger=trigger, conditions=list(conditions)
    )
    effect = RuleEffect(
        beneficiary="advocate", formula=formula, formula_options=options or {"percent": "10"}
    )
    return save_rule(rule, [effect])


def test_an_introduction_to_us_is_kept_with_the_consent_in_the_words_that_were_shown(program):
    introduction = introduced(program, place="/hub/introduce/")
    assert introduction.direction == "received"
    assert introduction.consent.wording == AGREED
    assert introduction.consent.person == introduction.introduced
    assert introduction.consent.place == "/hub/introduce/"


def test_who_introduces_somebody_to_us_recommended_them(program):
    introduction = introduced(program)
    referral = Referral.objects.get()
    assert introduction.referral == referral
    assert referral.advocate.person.email == "ann@example.org"
    assert (referral.source, referral.grade) == ("told", "B")


def test_somebody_who_was_recommended_before_stays_the_first_ones_friend(program):
    introduced(program, giver_email="first@example.org")
    assert introduced(program).referral is None
    assert Referral.objects.get().advocate.person.email == "first@example.org"


def test_by_whatever_model_a_third_ones_word_takes_nobodys_friend_away(program):
    program.attribution_model = AttributionModel.LAST
    program.save()
    introduced(program, giver_email="first@example.org")
    assert introduced(program).referral is None
    assert Referral.objects.get().advocate.person.email == "first@example.org"


def test_the_giver_earns_when_the_friend_has_come_by_another_link_since(program):
    program.attribution_model = AttributionModel.LAST
    program.save()
    commission(program)
    introduction = introduced(program)
    other = join_program(program, find_or_add_person("other@example.org"))
    refer(other, introduction.introduced, source="link")
    move(introduction, "won", amount="100")
    reward = Reward.objects.get()
    assert reward.person.email == "ann@example.org"
    assert reward.referral is None


@pytest.mark.parametrize(
    ("giver", "who", "to_them"),
    [
        ("kim@kiln.example.org", "lou@kiln.example.org", False),
        ("kiln@partner.example.org", "Lou@Kiln.example.org", False),
        ("kim@kiln.example.org", "kiln@partner.example.org", False),
        ("ann@example.org", "lou@kiln.example.org", True),
    ],
)
def test_nobody_introduces_colleagues_or_a_business_to_itself(
    program, partner, giver, who, to_them
):
    for name in ("kim", "lou"):
        email = f"{name}@kiln.example.org"
        PartnerContact.objects.create(partner=partner, name=name, email=email)
    with pytest.raises(ReferralsError) as refused:
        introduced(program, partner if to_them else None, giver_email=giver, email=who)
    assert refused.value.code == "self_referral"
    assert not Introduction.objects.exists()


def test_a_customer_who_is_introduced_is_nobodys_friend(program):
    find_or_add_person("dora@example.org")
    Person.objects.update(customer_since=timezone.now())
    assert introduced(program).referral is None
    assert not Referral.objects.exists()


def test_what_a_partner_gives_counts_for_the_partner(program, partner):
    PartnerContact.objects.create(partner=partner, name="Kim", email="kim@partner.example.org")
    introduction = introduced(program, giver_email="KIM@partner.example.org")
    assert introduction.partner == partner
    assert introduction.referral.advocate == partner.advocate
    assert introduction.referral.source == "partner"


def test_what_a_partner_is_given_is_no_recommendation_of_us_and_a_favour(program, partner):
    introduction = introduced(program, partner)
    assert (introduction.direction, introduction.partner) == ("given", partner)
    assert not Referral.objects.exists()
    partner.refresh_from_db()
    assert partner.last_favour_on == timezone.localdate()


@pytest.mark.parametrize("consent", ["", "  "])
def test_without_consent_nothing_is_kept(program, consent):
    with pytest.raises(ReferralsError) as refusal:
        introduced(program, consent=consent)
    assert refusal.value.code == "consent_needed"
    assert not Person.objects.filter(email="dora@example.org").exists()
    assert not Person.objects.filter(email="ann@example.org").exists()


def _suppressed(program):
    suppress("DORA@example.org")


def _blocked(program):
    block_person("dora@example.org", reason="spam")


def _blocked_giver(program):
    block_person("ann@example.org", reason="spam")


def _each_other(program):
    dora = join_program(program, find_or_add_person("dora@example.org"))
    introduced(program, giver_email=dora.person.email, email="ann@example.org")


@pytest.mark.parametrize("why", [_suppressed, _blocked, _blocked_giver, _each_other])
def test_what_has_to_stay_unsaid_is_refused_in_the_same_words_and_leaves_nothing(program, why):
    why(program)
    before = (Person.objects.count(), Consent.objects.count(), Message.objects.count())
    with pytest.raises(ReferralsError) as refusal:
        introduced(program)
    assert refusal.value.code == "introduction_refused"
    after = (Person.objects.count(), Consent.objects.count(), Message.objects.count())
    assert after == before


def test_nobody_introduces_themselves_or_their_own_business(program, partner):
    for values in (
        {"giver_email": "D.o.r.a+x@gmail.com", "email": "dora@gmail.com"},
        {"giver_email": partner.person.email, "to": partner},
        {"email": partner.person.email, "to": partner},
    ):
        with pytest.raises(ReferralsError) as refusal:
            introduced(program, **values)
        assert refusal.value.code == "self_referral"
    assert not Introduction.objects.exists()


@pytest.mark.parametrize("state", ["invited", "applied", "paused", "ended"])
def test_a_partner_who_is_not_active_gets_nobody(program, partner, state):
    Partner.objects.update(state=state)
    partner.refresh_from_db()
    with pytest.raises(ReferralsError):
        introduced(program, partner)


def test_the_same_introduction_again_is_the_first_one_until_it_is_over(program):
    first = introduce(program, told(), giver_email="ann@example.org")
    again = introduce(program, told(need="Something else"), giver_email="ANN@example.org")
    assert (again.introduction, again.created) == (first.introduction, False)
    move(first.introduction, "lost", reason="No budget")
    later = introduce(program, told(), giver_email="ann@example.org")
    assert later.created
    assert Introduction.objects.count() == 2


@pytest.mark.parametrize(
    ("way", "known", "grade"),
    [
        ("brought", "hardly", "A"),
        ("meeting", "", "A"),
        ("mail", "well", "B"),
        ("call", "some", "C"),
        ("name", "well", "C"),
        ("name", "", "D"),
    ],
)
def test_the_grade_is_by_the_usual_table(program, way, known, grade):
    assert introduced(program, way=way, known=known).grade == grade


def test_the_grade_is_by_the_first_line_of_the_programs_own_table_that_fits(program):
    for position, (way, known, grade) in enumerate([("mail", "hardly", "D"), ("mail", "", "A")]):
        GradeLine.objects.create(
            program=program, position=position, way=way, known=known, grade=grade
        )
    assert introduced(program, way="mail", known="well").grade == "A"
    assert introduced(program, way="call", email="other@example.org").grade == "D"


def test_each_stage_has_its_date_and_who_took_it_there(program, admin_user):
    introduction = introduced(program)
    move(introduction, "accepted", user=admin_user)
    lines = introduction.entries.values_list("kind", "value", "user", "actor")
    assert list(lines) == [
        ("stage", "received", None, "giver"),
        ("stage", "accepted", admin_user.pk, ""),
    ]


def test_what_somebody_else_has_moved_meanwhile_is_not_moved_again(program):
    introduction = introduced(program)
    move(introduction, "accepted")
    with pytest.raises(Conflict):
        move(introduction, "contacted")
    assert Introduction.objects.get().stage == "accepted"


def test_what_is_lost_has_a_reason(program):
    introduction = introduced(program)
    with pytest.raises(ReferralsError) as refusal:
        move(introduction, "lost", reason=" ")
    assert refusal.value.code == "invalid_reason"
    assert move(introduction, "lost", reason="No budget").lost_reason == "No budget"


@pytest.mark.parametrize("amount", ["-1", "1.001", "NaN", "a lot"])
def test_an_amount_that_is_none_is_refused(program, amount):
    with pytest.raises(ReferralsError) as refusal:
        move(introduced(program), "won", amount=amount)
    assert refusal.value.code == "invalid_amount"


def test_what_is_opened_again_does_not_stand_beside_an_open_one(program):
    over = move(introduced(program), "lost", reason="No budget")
    introduced(program)
    with pytest.raises(ReferralsError) as refusal:
        move(over, "contacted", reason="They called")
    assert refusal.value.code == "not_possible"


def test_the_giver_is_told_once_at_each_stage_that_has_words(program):
    introduction = introduced(program)
    for stage in ("accepted", "contacted", "meeting", "accepted", "won"):
        introduction = move(introduction, stage)
    mails = Message.objects.filter(kind="introduction_stage", person=introduction.giver)
    told_of = [key.split(":")[-1] for key in mails.order_by("pk").values_list("key", flat=True)]
    assert told_of == ["received", "accepted", "meeting", "won"]


def test_the_giver_reads_the_owners_words_in_their_language(program):
    for locale, words in (("", "Thanks"), ("de", "Danke, {name} kommt zu {to}")):
        StageWords.objects.create(program=program, stage="received", locale=locale, words=words)
    introduced(program, locale="de-at")
    assert Message.objects.get().context["words"].startswith("Danke, Dora Keen kommt zu ")


def test_empty_words_are_no_mail(program):
    StageWords.objects.create(program=program, stage="received", words="")
    introduced(program)
    assert not Message.objects.exists()


def test_the_partner_is_told_without_a_name_in_the_mail(program, partner):
    introduced(program, partner)
    mail = Message.objects.get(kind="introduction_received")
    assert mail.person == partner.person
    assert "Dora" not in str(mail.context)
    assert "/introduction/" in mail.context["link"]


def test_an_introduction_is_an_event_of_whoever_earns_by_it(program, partner):
    introduction = introduced(program, partner, way="meeting")
    event = Event.objects.get(kind="introduction.received")
    assert (event.person, event.referral) == (introduction.giver, None)
    assert event.metadata == {
        "grade": "A",
        "way": "meeting",
        "direction": "given",
        "partner": partner.pk,
    }


def test_a_commission_on_a_win_waits_for_the_giver(program, partner):
    commission(program)
    move(introduced(program, partner), "won", amount="1200.00")
    reward = Reward.objects.get()
    assert (reward.person.email, reward.state) == ("ann@example.org", "pending")
    assert (reward.amount, reward.currency) == (Decimal("120.00"), "EUR")


def test_a_win_that_is_taken_back_ends_the_commission_and_a_new_one_grants_again(program):
    commission(program)
    won = move(introduced(program), "won", amount="100")
    again = move(won, "offer", reason="They changed their mind")
    assert Reward.objects.get().state == "voided"
    assert Event.objects.get(kind="introduction.won").not_attributed == "taken_back"
    move(again, "won", amount="50")
    states = Reward.objects.order_by("pk").values_list("state", "amount")
    assert list(states) == [("voided", Decimal("10.00")), ("pending", Decimal("5.00"))]


def test_rules_look_at_the_grade_of_the_introduction(program):
    grade = {"key": "grade_at_least", "options": {"grade": "A"}}
    commission(program, "introduction.received", [grade], "fixed", amount="5.00")
    introduced(program, way="mail")
    assert not Reward.objects.exists()
    introduced(program, way="brought", email="other@example.org")
    assert Reward.objects.get().amount == Decimal("5.00")


def test_owner_next_step_and_grade_are_changed_with_a_line_each(program, admin_user):
    introduction = introduced(program)
    day = timezone.localdate() + timedelta(days=3)
    values = {"owner": admin_user, "next_step": "Call", "next_step_on": day, "grade": "A"}
    change_introduction(introduction, **values, user=admin_user)
    kinds = introduction.entries.exclude(kind="stage").values_list("kind", "text")
    assert list(kinds) == [("owner", str(admin_user)), ("next", f"{day} · Call"), ("grade", "A")]
    with pytest.raises(Conflict):
        change_introduction(Introduction(pk=introduction.pk, grade="C"), **values)


def test_a_note_is_a_line(program):
    introduction = introduced(program)
    note_introduction(introduction, "Likes to be called")
    assert introduction.entries.last().text == "Likes to be called"


def test_wanted_contacts_are_those_asked_of_everybody_and_of_the_partner(program, partner):
    other = make_partner(program, "Loom")
    for name, asked in (("All", None), ("Ours", partner), ("Theirs", other)):
        WantedContact.objects.create(program=program, name=name, partner=asked)
    WantedContact.objects.create(program=program, name="Met", is_active=False)
    assert [one.name for one in wanted_for(program, partner)] == ["All", "Ours"]
    assert [one.name for one in wanted_for(program)] == ["All"]


def test_who_introduces_somebody_is_an_advocate_of_the_program(program):
    introduced(program)
    assert Advocate.objects.get().person.email == "ann@example.org"


def test_the_question_whether_they_agreed_is_in_the_visitors_language(monkeypatch):
    in_language = lazy(translation.get_language, str)()
    monkeypatch.setattr(introduction_forms, "WORDING", in_language)
    with translation.override("de"):
        (_key, label), _not_yet = introduction_forms.IntroduceForm().fields["agreed"].choices
        assert label.endswith(" de")


def test_who_has_no_name_is_called_so_in_the_givers_language_in_our_own_words_too(
    program, monkeypatch
):
    monkeypatch.setattr(introduction_mails, "gettext", lambda text: translation.get_language())
    StageWords.objects.create(program=program, stage="received", locale="de", words="{name}!")
    assert introduction_mails.words_for(introduced(program, name=""), "de") == "de!"


def test_what_a_partners_other_contact_gives_to_a_partner_earns_for_the_business(program, partner):
    PartnerContact.objects.create(partner=partner, name="Kim", email="kim@partner.example.org")
    commission(program)
    given = introduced(
        program, make_partner(program, "Loom"), giver_email="kim@partner.example.org"
    )
    move(given, "won", amount="100")
    assert Reward.objects.get().person == partner.person


@pytest.mark.parametrize("values", [{"amount": 5, "stage": "won"}, {"currency": "EUR"}])
def test_the_database_keeps_an_amount_with_its_currency(program, values):
    introduction = introduced(program)
    if "stage" in values:
        values = {**values, "open_key": None}
    with pytest.raises(IntegrityError):
        Introduction.objects.filter(pk=introduction.pk).update(**values)
