"""Who may do what: asked of Wagtail's permission policies, and of a program's groups.

A model with a foreign key ``program`` takes part by itself; for another one ``in_program_of``
says how it belongs to one. What lists, screens and actions show comes from ``policy_for`` or
``visible``, what forms offer from ``visible_programs``.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Any

import swapper
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from wagtail import hooks
from wagtail.contrib.forms.utils import get_form_types, get_forms_for_user
from wagtail.models import get_page_models
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail_modeladmin.helpers import PermissionHelper

from ..coupons.models import Redemption
from ..events.models import Event
from ..feedback.case_models import Case
from ..feedback.invitation_models import Invitation
from ..feedback.models import FeedbackResponse
from ..messages.models import Message
from ..pages.program_page import ProgramPageMixin
from ..partners.introduction_models import Introduction
from ..people.models import Person
from ..programs.access import hidden_programs
from ..programs.models import Program
from ..referrals.models import Advocate

try:
    from wagtail.permissions import policy_registry
except ImportError:  # Wagtail 7.4 has no registry yet
    policy_registry = None

ANY = ("add", "change", "delete", "view")
# What it takes to read records, or numbers made of them.
LOOK: tuple[str, ...] = ("view", "change")

# Of models without a foreign key to the program: how to come to one that has it.
_paths: dict[type[Model], str] = {Program: "pk", Redemption: "coupon__program_id"}

# Of what was said on a form page: how to come to the page. It may be said on none.
_page_paths: dict[type[Model], str] = {
    FeedbackResponse: "page_id",
    Case: "response__page_id",
    Invitation: "page_id",
    Message: "page_id",
}
_CACHE = "_referrals_form_pages"


def in_program_of(model: type[Model], path: str) -> None:
    """Say by which relations a model belongs to a program: ``in_program_of(Payout, "reward")``."""
    _paths[model] = f"{path}__program_id"


def _program_path(model: type[Model]) -> str:
    """The look-up of a row's program, or "" when its model belongs to none."""
    if model in _paths:
        return _paths[model]
    try:
        model._meta.get_field("program")
    except FieldDoesNotExist:
        return ""
    return "program_id"


def on_form_page_of(model: type[Model], path: str) -> None:
    """Say by which relations a model belongs to a form page, whose editors alone see its rows."""
    _page_paths[model] = f"{path}__page_id"


def form_pages(user: Any) -> frozenset[int]:
    """The pages whose submissions the user may open in Wagtail; asked once per request's user."""
    if not hasattr(user, _CACHE):
        keys = get_forms_for_user(user).order_by().values_list("pk", flat=True)
        setattr(user, _CACHE, frozenset(keys))
    pages: frozenset[int] = getattr(user, _CACHE)
    return pages


def of_seen_programs(user: Any, pages: QuerySet) -> QuerySet:
    """The form pages without those of programs the user does not see: Wagtail asks, too."""
    hidden = hidden_programs(user)
    if not hidden:
        return pages
    for model in get_page_models():
        if issubclass(model, ProgramPageMixin):
            theirs = model._base_manager.order_by().filter(program__in=hidden)
            pages = pages.exclude(pk__in=theirs.values("pk"))
    return pages


def _sees_all_pages(user: Any) -> bool:
    asked = set(hooks.get_hooks("filter_form_submissions_for_user"))
    return user.is_superuser and asked <= {of_seen_programs}


def sees_all_answers(user: Any, programs: Sequence[Program]) -> bool:
    """Whether every answer these programs have was given on a page the user may open."""
    if _sees_all_pages(user):
        return True
    # By page, and not by answer: of these there are many. And in one query.
    pages = swapper.load_model("wagtailcore", "Page").objects.order_by()
    others = pages.exclude(pk__in=get_forms_for_user(user).order_by().values("pk"))
    answers = FeedbackResponse.objects.filter(page=OuterRef("pk"), program__in=programs).order_by()
    return not others.filter(Exists(answers), content_type__in=get_form_types()).exists()


def _on_own_pages(user: Any, rows: QuerySet) -> QuerySet:
    path = _page_paths.get(rows.model)
    if path is None or _sees_all_pages(user):
        return rows
    own = Q(**{f"{path}__in": form_pages(user)})
    of_none = path.rpartition("__")[0] or path
    return rows.filter(own | Q(**{of_none: None}) if _may_lack(rows.model, path) else own)


def _may_lack(model: type[Model], path: str) -> bool:
    """Whether there are rows of no page at all, for everybody."""
    return bool(model._meta.get_field(path.partition("__")[0]).null)


def _is_on_own_page(user: Any, instance: Model) -> bool:
    path = _page_paths.get(type(instance))
    if path is None or _sees_all_pages(user):
        return True
    page = _value(instance, path)
    return page in form_pages(user) or (page is None and _may_lack(type(instance), path))


def visible(user: Any, rows: QuerySet) -> QuerySet:
    """The rows without those of programs, and of form pages, the user does not see."""
    rows = _on_own_pages(user, rows)
    hidden = hidden_programs(user)
    if not hidden:
        return rows
    if rows.model is Person:
        return rows.filter(~_known_in(hidden) | _active_outside(hidden))
    path = _program_path(rows.model)
    return rows.exclude(**{f"{path}__in": hidden}) if path else rows


def _known_in(programs: frozenset[int]) -> Any:
    """Whether a person is known to one of the programs, by whatever it has of them."""
    own = [
        Exists(rows.filter(person=OuterRef("pk"), program__in=programs))
        for rows in (
            *_activity(),
            FeedbackResponse.objects.order_by(),
            Invitation.objects.order_by(),
        )
    ]
    introduced = Introduction.objects.order_by().filter(introduced=OuterRef("pk"))
    return reduce(or_, own) | Exists(introduced.filter(program__in=programs))


def _active_outside(hidden: frozenset[int]) -> Any:
    """Whether a person has done something elsewhere. To be invited there is not enough."""
    own = [
        Exists(rows.filter(person=OuterRef("pk")).exclude(program__in=hidden))
        for rows in _activity()
    ]
    return reduce(or_, own)


def _activity() -> list[QuerySet]:
    return [Event.objects.order_by(), Advocate.objects.order_by()]


def is_visible(user: Any, instance: Model) -> bool:
    """Whether a row is of a program and a form page the user sees, or of none."""
    if not _is_on_own_page(user, instance):
        return False
    hidden = hidden_programs(user)
    if not hidden:
        return True
    if isinstance(instance, Person):
        return visible(user, Person.objects.filter(pk=instance.pk)).exists()
    path = _program_path(type(instance))
    return not path or _value(instance, path) not in hidden


def _value(instance: Model, path: str) -> Any:
    value: Any = instance
    for name in path.split("__"):
        value = getattr(value, name, None)
    return value


class ProgramPolicy:
    """A policy as the site has it that, besides, keeps to the programs a user sees."""

    def __init__(self, policy: Any) -> None:
        self._policy = policy

    def __getattr__(self, name: str) -> Any:
        return getattr(self._policy, name)

    def user_has_permission_for_instance(self, user: Any, action: str, instance: Model) -> bool:
        allowed = self._policy.user_has_permission_for_instance(user, action, instance)
        return bool(allowed) and is_visible(user, instance)

    def user_has_any_permission_for_instance(
        self, user: Any, actions: Any, instance: Model
    ) -> bool:
        allowed = self._policy.user_has_any_permission_for_instance(user, actions, instance)
        return bool(allowed) and is_visible(user, instance)

    def instances_user_has_any_permission_for(self, user: Any, actions: Any) -> QuerySet:
        return visible(user, self._policy.instances_user_has_any_permission_for(user, actions))

    def instances_user_has_permission_for(self, user: Any, action: str) -> QuerySet:
        return visible(user, self._policy.instances_user_has_permission_for(user, action))


def policy_for(model: type[Model]) -> Any:
    """What the site registered for the model, or Django's permissions; within visible programs."""
    if policy_registry is None:
        return ProgramPolicy(ModelPermissionPolicy(model))
    return ProgramPolicy(policy_registry.get_by_type(model))


def can_set_up(user: Any, model: type[Model]) -> bool:
    """Whether the user may open the list where an owner adds, changes or deletes some."""
    return bool(policy_for(model).user_has_any_permission(user, ANY))


def can_look(user: Any, model: type[Model]) -> bool:
    """Whether the user may read records of the model: who may only add or delete some may not."""
    return bool(policy_for(model).user_has_any_permission(user, LOOK))


class PolicyPermissionHelper(PermissionHelper):
    """wagtail_modeladmin asks Django's permissions directly; this one asks the policy."""

    @property
    def policy(self) -> Any:
        return policy_for(self.model)

    def user_has_specific_permission(self, user: Any, perm_codename: str) -> bool:
        action = perm_codename.removesuffix(f"_{self.opts.model_name}")
        return bool(self.policy.user_has_permission(user, action))

    def user_has_any_permissions(self, user: Any) -> bool:
        return bool(self.policy.user_has_any_permission(user, ANY))

    def user_can_inspect_obj(self, user: Any, obj: Model) -> bool:
        return self.inspect_view_enabled and bool(
            self.policy.user_has_any_permission_for_instance(user, LOOK, obj)
        )

    def user_can_edit_obj(self, user: Any, obj: Model) -> bool:
        return bool(self.policy.user_has_permission_for_instance(user, "change", obj))

    def user_can_delete_obj(self, user: Any, obj: Model) -> bool:
        return bool(self.policy.user_has_permission_for_instance(user, "delete", obj))
