"""Pictures of the demo's partners, drawn here: nobody else's rights, the same on every machine."""

from __future__ import annotations

import math
import random
from io import BytesIO
from typing import Any

from django.core.files.images import ImageFile
from PIL import Image, ImageDraw
from wagtail.images import get_image_model

# Paper, ink, and two colours of the harbour for each scene.
PALETTES = {
    "dawn": ("#f6e7d2", "#31384b", "#e08a5b", "#7fa3b5"),
    "sea": ("#e3eef0", "#23415a", "#4f8ea6", "#f0b35f"),
    "moss": ("#eef0dd", "#2f3e2c", "#7f9a4f", "#d98f45"),
    "plum": ("#f3e6ee", "#3f2a45", "#a45f86", "#e3b23c"),
    "slate": ("#e8eaee", "#2b2f3a", "#6d7f9b", "#d9694f"),
    "brick": ("#f5e5dc", "#472c27", "#b55a42", "#5f8b86"),
}
SCALE = 2


def scene(name: str, *, seed: int, size: tuple[int, int] = (1200, 800)) -> Image.Image:
    """A quay at some hour: sun, hills, houses, water; the seed says which houses."""
    paper, ink, warm, cool = PALETTES[name]
    rng = random.Random(seed)
    width, height = (side * SCALE for side in size)
    picture = Image.new("RGB", (width, height), paper)
    draw = ImageDraw.Draw(picture)
    horizon = int(height * 0.66)
    _sun(draw, rng, width, height, warm)
    _hills(draw, rng, width, horizon, cool)
    _houses(draw, rng, width, horizon, (ink, warm, paper))
    draw.rectangle((0, horizon, width, height), fill=ink)
    for row in range(9):
        y = horizon + int((height - horizon) * (row + 0.6) / 9)
        for _ in range(7):
            x, long = rng.randrange(width), rng.randrange(width // 30, width // 9)
            draw.line((x, y, x + long, y), fill=cool if row % 2 else warm, width=3 * SCALE)
    return picture.resize(size, Image.Resampling.LANCZOS)


def _sun(draw: ImageDraw.ImageDraw, rng: random.Random, width: int, height: int, fill: str) -> None:
    x, y, radius = rng.uniform(0.2, 0.8) * width, height * 0.3, height * 0.14
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=fill)


def _hills(
    draw: ImageDraw.ImageDraw, rng: random.Random, width: int, horizon: int, fill: str
) -> None:
    phase = rng.uniform(0, math.tau)
    top = [
        (x, horizon - horizon * (0.16 + 0.07 * math.sin(phase + 7 * x / width)))
        for x in range(0, width + 20, 20)
    ]
    draw.polygon([(0, horizon), *top, (width, horizon)], fill=fill)


def _houses(
    draw: ImageDraw.ImageDraw,
    rng: random.Random,
    width: int,
    horizon: int,
    colours: tuple[str, str, str],
) -> None:
    wall, roof, window = colours
    x = int(width * 0.06)
    while x < width * 0.9:
        wide, high = (
            rng.randrange(width // 18, width // 10),
            rng.randrange(horizon // 6, horizon // 3),
        )
        draw.rectangle((x, horizon - high, x + wide, horizon), fill=wall)
        gable = [(x, horizon - high), (x + wide // 2, horizon - high - wide // 2)]
        draw.polygon([*gable, (x + wide, horizon - high)], fill=roof)
        pane = wide // 5
        for column in (1, 3):
            for row in range(1, max(2, high // (pane * 2))):
                left, top = x + column * pane, horizon - high + row * pane * 2 - pane
                draw.rectangle((left, top, left + pane, top + pane), fill=window)
        x += wide + rng.randrange(0, width // 24)


def logo(name: str, shape: str) -> Image.Image:
    """A sign of three shapes, 400 by 400 pixels."""
    paper, ink, warm, cool = PALETTES[name]
    side = 400 * SCALE
    picture = Image.new("RGB", (side, side), paper)
    draw = ImageDraw.Draw(picture)
    low, high, middle = side * 0.14, side * 0.86, side // 2
    if shape == "wheel":
        draw.ellipse((low, low, high, high), outline=ink, width=side // 16)
        for spoke in range(8):
            turn = spoke * math.tau / 8
            end = (middle + math.cos(turn) * side * 0.34, middle + math.sin(turn) * side * 0.34)
            draw.line((middle, middle, *end), fill=warm, width=side // 40)
    elif shape == "loaf":
        draw.rounded_rectangle((low, side * 0.34, high, side * 0.74), side // 5, fill=warm)
        for cut in (0.36, 0.5, 0.64):
            draw.line((side * cut, side * 0.4, side * (cut + 0.07), side * 0.56), paper, side // 30)
    elif shape == "sail":
        draw.polygon([(middle, low), (middle, side * 0.7), (side * 0.2, side * 0.7)], fill=warm)
        draw.polygon(
            [(side * 0.54, side * 0.24), (side * 0.54, side * 0.7), (side * 0.8, side * 0.7)],
            fill=cool,
        )
        draw.chord((low, side * 0.5, high, side * 0.96), 0, 180, fill=ink)
    elif shape == "book":
        draw.polygon(
            [(low, side * 0.3), (middle, side * 0.38), (middle, side * 0.8), (low, side * 0.72)],
            fill=cool,
        )
        draw.polygon(
            [(high, side * 0.3), (middle, side * 0.38), (middle, side * 0.8), (high, side * 0.72)],
            fill=ink,
        )
    elif shape == "leaf":
        draw.chord((low, low, high, high), 135, 315, fill=cool)
        draw.chord((low, low, high, high), -45, 135, fill=warm)
        draw.line((side * 0.25, side * 0.75, side * 0.75, side * 0.25), fill=ink, width=side // 40)
    else:
        for step, colour in enumerate((ink, warm, cool)):
            inset = side * (0.14 + 0.12 * step)
            draw.rectangle((inset, inset, side - inset, side - inset), fill=colour)
    return picture.resize((400, 400), Image.Resampling.LANCZOS)


def portrait(name: str, *, seed: int) -> Image.Image:
    """Somebody, from the shoulders up, without a face: 400 by 400 pixels."""
    paper, ink, warm, cool = PALETTES[name]
    rng = random.Random(seed)
    side = 400 * SCALE
    picture = Image.new("RGB", (side, side), cool)
    draw = ImageDraw.Draw(picture)
    skin = rng.choice(("#f1c9a5", "#d9a066", "#a66a3f", "#6f4528", "#e8b48a"))
    hair = rng.choice((ink, "#7a4a24", "#d8cfc2", "#3b2a1e"))
    draw.ellipse((side * 0.16, side * 0.68, side * 0.84, side * 1.3), fill=warm)
    draw.rectangle((side * 0.43, side * 0.55, side * 0.57, side * 0.75), fill=skin)
    draw.ellipse((side * 0.29, side * 0.16, side * 0.71, side * 0.56), fill=hair)
    draw.ellipse((side * 0.33, side * 0.22, side * 0.67, side * 0.64), fill=skin)
    if rng.random() < 0.5:
        draw.chord((side * 0.31, side * 0.17, side * 0.69, side * 0.5), 180, 360, fill=hair)
    else:
        draw.chord((side * 0.31, side * 0.13, side * 0.69, side * 0.46), 180, 360, fill=paper)
    return picture.resize((400, 400), Image.Resampling.LANCZOS)


def keep(picture: Image.Image, title: str) -> Any:
    """The picture in Wagtail's library."""
    stored = BytesIO()
    picture.save(stored, "PNG", optimize=True)
    stored.seek(0)
    name = f"{title.lower().replace(' ', '-')}.png"
    return get_image_model().objects.create(title=title, file=ImageFile(stored, name=name))
