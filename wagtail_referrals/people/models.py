from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Person(models.Model):
    """One human known to this site; customer, advocate and friend can be the same one."""

    email = models.EmailField(_("e-mail"), max_length=254, blank=True, db_index=True)
    email_key = models.CharField(max_length=64, unique=True, null=True, editable=False)
    name = models.CharField(_("name"), max_length=120, blank=True)
    locale = models.CharField(_("language"), max_length=20, blank=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user account"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    customer_since = models.DateTimeField(_("customer since"), null=True, blank=True)
    # On the block list: nothing can be claimed or earned.
    blocked_at = models.DateTimeField(_("blocked"), null=True, blank=True)
    blocked_reason = models.CharField(_("blocked because"), max_length=500, blank=True)
    # When they were asked for something last: nobody is asked twice within some days.
    asked_at = models.DateTimeField(null=True, editable=False)
    # From then on nothing says who it was.
    erased_at = models.DateTimeField(_("erased"), null=True, editable=False)
    created_at = models.DateTimeField(_("known since"), default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["name"], name="referrals_person_name")]

    def __str__(self) -> str:
        return self.name or self.email or str(_("Somebody"))

    @property
    def first_name(self) -> str:
        """The first word of the name, the most another visitor is shown of it."""
        return first_word(self.name)


def first_word(name: str) -> str:
    """Somebody's first name.

    Empty when it is not one: an address or a number has no place on somebody else's page.
    """
    word = name.split(" ")[0]
    return word if word.replace("-", "").replace("'", "").replace("’", "").isalpha() else ""


class Consent(models.Model):
    """A permission somebody gave, in the words they were shown."""

    class Kind(models.TextChoices):
        TERMS = "terms", _("program terms")
        PUBLISH = "publish", _("publish my words")
        ASKED = "asked", _("as a form asked")
        LISTED = "listed", _("be named on the board")

    person = models.ForeignKey(
        Person, verbose_name=_("person"), on_delete=models.CASCADE, related_name="consents"
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    wording = models.TextField(_("wording"))
    # Which wording it was, in short: two permissions of one version were asked in the same words.
    version = models.CharField(_("version"), max_length=12, blank=True)
    place = models.CharField(_("place"), max_length=255, blank=True)
    given_at = models.DateTimeField(_("given at"), default=timezone.now)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        ordering = ["-given_at"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.given_at:%Y-%m-%d}"


class Suppression(models.Model):
    """An address that is not to be contacted. Its digest only: it survives an erasure."""

    email_key = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d}"
