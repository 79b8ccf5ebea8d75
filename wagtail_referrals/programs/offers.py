"""Offers: what somebody gets."""

from __future__ import annotations

from copy import copy
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from .money import format_money, validate_currency
from .skus import SkuListField


class OfferKind(models.TextChoices):
    PERCENT = "percent", _("percent off")
    FIXED = "fixed", _("amount off")
    FREE_ITEM = "free_item", _("free item")
    STORE_CREDIT = "store_credit", _("store credit")
    GIFT_CARD = "gift_card", _("gift card")
    CASH = "cash", _("cash")
    DONATION = "donation", _("donation")
    PRIZE = "prize", _("entry for a prize")
    TEXT = "text", _("in words")


MONEY_KINDS = frozenset(
    [
        OfferKind.FIXED,
        OfferKind.STORE_CREDIT,
        OfferKind.GIFT_CARD,
        OfferKind.CASH,
        OfferKind.DONATION,
    ]
)
# What takes something off an order's total; the others are handed over in another way.
DISCOUNT_KINDS = frozenset(
    [OfferKind.PERCENT, OfferKind.FIXED, OfferKind.STORE_CREDIT, OfferKind.GIFT_CARD]
)
ITEM_KINDS = frozenset([OfferKind.FREE_ITEM, OfferKind.DONATION, OfferKind.PRIZE])


def percent_text(amount: Decimal) -> str:
    """12.50 as the reader's language writes it, without needless zeros."""
    return number_format(amount.normalize(), use_l10n=True)


def describe(kind: str, amount: Decimal | None, currency: str, item: str) -> str:
    """What somebody gets, in a few words: "10% off", "€10 store credit"."""
    if kind == OfferKind.PERCENT and amount is not None:
        return gettext("%(percent)s%% off") % {"percent": percent_text(amount)}
    if kind in MONEY_KINDS and amount is not None and currency:
        templates = {
            OfferKind.FIXED: gettext("%(money)s off"),
            OfferKind.STORE_CREDIT: gettext("%(money)s store credit"),
            OfferKind.GIFT_CARD: gettext("%(money)s gift card"),
            OfferKind.CASH: "%(money)s",
            OfferKind.DONATION: gettext("%(money)s for %(item)s"),
        }
        values = {"money": format_money(amount, currency), "item": item}
        return templates[OfferKind(kind)] % values
    if kind == OfferKind.FREE_ITEM:
        return gettext("%(item)s for free") % {"item": item}
    if kind == OfferKind.PRIZE:
        return gettext("A chance to win %(item)s") % {"item": item}
    return item


class OfferTerms(models.Model):
    """What somebody gets and on what conditions; copied whole when it is promised."""

    kind = models.CharField(_("kind"), max_length=20, choices=OfferKind, default=OfferKind.PERCENT)
    amount = models.DecimalField(
        _("amount"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal("0.01"))],
        help_text=_("Percent, or money."),
    )
    currency = models.CharField(
        _("currency"),
        max_length=3,
        blank=True,
        validators=[validate_currency],
        help_text=_("For money: three letters, like EUR."),
    )
    item = models.CharField(
        _("item"),
        max_length=120,
        blank=True,
        help_text=_("What is free, given to, won, or promised: “a bag of beans”."),
    )
    wording = models.CharField(
        _("wording"),
        max_length=120,
        blank=True,
        help_text=_("What visitors read. Left empty, it is made from kind and amount."),
    )
    fine_print = models.CharField(_("fine print"), max_length=255, blank=True)
    minimum_order = models.DecimalField(
        _("minimum order"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal("0.01"))],
    )
    first_order_only = models.BooleanField(_("only on a first order"), default=False)
    new_customers_only = models.BooleanField(
        _("only for new customers"),
        default=False,
        help_text=_("Who had bought before the coupon was issued cannot use it."),
    )
    max_uses_per_person = models.PositiveIntegerField(
        _("uses per person"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("Empty: no limit. With one the till has to know the e-mail address."),
    )
    products = SkuListField(
        _("products"),
        default=list,
        blank=True,
        help_text=_("Article numbers, one on each line. Empty: any product."),
    )
    combinable = models.BooleanField(
        _("together with other coupons"),
        default=True,
        help_text=_("Whether an order may use other coupons besides this one."),
    )

    class Meta:
        abstract = True

    def clean(self) -> None:
        errors: dict[str, Any] = {}
        if self.kind == OfferKind.PERCENT and not (self.amount and self.amount <= 100):
            errors["amount"] = gettext("A percentage is above 0 and at most 100.")
        if self.kind in MONEY_KINDS and not self.amount:
            errors["amount"] = gettext("Say how much.")
        if (self.kind in MONEY_KINDS or self.minimum_order) and not self.currency:
            errors["currency"] = gettext("An amount of money needs its currency.")
        if self.kind in ITEM_KINDS and not self.item:
            errors["item"] = gettext("Say what it is.")
        if self.kind == OfferKind.TEXT and not (self.item or self.wording):
            errors["wording"] = gettext("Say what somebody gets.")
        if errors:
            raise ValidationError(errors)

    @property
    def headline(self) -> str:
        """What visitors read: "10% off your first order"."""
        return self.wording or describe(self.kind, self.amount, self.currency, self.item)

    @property
    def conditions(self) -> list[str]:
        """What a visitor has to know before using it, a short sentence each."""
        conditions = []
        if self.minimum_order:
            money = format_money(self.minimum_order, self.currency)
            conditions.append(gettext("On orders from %(money)s") % {"money": money})
        if self.first_order_only:
            conditions.append(gettext("On your first order"))
        if self.new_customers_only:
            conditions.append(gettext("For new customers"))
        if self.max_uses_per_person:
            times = self.max_uses_per_person
            words = ngettext("%d time for each person", "%d times for each person", times)
            conditions.append(words % times)
        if self.products:
            conditions.append(gettext("On certain products"))
        if not self.combinable:
            conditions.append(gettext("Not together with other coupons"))
        return conditions


TERMS_FIELDS = tuple(field.name for field in OfferTerms._meta.local_fields)


def copy_terms(source: OfferTerms) -> dict[str, Any]:
    """The terms as keyword arguments, to write them onto what is promised."""
    return {name: getattr(source, name) for name in TERMS_FIELDS}


# What an offer says and gives. How it is handed over is for its owner to mend.
PROMISED = (*TERMS_FIELDS, "valid_days", "max_uses")
# What it is worth to somebody. Its words may be mended at any time.
GIVEN = tuple(name for name in PROMISED if name not in ("wording", "fine_print"))


class Offer(OfferTerms):
    """What an owner set up for somebody to get."""

    name = models.CharField(
        _("name"), max_length=120, help_text=_("For your lists; visitors don't see it.")
    )
    valid_days = models.PositiveIntegerField(
        _("valid for days"),
        null=True,
        blank=True,
        default=90,
        validators=[MinValueValidator(1), MaxValueValidator(3650)],
        help_text=_("Counted from the day the coupon is issued. Empty: no end."),
    )
    max_uses = models.PositiveIntegerField(
        _("uses"),
        null=True,
        blank=True,
        default=1,
        validators=[MinValueValidator(1)],
        help_text=_("How many orders may use one coupon. Empty: no limit."),
    )

    # Empty: the usual way for its kind. The key of a way of giving and its own options.
    fulfilment = models.CharField(_("given by"), max_length=50, blank=True)
    fulfilment_options = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | Q(amount__gt=0), name="referrals_offer_amount"
            ),
            models.CheckConstraint(
                condition=~Q(kind="percent") | Q(amount__isnull=False, amount__lte=100),
                name="referrals_offer_percent",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Raises ValidationError also for a change of what is being tested."""
        # Experiments are about offers: they import this file.
        from .experiment_models import refused_change

        super().clean()
        changed = self._changed_terms()
        if changed and (words := refused_change(self.pk)):
            raise ValidationError(dict.fromkeys(changed, words))

    def _changed_terms(self) -> list[str]:
        """What is given, and on what conditions, that is not as it is stored."""
        stored = Offer.objects.filter(pk=self.pk).first() if self.pk else None
        if stored is None:
            return []
        return [name for name in GIVEN if getattr(stored, name) != getattr(self, name)]

    @property
    def conditions(self) -> list[str]:
        days = self.valid_days
        valid = [ngettext("Valid for %d day", "Valid for %d days", days) % days] if days else []
        return super().conditions + valid


def note_offer(offer: Offer | None) -> dict[str, Any]:
    """What is promised with an offer now, to be kept with whom it is promised to."""
    return {name: getattr(offer, name) for name in PROMISED} if offer else {}


def as_promised(offer: Offer | None, noted: dict[str, Any]) -> Offer | None:
    """The offer as `note_offer` noted it, not to be stored; as it is where nothing was noted."""
    if offer is None or not noted:
        return offer
    promised = copy(offer)
    for name in set(PROMISED) & set(noted):
        field: Any = Offer._meta.get_field(name)
        setattr(promised, name, field.to_python(noted[name]))
    if promised.kind != offer.kind:
        # The way it is given by now is one for something else.
        promised.fulfilment, promised.fulfilment_options = "", {}
    return promised
