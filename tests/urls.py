"""Addresses of the test site: ours come before Wagtail's, as the README says."""

from django.urls import include, path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

urlpatterns = [
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path("refer/", include("wagtail_referrals.urls")),
    path("", include(wagtail_urls)),
]
