"""What a business says of itself becomes a draft: an editor looks at it before visitors do."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.conf import settings
from wagtail.images import get_image_model
from wagtail.log_actions import log

from ..exceptions import ReferralsError
from ..partners.join import Business, accept_invitation, apply
from ..partners.models import JointOffer, Partner
from ..transactions import retried

# What the form asks for that stands on the page under the same name.
PAGE_FIELDS = (
    "summary",
    "serves",
    "spot",
    "phrases",
    "works",
    "different",
    "town",
    "takes_new_clients",
)


@retried
def take_application(
    hub: Any, answers: dict[str, Any], *, invited: Partner | None = None, locale: str = ""
) -> bool:
    """Make the partner and its draft page below the hub, or nothing; whether it is new.

    ``answers`` are those of a JoinForm. Raises InvalidInput("invalid_email").
    """
    business = Business(
        name=answers["business"],
        website=answers["website"],
        phone=answers["phone"],
        cooperation=tuple(answers["cooperation"]),
    )
    partner: Partner | None = invited
    if invited:
        is_new = accept_invitation(invited, business, contact=answers["contact"])
    else:
        partner, is_new = apply(
            hub.loaded_program,
            business,
            email=answers["email"],
            contact=answers["contact"],
            locale=locale,
        )
    if not is_new or partner is None:
        return False
    if answers["offer"]:
        JointOffer.objects.create(partner=partner, title=answers["offer"])
    _new_page(hub, partner, answers)
    return True


def _new_page(hub: Any, partner: Partner, answers: dict[str, Any]) -> None:
    page = apps.get_model(hub.partner_pages)(
        title=partner.name, partner=partner, live=False, locale_id=hub.locale_id
    )
    _fill(page, answers)
    hub.add_child(instance=page)
    log(instance=page, action="wagtail.create")
    submit(page)


@retried
def revise(page: Any, answers: dict[str, Any]) -> None:
    """Keep what a partner changed as a draft of its page and hand it to moderation.

    Raises ReferralsError("not_possible") while an editor has locked the page.
    """
    if page.locked:
        raise ReferralsError("not_possible")
    draft = page.get_latest_revision_as_object()
    _fill(draft, answers)
    submit(draft)


def _fill(page: Any, answers: dict[str, Any]) -> None:
    for name in PAGE_FIELDS:
        setattr(page, name, answers[name])
    kept = [(block.block_type, block.value) for block in page.body or () if not _is_link(block)]
    links = [("link", {"label": "", "url": url}) for url in answers["links"]]
    page.body = [*kept, *links]
    if answers["logo"]:
        answers["logo"].seek(0)
        images: Any = get_image_model()
        page.logo = images.objects.create(title=page.title[:255], file=answers["logo"])


def _is_link(block: Any) -> bool:
    return bool(block.block_type == "link")


def links_of(page: Any) -> list[str]:
    """The addresses on a partner's page that its form asks for."""
    return [block.value["url"] for block in page.body or () if _is_link(block)]


def submit(page: Any) -> None:
    """Save it as a revision, which nobody has published, and start the page's workflow."""
    page.save_revision()
    page = type(page)._default_manager.get(pk=page.pk)
    workflow = page.get_workflow() if getattr(settings, "WAGTAIL_WORKFLOW_ENABLED", True) else None
    if workflow is None:
        return
    if running := page.current_workflow_state:
        # What was looked at so far is not what would go live now.
        running.cancel()
    workflow.start(page, None)
