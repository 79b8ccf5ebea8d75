"""Blocks that choose a partner or a piece of collateral."""

from __future__ import annotations

from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail import blocks


class PartnerChooserBlock(blocks.ChooserBlock):
    """A partner; None once it is gone."""

    target_model = "wagtail_referrals.Partner"

    class Meta:
        icon = "link"
        label = _("Partner")

    @cached_property
    def widget(self) -> Any:
        # The admin imports pages, and pages import blocks.
        from .admin.choosers import PARTNER_CHOOSER

        return PARTNER_CHOOSER.widget_class()


class CollateralChooserBlock(blocks.ChooserBlock):
    """A piece of collateral; None once it is gone."""

    target_model = "wagtail_referrals.Collateral"

    class Meta:
        icon = "folder-open-inverse"
        label = _("Collateral")

    @cached_property
    def widget(self) -> Any:
        from .admin.choosers import COLLATERAL_CHOOSER

        return COLLATERAL_CHOOSER.widget_class()
