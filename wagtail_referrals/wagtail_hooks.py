"""Registers what the rooms and the admin offer to Wagtail."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.log_actions import LogFormatter

from .admin.coupons import VOIDED
from .admin.menu import RECORD_VIEWSETS, SETUP_ADMINS, referrals_menu_item
from .admin.records import RecordViewSet
from .admin.submissions import FeedbackSubmissionsView
from .pages.base import AbstractFeedbackPage

for setup_admin in SETUP_ADMINS:
    setup_admin.register_with_wagtail()


@hooks.register("register_admin_viewset")
def register_records() -> list[RecordViewSet]:
    return RECORD_VIEWSETS


@hooks.register("register_admin_menu_item")
def register_menu() -> MenuItem:
    return referrals_menu_item()


@hooks.register("register_log_actions")
def register_log_actions(actions: Any) -> None:
    @actions.register_action(VOIDED)
    class VoidFormatter(LogFormatter):
        label = _("Void")
        message = _("Voided")

        def format_comment(self, log_entry: Any) -> str:
            return str(log_entry.data.get("reason", ""))


AbstractFeedbackPage.submissions_list_view_class = FeedbackSubmissionsView
