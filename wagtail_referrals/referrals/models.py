from __future__ import annotations

from decimal import Decimal

import swapper
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..coupons.codes import display_code
from ..people.models import Person
from ..programs.models import Offer, Program, TermsVersion


class AdvocateState(models.TextChoices):
    ACTIVE = "active", _("active")
    PAUSED = "paused", _("paused")
    # They went by themselves; they can come back.
    LEFT = "left", _("left")


class ShownAs(models.TextChoices):
    NOBODY = "", _("not shown")
    FIRST_NAME = "first_name", _("by first name")
    ALIAS = "alias", _("by another name")


class Advocate(models.Model):
    """A person's membership of a program, with a code and a link."""

    # Without an index of its own: the unique key and the indexes below begin with it.
    program = models.ForeignKey(
        Program,
        verbose_name=_("program"),
        on_delete=models.PROTECT,
        related_name="advocates",
        db_index=False,
    )
    person = models.ForeignKey(
        Person, verbose_name=_("person"), on_delete=models.PROTECT, related_name="advocacies"
    )
    code_key = models.CharField(_("code"), max_length=32, unique=True, editable=False)
    state = models.CharField(
        _("state"), max_length=10, choices=AdvocateState, default=AdvocateState.ACTIVE
    )
    tier = models.CharField(_("tier"), max_length=40, blank=True)
    # Kept here by the purchases themselves, so that no rule has to count them.
    friends_converted = models.PositiveIntegerField(_("friends who bought"), default=0)
    friends_value = models.DecimalField(
        _("what friends bought"), max_digits=14, decimal_places=2, default=Decimal("0.00")
    )
    # A partner's friends get its own offer, and its link leads to its own page.
    friend_offer = models.ForeignKey(
        Offer,
        verbose_name=_("offer for their friends"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Empty: the program's."),
    )
    landing_page = models.ForeignKey(
        swapper.get_model_name("wagtailcore", "Page"),
        verbose_name=_("landing page"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Empty: the program's."),
    )
    # On the wall of thanks and the board: only who agreed to it.
    shown_as = models.CharField(
        _("shown on the board"), max_length=10, choices=ShownAs, default=ShownAs.NOBODY, blank=True
    )
    alias = models.CharField(_("another name"), max_length=40, blank=True)
    # Equal for two that look alike: nobody takes another's name.
    alias_key = models.CharField(max_length=64, null=True, editable=False)
    # The browser they joined with, as today's visitor hash: their own clicks do not count.
    own_visitor = models.CharField(max_length=32, blank=True, editable=False)
    created_at = models.DateTimeField(_("joined"), default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("advocate")
        verbose_name_plural = _("advocates")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["program", "person"], name="referrals_advocate_once"),
            models.UniqueConstraint(fields=["program", "alias_key"], name="referrals_alias_once"),
        ]
        indexes = [
            # For the boards of those who brought most.
            models.Index(
                fields=["program", "-friends_converted", "id"], name="referrals_advocate_friends"
            ),
            models.Index(
                fields=["program", "-friends_value", "id"], name="referrals_advocate_value"
            ),
        ]

    def __str__(self) -> str:
        return str(self.person)

    @property
    def display_code(self) -> str:
        return display_code(self.code_key)


class DailySalt(models.Model):
    """The salt of one day's visitor hashes; gone the day after, and with it the way back."""

    day = models.DateField(unique=True)
    salt = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.day}"


class Click(models.Model):
    """One opening of an advocate's link by one visitor of a day. No address is stored."""

    # The unique key begins with it: an index of its own would be a third one to write.
    advocate = models.ForeignKey(
        Advocate,
        verbose_name=_("advocate"),
        on_delete=models.CASCADE,
        related_name="clicks",
        db_index=False,
    )
    visitor = models.CharField(max_length=32, editable=False)
    channel = models.CharField(_("channel"), max_length=20, blank=True)
    # What the link promised and where it led then. Nothing holds on to them: rows come by the
    # million, and an index or a check of each is paid for with every click.
    offer = models.ForeignKey(
        Offer,
        verbose_name=_("offer"),
        null=True,
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    page = models.ForeignKey(
        swapper.get_model_name("wagtailcore", "Page"),
        verbose_name=_("page"),
        null=True,
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    occurred_at = models.DateTimeField(_("time"), default=timezone.now)

    class Meta:
        verbose_name = _("click")
        verbose_name_plural = _("clicks")
        ordering = ["-occurred_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["advocate", "visitor"], name="referrals_click_once"),
        ]
        indexes = [models.Index(fields=["occurred_at"], name="referrals_click_time")]

    def __str__(self) -> str:
        return f"{self.advocate} · {self.occurred_at:%Y-%m-%d}"


class Share(models.Model):
    """One use of a way to share by one visitor of a day: what a press of its button says."""

    advocate = models.ForeignKey(
        Advocate,
        verbose_name=_("advocate"),
        on_delete=models.CASCADE,
        related_name="shares",
        db_index=False,
    )
    channel = models.CharField(_("channel"), max_length=20)
    visitor = models.CharField(max_length=32, editable=False)
    occurred_at = models.DateTimeField(_("time"), default=timezone.now)

    class Meta:
        verbose_name = _("share")
        verbose_name_plural = _("shares")
        ordering = ["-occurred_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["advocate", "channel", "visitor"], name="referrals_share_once"
            ),
        ]
        indexes = [models.Index(fields=["occurred_at"], name="referrals_share_time")]

    def __str__(self) -> str:
        return f"{self.advocate} · {self.channel}"


class Stage(models.TextChoices):
    CLAIMED = "claimed", _("claimed")
    CONVERTED = "converted", _("bought")


class Grade(models.TextChoices):
    D = "D", _("D · a name")
    C = "C", _("C · a name with context and consent")
    B = "B", _("B · an introduction made")
    A = "A", _("A · a meeting, visit or purchase")


class Source(models.TextChoices):
    LINK = "link", _("by link")
    CODE = "code", _("by code")
    COUPON = "coupon", _("by coupon")
    PARTNER = "partner", _("by partner")
    STAFF = "staff", _("by staff")
    TOLD = "told", _("by the friend's word")


class Referral(models.Model):
    """An advocate brought a friend, in one program."""

    program = models.ForeignKey(
        Program, verbose_name=_("program"), on_delete=models.PROTECT, related_name="referrals"
    )
    advocate = models.ForeignKey(
        Advocate, verbose_name=_("advocate"), on_delete=models.PROTECT, related_name="referrals"
    )
    # The advocate's person again, so that the database itself can refuse a self-referral.
    referrer = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", editable=False)
    friend = models.ForeignKey(
        Person, verbose_name=_("friend"), on_delete=models.PROTECT, related_name="referrals"
    )
    stage = models.CharField(_("stage"), max_length=12, choices=Stage, default=Stage.CLAIMED)
    grade = models.CharField(_("grade"), max_length=1, choices=Grade, default=Grade.C)
    source = models.CharField(_("source"), max_length=10, choices=Source, default=Source.LINK)
    channel = models.CharField(_("channel"), max_length=20, blank=True)
    # What the friend was promised, and on which page they claimed it.
    offer = models.ForeignKey(
        Offer,
        verbose_name=_("offer"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    # As it was then, word for word: an edit of the offer changes the future only.
    offer_terms = models.JSONField(default=dict, encoder=DjangoJSONEncoder, editable=False)
    # What the advocate was promised for the friend. Empty: nothing, or it was not noted.
    advocate_offer = models.ForeignKey(
        Offer,
        verbose_name=_("offer for the advocate"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    advocate_offer_terms = models.JSONField(default=dict, encoder=DjangoJSONEncoder, editable=False)
    page = models.ForeignKey(
        swapper.get_model_name("wagtailcore", "Page"),
        verbose_name=_("page"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    # The browser it was claimed with, as that day's visitor hash: only it sees the coupon again.
    visitor = models.CharField(max_length=32, blank=True, editable=False)
    # Keys of what looked wrong when it was made: see risk.py.
    flags = models.JSONField(_("flags"), default=list, blank=True, editable=False)
    terms = models.ForeignKey(
        TermsVersion,
        verbose_name=_("terms agreed to"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    clicked_at = models.DateTimeField(_("clicked"), null=True, blank=True)
    claimed_at = models.DateTimeField(_("claimed"), default=timezone.now, db_index=True)
    # The end of the attribution window as it was when it began.
    counts_until = models.DateTimeField(_("counts until"))
    # When it became of grade B or better.
    qualified_at = models.DateTimeField(_("qualified"), null=True, blank=True, db_index=True)
    converted_at = models.DateTimeField(_("bought"), null=True, blank=True, db_index=True)
    # As the friend said when asked after the claim; empty: not asked, or no answer.
    would_have_come = models.BooleanField(_("would have come without it"), null=True, blank=True)

    class Meta:
        verbose_name = _("referral")
        verbose_name_plural = _("referrals")
        ordering = ["-claimed_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["program", "friend"], name="referrals_one_advocate_per_friend"
            ),
            models.CheckConstraint(
                condition=~Q(referrer=F("friend")), name="referrals_not_oneself"
            ),
        ]
        indexes = [models.Index(fields=["visitor"], name="referrals_referral_visitor")]

    def __str__(self) -> str:
        return f"{self.advocate} → {self.friend}"


class AttributionChange(models.Model):
    """Why a referral counts for somebody else than before. Only ever added to."""

    referral = models.ForeignKey(
        Referral, on_delete=models.PROTECT, related_name="attribution_changes"
    )
    from_advocate = models.ForeignKey(Advocate, on_delete=models.PROTECT, related_name="+")
    to_advocate = models.ForeignKey(Advocate, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(_("reason"), max_length=500)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    changed_at = models.DateTimeField(_("time"), default=timezone.now)

    class Meta:
        verbose_name = _("attribution change")
        verbose_name_plural = _("attribution changes")
        ordering = ["changed_at", "pk"]

    def __str__(self) -> str:
        return f"{self.from_advocate} → {self.to_advocate}"
