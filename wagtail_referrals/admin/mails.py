"""The words of mails, in the owner's own.

Editing, drafts, publishing, history and preview are Wagtail's own, for snippets. A mail is begun
from the list, with our words in it, and goes back to them by "Restore".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, ObjectList, Panel, PublishingPanel
from wagtail.admin.widgets.button import Button
from wagtail.blocks.stream_block import StreamBlockValidationError
from wagtail.snippets.bulk_actions.delete import DeleteBulkAction
from wagtail.snippets.views.snippets import EditView, HistoryView, SnippetViewSet

from ..feedback.fairness import unfair_mail
from ..messages.check_words import nameable, texts_of
from ..messages.kinds import ASKS, LIST
from ..messages.template_models import MessageTemplate, language_name
from .mail_actions import RestoreView, TestView, WriteView
from .mail_list import MailsView
from .permissions import LOOK, visible
from .records import Fact, RecordInspectView, moment
from .testimonials import SCREENS as SNIPPET_SCREENS
from .testimonials import of_visible

SCREENS = SNIPPET_SCREENS - {"list", "list_results"}


class FieldsPanel(Panel):
    """The fields this mail can name, to be copied into its words."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "wagtail_referrals/admin/mail_fields.html"

        class Media:
            css: ClassVar[dict[str, list[str]]] = {"all": ["wagtail_referrals/admin/mails.css"]}
            js: ClassVar[list[str]] = ["wagtail_referrals/admin/mail-fields.js"]

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            context: dict[str, Any] = super().get_context_data(parent_context)
            kind = self.instance.mail_kind
            names = nameable(kind) if kind else []
            fields = [kind.named[name] for name in names] if kind else []
            flags = [
                field
                for field in (kind.fields if kind else ())
                if field.name not in names and field.form != LIST
            ]
            return {**context, "fields": fields, "flags": flags, "why": kind.why if kind else ""}


class MailForm(WagtailAdminModelForm):
    """Besides what the model asks of its words: that they are fair."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        kind = self.instance.mail_kind
        if kind is None or kind.category != ASKS:
            return cleaned
        body = cleaned.get("body") or []
        texts = [cleaned.get("subject") or ""]
        texts += texts_of((block.block_type, block.value) for block in body)
        found = unfair_mail(texts, for_review=kind.for_review)
        if found:
            said = [ValidationError(f"{one.words} “{one.quote}”") for one in found]
            self.add_error("body", StreamBlockValidationError(non_block_errors=said))
        return cleaned


class MailEditView(EditView):
    @property
    def header_more_buttons(self) -> list[Any]:
        key = [self.object.pk]
        return [
            *super().header_more_buttons,
            Button(
                _("Send a test to me"),
                url=reverse("referrals_mails:test", args=key),
                icon_name="mail",
                priority=40,
            ),
            Button(
                _("Restore our words"),
                url=reverse("referrals_mails:restore", args=key),
                icon_name="undo",
                priority=50,
            ),
        ]


class MailInspectView(RecordInspectView):
    related = ("program__site",)
    template_name = "wagtail_referrals/admin/message.html"
    object: MessageTemplate

    def facts(self) -> Iterable[Fact]:
        template = self.object
        yield self.link(_("Program"), template.program)
        yield Fact(_("Mail"), template.label)
        yield Fact(_("Language"), language_name(template.locale))
        status = _("goes out") if template.live else _("a draft: our words go out")
        yield Fact(_("State"), status, status="primary" if template.live else "secondary")
        yield Fact(_("Changed"), moment(template.changed_at))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kind = self.object.mail_kind
        if kind is None:
            mail = {"problem": gettext("There is no such kind of mails any more.")}
        else:
            subject, text, _html = self.object.sample(kind)
            mail = {"subject": subject, "body": text, "language": self.object.locale}
        return super().get_context_data(mail=mail, **kwargs)


class MailHistoryView(HistoryView):
    """For who may look only, too, as in our other parts."""

    any_permission_required = LOOK


class NoBulkDelete(DeleteBulkAction):
    """There is no list to choose from: "Restore" takes words back, one mail at a time."""

    models = [MessageTemplate]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        raise PermissionDenied


class MailViewSet(SnippetViewSet):
    model = MessageTemplate
    icon = "draft"
    menu_label = _("Mails")
    url_namespace = "referrals_mails"
    url_prefix = "referrals/mails"
    edit_view_class = MailEditView
    inspect_view_class = MailInspectView
    inspect_view_enabled = True
    history_view_class = MailHistoryView
    copy_view_enabled = False
    # It stands in our own group of the menu.
    menu_item_is_registered = True
    edit_handler = ObjectList(
        [
            FieldsPanel(heading=_("Fields to put in")),
            FieldPanel("subject"),
            FieldPanel("body"),
            PublishingPanel(),
        ],
        base_form_class=MailForm,
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return visible(request.user, MessageTemplate.objects.all())

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        names = ("add", "delete", "copy", "usage", "reorder")
        without = {f"{name}_url_name": None for name in names}
        common: dict[str, Any] = super().get_common_view_kwargs(**{**kwargs, **without})
        return {**common, **without}

    def get_urlpatterns(self) -> list[URLPattern]:
        kept = [
            URLPattern(
                pattern.pattern,
                of_visible(pattern.callback, MessageTemplate),
                pattern.default_args,
                pattern.name,
            )
            for pattern in super().get_urlpatterns()
            if pattern.name in SCREENS
        ]
        listed: Any = self.construct_view(MailsView)
        own: list[Any] = [
            # By the names it has in our other parts, and in Wagtail's.
            path("", listed, name="index"),
            path("", listed, name="list"),
            path("write/", self.construct_view(WriteView), name="write"),
            path("test/<int:pk>/", self.construct_view(TestView), name="test"),
            path("restore/<int:pk>/", self.construct_view(RestoreView), name="restore"),
        ]
        return [*own, *kept]
