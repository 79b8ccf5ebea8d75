"""Submenus within a menu. Hooks see its entries as one list; whoever works sees them in groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise
from wagtail.admin.menu import Menu, MenuItem, SubmenuMenuItem

from .links import RECORDS, SETUP

NAMES: dict[Any, str] = {**SETUP, **RECORDS}


@dataclass(frozen=True)
class Group:
    """A submenu, and whose entries are in it."""

    name: str
    label: str | Promise
    icon: str
    parts: list[Any]


def entry_of(part: Any, *, order: int, group: str = "") -> MenuItem:
    """A part's entry. It belongs to the named group, or stands beside the groups."""
    item = part.get_menu_item(order=order)
    # Wagtail would name it by its label, which every language has another of.
    item.name = NAMES.get(getattr(part, "model", None), item.name)
    item.group = group
    return item


class GroupedMenu(Menu):
    """Hooks add to and take from one list; an entry's attribute ``group`` says where it goes."""

    def __init__(self, groups: list[Group], *, items: list[MenuItem], **hooks: str) -> None:
        self.groups = groups
        entries = [
            entry_of(part, order=100 * number, group=group.name)
            for group in groups
            for number, part in enumerate(group.parts, start=1)
        ]
        super().__init__(items=[*items, *entries], **hooks)

    def menu_items_for_request(self, request: HttpRequest) -> list[MenuItem]:
        """What the user may see; a group of which they see nothing is not there."""
        entries = super().menu_items_for_request(request)
        names = {group.name for group in self.groups}
        # An entry of a group that is not there is not lost.
        shown = [item for item in entries if getattr(item, "group", "") not in names]
        for number, group in enumerate(self.groups, start=2):
            of_group = [item for item in entries if getattr(item, "group", "") == group.name]
            if of_group:
                shown.append(_submenu(group, of_group, order=100 * number))
        return shown


def _submenu(group: Group, entries: list[MenuItem], *, order: int) -> MenuItem:
    return SubmenuMenuItem(
        group.label, _Chosen(items=entries), name=group.name, icon_name=group.icon, order=order
    )


class _Chosen(Menu):
    """Entries that were asked already whether they are shown: some ask the database."""

    def menu_items_for_request(self, _request: HttpRequest) -> list[MenuItem]:
        return list(self.initial_menu_items)
