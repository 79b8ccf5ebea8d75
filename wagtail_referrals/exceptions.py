"""What can go wrong, as errors with a stable ``code`` and words fit to be shown."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MESSAGES: dict[str, str | Promise] = {
    "unknown": _("We don't know this code."),
    "unknown_program": _("There is no such program."),
    "unknown_purchase": _("The purchase this refund belongs to is not known."),
    "not_yet_valid": _("This code is not valid yet."),
    "expired": _("This code has expired."),
    "void": _("This code is no longer valid."),
    "used_up": _("This code has been used."),
    "minimum_not_met": _("The order is below the minimum for this code."),
    "wrong_person": _("This code belongs to somebody else. Use the address it was sent to."),
    "wrong_currency": _("This code is for another currency."),
    "first_order_only": _("This code is for a first order."),
    "limit_reached": _("You have used this code as often as one person may."),
    "email_needed": _("Give the e-mail address: this code depends on who uses it."),
    "items_needed": _("This code is for certain products: say what the order holds."),
    "wrong_products": _("This code is for other products."),
    "not_combinable": _("This code cannot be used together with another one."),
    "not_valid": _("This code is not valid."),
    "wait": _("That were too many wrong codes. Try again in an hour."),
    "self_referral": _("A recommendation has to come from somebody else."),
    "already_customer": _("This offer is for people who are new here."),
    "already_referred": _("This address already has its offer."),
    "closed": _("This program is not running at the moment."),
    "no_offer": _("This program has no offer at the moment."),
    "full": _("This program is full at the moment."),
    "blocked": _("This offer cannot be given to this address."),
    "edited_meanwhile": _("Somebody else has changed this meanwhile. Load it again to see how."),
    "conflict": _("This id was reported before with other details."),
    "refund_exceeds_order": _("The refunds would be larger than the order."),
    "invalid_email": _("Enter an e-mail address like name@example.org."),
    "invalid_language": _("The site has no such language: enter a code like en, or nothing."),
    "invalid_amount": _("Enter an amount of money with at most two decimals."),
    "invalid_currency": _("Enter a currency code of three letters, like EUR."),
    "invalid_id": _("An id needs 1 to 255 characters."),
    "invalid_kind": _("An event kind has 1 to 50 letters a-z, digits, dots and underscores."),
    "invalid_metadata": _("Metadata has to be JSON of at most 20,000 characters."),
    "invalid_alias": _("Choose a name of 2 to 30 letters: no address, no link, no number to call."),
    "alias_taken": _("Somebody has this name already, or one that looks like it. Choose another."),
    "no_name": _("We don't know your first name: choose another name to be shown by."),
    "invalid_grade": _("Choose one of the grades A, B, C and D."),
    "invalid_items": _("Each item needs its article number and its amount."),
    "invalid_answers": _("Some lines have to be mended first."),
    "invalid_codes": _("Some lines have to be mended first."),
    "invalid_minutes": _("A coupon is held for 1 to 1,440 minutes."),
    "invalid_until": _("Choose a time later than now and than the one it expires at."),
    "invalid_days": _("Choose 1 to 365 days."),
    "invitation_expired": _("This invitation has expired."),
    "no_program": _("The page has no program, whose name a mail would carry."),
    "invalid_time": _("Enter a time with its time zone, not in the future."),
    "not_redeemed": _("This order has not used this code."),
    "invalid_reason": _("Say why, in at most 500 characters."),
    "invalid_text": _("Write something, in at most 5,000 characters."),
    "no_address": _("There is no e-mail address to write to."),
    "nothing_to_give": _("It is approved, but there is nothing to give now: it is tried again."),
    "still_blocked": _("Take them off the block list first: an erased person is not blocked."),
    "introduction_refused": _("We cannot take this introduction."),
    "consent_needed": _("They have to agree first: nothing is kept of somebody who did not."),
    "invalid_way": _("Choose one of the ways to introduce somebody."),
    "partner_known": _("There is a partner with this address already."),
    "no_contact": _("They asked not to be contacted: nobody may write to this address."),
    "invalid_name": _("Enter a name, not an address."),
    "invalid_note": _(
        "Write at most 300 characters, without web addresses, mail addresses or HTML; and leave a "
        "blank after each full stop."
    ),
    "friend_mails_off": _("Send the link yourself: we write to nobody for you."),
    "friend_mails_used_up": _("That is enough for now. Try again tomorrow, or send it yourself."),
    "sender_unnamed": _("Tell us your first name: your friend has to know who recommends us."),
    "experiment_running": _("Another experiment puts the same to the test: end that one first."),
    "incomplete": _("Something is missing before it can begin."),
    "not_permitted": _("You may not change that: ask somebody who may."),
    "not_possible": _("This cannot be done any more."),
}


class ReferralsError(Exception):
    """A refusal. ``code`` is stable and for programs; ``str()`` is translated and for people."""

    def __init__(self, code: str, detail: str = "") -> None:
        self.code = code
        self.detail = detail
        super().__init__(code, detail)

    def __str__(self) -> str:
        return str(MESSAGES[self.code])


class InvalidInput(ReferralsError):
    """A value that no call could accept: mend it and call again."""


class CouponRefused(ReferralsError):
    """The coupon cannot be used for this order."""


class ClaimRefused(ReferralsError):
    """The friend cannot have this program's offer."""


class Conflict(ReferralsError):
    """The same id says something else now, or the fact contradicts what is known."""
