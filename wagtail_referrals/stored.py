"""What is stored of people, why and for how long: said in one place, for a privacy notice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from .asks.models import Ask
from .conf import setting
from .coupons.models import Coupon, CouponEntry, Redemption
from .events.models import Event
from .feedback.case_models import Case, CaseEntry
from .feedback.heard_models import Mention
from .feedback.inbox_models import FeedbackNote, FeedbackTag, FeedbackWord, SavedView
from .feedback.invitation_models import Invitation
from .feedback.models import FeedbackResponse
from .feedback.testimonial_models import Testimonial
from .insights.champion_models import CustomerValue, SegmentMove
from .insights.reach_models import Reach
from .messages.models import MailPreference, Message, Quota
from .partners.collateral_models import Collateral, CollateralUse, CollateralVersion
from .partners.introduction_models import Introduction, IntroductionEntry, WantedContact
from .partners.models import JointOffer, Partner, PartnerContact
from .people.models import Consent, Person, Suppression
from .referrals.friend_mail_models import FriendMail
from .referrals.models import Advocate, AttributionChange, Click, DailySalt, Referral, Share
from .retention import KEPT, retention_days
from .rewards.models import Decision, Reward, RewardEntry
from .rewards.payout_models import Payout
from .rewards.pool_models import PoolCode
from .rewards.rule_models import Allowance

Words = str | Promise
_UNTIL_ERASED = _("until the person is erased")
_BOOKS = _("numbers and amounts stay for your books; what says whose they are, until it is erased")


@dataclass(frozen=True)
class Stored:
    """One kind of data: ``kept`` is its name in retention.py, ``ends`` says it in words else.

    The first of ``models`` is counted.
    """

    label: Words
    data: Words
    why: Words
    models: Sequence[type[Model]]
    ends: Words = _UNTIL_ERASED
    kept: str = ""

    def how_long(self) -> str:
        """For how long, from the settings."""
        if not self.kept:
            return str(self.ends)
        days = retention_days(self.kept)
        if days is None:
            return str(self.ends)
        words = ngettext("%(days)d day, then %(what)s", "%(days)d days, then %(what)s", days)
        return words % {"days": days, "what": KEPT[self.kept].what}

    def count(self) -> int:
        """How many there are now."""
        return int(self.models[0]._default_manager.count())


STORED: tuple[Stored, ...] = (
    Stored(
        label=_("People"),
        data=_(
            "E-mail address, name, language, since when they are known and a customer, user "
            "account, whether and why they are on the block list"
        ),
        why=_("To know who recommended whom, who earned what, and whom to write to"),
        models=(Person,),
        kept="people",
    ),
    Stored(
        label=_("Permissions"),
        data=_("What somebody agreed to: the wording, its version, where, when, and until when"),
        why=_("To prove that they agreed"),
        models=(Consent,),
        ends=_("as long as it may have to be proved; without the name once they are erased"),
    ),
    Stored(
        label=_("Addresses that are not to be contacted"),
        data=_("A digest of the address, which nobody can read it from"),
        why=_("So that nobody writes to them again"),
        models=(Suppression,),
        ends=_("for good: also after the person is erased, or they would be written to again"),
    ),
    Stored(
        label=_("Mails"),
        data=_("To whom, what about, the values in it, when it was sent, what went wrong"),
        why=_("To deliver each once, and to see what somebody was told"),
        models=(Message,),
        kept="messages",
    ),
    Stored(
        label=_("Declined mails"),
        data=_("Which kinds of mails somebody does not want"),
        why=_("To respect that"),
        models=(MailPreference,),
    ),
    Stored(
        label=_("Advocates"),
        data=_("Code and link, since when, how many friends they brought, name on the board"),
        why=_("To give them a link of their own and count what came of it"),
        models=(Advocate,),
    ),
    Stored(
        label=_("Clicks"),
        data=_(
            "Which link, when, by which way; no address: visitors of one day are told apart by a "
            "keyed hash, whose key is thrown away at night"
        ),
        why=_("To see which ways of sharing work"),
        models=(Click, DailySalt),
        kept="clicks",
    ),
    Stored(
        label=_("Shares"),
        data=_("Which button to share was used and when; told apart as clicks are"),
        why=_("To see which ways of sharing work"),
        models=(Share,),
        kept="shares",
    ),
    Stored(
        label=_("Recommendations"),
        data=_("Who brought whom, when, by which way, how far it came, the terms agreed to"),
        why=_("To know whom to thank, and that nobody is paid twice"),
        models=(Referral, AttributionChange),
    ),
    Stored(
        label=_("Mails to friends"),
        data=_("For whom, the note, whether the friend is interested; a digest of the address"),
        why=_("To write to each friend once and never again"),
        models=(FriendMail,),
    ),
    Stored(
        label=_("Values of customers"),
        data=_(
            "What somebody's purchases and the friends they brought are worth, worked out from "
            "both, which of four groups that puts them in, now and before, and how many people "
            "came of their recommendations"
        ),
        why=_("To know whom to thank, and whom to offer what"),
        models=(CustomerValue, SegmentMove, Reach),
        ends=_BOOKS,
    ),
    Stored(
        label=_("Orders and other facts"),
        data=_("What your shop reports: number, amount, time, and the details it sends along"),
        why=_("To find out what a recommendation has brought, and what it earns"),
        models=(Event,),
        ends=_BOOKS,
        kept="events_metadata",
    ),
    Stored(
        label=_("Coupons"),
        data=_("Code, offer, whose it is, who handed it on, on which order it was used"),
        why=_("So that each is used by whom and as often as it is meant"),
        models=(Coupon, CouponEntry, Redemption, PoolCode),
        ends=_BOOKS,
    ),
    Stored(
        label=_("Rewards"),
        data=_("Who got what for which order, why or why not, every change of it, and payouts"),
        why=_("To give what was promised, and to be able to say why"),
        models=(Reward, RewardEntry, Decision, Payout, Allowance),
        ends=_BOOKS,
    ),
    Stored(
        label=_("Feedback"),
        data=_("All that was answered in a form, the score, own words, notes and tags of staff"),
        why=_("To become better, and to answer"),
        models=(FeedbackResponse, FeedbackWord, FeedbackNote, FeedbackTag, Mention, SavedView),
        ends=_("the score for good; what was said, until the person is erased"),
    ),
    Stored(
        label=_("Words to publish"),
        data=_("A quotation with the name and the town, as far as the person allowed it"),
        why=_("To show what customers say"),
        models=(Testimonial,),
        ends=_("on pages until the permission is withdrawn; here until the person is erased"),
    ),
    Stored(
        label=_("Follow-up"),
        data=_("What somebody has to follow up, what was done, letters to the person"),
        why=_("So that nobody who is unhappy is forgotten"),
        models=(Case, CaseEntry),
    ),
    Stored(
        label=_("Invitations"),
        data=_("Who was invited to which form, until when, whether they answered"),
        why=_("To take one answer from each, and not to ask again"),
        models=(Invitation,),
        kept="invitations",
    ),
    Stored(
        label=_("Asks"),
        data=_("Who was, or was not, asked for what after which event, and why not"),
        why=_("To ask at a good moment, and seldom"),
        models=(Ask,),
    ),
    Stored(
        label=_("Partners"),
        data=_(
            "Businesses, their contacts with telephone numbers, joint offers, material to hand "
            "out, notes of staff"
        ),
        why=_("To recommend each other"),
        models=(
            *(Partner, PartnerContact, JointOffer, WantedContact),
            *(Collateral, CollateralVersion, CollateralUse),
        ),
        ends=_("until the partnership is deleted or the contact is erased"),
    ),
    Stored(
        label=_("Introductions"),
        data=_("Who was introduced to whom by whom, telephone, what they need, how it went on"),
        why=_("To bring the two together, and to thank who did"),
        models=(Introduction, IntroductionEntry),
    ),
    Stored(
        label=_("Counts for limits"),
        data=_("How often something was done in a time, by a number"),
        why=_("So that nobody sends thousands of mails"),
        models=(Quota,),
        kept="quotas",
    ),
)

# Of these an export has nothing: model name, and why.
NOT_EXPORTED: dict[str, Words] = {
    "Click": _("visitors' clicks are of nobody we could tell"),
    "AttributionChange": _("the recommendation says who brought whom; this names the other, too"),
    "FeedbackWord": _("the words of the answers again, in an index"),
    "WantedContact": _("whom the owner would like to meet, not who was met"),
    "CollateralVersion": _("earlier files of the business's material"),
    "CollateralUse": _("how often the material was taken, by nobody we could tell"),
    "PartnerPage": _("the page of the business is on the site for everybody to read"),
}


def as_text() -> str:
    """All of it as plain text, ready for a privacy notice."""
    site = gettext("Kept in the visitor's browser: nothing. Our own pages set no cookie.")
    days = gettext("Links in mails to personal pages hold for %(days)d days.")
    blocks = [
        "\n".join(
            [
                str(one.label),
                gettext("What: %(words)s.") % {"words": one.data},
                gettext("Why: %(words)s.") % {"words": one.why},
                gettext("How long: %(words)s.") % {"words": one.how_long()},
            ]
        )
        for one in STORED
    ]
    return "\n\n".join([*blocks, site, days % {"days": setting("TOKEN_DAYS")}])
