"""Partners: the businesses we refer to and that refer to us, and what they offer with us."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel

from ..people.models import Person
from ..programs.models import Offer, Program
from ..referrals.models import Advocate


def partner_kinds() -> list[tuple[str, str | Promise]]:
    """What a partner is to us. A function, so that a new one makes no migration."""
    return [
        ("strategic", _("strategic partner")),
        ("content", _("content partner")),
        ("co_marketing", _("co-marketing partner")),
        ("supplier", _("supplier")),
        ("introducer", _("introducer, with commission")),
    ]


class PartnerState(models.TextChoices):
    INVITED = "invited", _("invited")
    APPLIED = "applied", _("applied")
    ACTIVE = "active", _("active")
    PAUSED = "paused", _("paused")
    ENDED = "ended", _("ended")


# With whom somebody keeps in touch.
IN_TOUCH = [state for state in PartnerState if state != PartnerState.ENDED]


class Partner(ClusterableModel):
    """A business in a program. Its link, code and rewards are those of its advocate.

    What visitors read about it is on its page: here is what is between it and us.
    """

    program = models.ForeignKey(
        Program, verbose_name=_("program"), on_delete=models.PROTECT, related_name="partners"
    )
    # The main contact's membership: one business a contact and program.
    advocate = models.OneToOneField(
        Advocate, verbose_name=_("advocate"), on_delete=models.PROTECT, related_name="partner"
    )
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=20, choices=partner_kinds, default="strategic")
    state = models.CharField(
        _("state"), max_length=10, choices=PartnerState, default=PartnerState.INVITED
    )
    website = models.CharField(
        _("website"),
        max_length=200,
        blank=True,
        validators=[URLValidator(schemes=["http", "https"])],
    )
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    # What it would like to do with us: keys of ``cooperation_kinds``.
    cooperation = models.JSONField(_("would like to"), default=list, blank=True)
    notes = models.TextField(_("notes"), blank=True, max_length=5000)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("whose partner it is"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Who keeps in touch."),
    )
    next_contact_on = models.DateField(_("next contact"), null=True, blank=True)
    last_favour_on = models.DateField(
        _("last did something for them"),
        null=True,
        blank=True,
        help_text=_("An introduction, a recommendation, a lunch. Introductions note themselves."),
    )
    # Who paused it: what we paused, the partner cannot take up again.
    paused_by_itself = models.BooleanField(default=False, editable=False)
    # When its owner was reminded of the next contact.
    reminded_on = models.DateField(null=True, editable=False)
    created_at = models.DateTimeField(_("known since"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("partner")
        verbose_name_plural = _("partners")
        ordering = ["name", "pk"]
        indexes = [
            models.Index(fields=["name"], name="referrals_partner_name"),
            models.Index(fields=["state", "next_contact_on"], name="referrals_partner_contact"),
            models.Index(fields=["created_at"], name="referrals_partner_since"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def person(self) -> Person:
        """The main contact."""
        return self.advocate.person

    @property
    def is_active(self) -> bool:
        return self.state == PartnerState.ACTIVE


def cooperation_kinds() -> list[tuple[str, str | Promise]]:
    """What partners can do together. A function, so that a new one makes no migration."""
    return [
        ("article", _("a guest article")),
        ("interview", _("an interview")),
        ("webinar", _("a webinar")),
        ("offer", _("a joint offer")),
        ("event", _("an event")),
    ]


class PartnerContact(models.Model):
    """Somebody else at a partner: besides the main contact, who gets the mails."""

    partner = ParentalKey(Partner, on_delete=models.CASCADE, related_name="contacts")
    name = models.CharField(_("name"), max_length=120)
    role = models.CharField(_("role"), max_length=120, blank=True)
    email = models.EmailField(_("e-mail"), max_length=254, blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class TopicGroup(models.TextChoices):
    SERVICE = "service", _("service")
    INDUSTRY = "industry", _("industry")
    PLACE = "place", _("place")
    LANGUAGE = "language", _("language")


class PartnerTopic(models.Model):
    """What the directory filters by: a service, an industry, a place or a language."""

    group = models.CharField(_("group"), max_length=10, choices=TopicGroup)
    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(
        _("slug"), max_length=60, unique=True, help_text=_("Its name in addresses.")
    )

    class Meta:
        verbose_name = _("directory topic")
        verbose_name_plural = _("directory topics")
        ordering = ["group", "name"]
        constraints = [
            models.UniqueConstraint(fields=["group", "name"], name="referrals_topic_once"),
        ]

    def __str__(self) -> str:
        return self.name


class JointOffer(models.Model):
    """What a partner offers our customers, shown on its page and on hubs."""

    partner = ParentalKey(Partner, on_delete=models.CASCADE, related_name="joint_offers")
    title = models.CharField(_("title"), max_length=120)
    text = models.TextField(_("text"), blank=True, max_length=1000)
    # Given as a coupon to friends who come by the partner's link; without, it is words only.
    offer = models.ForeignKey(
        Offer,
        verbose_name=_("offer"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Shown with its terms. Empty: what the title and text say."),
    )
    url = models.CharField(
        _("link"),
        max_length=200,
        blank=True,
        validators=[URLValidator(schemes=["http", "https"])],
        help_text=_("Where it is to be had. Empty: on the partner's page."),
    )
    starts_on = models.DateField(_("from"), null=True, blank=True)
    ends_on = models.DateField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("joint offer")
        verbose_name_plural = _("joint offers")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True)
                | Q(ends_on__isnull=True)
                | Q(ends_on__gte=F("starts_on")),
                name="referrals_joint_offer_dates",
            ),
        ]
        indexes = [models.Index(fields=["ends_on"], name="referrals_joint_offer_until")]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise ValidationError({"ends_on": gettext("The end has to be after the start.")})
