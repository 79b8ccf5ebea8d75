"""Introductions: who is introduced to whom, how far it has come, and what it was worth."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ..append_only import AppendOnlyModel
from ..people.models import Consent, Person
from ..programs.models import Program
from ..referrals.models import Grade, Referral
from .models import Partner


class Direction(models.TextChoices):
    RECEIVED = "received", _("received: somebody was introduced to us")
    GIVEN = "given", _("given: somebody was introduced to a partner")


class IntroductionStage(models.TextChoices):
    RECEIVED = "received", _("received")
    ACCEPTED = "accepted", _("accepted")
    CONTACTED = "contacted", _("contacted")
    MEETING = "meeting", _("meeting")
    OFFER = "offer", _("offer made")
    WON = "won", _("won")
    LOST = "lost", _("lost")


# To be looked for by these: no index finds what is *not* over.
OPEN_STAGES = [
    stage
    for stage in IntroductionStage
    if stage not in (IntroductionStage.WON, IntroductionStage.LOST)
]


def ways() -> list[tuple[str, str | Promise]]:
    """How somebody is introduced. A function, so that a new one makes no migration."""
    return [
        ("name", _("only their name")),
        ("mail", _("a mail with both in copy")),
        ("call", _("a call")),
        ("meeting", _("a meeting of the three of us")),
        ("brought", _("brought along")),
    ]


def acquaintances() -> list[tuple[str, str | Promise]]:
    """How well the giver knows them. A function, so that a new one makes no migration."""
    return [
        ("hardly", _("hardly")),
        ("some", _("somewhat")),
        ("well", _("well")),
    ]


class Introduction(models.Model):
    """One referral to or from a partner, or to us from a customer.

    Nothing is stored of somebody who did not agree: ``introduced`` needs their ``consent``.
    """

    program = models.ForeignKey(
        Program, verbose_name=_("program"), on_delete=models.PROTECT, related_name="introductions"
    )
    direction = models.CharField(_("direction"), max_length=10, choices=Direction)
    # To whom it was given, or whose contact gave it; none where a customer introduces to us.
    partner = models.ForeignKey(
        Partner,
        verbose_name=_("partner"),
        null=True,
        on_delete=models.PROTECT,
        related_name="introductions",
        db_index=False,
    )
    giver = models.ForeignKey(
        Person, verbose_name=_("introduced by"), on_delete=models.PROTECT, related_name="+"
    )
    introduced = models.ForeignKey(
        Person, verbose_name=_("who is introduced"), on_delete=models.PROTECT, related_name="+"
    )
    consent = models.OneToOneField(
        Consent, verbose_name=_("agreed"), on_delete=models.PROTECT, related_name="+"
    )
    # What the giver earns by it counts for this recommendation; none when somebody else was first.
    referral = models.ForeignKey(
        Referral, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    # Of the owner's list: whom they asked for.
    wanted = models.ForeignKey(
        "wagtail_referrals.WantedContact",
        verbose_name=_("wanted contact"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="introductions",
    )
    # As the form was filled in: whoever types an address is not shown the name we know with it.
    name = models.CharField(_("name as it was given"), max_length=120, blank=True)
    giver_name = models.CharField(_("giver's name as given"), max_length=120, blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    need = models.TextField(_("what they need"), blank=True, max_length=2000)
    known = models.CharField(
        _("how well they know each other"), max_length=10, choices=acquaintances, blank=True
    )
    way = models.CharField(_("how"), max_length=10, choices=ways)
    best_time = models.CharField(_("best time"), max_length=120, blank=True)
    grade = models.CharField(_("grade"), max_length=1, choices=Grade)
    stage = models.CharField(
        _("stage"), max_length=10, choices=IntroductionStage, default=IntroductionStage.RECEIVED
    )
    stage_since = models.DateTimeField(_("since"), default=timezone.now)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("whose it is"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    next_step = models.CharField(_("next step"), max_length=200, blank=True)
    next_step_on = models.DateField(_("next step on"), null=True)
    reminded_on = models.DateField(null=True, editable=False)
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2, null=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    lost_reason = models.CharField(_("why it was lost"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("introduced"), default=timezone.now)
    # "giver:introduced:partner" while it is open: there is no second one beside it.
    open_key = models.CharField(max_length=80, unique=True, null=True, editable=False)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("introduction")
        verbose_name_plural = _("introductions")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(direction="received") | Q(partner__isnull=False),
                name="referrals_introduction_to",
            ),
            models.CheckConstraint(
                condition=~Q(giver=models.F("introduced")), name="referrals_introduction_self"
            ),
            models.CheckConstraint(
                condition=Q(stage__in=["won", "lost"], open_key__isnull=True)
                | (~Q(stage__in=["won", "lost"]) & Q(open_key__isnull=False)),
                name="referrals_introduction_open",
            ),
            models.CheckConstraint(
                condition=Q(amount__isnull=True, currency="")
                | (Q(amount__gte=0, stage="won") & ~Q(currency="")),
                name="referrals_introduction_amount",
            ),
        ]
        indexes = [
            models.Index(fields=["stage", "stage_since"], name="referrals_intro_stage"),
            models.Index(fields=["stage", "next_step_on"], name="referrals_intro_due"),
            models.Index(fields=["created_at"], name="referrals_intro_time"),
            # The report reads all it needs from this index.
            models.Index(
                fields=["partner", "currency", "direction", "stage", "created_at", "amount"],
                name="referrals_intro_partner",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.giver} → {self.introduced}"

    @property
    def is_open(self) -> bool:
        """Whether there is still something to do."""
        return self.stage in OPEN_STAGES


class IntroductionEntryKind(models.TextChoices):
    STAGE = "stage", _("stage")
    NOTE = "note", _("note")
    OWNER = "owner", _("given to")
    NEXT = "next", _("next step")
    GRADE = "grade", _("grade")


class IntroductionEntry(AppendOnlyModel):
    """One line of an introduction's history: who, when, what."""

    introduction = models.ForeignKey(Introduction, on_delete=models.CASCADE, related_name="entries")
    kind = models.CharField(_("what"), max_length=10, choices=IntroductionEntryKind)
    # Of a stage: its value.
    value = models.CharField(max_length=40, blank=True)
    text = models.TextField(_("words"), blank=True, max_length=2000)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    # Where it was not staff: the partner's own page, the giver's form.
    actor = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(_("time"), default=timezone.now)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("line of an introduction's history")
        verbose_name_plural = _("lines of introductions' histories")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.created_at:%Y-%m-%d}"


class GradeLine(models.Model):
    """One line of a program's table of grades: the first that fits says the grade."""

    program = models.ForeignKey(
        Program, verbose_name=_("program"), on_delete=models.CASCADE, related_name="grade_lines"
    )
    position = models.PositiveSmallIntegerField(_("place in the table"), default=0)
    way = models.CharField(_("how"), max_length=10, choices=ways, blank=True)
    known = models.CharField(
        _("how well they know each other"), max_length=10, choices=acquaintances, blank=True
    )
    grade = models.CharField(_("grade"), max_length=1, choices=Grade)

    class Meta:
        verbose_name = _("line of the table of grades")
        verbose_name_plural = _("table of grades")
        ordering = ["program__name", "position", "pk"]

    def __str__(self) -> str:
        way = self.get_way_display() if self.way else _("in any way")
        known = self.get_known_display() if self.known else _("however well known")
        return f"{way}, {known}: {self.grade}"


class StageWords(models.Model):
    """What the giver of an introduction is told when it reaches a stage; empty: nothing."""

    program = models.ForeignKey(
        Program, verbose_name=_("program"), on_delete=models.CASCADE, related_name="stage_words"
    )
    stage = models.CharField(_("stage"), max_length=10, choices=IntroductionStage)
    locale = models.CharField(_("language"), max_length=20, blank=True)
    words = models.TextField(_("words"), blank=True, max_length=1000)

    class Meta:
        verbose_name = _("words at a stage")
        verbose_name_plural = _("words at the stages")
        ordering = ["program__name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["program", "stage", "locale"], name="referrals_stage_words_once"
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_stage_display())


class WantedContact(models.Model):
    """A person or firm the owner would like to meet: partners and champions mark who they know."""

    program = models.ForeignKey(
        Program, verbose_name=_("program"), on_delete=models.CASCADE, related_name="wanted"
    )
    name = models.CharField(_("person or firm"), max_length=120)
    role = models.CharField(_("role"), max_length=120, blank=True)
    why = models.CharField(
        _("why"), max_length=300, blank=True, help_text=_("What you would talk about with them.")
    )
    # None: whoever may see the list.
    partner = models.ForeignKey(
        Partner,
        verbose_name=_("asked of"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="wanted",
        help_text=_("Empty: every partner."),
    )
    is_active = models.BooleanField(_("still wanted"), default=True)
    created_at = models.DateTimeField(_("since"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("wanted contact")
        verbose_name_plural = _("wanted contacts")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name
