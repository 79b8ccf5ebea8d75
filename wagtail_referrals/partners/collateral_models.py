"""Collateral: what is there to be passed on, for whom, and how old it is."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import URLValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from wagtail.documents import get_document_model_string
from wagtail.images import get_image_model_string

from ..append_only import AppendOnlyModel
from ..programs.models import Program
from .models import Partner


def collateral_kinds() -> list[tuple[str, str | Promise]]:
    """What there is. A function, so that a new one makes no migration."""
    return [
        ("fact_sheet", _("fact sheet")),
        ("brochure", _("brochure")),
        ("price_list", _("price list")),
        ("case_study", _("case study")),
        ("capability", _("capability statement")),
        ("white_paper", _("white paper")),
        ("survey", _("survey results")),
        ("press", _("press release")),
        ("media_kit", _("media kit")),
        ("logo", _("logo")),
        ("video", _("video")),
        ("how_to", _("how-to")),
        ("template", _("card or letter template")),
    ]


class Audience(models.TextChoices):
    PUBLIC = "public", _("everybody")
    CUSTOMERS = "customers", _("customers")
    ADVOCATES = "advocates", _("advocates")
    PARTNERS = "partners", _("partners")
    STAFF = "staff", _("staff")


class Collateral(models.Model):
    """One thing to pass on. What it is now: ``document``, ``image`` or ``url``, one of them."""

    program = models.ForeignKey(
        Program, verbose_name=_("program"), on_delete=models.PROTECT, related_name="collateral"
    )
    # Of a partner: shown on its page, too.
    partner = models.ForeignKey(
        Partner,
        verbose_name=_("partner"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="collateral",
    )
    kind = models.CharField(_("kind"), max_length=20, choices=collateral_kinds)
    title = models.CharField(_("title"), max_length=120)
    text = models.TextField(
        _("text to go with it"),
        blank=True,
        max_length=1000,
        help_text=_("For whoever sends it."),
    )
    audience = models.CharField(
        _("for whom"), max_length=10, choices=Audience, default=Audience.PUBLIC
    )
    language = models.CharField(_("language"), max_length=20, blank=True)
    document = models.ForeignKey(
        get_document_model_string(),
        verbose_name=_("document"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    image = models.ForeignKey(
        get_image_model_string(),
        verbose_name=_("picture"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    url = models.CharField(
        _("link"),
        max_length=500,
        blank=True,
        validators=[URLValidator(schemes=["http", "https"])],
        help_text=_("A video or a page somewhere else."),
    )
    preview = models.ForeignKey(
        get_image_model_string(),
        verbose_name=_("preview picture"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    is_shown = models.BooleanField(_("on the shelf"), default=True)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    updated_at = models.DateTimeField(_("last new version"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("collateral")
        verbose_name_plural = _("collateral")
        ordering = ["title", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(document__isnull=False, image__isnull=True, url="")
                | Q(document__isnull=True, image__isnull=False, url="")
                | (Q(document__isnull=True, image__isnull=True) & ~Q(url="")),
                name="referrals_collateral_one_thing",
            ),
        ]
        indexes = [
            models.Index(
                fields=["program", "audience", "is_shown"], name="referrals_collateral_for"
            ),
            models.Index(fields=["valid_until"], name="referrals_collateral_until"),
        ]

    def __str__(self) -> str:
        return self.title


class CollateralVersion(AppendOnlyModel):
    """What a piece of collateral was at a time."""

    collateral = models.ForeignKey(Collateral, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    # What it was, in words: a document that is gone leaves its name.
    said = models.CharField(_("what"), max_length=255)
    document = models.ForeignKey(
        get_document_model_string(), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    note = models.CharField(_("what is new"), max_length=300, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(_("time"), default=timezone.now)

    class Meta:
        verbose_name = _("version of collateral")
        verbose_name_plural = _("versions of collateral")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["collateral", "number"], name="referrals_collateral_version"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.collateral} · {self.number}"


class CollateralUse(models.Model):
    """Somebody took or sent a piece of collateral. Who it was is not stored."""

    collateral = models.ForeignKey(
        Collateral, on_delete=models.CASCADE, related_name="uses", db_index=False
    )
    how = models.CharField(max_length=10)  # "download", "send"
    used_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["collateral", "how", "used_at"], name="referrals_used")]

    def __str__(self) -> str:
        return f"{self.collateral} · {self.how}"
