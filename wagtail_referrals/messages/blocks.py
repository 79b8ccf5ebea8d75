"""What a mail is made of."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.images.blocks import ImageChooserBlock

LONGEST_TEXT, MOST_BLOCKS = 5000, 40


class ParagraphBlock(blocks.StructBlock):
    """Some sentences, with merge fields in them."""

    text = blocks.RichTextBlock(
        label=_("Text"),
        features=["bold", "italic", "link", "ul", "ol"],
        max_length=LONGEST_TEXT,
    )
    only_with = blocks.CharBlock(
        label=_("Only when there is"),
        required=False,
        max_length=50,
        help_text=_(
            "The name of a field: without it the text falls away. With ! before the name it is "
            "there only without the field."
        ),
    )

    class Meta:
        icon = "pilcrow"
        label = _("Text")


class ButtonBlock(blocks.StructBlock):
    """A link as a button; it is left out where the mail has no such link."""

    label = blocks.CharBlock(label=_("Words on the button"), max_length=60)
    link = blocks.CharBlock(
        label=_("Leads to"),
        max_length=500,
        help_text=_("The name of a field that is a link, or an address that begins with https://."),
    )

    class Meta:
        icon = "link"
        label = _("Button")


class QuoteBlock(blocks.StructBlock):
    """Somebody's words."""

    text = blocks.TextBlock(label=_("Words"), max_length=500, rows=3)
    who = blocks.CharBlock(label=_("Who said it"), required=False, max_length=120)

    class Meta:
        icon = "openquote"
        label = _("Quote")


class PictureBlock(blocks.StructBlock):
    """A picture, and what it says to who sees none."""

    image = ImageChooserBlock(label=_("Picture"))
    alt = blocks.CharBlock(
        label=_("What it shows"), max_length=200, help_text=_("Many mailboxes show no pictures.")
    )

    class Meta:
        icon = "image"
        label = _("Picture")


class MailBody(blocks.StreamBlock):
    """The body of a mail; hello and the reason why one gets it are around it."""

    text = ParagraphBlock()
    button = ButtonBlock()
    coupon = blocks.StaticBlock(label=_("Coupon"), icon="tag")
    score = blocks.StaticBlock(label=_("Numbers to rate with"), icon="order")
    lines = blocks.StaticBlock(label=_("List"), icon="list-ul")
    share = blocks.StaticBlock(label=_("Ways to share"), icon="group")
    quote = QuoteBlock()
    picture = PictureBlock()

    class Meta:
        max_num = MOST_BLOCKS
