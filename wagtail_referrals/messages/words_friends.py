"""Our words for mails to the friends of advocates."""

from django.utils.translation import gettext_lazy as _

from .kinds import FRIENDS, Field, MailKind, button, text

_FIELDS = (
    Field("advocate_name", _("first name of who recommends"), "Ann"),
    Field("note", _("what they wrote"), _("You asked me where I get my coffee: here!")),
    Field("offer_headline", _("what the friend gets"), _("10% off")),
    Field("rewarded", _("who recommends gets something, too"), True),
    Field("claim_link", _("link to the offer"), "https://example.org/refer/r/7K2M-Q4XW/"),
    Field("decline_link", _("link to say no"), "https://example.org/refer/friend/"),
)
_WHY = _(
    "{{ advocate_name|A friend }} gave us your address to send you this. We use it for nothing "
    "else and forget it when you don't come."
)
_NOTE = text(_("In {{ advocate_name|a friend }}'s words: “{{ note }}”"), only_with="note")
_OFFER = text(
    _("Through this link you get: <b>{{ offer_headline }}</b>"), only_with="offer_headline"
)
_REWARD = text(
    _("When you buy something, {{ advocate_name|your friend }} gets a thank-you, too."),
    only_with="rewarded",
)
_DECLINE = (
    text(_("Not interested? One click, and we never write to you again.")),
    button(_("No, thank you"), "decline_link"),
)

KINDS = (
    MailKind(
        key="friend_invitation",
        label=_("mail to a friend"),
        category=FRIENDS,
        subject=_("{{ advocate_name|A friend }} recommends {{ site_name }} to you"),
        body=(
            text(
                _(
                    "{{ advocate_name|A friend }} asked us to write to you, because "
                    "{{ site_name }} might be something for you."
                )
            ),
            _NOTE,
            _OFFER,
            button(_("Have a look"), "claim_link"),
            _REWARD,
            *_DECLINE,
        ),
        why=_WHY,
        fields=_FIELDS,
    ),
    MailKind(
        key="friend_reminder",
        label=_("reminder to a friend"),
        category=FRIENDS,
        subject=_("Still there for you: what {{ advocate_name|a friend }} recommends"),
        body=(
            text(
                _(
                    "A few days ago {{ advocate_name|a friend }} recommended {{ site_name }} to "
                    "you. In case the mail got lost, here it is once more. We won't write about "
                    "it again."
                )
            ),
            _NOTE,
            _OFFER,
            button(_("Have a look"), "claim_link"),
            _REWARD,
            *_DECLINE,
        ),
        why=_WHY,
        fields=_FIELDS,
    ),
)
