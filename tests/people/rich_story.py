"""Ann's and Bo's story with all that can be said of somebody, told by everybody everywhere."""

from decimal import Decimal
from typing import Any

from django.utils import timezone
from wagtail.models import ModelLogEntry

from tests.admin.conftest import Story, tell
from wagtail_referrals.api import record_event
from wagtail_referrals.asks.models import Ask, Touchpoint
from wagtail_referrals.feedback.case_models import Case
from wagtail_referrals.feedback.cases import close_case, note_case, reply_to_case
from wagtail_referrals.feedback.inbox_models import SavedView
from wagtail_referrals.feedback.notes import add_note
from wagtail_referrals.feedback.testimonial_models import Testimonial
from wagtail_referrals.messages.models import MailPreference
from wagtail_referrals.partners.introduction_models import Introduction, WantedContact
from wagtail_referrals.people.consent import new_consent
from wagtail_referrals.people.identity import email_key
from wagtail_referrals.people.models import Consent, Person
from wagtail_referrals.people.register import find_or_add_person
from wagtail_referrals.people.suppression import note_no_contact
from wagtail_referrals.referrals.friend_mail_models import FriendMail
from wagtail_referrals.referrals.models import Advocate, Share
from wagtail_referrals.referrals.tier import set_tier
from wagtail_referrals.rewards.models import Reward
from wagtail_referrals.rewards.take_back import void_reward

EMAIL, NAME, ALIAS, PHONE = "ann@example.org", "Ann Advocate", "Coffee Queen", "+49 171 5550123"
WORDS = "Longer opening hours"
NOTE = "the beans remind me of Lisbon"
WHO = f"{NAME} alias {ALIAS}, {EMAIL}, {PHONE}"
# All that says who Ann is, or what she said.
TRACES = (EMAIL, NAME, ALIAS, PHONE, WORDS, NOTE, "Lindhaven")


def tell_all(user: Any) -> Story:
    """The story; ``user`` is somebody of the staff who writes down everything."""
    story = tell()
    ann = story.advocate.person
    program = story.program
    Advocate.objects.filter(pk=story.advocate.pk).update(alias=ALIAS, shown_as="alias")
    new_consent(ann, Consent.Kind.LISTED, f"Show me as {ALIAS}", place=EMAIL).save()
    set_tier(story.advocate, "gold", reason=WHO)
    record_event(
        program,
        "sign_up",
        external_id=f"signup-{EMAIL}",
        email=EMAIL,
        metadata={"name": NAME, "phone": PHONE, "to": [EMAIL.upper()]},
    )
    record_event(
        program,
        "purchase",
        external_id="2001",
        email=EMAIL,
        amount=Decimal("12.50"),
        currency="EUR",
        metadata={"ship_to": f"{NAME}, Quay 1"},
    )
    _follow_up(story, user)
    _introduce(story, ann)
    _write_to_friends(story, ann)
    MailPreference.objects.create(person=ann, category="asks")
    Share.objects.create(advocate=story.advocate, channel="qr", visitor="0" * 32)
    touchpoint = Touchpoint.objects.create(program=program, name="Receipt", stage="buy")
    event = ann.events.first()
    Ask.objects.create(
        touchpoint=touchpoint, program=program, person=ann, event=event, due_at=timezone.now()
    )
    SavedView.objects.create(user=user, name=NAME, query=f"q={EMAIL}")
    reward = Reward.objects.filter(person=ann, state="pending").first()
    assert reward
    void_reward(reward, reason=WHO, tell="terms")
    _publish(story, user)
    note_no_contact(ann, reason=WHO, user=user)
    return story


def _follow_up(story: Story, user: Any) -> None:
    add_note(story.response, WHO, user=user)
    case = Case.objects.get(response=story.response)
    note_case(case, WHO, user=user)
    reply_to_case(case, subject=f"Dear {NAME}", text=f"You said: {WORDS}", key="1", user=user)
    close_case(case, reason=WHO, user=user)


def _introduce(story: Story, ann: Person) -> None:
    introduction = Introduction.objects.get()
    consent = new_consent(ann, Consent.Kind.ASKED, f"{NAME} agrees")
    consent.save()
    bo = story.referral.friend
    Introduction.objects.create(
        program=story.program,
        direction="given",
        partner=introduction.partner,
        giver=bo,
        introduced=ann,
        consent=consent,
        name=NAME,
        phone=PHONE,
        need=f"{WORDS}, says {NAME}",
        best_time=f"call {PHONE}",
        next_step=f"Ring {PHONE}",
        way="mail",
        known="well",
        grade="B",
        open_key="ann",
    )
    Introduction.objects.filter(pk=introduction.pk).update(giver_name=NAME)
    introduction.entries.create(kind="note", text=WHO)
    WantedContact.objects.create(program=story.program, name=NAME, why=WHO)


def _write_to_friends(story: Story, ann: Person) -> None:
    cleo = find_or_add_person("cleo@example.org", name="Cleo Other")
    to_cleo = {"program": story.program, "advocate": story.advocate, "friend": cleo}
    FriendMail.objects.create(**to_cleo, email_key=email_key("cleo@example.org"), note=NOTE)
    by_cleo = Advocate.objects.create(program=story.program, person=cleo, code_key="CLEO")
    FriendMail.objects.create(
        program=story.program,
        advocate=by_cleo,
        friend=ann,
        email_key=email_key(EMAIL),
        note=f"Dear {NAME}",
    )


def _publish(story: Story, user: Any) -> None:
    testimonial = Testimonial.objects.get()
    testimonial.save_revision(user=user).publish(user=user, skip_permission_checks=True)
    assert ModelLogEntry.objects.for_instance(testimonial).exists()
