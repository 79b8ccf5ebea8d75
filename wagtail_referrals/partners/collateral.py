"""What is done with collateral: a new version, and keeping what is private from guessing."""

from __future__ import annotations

import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext
from wagtail.models import Collection, CollectionViewRestriction, ReferenceIndex

from ..exceptions import ReferralsError
from ..text import clean_line
from ..transactions import retried
from .collateral_models import Audience, Collateral, CollateralVersion

# The collection's own name: a site may translate or rename it, we know it by its restriction.
PRIVATE_COLLECTION = "Referrals: private material"


def check_content(audience: str, *, document: Any, image: Any, url: str) -> None:
    """Raises ValidationError by field unless it is one thing, and one that can be kept private."""
    given = {"document": document, "image": image, "url": url}
    there = [name for name, value in given.items() if value]
    if len(there) != 1:
        words = gettext("Choose a document or a picture, or give a link: one of the three.")
        raise ValidationError({there[1] if there else "document": words})
    if audience == Audience.PUBLIC or document:
        return
    if image:
        words = gettext("Pictures can be seen by everybody. Add it as a document to keep it back.")
        raise ValidationError({"image": words})


def said(collateral: Collateral) -> str:
    """What it is, in words."""
    if collateral.document:
        return clean_line(collateral.document.title, 255)
    if collateral.image:
        return clean_line(collateral.image.title, 255)
    return collateral.url[:255]


@retried
def put_on_shelf(collateral: Collateral, *, user: Any = None) -> bool:
    """Store a new piece and its first version; whether its document was moved to be private."""
    collateral.version = 1
    collateral.save(force_insert=True)
    _note_version(collateral, "", user)
    return keep_private(collateral)


@retried
def add_version(
    collateral: Collateral,
    *,
    document: Any = None,
    image: Any = None,
    url: str = "",
    note: str = "",
    valid_until: datetime.date | None = None,
    user: Any = None,
) -> bool:
    """Put something new in its place, the address stays; whether its document was moved.

    Raises ValidationError by field, ReferralsError("edited_meanwhile") when somebody else was
    quicker.
    """
    check_content(collateral.audience, document=document, image=image, url=url)
    seen = Collateral.objects.filter(pk=collateral.pk, version=collateral.version)
    content: dict[str, Any] = {"document": document, "image": image, "url": url}
    values = {"updated_at": timezone.now(), "valid_until": valid_until, **content}
    if not seen.update(version=F("version") + 1, **values):
        raise ReferralsError("edited_meanwhile")
    collateral.refresh_from_db()
    # An UPDATE tells Wagtail's index of what is used where nothing by itself.
    ReferenceIndex.create_or_update_for_object(collateral)
    _note_version(collateral, clean_line(note, 300), user)
    return keep_private(collateral)


def _note_version(collateral: Collateral, note: str, user: Any) -> None:
    CollateralVersion.objects.create(
        collateral=collateral,
        number=collateral.version,
        said=said(collateral),
        document=collateral.document,
        note=note,
        user=user,
    )


def keep_private(collateral: Collateral) -> bool:
    """Move the document of what is not public where Wagtail shows it to nobody; whether it moved.

    Wagtail's own addresses of documents can be guessed: in our collection they open for
    superusers only. Ours ask for a token or a permission.
    """
    document = collateral.document
    if document is None or collateral.audience == Audience.PUBLIC:
        return False
    if _is_restricted(document.collection):
        return False
    document.collection = private_collection()
    document.save(update_fields=["collection"])
    return True


def _is_restricted(collection: Collection) -> bool:
    groups_only = CollectionViewRestriction.GROUPS
    return CollectionViewRestriction.objects.filter(
        collection__in=collection.get_ancestors(inclusive=True).order_by().values("pk"),
        restriction_type=groups_only,
        groups=None,
    ).exists()


@transaction.atomic
def private_collection() -> Collection:
    """Our collection that only superusers look into; made when there is none."""
    own = CollectionViewRestriction.objects.filter(
        restriction_type=CollectionViewRestriction.GROUPS,
        groups=None,
        collection__name=PRIVATE_COLLECTION,
    ).select_related("collection")
    there = own.first()
    if there:
        return there.collection
    root = Collection.get_first_root_node()
    collection: Collection = root.add_child(instance=Collection(name=PRIVATE_COLLECTION))
    CollectionViewRestriction.objects.create(
        collection=collection, restriction_type=CollectionViewRestriction.GROUPS
    )
    return collection


def is_kept_back(document: Any) -> bool:
    """Whether a document is of collateral that not everybody may have, now or in an old version."""
    now = Collateral.objects.filter(document=document).exclude(audience=Audience.PUBLIC)
    if now.exists():
        return True
    old = CollateralVersion.objects.filter(document=document)
    return old.exclude(collateral__audience=Audience.PUBLIC).exists()
