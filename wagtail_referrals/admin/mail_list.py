"""The list of mails: which go out as we wrote them, which as the owner did."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.functional import cached_property
from django.utils.text import Truncator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.coreutils import get_content_languages

from ..messages.compile import sample_subject
from ..messages.kinds import ASKED_FOR, CATEGORIES, STAFF, MailKind, mail_kinds
from ..messages.own_words import languages_for
from ..messages.template_models import MessageTemplate, language_name
from ..programs.access import visible_programs
from ..programs.models import Program
from .links import list_url
from .permissions import ANY, can_look, policy_for
from .records import moment

# The parts of the list, in the order in which a customer meets them.
PARTS = {
    **CATEGORIES,
    ASKED_FOR: _("what somebody asked for a minute ago"),
    STAFF: _("mails to you and your staff"),
}


def languages() -> dict[str, str]:
    """The languages that mails may be written in."""
    found = dict(get_content_languages())
    # A site with many languages has not chosen any.
    if len(settings.LANGUAGES) <= 30:
        found |= {code: language_name(code) for code, _name in settings.LANGUAGES}
    found.setdefault(settings.LANGUAGE_CODE, language_name(settings.LANGUAGE_CODE))
    return found


@dataclass(frozen=True)
class Row:
    """A kind of mails in the list, and in whose words it goes out."""

    kind: MailKind
    template: MessageTemplate | None
    # In another language, whose words go out in this one, too.
    other: MessageTemplate | None
    language: str
    url: str

    @property
    def state(self) -> str:
        """Whose words go out."""
        if self.template and self.template.live:
            return gettext("yours, changed on %(day)s") % {"day": moment(self.template.changed_at)}
        if self.other:
            words = gettext("yours in %(language)s")
            return words % {"language": language_name(self.other.locale)}
        return gettext("our words")

    @property
    def is_own(self) -> bool:
        """Whether the owner's words go out."""
        return bool(self.other or (self.template and self.template.live))

    @property
    def draft(self) -> str:
        """That something is written which does not go out."""
        if self.template and (not self.template.live or self.template.has_unpublished_changes):
            return gettext("A draft of yours is waiting.")
        return ""

    @property
    def subject(self) -> str:
        """What stands in a sample person's mailbox."""
        shown = self.template if self.template and self.template.live else self.other
        with translation.override(self.language):
            written = shown.subject if shown else self.kind.subject
            return Truncator(sample_subject(self.kind, written)).chars(80)


class MailsView(PermissionCheckedMixin, WagtailAdminTemplateMixin, TemplateView):
    """Every kind of mails of a program in a language."""

    any_permission_required = ANY
    template_name = "wagtail_referrals/admin/mails.html"
    page_title = _("Mails")
    header_icon = "draft"

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.permission_policy = policy_for(MessageTemplate)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]

    @cached_property
    def programs(self) -> list[Program]:
        """Those the user sees."""
        return list(visible_programs(self.request.user))

    @cached_property
    def program(self) -> Program | None:
        """The one asked for, or the first."""
        asked = self.request.GET.get("program", "")
        found = [program for program in self.programs if str(program.pk) == asked]
        return next(iter(found or self.programs), None)

    @cached_property
    def language(self) -> str:
        """The one asked for, or the site's own."""
        asked = self.request.GET.get("language", "")
        return asked if asked in languages() else settings.LANGUAGE_CODE

    def parts(self) -> Iterable[tuple[str, Any, list[Row]]]:
        """The kinds by what they are for."""
        assert self.program
        rows = MessageTemplate.objects.filter(program=self.program)
        templates = {(template.kind, template.locale): template for template in rows}
        may_write = self.permission_policy.user_has_permission(self.request.user, "add")
        may_change = self.permission_policy.user_has_permission(self.request.user, "change")
        for category, heading in PARTS.items():
            kinds = [kind for kind in mail_kinds().values() if kind.category == category]
            if kinds:
                listed = [self._row(kind, templates, may_write, may_change) for kind in kinds]
                yield category, heading, listed

    def _row(
        self,
        kind: MailKind,
        templates: dict[Any, MessageTemplate],
        may_write: bool,
        may_change: bool,
    ) -> Row:
        assert self.program
        template = templates.get((kind.key, self.language))
        others = [templates.get((kind.key, code)) for code in languages_for(self.language)[1:]]
        other = next((one for one in others if one and one.live), None)
        url = ""
        if template and can_look(self.request.user, MessageTemplate):
            screen = "edit" if may_change else "inspect"
            url = reverse(f"referrals_mails:{screen}", args=[template.pk])
        elif may_write and not template:
            asked = {"program": self.program.pk, "kind": kind.key, "language": self.language}
            url = f"{reverse('referrals_mails:write')}?{urlencode(asked)}"
        has_own = template and template.live
        return Row(kind, template, None if has_own else other, self.language, url)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            parts=list(self.parts()) if self.program else [],
            languages=languages(),
            first_step=list_url(Program) if not self.programs else "",
            **kwargs,
        )
