from __future__ import annotations

from django.db import models
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class CodePool(models.Model):
    """Codes of somebody else's (a gift card shop, a cinema), to be given one by one."""

    name = models.CharField(_("name"), max_length=120)
    low_at = models.PositiveIntegerField(
        _("warn when so many are left"),
        default=20,
        help_text=_("On this screen, and by a mail to the program's owner."),
    )
    # Since when so few are left: the owner is told once, and again after the next upload.
    low_since = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        verbose_name = _("code pool")
        verbose_name_plural = _("code pools")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def free(self) -> QuerySet[PoolCode]:
        """The codes nobody has yet."""
        return self.codes.filter(award_key=None)


class PoolCode(models.Model):
    """One code of a pool, and for which reward it was given."""

    pool = models.ForeignKey(
        CodePool, verbose_name=_("pool"), on_delete=models.PROTECT, related_name="codes"
    )
    code = models.CharField(_("code"), max_length=120)
    # A digest, because MariaDB would take "aB1" and "Ab1" for the same code.
    code_key = models.CharField(max_length=64, editable=False)
    # The reward's award_key; the one code of a reward, as the database sees to.
    award_key = models.CharField(max_length=80, unique=True, null=True, editable=False)
    given_at = models.DateTimeField(_("given"), null=True)

    class Meta:
        verbose_name = _("code of a pool")
        verbose_name_plural = _("codes of pools")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["pool", "code_key"], name="referrals_pool_code"),
        ]
        indexes = [models.Index(fields=["pool", "award_key"], name="referrals_pool_free")]

    def __str__(self) -> str:
        return f"…{self.code[-4:]}"
