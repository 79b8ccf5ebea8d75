"""How many forms a client, and its network, may send."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from django.http import HttpRequest
from django_ratelimit.core import is_ratelimited

from ..conf import setting


def _network(address: str, bits: dict[int, int]) -> str:
    """The network of so many bits that a client sends from, by the version of its address."""
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((ip, bits[ip.version]), strict=False))


# An IPv6 client has 2**64 addresses to send from: what counts is its network.
_CLIENT, _NEIGHBOURS = {4: 32, 6: 64}, {4: 24, 6: 48}


def sent_too_many(request: HttpRequest, form: object) -> bool:
    """Whether a rate is passed; what one of them refuses does not count for the next.

    ``form`` is what is counted by itself: a page's key, or the name of a form that has no page.
    """
    if not setting("FORM_RATE"):
        return False
    address = str(request.META.get(setting("CLIENT_IP_META"), ""))
    client, neighbours = _network(address, _CLIENT), _network(address, _NEIGHBOURS)
    limits = [(client, setting("FORM_RATE")), (neighbours, setting("FORM_NETWORK_RATE"))]
    return any(
        is_ratelimited(
            request,
            group=f"wagtail_referrals.{form}",
            key=lambda _group, _request, sender=sender: sender,
            rate=rate,
            increment=True,
        )
        for sender, rates in limits
        for rate in ([rates] if isinstance(rates, str) else rates or [])
    )
