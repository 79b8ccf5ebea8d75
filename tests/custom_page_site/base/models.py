"""This site's own base page model, in the place of Wagtail's Page."""

from django.db import models
from wagtail.models import AbstractPage


class BasePage(AbstractPage):
    strapline = models.CharField(max_length=200, blank=True)

    content_panels = [*AbstractPage.content_panels, "strapline"]
