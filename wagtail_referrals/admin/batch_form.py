"""The form of a new batch: how many codes that look like what, or a file of codes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList

from ..coupons.codes import COUPON_LENGTH
from ..coupons.models import BatchSource, CouponBatch
from ..coupons.patterns import DEFAULT_PATTERN, clean_pattern, pattern_of
from ..coupons.upload import BadCodes, Line, read_codes
from ..programs.access import visible_programs
from .line_errors import add_line_errors
from .offers import CONDITIONS, WHAT_THEY_GET, WORDS

LARGEST_FILE = 10 * 1024 * 1024
MOST_CODES = 1_000_000


class BatchForm(WagtailAdminModelForm):
    prefix_text = forms.CharField(
        label=_("Begins with"),
        max_length=16,
        required=False,
        validators=[RegexValidator(r"^[A-Za-z0-9-]*$", _("Use letters a-z, digits and dashes."))],
        help_text=_("Optional, the same in every code: SPRING."),
    )
    length = forms.IntegerField(
        label=_("Characters after that"),
        min_value=4,
        max_value=24,
        initial=COUPON_LENGTH,
        required=False,
        help_text=_("All but the last are random; the last finds typing errors."),
    )
    file = forms.FileField(
        label=_("File with your codes"),
        required=False,
        help_text=_(
            "Text or CSV with a code on each line, at most 100,000. Codes that are easy to guess "
            "will be guessed."
        ),
    )
    # What was read from the file, for the verb.
    codes: list[Line]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.for_user:
            self.fields["program"].queryset = visible_programs(self.for_user)
        self.fields["wanted"].required = False
        self.fields["wanted"].widget.attrs["max"] = MOST_CODES
        self.fields["pattern"].initial = ""
        self.initial.pop("pattern", None)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean()
        if data.get("source") == BatchSource.UPLOADED:
            self._clean_file(data.get("file"))
        else:
            self._clean_pattern(data)
        return data

    def _clean_file(self, file: Any) -> None:
        if file is None:
            self.add_error("file", gettext("Choose a file."))
        elif file.size > LARGEST_FILE:
            self.add_error("file", gettext("The file is larger than 10 MB."))
        else:
            try:
                self.codes = read_codes(file.read())
            except BadCodes as bad:
                self.refuse_codes(bad)

    def refuse_codes(self, bad: BadCodes) -> None:
        """Name each broken line below the file."""
        add_line_errors(self, "file", bad.errors)

    def _clean_pattern(self, data: dict[str, Any]) -> None:
        wanted = data.get("wanted")
        if not wanted and "wanted" not in self.errors:
            self.add_error("wanted", gettext("Say how many codes are to be made."))
        if wanted and wanted > MOST_CODES:
            words = format_lazy(_("At most {most} codes."), most=f"{MOST_CODES:,}")
            self.add_error("wanted", str(words))
        own = data.get("pattern")
        length = data.get("length") or COUPON_LENGTH
        pattern = own or pattern_of(data.get("prefix_text") or "", length)
        # What cannot be judged yet, or is refused here, the model need not refuse again.
        data["pattern"] = DEFAULT_PATTERN
        if {"kind", "prefix_text", "length", "pattern"} & set(self.errors):
            return
        worth_money = CouponBatch(kind=data["kind"]).worth_money
        try:
            data["pattern"] = clean_pattern(pattern, wanted=wanted or 0, worth_money=worth_money)
        except ValidationError as error:
            self.add_error("pattern" if own else "length", error)


EDIT_HANDLER = ObjectList(
    [
        MultiFieldPanel(
            [FieldPanel("name"), FieldPanel("program")],
            heading=_("The batch"),
        ),
        MultiFieldPanel(
            [
                FieldPanel("source", widget=forms.RadioSelect),
                FieldPanel("wanted"),
                FieldRowPanel([FieldPanel("prefix_text"), FieldPanel("length")]),
                FieldPanel(
                    "pattern",
                    help_text=_(
                        "Instead of the two above, if you like: each # becomes a character, as in "
                        "SPRING-####-####-####."
                    ),
                ),
                FieldPanel("file"),
            ],
            heading=_("Its codes"),
        ),
        WHAT_THEY_GET,
        WORDS,
        MultiFieldPanel(
            [
                *CONDITIONS,
                FieldPanel("max_uses"),
                FieldRowPanel([FieldPanel("valid_from"), FieldPanel("expires_at")]),
            ],
            heading=_("On what conditions"),
        ),
    ],
    base_form_class=BatchForm,
)
