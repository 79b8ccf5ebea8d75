"""A site with a program stays, and so does the page it begins with: said instead of an error."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import swapper
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import ngettext
from wagtail.admin import messages
from wagtail.admin.views.pages.bulk_actions.delete import DeleteBulkAction
from wagtail.models import Page, Site
from wagtail.sites.views import DeleteView

from ..programs.models import Program


class SiteDeleteView(DeleteView):
    """In the place of Wagtail's, for who may delete the site."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._refused() or super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._refused() or super().post(request, *args, **kwargs)

    def _refused(self) -> HttpResponse | None:
        if not _refuse(self.request, Q(pk=self.object.pk)):
            return None
        return redirect("wagtailsites:edit", self.object.pk)


def keep_first_page(request: HttpRequest, page: Page) -> HttpResponse | None:
    """Before a page is deleted, and all below it."""
    kept = _refuse(request, _begins_in([page]))
    return redirect("wagtailadmin_explore", page.pk) if kept else None


def keep_first_pages(
    request: HttpRequest, action_type: str, objects: list[Any], action: Any
) -> HttpResponse | None:
    """Before several are."""
    if not isinstance(action, DeleteBulkAction) or not _refuse(request, _begins_in(objects)):
        return None
    return redirect(action.next_url)


def _begins_in(pages: Iterable[Page]) -> Q:
    """The sites that begin with one of the pages, or with one below."""
    below = Q(pk=None)
    for page in pages:
        below |= Q(path__startswith=page.path)
    found = swapper.load_model("wagtailcore", "Page").objects.filter(below)
    return Q(root_page__in=found.values("pk"))


def _refuse(request: HttpRequest, sites: Q) -> bool:
    """Whether there are programs of these sites; says so. Whose they are is not told."""
    programs = Program.objects.filter(site__in=Site.objects.filter(sites).values("pk")).count()
    if not programs:
        return False
    words = ngettext(
        "Nothing was deleted: %(number)d referral program is of this site. Choose another site "
        "in it first.",
        "Nothing was deleted: %(number)d referral programs are of this site. Choose another site "
        "in them first.",
        programs,
    )
    messages.error(request, words % {"number": programs})
    return True
