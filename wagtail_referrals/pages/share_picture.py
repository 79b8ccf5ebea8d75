"""The picture that goes with a shared link to a partner's page: name, sentence, logo."""

from __future__ import annotations

import functools
import hashlib
import unicodedata
from contextlib import suppress
from io import BytesIO
from typing import Any

from django.core.cache import cache
from PIL import Image, ImageDraw, ImageFont

from ..conf import setting

WIDTH, HEIGHT = 1200, 630
MARGIN = 80
LOGO = 200
PAPER, INK, SOFT, LINE = "#ffffff", "#1a1a1a", "#555555", "#1a1a1a"
USUAL_FONTS = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "LiberationSans-Regular.ttf", "Arial.ttf")
KEPT_SECONDS = 7 * 86400


def share_picture(page: Any) -> bytes:
    """A PNG of 1200 × 630, drawn once for each change of what stands on it."""
    program = page.loaded_program
    site = program.site.site_name or program.name if program else ""
    logo = page.logo
    drawn_from = "\n".join(
        [page.title, page.summary, site, str(logo and (logo.pk, logo.file.name)), _font_path()]
    )
    key = f"wagtail_referrals:share:{hashlib.sha256(drawn_from.encode()).hexdigest()}"
    png: bytes | None = cache.get(key)
    if png is None:
        png = _draw(page.title, page.summary, site, logo)
        cache.set(key, png, KEPT_SECONDS)
    return png


def _draw(title: str, summary: str, site: str, logo: Any) -> bytes:
    picture = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, HEIGHT - 24, WIDTH, HEIGHT), fill=LINE)
    room = WIDTH - 2 * MARGIN
    top = MARGIN
    small = _open_logo(logo)
    if small:
        picture.paste(small, (WIDTH - MARGIN - small.width, MARGIN), small)
        room -= LOGO + 40
    top = _write(draw, title, top, room, size=76, most=3, ink=INK)
    below_logo = MARGIN + LOGO + 40 if small else 0
    _write(draw, summary, max(top + 28, below_logo), WIDTH - 2 * MARGIN, 42, 3, SOFT)
    _write(draw, site, HEIGHT - 24 - 74, WIDTH - 2 * MARGIN, 34, 1, INK)
    png = BytesIO()
    picture.save(png, "PNG", optimize=True)
    return png.getvalue()


def _open_logo(logo: Any) -> Image.Image | None:
    """The logo, small; None where there is none or its file is gone."""
    if logo is None or logo.is_svg():
        return None
    try:
        with logo.open_file() as file, Image.open(file) as opened:
            small = opened.convert("RGBA")
    except Exception:  # a file that is gone or broken keeps nobody from sharing
        return None
    small.thumbnail((LOGO, LOGO))
    return small


def _write(
    draw: ImageDraw.ImageDraw, text: str, top: int, room: int, size: int, most: int, ink: str
) -> int:
    """So many lines at most, the last one cut with an ellipsis; where the next can stand."""
    font = _font(size)
    for line in _lines(draw, _readable(font, text), font, room, most):
        draw.text((MARGIN, top), line, font=font, fill=ink)
        top += round(size * 1.25)
    return top


def _lines(draw: ImageDraw.ImageDraw, text: str, font: Any, room: int, most: int) -> list[str]:
    lines: list[str] = []
    words = text.split()
    while words and len(lines) < most:
        line = words.pop(0)
        while words and draw.textlength(f"{line} {words[0]}", font) <= room:
            line = f"{line} {words.pop(0)}"
        lines.append(line)
    if words:
        lines[-1] += " …"
    return [_cut(draw, line, font, room) for line in lines]


def _cut(draw: ImageDraw.ImageDraw, line: str, font: Any, room: int) -> str:
    """One line that fits, whatever its words."""
    if draw.textlength(line, font) <= room:
        return line
    while line and draw.textlength(f"{line}…", font) > room:
        line = line[:-1]
    return f"{line}…"


def _font_path() -> str:
    return str(setting("SHARE_FONT") or "")


@functools.cache
def _load_font(path: str, size: int) -> Any:
    """The site's font, or one that most machines have; else Pillow's own, of plain letters."""
    for name in [path] if path else USUAL_FONTS:
        with suppress(OSError):
            return ImageFont.truetype(name, size)
    return ImageFont.load_default(size)


def _font(size: int) -> Any:
    return _load_font(_font_path(), size)


@functools.lru_cache(maxsize=2048)
def _has(font: Any, char: str) -> bool:
    """Whether the font draws it as more than the box of what it does not have."""
    return char.isspace() or bytes(font.getmask(char)) != bytes(font.getmask("\uffff"))


def _readable(font: Any, text: str) -> str:
    """The text without what would be boxes; a letter without its accent is better than none."""
    kept = ""
    for char in text:
        plain = unicodedata.normalize("NFKD", char.replace("ß", "ss"))
        kept += char if _has(font, char) else "".join(c for c in plain if _has(font, c))
    return kept
