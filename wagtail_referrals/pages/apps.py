from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReferralPagesConfig(AppConfig):
    name = "wagtail_referrals.pages"
    label = "wagtail_referrals_pages"
    verbose_name = _("Referral pages")
    default_auto_field = "django.db.models.BigAutoField"
