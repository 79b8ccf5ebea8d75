"""What staff do about a mail: send it once more."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ..messages.models import Message
from ..messages.resend import resend
from .actions import ActionView
from .words import kind_label


class ResendView(ActionView):
    model = Message
    related = ("person", "program__site")
    page_title = button_label = _("Send again")
    header_icon = "mail"
    explanation = _(
        "It goes out with the next delivery, in the words as they are now. Who asked not to be "
        "written to still gets nothing."
    )
    success_message = _("It waits to be sent.")

    def perform(self, reason: str) -> None:
        resend(self.object, reason=reason, user=self.request.user)

    def get_page_subtitle(self) -> str:
        return kind_label(self.object.kind)
