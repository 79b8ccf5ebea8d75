"""A logo that a stranger sent: looked at, bounded, and drawn anew before anybody is shown it."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps
from wagtail.images.fields import WagtailImageField

EXTENSIONS = ("png", "jpg", "jpeg", "webp", "gif")
MOST_BYTES = 5 * 1024 * 1024
MOST_PIXELS = 4000  # of each side
KEPT_PIXELS = 1200

NO_PICTURE = _("This is no picture we can show. Choose a PNG, JPEG, WebP or GIF file.")


class LogoField(WagtailImageField):
    """A picture in a form that is open to everybody. No SVG: it can hold a script."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.allowed_image_extensions = list(EXTENSIONS)
        self.help_text = kwargs.get("help_text", "")
        for code in (
            "invalid",
            "invalid_image",
            "invalid_image_extension",
            "invalid_image_known_format",
        ):
            self.error_messages[code] = NO_PICTURE
        self.error_messages["empty"] = _("The file is empty.")
        self.widget.attrs["accept"] = ",".join(f".{extension}" for extension in EXTENSIONS)

    def to_python(self, data: Any) -> Any:
        if data and data.size > MOST_BYTES:
            words = gettext("The file is too large: a logo may have %(size)s.")
            raise ValidationError(words % {"size": filesizeformat(MOST_BYTES)})
        return super().to_python(data)

    def check_image_pixel_size(self, f: Any) -> None:
        """Both sides, which is less than what a picture may have that an editor sends."""
        words = gettext("The picture is too large: a logo has at most %(pixels)d pixels a side.")
        try:
            fits = max(f.image.get_size()) <= MOST_PIXELS
        except Image.DecompressionBombError:
            fits = False
        except Exception:  # what a broken file makes a library throw
            raise ValidationError(NO_PICTURE) from None
        if not fits:
            raise ValidationError(words % {"pixels": MOST_PIXELS})

    def clean(self, data: Any, initial: Any = None) -> ContentFile | None:
        """The logo drawn anew as PNG: nothing of the file but its picture is left."""
        sent = super().clean(data, initial)
        return drawn_anew(sent) if sent else None


def drawn_anew(file: Any) -> ContentFile:
    """The same picture, bounded and without what else was in the file."""
    try:
        file.seek(0)
        with Image.open(file) as opened:
            picture = ImageOps.exif_transpose(opened).convert("RGBA")
    except Exception:  # truncated, or made to break a decoder
        raise ValidationError(NO_PICTURE) from None
    picture.thumbnail((KEPT_PIXELS, KEPT_PIXELS))
    kept = BytesIO()
    picture.save(kept, "PNG", optimize=True)
    return ContentFile(kept.getvalue(), name="logo.png")
