"""What staff did about a person or what is theirs: in Wagtail's log, and without the name."""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import log

BLOCKED = "wagtail_referrals.block"
UNBLOCKED = "wagtail_referrals.unblock"
NO_CONTACT = "wagtail_referrals.no_contact"
CONTACT_AGAIN = "wagtail_referrals.contact_again"
ERASED = "wagtail_referrals.erase"
GRADED = "wagtail_referrals.grade"
TIER = "wagtail_referrals.tier"
DELETED = "wagtail_referrals.delete"
INVITED = "wagtail_referrals.invite"
RESENT = "wagtail_referrals.resend"
RELEASED = "wagtail_referrals.release"
MARKED_SPAM = "wagtail_referrals.spam"
PARTNER = "wagtail_referrals.partner"
FAVOUR = "wagtail_referrals.favour"
WITHDRAWN = "wagtail_referrals.withdraw"
EXPORTED = "wagtail_referrals.export"
NOT_PUBLISHED = "wagtail_referrals.not_published"
TEST_BEGUN = "wagtail_referrals.test_begun"
TEST_LOOKED_AT = "wagtail_referrals.test_looked_at"
TEST_STOPPED = "wagtail_referrals.test_stopped"
TEST_KEPT = "wagtail_referrals.test_kept"
TEST_UNDONE = "wagtail_referrals.test_undone"

# Each action's name and what is told of it.
ACTIONS = {
    BLOCKED: (_("Block"), _("Blocked")),
    UNBLOCKED: (_("Unblock"), _("Unblocked")),
    NO_CONTACT: (_("Do not contact"), _("Asked not to be contacted")),
    CONTACT_AGAIN: (_("May be contacted again"), _("May be contacted again")),
    ERASED: (_("Erase"), _("Erased")),
    WITHDRAWN: (_("Withdraw a permission"), _("Permission withdrawn")),
    EXPORTED: (_("Download all data"), _("All data downloaded")),
    GRADED: (_("Set the grade"), _("Grade set")),
    DELETED: (_("Delete"), _("Deleted")),
    RELEASED: (_("Release"), _("Released")),
    MARKED_SPAM: (_("Mark as spam"), _("Marked as spam")),
    TIER: (_("Set the tier"), _("Tier set")),
    NOT_PUBLISHED: (_("Refuse to publish"), _("Not published: it breaks a rule of fair play")),
    PARTNER: (_("Change a partner's state"), _("State changed")),
    FAVOUR: (_("Do something for a partner"), _("Did something for them")),
    RESENT: (_("Send a mail again"), _("A mail was sent again")),
    INVITED: (_("Invite people to a form"), _("People invited")),
    TEST_BEGUN: (_("Begin an experiment"), _("Begun, with its plan fixed")),
    TEST_LOOKED_AT: (_("Look early at a result"), _("Looked at the result before its end")),
    TEST_STOPPED: (_("End an experiment"), _("Ended without a winner")),
    TEST_KEPT: (_("Keep the winner"), _("What an experiment found is kept")),
    TEST_UNDONE: (_("Go back"), _("What an experiment found is taken back")),
}


def note(instance: Model, action: str, *, reason: str, user: Any = None, **data: Any) -> None:
    """Write a line, inside of the verb's transaction."""
    # The log's own title would be the name: it would outlive the person's erasure.
    log(instance, action, user=user, title=f"#{instance.pk}", data={"reason": reason, **data})
