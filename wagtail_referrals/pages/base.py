"""What our pages are made of, for sites with a base page of their own, too.

``class OurReferralPage(AbstractReferralPage, OurBasePage)`` is a whole page type. A feedback page
needs its questions as well: ``class Question(AbstractFeedbackQuestion)`` with
``page = ParentalKey(OurFeedbackPage, related_name="form_fields")``.
"""

from .feedback import AbstractFeedbackPage
from .hub import AbstractPartnerHubPage
from .partner import AbstractPartnerPage
from .program_page import ProgramPageMixin
from .questions import AbstractFeedbackQuestion
from .referral import AbstractReferralPage
from .review_request import AbstractReviewRequestPage

__all__ = [
    "AbstractFeedbackPage",
    "AbstractFeedbackQuestion",
    "AbstractPartnerHubPage",
    "AbstractPartnerPage",
    "AbstractReferralPage",
    "AbstractReviewRequestPage",
    "ProgramPageMixin",
]
