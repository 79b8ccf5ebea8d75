"""Who is who: one person has one e-mail key, however the address is written."""

import hashlib

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from ..exceptions import InvalidInput
from ..text import fold_lookalikes

# Providers that deliver a.b+c@ to ab@: (domain, the domain it is an alias of, dots are ignored).
# Source: the providers' help pages on aliases; plus tags are ignored by all of them.
_ALIASING = {
    "gmail.com": ("gmail.com", True),
    "googlemail.com": ("gmail.com", True),
    "outlook.com": ("outlook.com", False),
    "hotmail.com": ("hotmail.com", False),
    "live.com": ("live.com", False),
    "icloud.com": ("icloud.com", False),
    "me.com": ("icloud.com", False),
    "mac.com": ("icloud.com", False),
    "fastmail.com": ("fastmail.com", False),
    "fastmail.fm": ("fastmail.fm", False),
    "proton.me": ("proton.me", True),
    "protonmail.com": ("proton.me", True),
    "pm.me": ("proton.me", True),
}


def clean_email(email: str) -> str:
    """The address without blanks around it. Raises InvalidInput("invalid_email")."""
    cleaned = str(email or "").strip()
    if len(cleaned) > 254:
        raise InvalidInput("invalid_email")
    try:
        validate_email(cleaned)
        local, _, domain = cleaned.rpartition("@")
        _to_ascii(domain)
        if local.startswith('"'):
            # Nobody has one, and "ann"@ is ann@ in another spelling.
            raise InvalidInput("invalid_email")
    except ValidationError:
        raise InvalidInput("invalid_email") from None
    return f"{local}@{domain.lower()}"


def _to_ascii(domain: str) -> str:
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        raise InvalidInput("invalid_email") from None


def _to_unicode(domain: str) -> str:
    try:
        return domain.encode("idna").decode("idna")
    except UnicodeError:
        raise InvalidInput("invalid_email") from None


def normalise_email(email: str) -> str:
    """The form in which two spellings of one mailbox are equal: lower case, no aliases."""
    local, _, domain = clean_email(email).rpartition("@")
    local = fold_lookalikes(local).casefold()
    # Read first, then folded: xn--… is a spelling, too.
    domain = _to_ascii(fold_lookalikes(_to_unicode(domain)).casefold())
    if domain not in _ALIASING:
        return f"{local}@{domain}"
    domain, ignores_dots = _ALIASING[domain]
    local = local.partition("+")[0]
    return f"{local.replace('.', '') if ignores_dots else local}@{domain}"


def email_key(email: str) -> str:
    """64 hex digits that are equal for two spellings of one mailbox.

    A digest, because it is ASCII of one length: no database folds or pads it in its own way.
    """
    return hashlib.sha256(normalise_email(email).encode()).hexdigest()
