"""The words of mails: which go out as we wrote them, which as the owner did.

Editing, drafts, publishing, history and preview are Wagtail's own, for snippets. A mail is begun
from the list, with our words in it, and goes back to them by "Restore".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.mail import EmailMultiAlternatives
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import translation
from django.utils.functional import cached_property
from django.utils.text import Truncator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView, TemplateView
from wagtail.admin import messages
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, ObjectList, Panel, PublishingPanel
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.admin.widgets.button import Button
from wagtail.blocks.stream_block import StreamBlockValidationError
from wagtail.coreutils import get_content_languages
from wagtail.snippets.bulk_actions.delete import DeleteBulkAction
from wagtail.snippets.views.snippets import EditView, HistoryView, SnippetViewSet

from ..feedback.fairness import unfair_mail
from ..messages.check_words import nameable, texts_of
from ..messages.compile import sample_subject
from ..messages.compose import sender
from ..messages.kinds import ASKED_FOR, ASKS, CATEGORIES, LIST, STAFF, MailKind, mail_kinds
from ..messages.own_words import languages_for
from ..messages.template_models import MessageTemplate, language_name
from ..messages.templates import begin_words, restore_words
from ..programs.access import visible_programs
from ..programs.models import Program
from .actions import ActionView
from .links import list_url
from .permissions import ANY, policy_for, visible
from .records import Fact, RecordInspectView, moment
from .testimonials import SCREENS as SNIPPET_SCREENS
from .testimonials import of_visible

SCREENS = SNIPPET_SCREENS - {"list", "list_results"}
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
        if template:
            screen = "edit" if may_change else "inspect"
            url = reverse(f"referrals_mails:{screen}", args=[template.pk])
        elif may_write:
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


class WriteForm(forms.Form):
    """Which mail is to be written."""

    program: forms.ModelChoiceField = forms.ModelChoiceField(
        label=_("Program"), queryset=None, empty_label=None
    )
    kind = forms.ChoiceField(label=_("Mail"))
    language = forms.ChoiceField(label=_("Language"))

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["program"].queryset = visible_programs(user)
        fields["kind"].choices = [(kind.key, kind.label) for kind in mail_kinds().values()]
        fields["language"].choices = list(languages().items())


class WriteView(PermissionCheckedMixin, WagtailAdminTemplateMixin, FormView):
    """Begins a mail in one's own words, with ours in it."""

    permission_required = "add"
    template_name = "wagtail_referrals/admin/mail_write.html"
    page_title = _("Write in your own words")
    header_icon = "draft"
    form_class = WriteForm

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.permission_policy = policy_for(MessageTemplate)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        listed = {"url": reverse("referrals_mails:index"), "label": _("Mails")}
        return [*self.breadcrumbs_items, listed, {"url": "", "label": self.page_title}]

    def get_initial(self) -> dict[str, Any]:
        asked = {name: self.request.GET.get(name, "") for name in WriteForm.base_fields}
        return {"language": settings.LANGUAGE_CODE, **{k: v for k, v in asked.items() if v}}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.request.user}

    def form_valid(self, form: Any) -> HttpResponse:
        data = form.cleaned_data
        template = begin_words(
            data["program"], data["kind"], data["language"], user=self.request.user
        )
        words = gettext("Our words are in it. Change what you like, look at the preview, publish.")
        messages.success(self.request, words)
        return redirect("referrals_mails:edit", template.pk)


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

    any_permission_required = ANY


class MailAction(ActionView):
    """One of the actions beside Wagtail's own."""

    model = MessageTemplate
    related = ("program__site",)
    form_class = forms.Form
    object: MessageTemplate

    def done(self) -> HttpResponse:
        """Back to the words."""
        return redirect("referrals_mails:edit", self.object.pk)


class RestoreView(MailAction):
    permission_required = "publish"
    page_title = _("Restore our words")
    button_label = _("Restore our words")
    button_class = "serious"
    explanation = _(
        "Our own words go out again, at once. What you wrote stays in the history: from there you "
        "can take it up and publish it again."
    )

    def form_valid(self, form: Any) -> HttpResponse:
        restore_words(self.object, user=self.request.user)
        messages.success(self.request, gettext("Our words go out again."))
        return self.done()


class TestView(MailAction):
    page_title = _("Send a test to me")
    button_label = _("Send it")

    @property
    def _address(self) -> str:
        return str(getattr(self.request.user, "email", ""))

    @property
    def explanation(self) -> str:  # type: ignore[override]
        """To whom it goes."""
        words = gettext(
            "The words as they were last saved, with a sample person's values, go to %(address)s."
        )
        return words % {"address": self._address or "–"}

    def form_valid(self, form: Any) -> HttpResponse:
        if not self._address:
            form.add_error(None, gettext("Your account has no e-mail address."))
            return self.form_invalid(form)
        draft = self.object.get_latest_revision_as_object()
        kind = draft.mail_kind
        if kind is None:
            form.add_error(None, gettext("There is no such kind of mails any more."))
            return self.form_invalid(form)
        subject, text, html = draft.sample(kind)
        mail = EmailMultiAlternatives(
            subject=gettext("Test: %(subject)s") % {"subject": subject},
            body=text,
            from_email=sender(self.object.program),
            to=[self._address],
        )
        mail.attach_alternative(html, "text/html")
        try:
            mail.send()
        except Exception as error:  # whatever the mail server says, it is told
            words = gettext("The mail server did not take it: %(error)s")
            form.add_error(None, words % {"error": type(error).__name__})
            return self.form_invalid(form)
        messages.success(self.request, gettext("The test is on its way to you."))
        return self.done()


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
