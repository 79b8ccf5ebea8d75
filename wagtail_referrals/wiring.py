"""What the lower rooms are told of the upper ones, and what happens when a page goes live."""

from typing import Any

from django.db import transaction
from django.db.models.signals import post_delete, post_save
from wagtail.search.index import insert_or_update_object
from wagtail.signals import page_published, page_unpublished, published

from .asks.erase import erase_asks
from .asks.export import export_asks
from .asks.models import AskFor
from .asks.places import lead_to
from .coupons.erase import erase_coupons
from .coupons.export import export_coupons
from .coupons.followers import follow_coupons
from .events.claim import follow_claims
from .events.erase import erase_events
from .events.export import export_events
from .events.repair import follow_repair as count_for_the_other_advocate
from .feedback.cases import open_lead_cases
from .feedback.changes import day_of, follow_changes, tell_changed
from .feedback.erase import erase_responses, erase_testimonials
from .feedback.erase_cases import erase_cases, erase_inbox
from .feedback.export import export_feedback
from .feedback.heard import erase_mentions
from .feedback.models import FeedbackResponse
from .feedback.testimonials import end_publication, on_published
from .insights import value_segments  # noqa: F401 - registers the four groups
from .insights.export import export_values
from .insights.keeping import note_late
from .insights.tallies import note_changed
from .late import follow_late, tell_late
from .messages.erase import erase_messages
from .messages.export import export_messages
from .pages.asked import feedback_pages, hubs, review_pages
from .pages.partner import AbstractPartnerPage
from .partners.erase import erase_partners, phones_of
from .partners.erase_introductions import erase_introductions
from .partners.export import export_partners
from .partners.models import Partner
from .partners.own_offer import partner_advocates
from .partners.states import activate, lead_to_page
from .people.block import follow_blocks
from .people.consent import follow_withdrawals
from .people.erase import also_known_by, on_erase
from .people.export import on_export
from .programs.experiment_models import Experiment, Variant
from .programs.models import Offer, Program
from .programs.share_models import ShareText
from .programs.variants import forget_experiments, forget_experiments_with, leave_out
from .referrals.erase import aliases_of, erase_referrals
from .referrals.export import export_referrals
from .referrals.links import forget_link
from .referrals.listed import end_listing
from .referrals.refer import follow_repairs
from .referrals.share_words import forget_texts
from .rewards.blocked import hold_open_rewards
from .rewards.coupons import follow_coupon
from .rewards.erase import erase_rewards
from .rewards.export import export_rewards
from .rewards.take_back import follow_repair


def choose_landing_page(instance: Any, **kwargs: Any) -> None:
    """The first landing page published for a program is where its links lead."""
    if not getattr(instance, "is_landing_page", False) or not instance.program_id:
        return
    without = Program.objects.filter(pk=instance.program_id, landing_page=None)
    without.update(landing_page=instance.pk)


def begin_partnership(instance: Any, **kwargs: Any) -> None:
    """An editor published a partner's page: from then on it is a partner, and is told."""
    if not getattr(instance, "is_partner_page", False) or instance.partner is None:
        return
    lead_to_page(instance.partner, instance)
    activate(instance.partner, page_url=instance.full_url or "")


def end_of_page(instance: Any, **kwargs: Any) -> None:
    """A partner's page is taken down: its link leads elsewhere at once."""
    if getattr(instance, "is_partner_page", False) and instance.partner:
        forget_link(instance.partner.advocate)


def tell_of_answer(instance: FeedbackResponse, **kwargs: Any) -> None:
    """An answer was written, changed or deleted: whoever counts them wants to know."""
    tell_changed({day_of(instance.submit_time)})
    tell_late([instance.submit_time])


def forget_share_texts(instance: ShareText, **kwargs: Any) -> None:
    """A text to share was written, changed or deleted."""
    program_id = instance.program_id
    transaction.on_commit(lambda: forget_texts(program_id), robust=True)


def forget_experiment(instance: Experiment | Variant, **kwargs: Any) -> None:
    """An experiment or one of its variants was written or deleted."""
    experiment = instance if isinstance(instance, Experiment) else instance.experiment
    program_id = experiment.program_id
    transaction.on_commit(lambda: forget_experiments(program_id), robust=True)


def forget_tested_offer(instance: Offer, **kwargs: Any) -> None:
    """An offer was changed: a page that promises it is to say so."""
    offer_id = instance.pk
    transaction.on_commit(lambda: forget_experiments_with(offer_id), robust=True)


def forget_who_is_left_out(instance: Partner, **kwargs: Any) -> None:
    """Somebody became a partner, or is none any more: partners are no part of what is tested."""
    program_id = instance.program_id
    transaction.on_commit(lambda: forget_experiments(program_id), robust=True)


def index_topics(instance: Any, **kwargs: Any) -> None:
    """Wagtail indexes a page for its search before the page's topics are stored."""
    if isinstance(instance, AbstractPartnerPage):
        insert_or_update_object(instance)


follow_repairs(count_for_the_other_advocate)
follow_repairs(follow_repair)
follow_blocks(hold_open_rewards)
# The events last: until then they say which decisions and entries are about the person.
for eraser in (
    erase_messages,
    erase_coupons,
    erase_referrals,
    erase_rewards,
    erase_cases,
    erase_inbox,
    erase_testimonials,
    erase_responses,
    erase_mentions,
    erase_partners,
    erase_introductions,
    erase_asks,
    erase_events,
):
    on_erase(eraser)
for names in (aliases_of, phones_of):
    also_known_by(names)
for exporter in (
    export_messages,
    export_coupons,
    export_referrals,
    export_rewards,
    export_events,
    export_feedback,
    export_partners,
    export_asks,
    export_values,
):
    on_export(exporter)
for follower in (end_publication, end_listing):
    follow_withdrawals(follower)
lead_to(AskFor.FEEDBACK, feedback_pages)
lead_to(AskFor.REVIEW, review_pages)
lead_to(AskFor.INTRODUCTION, hubs)
follow_coupons(follow_coupon)
follow_claims(open_lead_cases)
follow_changes(note_changed)
follow_late(note_late)
leave_out(partner_advocates)
for happened in (post_save, post_delete):
    happened.connect(
        tell_of_answer, FeedbackResponse, dispatch_uid="wagtail_referrals.changed_answer"
    )
    happened.connect(forget_share_texts, ShareText, dispatch_uid="wagtail_referrals.share_text")
    happened.connect(forget_who_is_left_out, Partner, dispatch_uid="wagtail_referrals.left_out")
    for tested in (Experiment, Variant):
        happened.connect(forget_experiment, tested, dispatch_uid="wagtail_referrals.experiment")
post_save.connect(forget_tested_offer, Offer, dispatch_uid="wagtail_referrals.tested_offer")
page_published.connect(index_topics, dispatch_uid="wagtail_referrals.index_topics")
page_published.connect(begin_partnership, dispatch_uid="wagtail_referrals.partnership")
page_unpublished.connect(end_of_page, dispatch_uid="wagtail_referrals.partner_page_down")
page_published.connect(choose_landing_page, dispatch_uid="wagtail_referrals.landing_page")
published.connect(on_published, dispatch_uid="wagtail_referrals.testimonial_published")
