"""A partner's private page about somebody who was introduced to it."""

from django.http import HttpRequest, HttpResponse


def introduction(request: HttpRequest, token: str) -> HttpResponse:
    raise NotImplementedError
