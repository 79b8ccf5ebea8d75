"""Texts to share: what advocates pass on, in which language and where; and how it will look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, ObjectList

from ..pages.samples import advocate as sample_advocate
from ..programs.share_models import ShareText
from ..referrals.channels import CHANNELS, Channel, channel_choices, text_messages
from ..referrals.links import link_url
from ..referrals.share import load_picture, subject_of
from ..referrals.share_words import in_full
from .introduction_setup import ProgramForm
from .rules import ProgramFilter
from .setup import SetupAdmin, SetupCreateView, SetupEditView, SetupInspectView

Words = str | Promise


def locale_choices() -> list[tuple[str, Words]]:
    """The site's languages, and all of them."""
    return [("", _("every language")), *settings.LANGUAGES]


def way_choices() -> list[tuple[str, Words]]:
    """One way to share, or all."""
    return [("", _("every way to share")), *channel_choices()]


class ShareTextForm(ProgramForm):
    """Languages and ways to share are those there are."""

    locale = forms.ChoiceField(label=_("Language"), choices=locale_choices, required=False)
    channel = forms.ChoiceField(label=_("Way to share"), choices=way_choices, required=False)

    def clean_text(self) -> str:
        """The link is added: one more would be somebody else's, or not counted."""
        text = str(self.cleaned_data["text"]).strip()
        if "://" in text:
            raise forms.ValidationError(
                gettext("Leave the link out: each advocate's own is added at the end.")
            )
        return text


@dataclass(frozen=True)
class Preview:
    """How a text looks by one way to share. ``notes`` are what does not fit or costs more."""

    channel: Channel
    words: str
    link: str
    subject: str
    notes: list[str]


@dataclass(frozen=True)
class PostCard:
    """What a post shows of the page a link leads to."""

    title: str
    text: str
    host: str
    picture: Any


def previews(text: ShareText) -> list[Preview]:
    """The text by each way it is for, in its own language."""
    keys = [text.channel] if text.channel else [key for key, _label in channel_choices()]
    with translation.override(text.locale or translation.get_language() or ""):
        return [_preview(text, CHANNELS[key]) for key in keys if key in CHANNELS]


def _preview(text: ShareText, channel: Channel) -> Preview:
    words = in_full(text.text, text.disclosure, text.program)
    link = link_url(sample_advocate(text.program), channel.key)
    subject = subject_of(text.program)
    return Preview(channel, words, link, subject, list(_notes(channel, words, link)))


def _notes(channel: Channel, words: str, link: str) -> list[str]:
    notes = []
    if channel.most is not None:
        counts = {"length": channel.length(words, link), "most": channel.most}
        if channel.is_too_long(words, link):
            notes.append(gettext("Too long: %(length)d of %(most)d characters.") % counts)
        else:
            notes.append(gettext("%(length)d of %(most)d characters.") % counts)
    if channel.key == "sms":
        count = text_messages(f"{words} {link}")
        notes.append(ngettext("%d text message.", "%d text messages.", count) % count)
    return notes


def post_card(text: ShareText) -> PostCard | None:
    """The landing page as a post shows it; None without one."""
    program = text.program
    page: Any = program.landing_page and program.landing_page.specific
    if page is None:
        return None
    image_id = getattr(page, "image_id", None)
    return PostCard(
        title=page.seo_title or page.title,
        text=getattr(page, "shared_text", page.search_description),
        host=program.site.hostname,
        picture=load_picture(image_id) if image_id else None,
    )


class Previewed:
    """On the screen of one text: how it looks."""

    instance: ShareText

    @cached_property
    def previews(self) -> list[Preview]:
        return previews(self.instance)

    @cached_property
    def card(self) -> PostCard | None:
        return post_card(self.instance)

    @cached_property
    def picture(self) -> Any:
        return load_picture(self.instance.picture_id) if self.instance.picture_id else None


class StaysHere:
    """Saving leads to the text's own screen, which shows how it looks now."""

    instance: ShareText
    url_helper: Any

    def get_success_url(self) -> str:
        url: str = self.url_helper.get_action_url("edit", self.instance.pk)
        return url


class ShareTextCreateView(StaysHere, SetupCreateView):
    pass


class ShareTextEditView(StaysHere, Previewed, SetupEditView):
    pass


class ShareTextInspectView(Previewed, SetupInspectView):
    pass


class ShareTextAdmin(SetupAdmin):
    model = ShareText
    menu_label = _("Texts to share")
    menu_icon = "mobile-alt"
    create_view_class = ShareTextCreateView
    edit_view_class = ShareTextEditView
    inspect_view_class = ShareTextInspectView
    edit_template_name = "wagtail_referrals/admin/share_text_edit.html"
    inspect_template_name = "wagtail_referrals/admin/share_text_inspect.html"
    list_display = ("__str__", "way", "locale", "program", "position", "is_active")
    list_filter = (ProgramFilter, "is_active")
    list_export = ("program", "locale", "channel", "text", "disclosure", "position", "is_active")
    list_select_related = ("program",)
    search_fields = ("text",)
    ordering = ("program__name", "locale", "channel", "position", "pk")
    inspect_view_fields = [
        "text",
        "disclosure",
        "program",
        "locale",
        "channel",
        "position",
        "is_active",
    ]
    empty_text = _(
        "Without texts of your own advocates share the program's one, or ours. Write some: one for "
        "a messenger is shorter than one for a mail."
    )

    def get_edit_handler(self) -> ObjectList:
        panels = [
            FieldPanel("program"),
            FieldRowPanel([FieldPanel("locale"), FieldPanel("channel")]),
            FieldPanel("text", help_text=_("The link is added at the end.")),
            FieldPanel("disclosure"),
            FieldPanel("picture", help_text=_("Offered beside the words, to be sent along.")),
            FieldRowPanel([FieldPanel("position"), FieldPanel("is_active")]),
        ]
        return ObjectList(panels, base_form_class=ShareTextForm)

    def way(self, text: ShareText) -> str:
        """By which way it is shared."""
        return str(dict(way_choices()).get(text.channel, text.channel))

    way.short_description = _("way to share")  # type: ignore[attr-defined]
