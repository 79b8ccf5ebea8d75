from __future__ import annotations

import hashlib
from datetime import datetime, time, timedelta
from decimal import Decimal

import swapper
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.fields import RichTextField
from wagtail.models import Site

from ..lookups import Lookup
from .money import validate_currency
from .offers import Offer
from .working_time import Week

__all__ = ["Offer", "Program", "TermsVersion"]


class AttributionModel(models.TextChoices):
    FIRST = "first", _("the first recommendation")
    LAST = "last", _("the last recommendation before the purchase")


def audience_choices() -> list[tuple[str, str | Promise]]:
    """Whom a program is for. A function, so that a new one makes no migration."""
    return [
        ("customers", _("customers")),
        ("everyone", _("everyone")),
        ("staff", _("staff")),
        ("partners", _("partners")),
    ]


def default_site() -> int | None:
    """The site a new program is most likely for."""
    return Site.objects.filter(is_default_site=True).values_list("pk", flat=True).first()


class Program(models.Model):
    """One referral program of one site."""

    site = models.ForeignKey(
        "wagtailcore.Site",
        verbose_name=_("site"),
        on_delete=models.PROTECT,
        related_name="+",
        default=default_site,
    )
    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(
        _("slug"), max_length=60, unique=True, help_text=_("The name your shop calls it by.")
    )
    audience = models.CharField(
        _("audience"), max_length=20, choices=audience_choices, default="customers"
    )
    currency = models.CharField(
        _("currency"), max_length=3, default="EUR", validators=[validate_currency]
    )
    is_active = models.BooleanField(_("running"), default=True)
    starts_at = models.DateTimeField(_("starts"), default=timezone.now)
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    attribution_model = models.CharField(
        _("who gets the credit"),
        max_length=10,
        choices=AttributionModel,
        default=AttributionModel.FIRST,
    )
    attribution_window_days = models.PositiveIntegerField(
        _("attribution window in days"),
        default=90,
        validators=[MinValueValidator(1), MaxValueValidator(3650)],
        help_text=_("A purchase later than this after the recommendation earns nothing."),
    )
    hold_days = models.PositiveIntegerField(
        _("hold days"),
        default=14,
        validators=[MaxValueValidator(365)],
        help_text=_("How long a reward waits after a purchase, so that returns can come first."),
    )
    budget_amount = models.DecimalField(
        _("budget in money"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal("0.01"))],
        help_text=_(
            "What all rewards of amounts of money may be worth, in the program's currency. Amounts "
            "in another are not given then. Empty: no limit."
        ),
    )
    budget_rewards = models.PositiveIntegerField(
        _("budget in rewards"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("How many rewards there are in all, of any kind. Empty: no limit."),
    )
    notify_email = models.EmailField(
        _("owner's e-mail"),
        blank=True,
        help_text=_("Who is told when a budget or a stock of codes runs out."),
    )
    mail_from_name = models.CharField(
        _("sender's name"),
        max_length=80,
        blank=True,
        help_text=_("Who the mails come from, as people read it. Empty: as in the settings."),
    )
    mail_from = models.EmailField(
        _("sender's address"),
        blank=True,
        help_text=_("Your mail server has to be allowed to send for it. Empty: the site's own."),
    )
    mail_reply_to = models.EmailField(
        _("answers go to"), blank=True, help_text=_("Empty: to the sender's address.")
    )
    # Nobody's phone rings at night: mails that can wait do. By the reader's clock.
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True, default=time(21))
    quiet_to = models.TimeField(_("quiet until"), null=True, blank=True, default=time(8))
    days_between_asks = models.PositiveIntegerField(
        _("days between two asks"),
        default=90,
        validators=[MinValueValidator(1), MaxValueValidator(3650)],
        help_text=_("Nobody is asked for anything more often, whatever it is for."),
    )
    weekly_digest = models.BooleanField(
        _("weekly summary"),
        default=True,
        help_text=_("Every Monday, by mail to the owner's address: what the week has brought."),
    )
    mails_to_friends = models.BooleanField(
        _("the site writes to friends"),
        default=False,
        help_text=_(
            "Advocates enter a friend's address and your site sends the mail. In many countries "
            "the friend has to agree first: ask a lawyer. Without the tick, advocates send their "
            "own words from their own mailbox, which is always allowed and works better."
        ),
    )
    # When somebody is there to answer: what the due times of cases are counted in.
    working_days = models.CharField(
        _("working days"),
        max_length=7,
        default="01234",
        validators=[RegexValidator("^[0-6]+$")],
    )
    working_from = models.TimeField(_("working hours from"), default=time(9))
    working_to = models.TimeField(_("working hours to"), default=time(17))
    groups = models.ManyToManyField(
        "auth.Group",
        verbose_name=_("groups"),
        blank=True,
        related_name="+",
        help_text=_(
            "Whose program it is: others see nothing of it. "
            "None: whoever has the permission sees it."
        ),
    )
    # Keys of the risk flags that are switched off.
    risk_off = models.JSONField(default=list, blank=True)
    # Since when it has nothing left to give to friends: its pages promise nothing then.
    full_since = models.DateTimeField(null=True, editable=False)
    terms = RichTextField(_("terms"), blank=True, features=["bold", "italic", "link", "ol", "ul"])
    friend_offer = models.ForeignKey(
        Offer,
        verbose_name=_("offer for the friend"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    advocate_offer = models.ForeignKey(
        Offer,
        verbose_name=_("offer for the advocate"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    landing_page = models.ForeignKey(
        swapper.get_model_name("wagtailcore", "Page"),
        verbose_name=_("landing page"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Where links lead. Empty: the first referral page published for it."),
    )
    share_text = models.CharField(
        _("text to share"),
        max_length=280,
        blank=True,
        help_text=_("Ready-made words an advocate sends; the link is added. Empty: our own."),
    )

    class Meta:
        verbose_name = _("program")
        verbose_name_plural = _("programs")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=models.F("starts_at")),
                name="referrals_program_dates",
            ),
            models.CheckConstraint(
                condition=Q(working_to__gt=models.F("working_from")),
                name="referrals_program_hours",
            ),
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_to__isnull=True)
                | Q(quiet_from__isnull=False, quiet_to__isnull=False),
                name="referrals_program_quiet",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Raises ValidationError also for another offer or page than is being tested."""
        # Experiments are about programs: they import this file.
        from .experiment_models import refused_swaps

        errors = refused_swaps(self)
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            errors["ends_at"] = gettext("The end has to be after the start.")
        if self.working_from and self.working_to and not self._has_an_hour():
            errors["working_to"] = gettext("The end has to be at least an hour after the start.")
        if (self.quiet_from is None) != (self.quiet_to is None):
            errors["quiet_to"] = gettext("Say both or neither.")
        for field in ("friend_offer", "advocate_offer"):
            offer = getattr(self, field)
            if offer and offer.currency and offer.currency != self.currency:
                words = gettext("This offer is in %(offer)s, the program in %(program)s.")
                errors[field] = words % {"offer": offer.currency, "program": self.currency}
        if errors:
            raise ValidationError(errors)

    def _has_an_hour(self) -> bool:
        begin, end = (
            datetime.combine(datetime.min, clock) for clock in (self.working_from, self.working_to)
        )
        return end - begin >= timedelta(hours=1)

    def is_open(self, at: datetime | None = None) -> bool:
        """Whether it runs at that time (now, if not said)."""
        at = at or timezone.now()
        return self.is_active and self.starts_at <= at and (not self.ends_at or at < self.ends_at)

    @property
    def working_week(self) -> Week:
        """When somebody is there, by the site's clock."""
        days = frozenset(int(day) for day in self.working_days)
        zone = timezone.get_default_timezone()
        return Week(days, self.working_from, self.working_to, zone)

    @property
    def missing(self) -> list[str]:
        """What visitors would miss if a page of this program were published now."""
        wanted = {
            gettext("The program has no terms."): self.terms,
            gettext("The program has no offer for the friend."): self.friend_offer_id,
            gettext("The program has no offer for the advocate."): self.advocate_offer_id,
        }
        return [sentence for sentence, there in wanted.items() if not there]


class TermsVersion(models.Model):
    """Terms as they stood when somebody agreed to them."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="terms_versions")
    digest = models.CharField(max_length=64)
    body = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("terms version")
        verbose_name_plural = _("terms versions")
        constraints = [
            models.UniqueConstraint(fields=["program", "digest"], name="referrals_terms_once"),
        ]

    def __str__(self) -> str:
        return f"{self.program} · {self.created_at:%Y-%m-%d}"


_with_offers = Lookup(
    lambda: Program.objects.order_by().select_related("site", "friend_offer", "advocate_offer"),
    "pk",
)


def load_program(pk: int) -> Program | None:
    """A program with all that pages and verbs need of it, by one query."""
    return _with_offers.first(pk)


def has_case_rules(key: str) -> Exists:
    """Whether the program by that key has a follow-up rule: without, an answer looks for none."""
    return Exists(Program.objects.filter(pk=OuterRef(key), case_rules__is_active=True))


def current_terms(program: Program) -> TermsVersion:
    """The stored version of the terms as they stand now; safe in parallel."""
    digest = hashlib.sha256(program.terms.encode()).hexdigest()
    version, _created = TermsVersion.objects.get_or_create(
        program=program, digest=digest, defaults={"body": program.terms}
    )
    return version
