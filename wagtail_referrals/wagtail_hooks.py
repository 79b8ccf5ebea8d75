"""Registers what the rooms and the admin offer to Wagtail."""

from typing import Any

from django.http import Http404, HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.viewsets.base import ViewSet
from wagtail.log_actions import LogFormatter
from wagtail.signals import init_new_page
from wagtail.sites.views import SiteViewSet
from wagtail.snippets.models import register_snippet

from .admin.bulk_publish import refuse_unfair
from .admin.case_panel import LateCasesPanel
from .admin.dashboard_panel import DashboardPanel
from .admin.due_panel import DuePanel
from .admin.feedback_bulk import BULK_ACTIONS as FEEDBACK_ACTIONS
from .admin.kept_sites import SiteDeleteView, keep_first_page, keep_first_pages
from .admin.mails import NoBulkDelete as NoBulkDeleteOfMails
from .admin.menu import (
    CHOOSERS,
    DASHBOARD,
    LEADERS,
    MAILS,
    NPS,
    RECORD_VIEWSETS,
    SETUP_ADMINS,
    STARTERS,
    STORED,
    TESTIMONIALS,
    WHY,
    referrals_menu_item,
)
from .admin.permissions import of_seen_programs
from .admin.rewards_bulk import BULK_ACTIONS as REWARD_ACTIONS
from .admin.rule_views import STATE_CHANGED, state_label
from .admin.submissions import FeedbackSubmissionsView, delete_address
from .admin.testimonials import NoBulkDelete
from .blocks_share import keep_private
from .pages.base import AbstractFeedbackPage
from .pages.hub_body import fill_in_body
from .pages.review_request import fill_in_questions
from .partners.collateral import is_kept_back
from .people.log import ACTIONS

for setup_admin in SETUP_ADMINS:
    setup_admin.register_with_wagtail()

for bulk_action in (*REWARD_ACTIONS, *FEEDBACK_ACTIONS):
    hooks.register("register_bulk_action", bulk_action)


hooks.register("before_bulk_action", refuse_unfair)
hooks.register("before_bulk_action", keep_first_pages)
hooks.register("before_delete_page", keep_first_page)
SiteViewSet.delete_view_class = SiteDeleteView


@hooks.register("register_admin_viewset")
def register_records() -> list[ViewSet]:
    return [DASHBOARD, *RECORD_VIEWSETS, LEADERS, NPS, STARTERS, WHY, STORED, *CHOOSERS]


@hooks.register("register_admin_menu_item")
def register_menu() -> MenuItem:
    return referrals_menu_item()


@hooks.register("construct_homepage_panels")
def add_panels(request: HttpRequest, panels: list[Any]) -> None:
    panels.append(DashboardPanel())
    panels.append(LateCasesPanel())
    panels.append(DuePanel())


class ReasonFormatter(LogFormatter):
    """Of what staff did: the reason they gave."""

    def format_comment(self, log_entry: Any) -> str:
        return str(log_entry.data.get("reason", ""))


@hooks.register("register_log_actions")
def register_log_actions(actions: Any) -> None:
    for action, (label, message) in ACTIONS.items():
        words = {"label": label, "message": message}
        actions.register_action(action)(type("ReasonFormatter", (ReasonFormatter,), words))

    @actions.register_action(STATE_CHANGED)
    class RuleStateFormatter(LogFormatter):
        label = _("Pause, activate or archive")
        message = _("State changed")

        def format_comment(self, log_entry: Any) -> str:
            return state_label(log_entry)


hooks.register("on_serve_page", keep_private)
hooks.register("filter_form_submissions_for_user", of_seen_programs)
# Before Wagtail's own, whose place it takes.
hooks.register("register_admin_urls", delete_address, order=-1)
AbstractFeedbackPage.submissions_list_view_class = FeedbackSubmissionsView
register_snippet(lambda: TESTIMONIALS)
register_snippet(lambda: MAILS)
# After Wagtail's own, whose place it takes.
hooks.register("register_bulk_action", NoBulkDelete, order=1)
hooks.register("register_bulk_action", NoBulkDeleteOfMails, order=1)
init_new_page.connect(fill_in_questions, dispatch_uid="wagtail_referrals.questions")
init_new_page.connect(fill_in_body, dispatch_uid="wagtail_referrals.hub_body")


@hooks.register("before_serve_document")
def keep_back_collateral(document: Any, request: HttpRequest) -> None:
    """What is not for everybody has an address of its own, wherever its collection is by now."""
    # In this order: who asks for what is public is not looked at, so that it can be cached.
    if is_kept_back(document) and not request.user.is_superuser:
        raise Http404
