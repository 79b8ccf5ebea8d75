"""Collateral: what there is to pass on, for whom, and which of it is stale."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_filters import BooleanFilter, ChoiceFilter
from wagtail.admin import messages
from wagtail.admin.filters import BooleanRadioSelect
from wagtail.admin.ui.tables import Column, StatusTagColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.log_actions import log

from ..pages.collateral import served
from ..partners.collateral import add_version, keep_private, put_on_shelf
from ..partners.collateral_models import Audience, Collateral, CollateralUse, collateral_kinds
from ..partners.shelf import DOWNLOAD, SEND, address_of
from .actions import ActionView
from .collateral_form import (
    ADD_HANDLER,
    CONTENT,
    EDIT_HANDLER,
    FIELDS,
    VersionForm,
    languages,
)
from .links import admin_url, list_url, url_for
from .partners import DayColumn, day
from .permissions import LOOK, can_look, policy_for, visible
from .records import (
    Fact,
    MomentColumn,
    RecordIndexView,
    RecordInspectView,
    RecordViewSet,
    Section,
    Text,
    filters_for,
    moment,
)
from .search import begins_with
from .words import user_name

MOVED = _("Its document is in the collection “%(name)s” now, where nobody can guess its address.")


def _times(how: str) -> Any:
    """How often each row was taken or sent, by the index of uses."""
    uses = CollateralUse.objects.filter(collateral=OuterRef("pk"), how=how).order_by()
    counted = uses.values("collateral").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _stale(rows: QuerySet, _name: str, wanted: bool) -> QuerySet:
    stale = Q(valid_until__lt=timezone.localdate())
    return rows.filter(stale) if wanted else rows.filter(~stale | Q(valid_until=None))


def is_stale(collateral: Collateral) -> bool:
    """Whether it is too old to be shown."""
    until = collateral.valid_until
    return bool(until and until < timezone.localdate())


def standing(collateral: Collateral) -> str:
    """Whether it can be seen by those it is for."""
    if is_stale(collateral):
        return str(_("stale"))
    return str(_("on the shelf") if collateral.is_shown else _("off the shelf"))


class CollateralIndexView(RecordIndexView):
    any_permission_required = ("add", "change", "view")
    related = ("program", "partner")
    default_ordering = "title"
    list_display = [
        TitleColumn(
            "title",
            label=_("Collateral"),
            url_name="referrals_collateral:inspect",
            sort_key="title",
        ),
        Column("get_kind_display", label=_("Kind")),
        Column("get_audience_display", label=_("For whom")),
        Column("language", label=_("Language"), accessor=lambda row: row.language or "–"),
        StatusTagColumn(
            "standing", label=_("State"), accessor=standing, primary=lambda row: is_stale(row)
        ),
        DayColumn("valid_until", label=_("Valid until"), sort_key="valid_until"),
        Column("version", label=_("Version")),
        Column("taken", label=_("Taken")),
        Column("sent", label=_("Sent")),
        Column("program", label=_("Program")),
        MomentColumn("updated_at", label=_("Last new version"), sort_key="updated_at"),
    ]
    exports = (
        (_("Title"), lambda row: row.title),
        (_("Kind"), lambda row: row.get_kind_display()),
        (_("For whom"), lambda row: row.get_audience_display()),
        (_("Language"), lambda row: row.language),
        (_("Program"), lambda row: row.program.name),
        (_("Partner"), lambda row: row.partner.name if row.partner else ""),
        (_("State"), standing),
        (_("Valid until"), lambda row: row.valid_until),
        (_("Version"), lambda row: row.version),
        (_("Taken"), lambda row: row.taken),
        (_("Sent"), lambda row: row.sent),
        (_("Last new version"), lambda row: row.updated_at),
    )
    add_item_label = _("Put something on the shelf")
    search_hint = _("Beginning of the title")
    empty_text = _("Put the first fact sheet, brochure or price list on the shelf.")
    filterset_class = filters_for(
        Collateral,
        "updated_at",
        ["program", "audience"],
        kind=ChoiceFilter(label=_("Kind"), choices=collateral_kinds),
        language=ChoiceFilter(label=_("Language"), choices=languages),
        stale=BooleanFilter(method=_stale, label=_("Stale"), widget=BooleanRadioSelect),
    )

    def get_base_queryset(self) -> QuerySet:
        rows = super().get_base_queryset()
        return rows.annotate(taken=_times(DOWNLOAD), sent=_times(SEND))

    def search_with(self, term: str) -> Q:
        found = Q()
        for spelling in {term, term[:1].upper() + term[1:]}:
            found |= begins_with("title", spelling)
        return found


class CollateralInspectView(RecordInspectView):
    related = ("program", "partner", "document", "image")
    object: Collateral

    def facts(self) -> Iterable[Fact]:
        collateral = self.object
        status = "primary" if is_stale(collateral) else "secondary"
        yield Fact(_("State"), standing(collateral), status=status)
        yield Fact(_("Kind"), collateral.get_kind_display())
        yield Fact(_("For whom"), collateral.get_audience_display())
        yield Fact(_("Language"), collateral.language or _("any"))
        yield self.link(_("Program"), collateral.program)
        if collateral.partner:
            yield self.link(_("Partner"), collateral.partner)
        yield Fact(_("Valid until"), day(collateral.valid_until) or "–")
        yield Fact(_("Version"), collateral.version)
        yield Fact(_("Last new version"), moment(collateral.updated_at))
        yield Fact(*self.whereabouts)
        if collateral.text:
            yield Fact(_("Text to go with it"), collateral.text)
        uses = CollateralUse.objects.filter(collateral=collateral)
        yield Fact(_("Taken"), uses.filter(how=DOWNLOAD).count())
        yield Fact(_("Sent"), uses.filter(how=SEND).count())

    @property
    def whereabouts(self) -> tuple[Text, Any, str]:
        """What it is, and where staff look at it."""
        collateral = self.object
        address = reverse("referrals_collateral:file", args=[collateral.pk])
        if collateral.url:
            return _("Link"), collateral.url, address
        if collateral.image:
            return _("Picture"), collateral.image.title, address
        return _("Document"), collateral.document.title if collateral.document else "–", address

    def looks(self) -> Iterable[tuple[str, Text]]:
        if self.object.audience == Audience.PUBLIC:
            yield address_of(self.object), _("Its public address")

    def actions(self) -> Iterable[tuple[str, Text, str]]:
        key = [self.object.pk]
        yield reverse("referrals_collateral:edit", args=key), _("Edit"), ""
        version = reverse("referrals_collateral:version", args=key)
        yield version, NewVersionView.button_label, "button-secondary"
        policy = policy_for(Collateral)
        if policy.user_has_permission_for_instance(self.request.user, "delete", self.object):
            yield reverse("referrals_collateral:delete", args=key), _("Delete"), "no"

    def sections(self) -> Iterable[Section]:
        yield from self.section(
            _("Versions"),
            self.object.versions.select_related("user"),
            [
                (_("Version"), lambda row: row.number),
                (_("What"), lambda row: row.said),
                (_("What is new"), lambda row: row.note),
                (_("By"), lambda row: user_name(row.user) if row.user else ""),
                (_("Time"), lambda row: moment(row.created_at)),
            ],
            name="versions",
            target=lambda row: None,
        )
        yield from self.log_section()


class _OwnPolicy:
    """For Wagtail's views: within the programs one sees."""

    def setup(self: Any, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.permission_policy = policy_for(Collateral)
        super().setup(request, *args, **kwargs)  # type: ignore[misc]

    def get_queryset(self: Any) -> QuerySet:
        rows = Collateral.objects.select_related("program", "partner", "document__collection")
        return visible(self.request.user, rows)

    def tell_moved(self: Any, collateral: Collateral) -> None:
        """Say where the document has gone."""
        assert collateral.document
        messages.info(self.request, MOVED % {"name": collateral.document.collection.name})


class CollateralCreateView(_OwnPolicy, generic.CreateView):
    success_message = _("“%(object)s” is on the shelf.")

    def save_instance(self) -> Collateral:
        collateral: Collateral = self.form.save(commit=False)
        moved = put_on_shelf(collateral, user=self.request.user)
        log(instance=collateral, action="wagtail.create", content_changed=True)
        if moved:
            self.tell_moved(collateral)
        return collateral

    def get_success_url(self) -> str:
        return url_for(self.request.user, self.object) or list_url(Collateral)


class CollateralEditView(_OwnPolicy, generic.EditView):
    success_message = _("“%(object)s” is saved.")

    def save_instance(self) -> Collateral:
        collateral: Collateral = self.form.save(commit=False)
        # Its content is no part of the form: a new version may have come meanwhile.
        collateral.save(update_fields=FIELDS)
        collateral.refresh_from_db(fields=CONTENT)
        log(
            instance=collateral,
            action="wagtail.edit",
            content_changed=self.form.has_changed(),
        )
        if keep_private(collateral):
            self.tell_moved(collateral)
        return collateral

    def get_success_url(self) -> str:
        return admin_url(self.object)


class CollateralDeleteView(_OwnPolicy, generic.DeleteView):
    confirmation_message = _(
        "It disappears from shelves and pages, with its versions and counts. Its document stays."
    )


class NewVersionView(ActionView):
    model = Collateral
    related = ("program", "document", "image")
    form_class = VersionForm
    page_title = button_label = _("New version")
    header_icon = "upload"
    explanation = _("It takes the place of what is there; addresses and counts stay.")
    success_message = _("The new version is on the shelf.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "collateral": self.object}

    def get_initial(self) -> dict[str, Any]:
        return {"seen": self.object.version, "valid_until": None}

    def perform(self, reason: str) -> None:
        values, collateral = self.form_values, self.object
        collateral.version = values["seen"]
        moved = add_version(
            collateral,
            document=values["document"],
            image=values["image"],
            url=values["url"],
            note=values["note"],
            valid_until=values["valid_until"],
            user=self.request.user,
        )
        if moved:
            messages.info(self.request, MOVED % {"name": collateral.document.collection.name})


def staff_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What it is, for staff who may see it; not counted."""
    if not can_look(request.user, Collateral):
        raise PermissionDenied
    rows = policy_for(Collateral).instances_user_has_any_permission_for(request.user, LOOK)
    collateral = get_object_or_404(rows.select_related("document", "image"), pk=pk)
    response = served(collateral)
    if response is None:
        raise Http404
    return response


class CollateralViewSet(RecordViewSet):
    model = Collateral
    icon = "folder-open-inverse"
    index_view_class = CollateralIndexView
    inspect_view_class = CollateralInspectView
    add_view_class = CollateralCreateView
    edit_view_class = CollateralEditView
    delete_view_class = CollateralDeleteView
    edit_handler = EDIT_HANDLER
    has_actions = can_erase = True
    # So that Wagtail says, before a document is deleted, that it is on a shelf.
    add_to_reference_index = True

    def get_permissions_to_register(self) -> QuerySet[Permission]:
        return Permission.objects.filter(
            content_type__app_label="wagtail_referrals", content_type__model="collateral"
        )

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        common = super().get_common_view_kwargs(**kwargs)
        names = ("add", "edit", "delete")
        return {**common, **{f"{name}_url_name": self.get_url_name(name) for name in names}}

    def get_add_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        panel = ADD_HANDLER.bind_to_model(Collateral)
        own = {"panel": panel, "form_class": panel.get_form_class()}
        return super().get_add_view_kwargs(**{**kwargs, **own})

    def get_urlpatterns(self) -> list[URLPattern]:
        version: Any = self.construct_view(NewVersionView)
        return [
            *super().get_urlpatterns(),
            path("new/", self.add_view, name="add"),
            path("edit/<int:pk>/", self.edit_view, name="edit"),
            path("delete/<int:pk>/", self.delete_view, name="delete"),
            path("version/<int:pk>/", version, name="version"),
            path("file/<int:pk>/", staff_file, name="file"),
        ]
