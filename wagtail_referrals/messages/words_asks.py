"""Our words for mails that ask for something. They are the same whatever somebody answered."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from .kinds import ASKS, LINES, SCORE, SHARE, SHARE_FIELDS, Field, MailKind, button, text

_WHY = _(
    "You get this mail because you are a customer of {{ site_name }}. We ask seldom, and not again "
    "if you say so."
)
_FORM = (
    Field("link", _("their own form"), "https://example.org/opinion/invited/…/"),
    Field("question", _("the question with the numbers"), _("Would you recommend us?")),
    Field("numbers", _("the numbers and their links"), []),
    Field("expires_at", _("until when the form is open"), "2030-01-31T12:00:00+00:00"),
)

KINDS: tuple[MailKind, ...] = (
    MailKind(
        key="feedback_ask",
        label=_("asking for feedback"),
        category=ASKS,
        subject=_("How was it with us?"),
        body=(
            text(
                _(
                    "You were with us a few days ago. Would you tell us what was good, and what "
                    "was not? It takes a minute, and somebody reads every word."
                )
            ),
            SCORE,
            button(_("Tell us how it was"), "link"),
            text(_("The link is yours alone and takes one answer, until {{ expires_at }}.")),
        ),
        why=_WHY,
        fields=_FORM,
    ),
    MailKind(
        key="review_ask",
        label=_("asking for a review"),
        category=ASKS,
        subject=_("Would you tell others what to expect from us?"),
        body=(
            text(
                _(
                    "Whoever thinks of coming to us wants to know how it was for somebody who did. "
                    "Would you write it down, in your own words, the good and the bad?"
                )
            ),
            text(
                _(
                    "A few questions help you to begin. At the end you find your words again, to "
                    "take along to the review site you like best."
                )
            ),
            button(_("Write a few sentences"), "link"),
            text(_("The link is yours alone and takes one answer, until {{ expires_at }}.")),
        ),
        why=_WHY,
        fields=_FORM,
        for_review=True,
    ),
    MailKind(
        key="referral_ask",
        label=_("asking for a recommendation"),
        category=ASKS,
        subject=_("Do you know somebody we could be useful to?"),
        body=(
            text(
                _(
                    "Most of our customers come because somebody told them about us. If you know "
                    "somebody who would be glad of what we do, pass it on: only if you would do so "
                    "anyway."
                )
            ),
            text(_("Your friend gets: {{ friend_gets }}."), only_with="friend_gets"),
            text(_("Our thank-you for you: {{ you_get }}."), only_with="you_get"),
            SHARE,
            button(_("Recommend us"), "link"),
        ),
        why=_WHY,
        fields=(
            Field("link", _("their own page, or where they join"), "https://example.org/me/…/"),
            Field("friend_gets", _("what a friend gets"), _("10% off the first order")),
            Field("you_get", _("what they get themselves"), _("€10 for your next order")),
            *SHARE_FIELDS,
        ),
    ),
    MailKind(
        key="introduction_ask",
        label=_("asking for an introduction"),
        category=ASKS,
        subject=_("Could you introduce us to somebody?"),
        body=(
            text(
                _(
                    "You know us well by now. Is there somebody we should get to know, because we "
                    "could help them? One sentence from you opens more doors than all our "
                    "advertising."
                )
            ),
            text(_("These we would like to meet most:"), only_with="wanted"),
            LINES,
            text(_("Please ask them first: we write to nobody who has not agreed.")),
            button(_("Introduce somebody"), "link"),
        ),
        why=_WHY,
        fields=(
            Field("link", _("the form to introduce somebody"), "https://example.org/introduce/"),
            Field("wanted", _("the first wanted contact"), _("Museum of Boats, the director")),
            Field("lines", _("the wanted contacts"), []),
        ),
    ),
)
