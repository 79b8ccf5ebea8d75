"""What is done about a mail's words: begun, tried, and taken back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin

from ..messages.compose import sender
from ..messages.kinds import mail_kinds
from ..messages.template_models import MessageTemplate
from ..messages.templates import begin_words, restore_words
from ..programs.access import visible_programs
from .actions import ActionView
from .mail_list import languages
from .permissions import policy_for


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
