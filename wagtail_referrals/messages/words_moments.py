"""Our words for what happens by itself: a friend came, a coupon runs out, how the week was."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from .kinds import (
    COUPON,
    COUPON_FIELDS,
    LINES,
    LINES_FIELDS,
    REWARDS,
    SHARE,
    SHARE_FIELDS,
    STAFF,
    THANKS,
    Field,
    MailKind,
    Words,
    button,
    text,
)
from .words_rewards import FRIEND_NAME, RECOMMENDING

_OWNER = _("You get this mail because your address is that of the program's owner.")
_COUPON_WHY = _("You get this mail because this coupon is yours and still unused.")

_OWN_PAGE = Field("own_page", _("address of their own page"), "https://example.org/me/")
_ADMIN = Field("url", _("address of the program in the admin"), "https://example.org/admin/")

_LOOK = button(_("See where it stands"), "own_page")

_WELCOME = MailKind(
    key="welcome",
    label=_("welcome"),
    category=THANKS,
    subject=_("Your own link is ready"),
    body=(
        text(_("It is good to have you with us. From now on you have a link of your own.")),
        text(
            _(
                "Pass it on to somebody who would like us, too. When they buy, you get: "
                "{{ reward }}."
            ),
            only_with="reward",
        ),
        text(
            _(
                "Pass it on to somebody who would like us, too: we thank you for everyone "
                "who comes."
            ),
            only_with="!reward",
        ),
        SHARE,
        text(_("What has become of it, and what you have earned, you always see on your page.")),
        button(_("Open your page"), "own_page"),
    ),
    why=_("You get this mail because you have just joined, by a form on our site."),
    fields=(
        Field("reward", _("what they get for a friend"), _("€10 off")),
        _OWN_PAGE,
        *SHARE_FIELDS,
    ),
)

_FRIEND_CLAIMED = MailKind(
    key="friend_claimed",
    label=_("a friend has claimed the offer"),
    category=THANKS,
    subject=_("Somebody followed your recommendation"),
    body=(
        text(
            _(
                "{{ friend_first_name|A friend of yours }} opened your link and claimed our "
                "welcome offer. Thank you!"
            )
        ),
        text(_("Now it is our turn to make a good impression. We tell you when they buy.")),
        _LOOK,
    ),
    why=RECOMMENDING,
    fields=(FRIEND_NAME, _OWN_PAGE),
)

_FRIEND_BOUGHT = MailKind(
    key="friend_bought",
    label=_("a friend has bought"),
    category=THANKS,
    subject=_("Your recommendation worked"),
    body=(
        text(
            _("{{ friend_first_name|A friend of yours }} has bought from us, because of you."),
        ),
        text(
            _(
                "Thank you! We look at what you get for it, and write to you when it is settled. "
                "There is nothing you need to do."
            )
        ),
        _LOOK,
    ),
    why=RECOMMENDING,
    fields=(FRIEND_NAME, _OWN_PAGE),
)


def _note(number: int, subject: Words, thanks: Words, more: Words) -> MailKind:
    """One of the thank-you notes: the same thanks in other words."""
    return MailKind(
        key=f"thank_you_{number}",
        label=_("thank-you note"),
        category=THANKS,
        subject=subject,
        body=(text(thanks), text(more), _LOOK),
        why=RECOMMENDING,
        fields=(FRIEND_NAME, _OWN_PAGE),
    )


_THANKS = (
    _note(
        1,
        _("Thank you for telling a friend"),
        _(
            "{{ friend_first_name|A friend of yours }} was here, and bought something – because "
            "you had told them about us."
        ),
        _(
            "No advertisement can do that: people come because somebody they trust says a good "
            "word. Thank you for saying it."
        ),
    ),
    _note(
        2,
        _("That was because of you"),
        _(
            "We have served {{ friend_first_name|a friend of yours }} for the first time. That was "
            "because of you."
        ),
        _(
            "We were glad to meet them, and we are glad to have you. A big thank-you from all of "
            "us!"
        ),
    ),
    _note(
        3,
        _("A good word, and what came of it"),
        _(
            "You put in a good word for us, and {{ friend_first_name|a friend }} took it: they "
            "have bought from us."
        ),
        _("We know that you vouch for us when you do that, and we do our best to live up to it."),
    ),
    _note(
        4,
        _("We owe you a thank-you"),
        _(
            "{{ friend_first_name|A friend }} found us with your link and has just become a "
            "customer."
        ),
        _("It means a lot to us that you think of us. Thank you – and see you soon!"),
    ),
)

_APPROVED = MailKind(
    key="reward_approved",
    label=_("reward approved"),
    category=REWARDS,
    subject=_("Your reward is approved"),
    body=(
        text(_("Good news: your reward is approved."), only_with="!offer_headline"),
        text(_("Good news: {{ offer_headline }} is yours."), only_with="offer_headline"),
        text(
            _(
                "It is set aside for you until {{ hold_until }}, in case the order is returned. "
                "Then we send it to you, and there is nothing you need to do."
            ),
            only_with="hold_until",
        ),
        _LOOK,
    ),
    why=RECOMMENDING,
    fields=(
        COUPON_FIELDS[0],
        _OWN_PAGE,
        Field("hold_until", _("day on which it is sent"), "2030-12-24T12:00:00+00:00"),
    ),
)

_REFUSED = MailKind(
    key="reward_refused",
    label=_("reward refused"),
    category=REWARDS,
    subject=_("About your reward"),
    body=(
        text(
            _("We are sorry: we cannot give you “{{ offer_headline }}”."),
            only_with="offer_headline",
        ),
        text(
            _("We are sorry: we cannot give you a reward this time."), only_with="!offer_headline"
        ),
        text(_("The reason: {{ reason }}"), only_with="reason"),
        text(_("If you think this is a mistake, just answer this mail, and we look at it again.")),
    ),
    why=_("You get this mail because there was a reward in your name."),
    fields=(
        COUPON_FIELDS[0],
        Field(
            "reason",
            _("reason, in words for the customer"),
            _("The order was sent back."),
            as_it_is=True,
        ),
    ),
)

_EXPIRES = MailKind(
    key="coupon_expires",
    label=_("coupon is about to expire"),
    category=REWARDS,
    subject=_("Your coupon is good until {{ expires_at }}"),
    body=(
        text(_("This coupon is yours, and it ends on {{ expires_at }}:"), only_with="!hand_on"),
        text(
            _("You have a coupon to hand on to a friend, and it ends on {{ expires_at }}:"),
            only_with="hand_on",
        ),
        COUPON,
        text(_("Give the code when you pay."), only_with="!hand_on"),
        text(
            _("Send the code to somebody who would like us. It would be a pity to let it lapse."),
            only_with="hand_on",
        ),
    ),
    why=_COUPON_WHY,
    fields=(*COUPON_FIELDS, Field("hand_on", _("a coupon to hand on"), False)),
)

_FRIENDS_REMINDER = MailKind(
    key="friend_coupon_reminder",
    label=_("reminder of a friend's coupon"),
    category=REWARDS,
    subject=_("Your coupon is waiting for you"),
    body=(
        text(_("A few days ago you asked for this coupon. It is still there for you:")),
        COUPON,
        text(_("Give the code when you pay. This is the only reminder: we look forward to you.")),
    ),
    why=_("You get this mail because you asked for this coupon on our site."),
    fields=COUPON_FIELDS,
)

_BUDGET_LOW = MailKind(
    key="budget_low",
    label=_("budget runs low"),
    category=STAFF,
    subject=_("The budget runs low: {{ program_name }}"),
    body=(
        text(_("The program “{{ program_name }}” has granted at least {{ used }} of {{ most }}.")),
        text(
            _(
                "When the budget is used up, nothing is granted any more, and its pages say that "
                "the program is full. Raise it in time if you want to go on."
            )
        ),
        button(_("Open the program"), "url"),
    ),
    why=_OWNER,
    fields=(
        Field("used", _("what is granted"), "€800"),
        Field("most", _("the budget"), "€1,000"),
        _ADMIN,
    ),
)

_DIGEST = MailKind(
    key="digest",
    label=_("summary of the week"),
    category=STAFF,
    subject=_("Week {{ week }}: {{ program_name }}"),
    body=(
        text(
            _("This is what the week from {{ first_day }} to {{ last_day }} has brought:"),
            only_with="!quiet",
        ),
        text(
            _(
                "The week from {{ first_day }} to {{ last_day }} was a quiet one: nobody opened a "
                "link, claimed the offer, bought by a recommendation or gave feedback."
            ),
            only_with="quiet",
        ),
        LINES,
        text(
            _(
                "People recommend when they are asked at a good moment. Is the link to your form "
                "in the mails your shop sends, on the receipt, at the exit?"
            ),
            only_with="quiet",
        ),
        button(_("See all numbers of the week"), "url"),
    ),
    why=_(
        "You get this mail because your address is that of the program's owner. Switch it off in "
        "the program's settings."
    ),
    fields=(
        Field("week", _("number of the week"), "47"),
        Field("first_day", _("Monday"), "2030-11-18"),
        Field("last_day", _("Sunday"), "2030-11-24"),
        Field("quiet", _("nothing happened"), False),
        *LINES_FIELDS,
        Field("url", _("address of the dashboard"), "https://example.org/admin/"),
    ),
)

KINDS: tuple[MailKind, ...] = (
    _WELCOME,
    _FRIEND_CLAIMED,
    _FRIEND_BOUGHT,
    *_THANKS,
    _APPROVED,
    _REFUSED,
    _EXPIRES,
    _FRIENDS_REMINDER,
    _BUDGET_LOW,
    _DIGEST,
)
