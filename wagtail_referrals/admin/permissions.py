"""Who may do what: always asked of Wagtail's permission policies."""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail_modeladmin.helpers import PermissionHelper

try:
    from wagtail.permissions import policy_registry
except ImportError:  # Wagtail 7.4 has no registry yet
    policy_registry = None

ANY = ("add", "change", "delete", "view")


def policy_for(model: type[Model]) -> Any:
    """The policy a site registered for the model, or the one by Django's permissions."""
    if policy_registry is None:
        return ModelPermissionPolicy(model)
    return policy_registry.get_by_type(model)


def can_view(user: Any, model: type[Model]) -> bool:
    """Whether the user may see records of the model."""
    return bool(policy_for(model).user_has_any_permission(user, ANY))


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
            self.policy.user_has_any_permission_for_instance(user, ANY, obj)
        )

    def user_can_edit_obj(self, user: Any, obj: Model) -> bool:
        return bool(self.policy.user_has_permission_for_instance(user, "change", obj))

    def user_can_delete_obj(self, user: Any, obj: Model) -> bool:
        return bool(self.policy.user_has_permission_for_instance(user, "delete", obj))
