"""Our words for mails about feedback: asking for it, answering it, publishing it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from .kinds import (
    ASKED_FOR,
    ASKS,
    SCORE,
    SCORE_FIELDS,
    THANKS,
    Field,
    MailKind,
    button,
    quote,
    text,
)

FORM_FIELDS = (
    Field("link", _("link to their form"), "https://example.org/form/"),
    Field("expires_at", _("open until"), "2030-12-24T12:00:00+00:00"),
    *SCORE_FIELDS,
)

KINDS = (
    MailKind(
        key="feedback_invitation",
        label=_("invitation to a form"),
        category=ASKS,
        subject=_("How was it, {{ site_name }} asks"),
        body=(
            text(
                _(
                    "Would you tell us what was good and what was not? It takes a minute, and at "
                    "the end there is something to hand on to a friend, whatever you say."
                )
            ),
            SCORE,
            button(_("Open your form"), "link"),
            text(
                _("The link is yours alone, takes one answer, and is open until {{ expires_at }}.")
            ),
        ),
        why=_("You get this mail because you are a customer of ours. We ask once."),
        fields=FORM_FIELDS,
    ),
    MailKind(
        key="case_reply",
        label=_("reply to feedback"),
        # Answers what somebody told us: it is a letter of somebody's to them.
        category=ASKED_FOR,
        subject=_("{{ subject|About your feedback }}"),
        body=(text("{{ text }}"),),
        why=_("You get this mail because you gave us feedback or came by a recommendation."),
        fields=(
            Field("subject", _("subject of the reply"), _("Your delivery"), as_it_is=True),
            Field(
                "text",
                _("text of the reply"),
                _("Hello Maria,\nwe are sorry that it was late. The next coffee is on us."),
                as_it_is=True,
            ),
        ),
        hello=False,
    ),
    MailKind(
        key="testimonial_published",
        label=_("testimonial published"),
        category=THANKS,
        subject=_("Your words are on our pages"),
        body=(
            text(
                _(
                    "Thank you for letting us publish what you wrote. This is how it stands on "
                    "our pages:"
                )
            ),
            quote("{{ words }}", "{{ byline }}"),
            text(
                _("If you change your mind, take it off again, at any time and without a reason.")
            ),
            button(_("Take it off"), "withdraw_link"),
        ),
        why=_("You get this mail because you gave us permission to publish your words."),
        fields=(
            Field("words", _("words that are shown"), _("Good coffee.\nFriendly people.")),
            Field("byline", _("shown as"), "Maria"),
            Field("withdraw_link", _("link to take it off"), "https://example.org/withdraw/"),
        ),
    ),
    MailKind(
        key="told_by",
        label=_("thanks for telling somebody about us"),
        category=THANKS,
        subject=_("Thank you for recommending us"),
        body=(
            text(
                _(
                    "We asked somebody who is new here how they had heard about us. They said: "
                    "from you. Thank you!"
                )
            ),
            text(
                _(
                    "There is nothing you need to do. If you like to tell others, this link is "
                    "yours:\n{{ share_link }}"
                ),
                only_with="share_link",
            ),
        ),
        why=_(
            "You get this mail because somebody named you when we asked who had told them about us."
        ),
        fields=(Field("share_link", _("their own link"), "https://example.org/r/MARIA"),),
    ),
)
