"""What the giver is told at each stage, what the partner is told, and a draft with both in copy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlencode

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ..messages.queue import queue_message
from ..people.suppression import is_suppressed
from ..tokens import make_token
from .introduction_models import Direction, Introduction, IntroductionStage, StageWords

STAGE_MAIL, PARTNER_MAIL = "introduction_stage", "introduction_received"
TOKEN = "introduction"

# {name} and {to} stand for who is introduced, and to whom. A stage without words has no mail.
USUAL_WORDS: dict[str, str | Promise] = {
    IntroductionStage.RECEIVED: _(
        "Thank you for introducing {name} to {to}. We tell you how it goes on."
    ),
    IntroductionStage.ACCEPTED: _(
        "Your introduction of {name} to {to} was gladly taken: they will be contacted soon."
    ),
    IntroductionStage.MEETING: _("{name} and {to} have met. Thank you for bringing them together."),
    IntroductionStage.WON: _(
        "{name} and {to} work together now. That is your doing: thank you very much."
    ),
}


def words_for(introduction: Introduction, locale: str) -> str:
    """What the giver is told at the stage it has, in their language; "" for nothing."""
    rows = StageWords.objects.filter(program=introduction.program, stage=introduction.stage)
    written = dict(rows.values_list("locale", "words"))
    language = locale or settings.LANGUAGE_CODE
    names = [name for name in (language, language.split("-")[0], "") if name in written]
    with translation.override(language):
        usual = str(USUAL_WORDS.get(introduction.stage, ""))
        return _fill(written[names[0]] if names else usual, introduction)


def receiver_name(introduction: Introduction) -> str:
    """To whom: the partner, or the site."""
    if introduction.direction == Direction.GIVEN and introduction.partner:
        return introduction.partner.name
    return introduction.program.site.site_name or introduction.program.name


def _fill(words: str, introduction: Introduction) -> str:
    name = introduction.name or gettext("somebody")
    return words.replace("{name}", name).replace("{to}", receiver_name(introduction)).strip()


def tell_giver(introduction: Introduction, at: datetime) -> None:
    """Queue the stage's mail to the giver: once for each stage, however often it is reached."""
    giver = introduction.giver
    if not giver.email or is_suppressed(giver.email):
        return
    words = words_for(introduction, giver.locale)
    if words:
        queue_message(
            STAGE_MAIL,
            about=f"{introduction.pk}:{introduction.stage}",
            person=giver,
            program=introduction.program,
            context={"words": words, "reply_to": introduction.program.notify_email},
            at=at,
        )


def tell_partner(introduction: Introduction, at: datetime) -> None:
    """Queue the mail that somebody was introduced to the partner. It names nobody."""
    partner = introduction.partner
    if partner is None or not partner.person.email or is_suppressed(partner.person.email):
        return
    queue_message(
        PARTNER_MAIL,
        about=introduction.pk,
        person=partner.person,
        program=introduction.program,
        context={
            "link": f"{introduction.program.site.root_url}{introduction_path(introduction)}",
            "partner_name": partner.name,
        },
        at=at,
    )


def introduction_path(introduction: Introduction) -> str:
    """The partner's private page about somebody who was introduced to it."""
    return reverse("wagtail_referrals:introduction", args=[make_token(TOKEN, introduction.pk)])


@dataclass(frozen=True)
class Draft:
    """A mail to send by oneself."""

    to: list[str]
    subject: str
    body: str

    @property
    def mailto(self) -> str:
        """A link that opens it in one's own mail program."""
        words = urlencode({"subject": self.subject, "body": self.body}, quote_via=quote)
        return f"mailto:{quote(','.join(self.to), safe='@,')}?{words}"


def both_in_copy(introduction: Introduction) -> Draft:
    """The mail that makes both known to each other, for whoever introduces them."""
    partner = introduction.partner if introduction.direction == Direction.GIVEN else None
    receiver = partner.person.email if partner else introduction.program.notify_email
    return Draft(
        to=[address for address in (introduction.introduced.email, receiver) if address],
        subject=gettext("An introduction"),
        body=draft_text(
            introduction.name,
            receiver_name(introduction),
            introduction.need,
            introduction.giver_name,
        ),
    )


def draft_text(name: str, to: str, need: str, giver: str, link: str = "") -> str:
    """The words of such a mail; ``link`` leads to who they are introduced to."""
    lines = [
        gettext("Hello %(name)s,") % {"name": name} if name else gettext("Hello,"),
        gettext("I would like to introduce you to %(to)s.") % {"to": to},
        gettext("What it is about: %(need)s") % {"need": need} if need else "",
        link,
        giver,
    ]
    return "\n\n".join(line for line in lines if line)
