"""Settings: one dict, ``WAGTAIL_REFERRALS``, read where it is used so that tests can change it."""

from typing import Any

from django.conf import settings

DEFAULTS: dict[str, Any] = {
    # The host template our pages extend; its ``content`` block is filled.
    "BASE_TEMPLATE": "base.html",
    # How forms are rendered: "referrals" (ours), "bootstrap5" or "tailwind".
    "TEMPLATE_PACK": "referrals",
    # Posts allowed per client and form, in django-ratelimit's notation; all of several rates hold.
    # None switches it off, and the next one with it.
    "FORM_RATE": ["5/m", "60/h"],
    # The same for a client's network: a /24 of IPv4, a /48 of IPv6.
    "FORM_NETWORK_RATE": "300/h",
    # A form sent sooner than this many seconds after it was shown was not filled in by a person.
    "FORM_MIN_SECONDS": 2,
    # The dotted path of a form field that public forms end with, to keep machines out; None: none.
    "CAPTCHA_FIELD": None,
    # The key of request.META that holds the client's address (behind a proxy: HTTP_X_REAL_IP).
    "CLIENT_IP_META": "REMOTE_ADDR",
    # Wrong coupon codes an anonymous client may try in an hour. None: as many as it likes.
    "WRONG_CODES_PER_HOUR": 20,
    # From: of our mails; None takes DEFAULT_FROM_EMAIL.
    "FROM_EMAIL": None,
    # Days a link to a personal thank-you page stays valid.
    "TOKEN_DAYS": 30,
    # The path below STATIC_URL of the site's logo, beside a partner's; None: the site's name.
    "LOGO": None,
    # The path of a TrueType font for the pictures drawn of partners' pages; None: one that most
    # machines have.
    "SHARE_FONT": None,
    # Seconds an advocate's link may be remembered in the cache.
    "LINK_CACHE_SECONDS": 300,
    # Seconds a worker may hold a message before another may take it.
    "OUTBOX_LEASE_SECONDS": 300,
    # How often a message is tried before it is given up.
    "OUTBOX_ATTEMPTS": 8,
    # Days before its end on which somebody is reminded of a coupon; None: nobody is.
    "COUPON_REMINDER_DAYS": 7,
    # Days after which a friend who claimed is reminded of the coupon, once; None: nobody is.
    "CLAIM_REMINDER_DAYS": 7,
    # Days after which what nobody needs any more goes, by its name in retention.py; None: never.
    "RETENTION_DAYS": {},
    # Mails to friends the site sends for one advocate on one day, where a program allows them.
    "FRIEND_MAILS_PER_DAY": 10,
    # The same for all advocates of one site in one hour, reminders counted.
    "FRIEND_MAILS_PER_HOUR": 200,
    # Days after which a friend who did not come is reminded, once. None: never.
    "FRIEND_REMINDER_DAYS": 5,
    # Days after which it is forgotten whom advocates had us write to. None: never.
    "FRIEND_FORGET_DAYS": 30,
    # How many mails may go out in a minute, by all workers together. None: as fast as it goes.
    "OUTBOX_PER_MINUTE": None,
    # Whether what is queued wakes a django_tasks worker at once; else it waits for the due work.
    "OUTBOX_TASK": False,
    # Friends an advocate brings within an hour before the next ones look suspicious.
    "RISK_CLAIMS_PER_HOUR": 20,
    # Friends who claim in one browser on one day before the next ones do.
    "RISK_CLAIMS_PER_BROWSER": 2,
    # Ways to give a reward, by the dotted paths of their classes.
    "FULFILMENTS": [
        "wagtail_referrals.rewards.ways.CouponFulfilment",
        "wagtail_referrals.rewards.ways.PoolFulfilment",
        "wagtail_referrals.rewards.ways.PayoutFulfilment",
        "wagtail_referrals.rewards.ways.TextFulfilment",
    ],
}

TEMPLATE_PACKS = ("referrals", "bootstrap5", "tailwind")


def setting(name: str) -> Any:
    """The site's value of a setting, or ours. Raises KeyError for a name we do not know."""
    return {**DEFAULTS, **getattr(settings, "WAGTAIL_REFERRALS", {})}[name]
