"""The forms of collateral: what it is and for whom; a new version of it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList
from wagtail.admin.widgets import AdminDateInput
from wagtail.documents import get_document_model
from wagtail.documents.widgets import AdminDocumentChooser
from wagtail.images import get_image_model
from wagtail.images.widgets import AdminImageChooser

from ..partners.collateral import check_content
from ..partners.collateral_models import Collateral
from ..programs.access import visible_programs

CONTENT = ("document", "image", "url")


def languages() -> list[tuple[str, str]]:
    """Those a site publishes in."""
    return list(getattr(settings, "WAGTAIL_CONTENT_LANGUAGES", None) or settings.LANGUAGES)


def language_choices() -> list[tuple[str, Any]]:
    return [("", _("any")), *languages()]


class CollateralForm(WagtailAdminModelForm):
    """Its content is chosen when it is new; later a new version replaces it."""

    language = forms.ChoiceField(
        label=_("Language"),
        choices=language_choices,
        required=False,
        help_text=_("Visitors see what is in their language, and what is in any."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = self.instance.language
        if own and own not in dict(languages()):
            self.fields["language"].choices = [*language_choices(), (own, own)]
        if "program" in self.fields and self.for_user:
            programs = self.fields["program"].queryset = visible_programs(self.for_user)
            if len(programs) == 1:
                self.fields["program"].initial = programs[0]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        program, partner = data.get("program"), data.get("partner")
        program_id = program.pk if program else self.instance.program_id
        if partner and program_id and partner.program_id != program_id:
            self.add_error("partner", gettext("This partner belongs to another program."))
        if not {"audience", *CONTENT} & self.errors.keys():
            self._check_content(data)
        return data

    def _check_content(self, data: dict[str, Any]) -> None:
        content = {name: data.get(name, getattr(self.instance, name)) for name in CONTENT}
        try:
            check_content(data["audience"], **content)
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                # What this form does not show is told where the audience is chosen.
                self.add_error(name if name in self.fields else "audience", messages)


ABOUT = MultiFieldPanel(
    [
        FieldPanel("title"),
        FieldPanel("kind"),
        FieldPanel("text"),
        FieldPanel("preview"),
    ],
    heading=_("What it is"),
)
FOR_WHOM = MultiFieldPanel(
    [
        FieldPanel(
            "audience",
            help_text=_(
                "What is not for everybody gets an address for each who may have it. Its document "
                "is moved where it cannot be guessed."
            ),
        ),
        FieldPanel("language"),
        FieldPanel("partner", help_text=_("Shown on the partner's page, too.")),
    ],
    heading=_("For whom"),
)
HOW_LONG = MultiFieldPanel(
    [
        FieldRowPanel([FieldPanel("valid_until"), FieldPanel("is_shown")]),
    ],
    heading=_("How long"),
    help_text=_("From the day after, nobody sees it any more; you are told that it is stale."),
)
ADD_HANDLER = ObjectList(
    [
        FieldPanel("program"),
        ABOUT,
        MultiFieldPanel(
            [FieldPanel("document"), FieldPanel("image"), FieldPanel("url")],
            heading=_("One of these"),
        ),
        FOR_WHOM,
        HOW_LONG,
    ],
    base_form_class=CollateralForm,
)
EDIT_HANDLER = ObjectList([ABOUT, FOR_WHOM, HOW_LONG], base_form_class=CollateralForm)
# What the form of one that is there writes.
FIELDS = [
    *("title", "kind", "text", "preview", "audience", "language", "partner"),
    *("valid_until", "is_shown"),
]


class VersionForm(forms.Form):
    """What takes the place of what is there."""

    document: Any = forms.ModelChoiceField(
        label=_("Document"), queryset=None, required=False, widget=AdminDocumentChooser
    )
    image: Any = forms.ModelChoiceField(
        label=_("Picture"), queryset=None, required=False, widget=AdminImageChooser
    )
    url = forms.CharField(
        label=_("Link"),
        required=False,
        max_length=500,
        validators=Collateral._meta.get_field("url").validators,
    )
    note = forms.CharField(
        label=_("What is new"), required=False, max_length=300, help_text=_("For your colleagues.")
    )
    valid_until = forms.DateField(
        label=_("Valid until"),
        required=False,
        widget=AdminDateInput,
        help_text=_("Empty: until you say otherwise."),
    )
    # Which one it takes the place of: two that are quick do not lose each other's.
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, collateral: Collateral, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.collateral = collateral
        self.fields["document"].queryset = get_document_model().objects.all()  # type: ignore[attr-defined]
        self.fields["image"].queryset = get_image_model().objects.all()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not set(CONTENT) & self.errors.keys():
            try:
                content = {name: data.get(name) for name in CONTENT}
                check_content(self.collateral.audience, **content)  # type: ignore[arg-type]
            except ValidationError as error:
                self.add_error(None, error)
        return data
