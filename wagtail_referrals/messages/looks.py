"""What the blocks of a mail look like, as HTML and as plain text. The styles are in base.html."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.html import escape
from django.utils.translation import gettext

from .rich import Words

# HTML, and plain text whose parts each end with an empty line.
Look = tuple[str, str]


def look(words: Words, name: str, value: Any) -> Look:
    """One block; ("", "") for one that there is not any more."""
    draw = _LOOKS.get(name)
    return draw(words, value or {}) if draw else ("", "")


def _text(words: Words, value: Mapping[str, Any]) -> Look:
    source = getattr(value.get("text"), "source", value.get("text") or "")
    html, text = words.rich(source)
    condition = (value.get("only_with") or "").strip()
    return words.sheet.when(condition, html), words.sheet.when(condition, f"{text}\n\n")


def _button(words: Words, value: Mapping[str, Any]) -> Look:
    label = value.get("label") or ""
    field, url = words.address(str(value.get("link") or ""))
    if not url:
        return "", ""
    html = f'<p class="action"><a class="button" href="{url}">{words.html(label)}</a></p>'
    text = f"{words.line(label)}:\n{url}\n\n"
    return words.sheet.when(field, html), words.sheet.when(field, text)


def _coupon(words: Words, value: Any) -> Look:
    sheet = words.sheet
    code, until = gettext("Code:"), gettext("Valid until")
    shown = sheet.put("code")
    condition = sheet.put("text")
    html = (
        sheet.when("offer_headline", f'<div class="headline">{sheet.put("offer_headline")}</div>')
        + sheet.when("code", f'<div class="code" dir="ltr">{shown}</div>')
        + sheet.when("expires_at", f'<div class="small">{until} {sheet.put("expires_at")}</div>')
        + sheet.each("conditions", f'<div class="small">{condition}</div>')
    )
    text = (
        sheet.when("offer_headline", f"    {sheet.put('offer_headline')}\n")
        + sheet.when("code", f"    {code} {shown}\n")
        + sheet.when("expires_at", f"    {until} {sheet.put('expires_at')}\n")
        + sheet.each("conditions", f"    {condition}\n")
    )
    return f'<div class="coupon">{html}</div>', f"{text}\n"


def _score(words: Words, value: Any) -> Look:
    sheet = words.sheet
    question, number, url = sheet.put("question"), sheet.put("text"), sheet.put("url")
    hint = gettext(
        "0 is not at all likely, 10 is very likely. The form opens with your number; nothing is "
        "sent before you send it."
    )
    begin = gettext("Begin with a number, from 0 (not at all likely) to 10 (very likely):")
    link = sheet.when("url", f'<a class="number" href="{url}">{number}</a> ')
    links = sheet.each("numbers", link)
    html = f'<p class="question">{question}</p><p class="numbers">{links}</p>'
    lines = sheet.each("numbers", f"{number}: {url}\n")
    return (
        sheet.when("question", f'{html}<p class="small">{escape(hint)}</p>'),
        sheet.when("question", f"{question}\n{begin}\n\n{lines}\n"),
    )


def _lines(words: Words, value: Any) -> Look:
    sheet = words.sheet
    text, url = sheet.put("text"), sheet.put("url")
    note = sheet.when("note", f" ({sheet.put('note')})")
    linked = sheet.when("url", f'<a class="link" href="{url}">{text}</a>')
    html = sheet.each("lines", f"<li>{linked}{sheet.when('!url', text)}{note}</li>")
    plain = sheet.each("lines", f"- {text}{note}\n" + sheet.when("url", f"  {url}\n"))
    return sheet.when("lines", f"<ul>{html}</ul>"), sheet.when("lines", f"{plain}\n")


def _share(words: Words, value: Any) -> Look:
    sheet = words.sheet
    link, said = sheet.put("share_link"), sheet.put("share_text")
    yours = gettext("Or pass on your own link. It is yours to keep:")
    along = gettext(
        "A few words you may send along. They say that you get something too; please leave that in:"
    )
    way, url = sheet.put("text"), sheet.put("url")
    linked = f'<a class="number" href="{url}">{way}</a> '
    html = (
        sheet.when(
            "share_link",
            f'<p>{escape(yours)}<br><a class="address" dir="ltr" href="{link}">{link}</a></p>',
        )
        + sheet.when("share_text", f"<p>{escape(along)}</p><blockquote>{said}</blockquote>")
        + sheet.when("share_ways", f"<p>{sheet.each('share_ways', sheet.when('url', linked))}</p>")
    )
    text = (
        sheet.when("share_link", f"{yours}\n{link}\n\n")
        + sheet.when("share_text", f"{along}\n\n{said}\n\n")
        + sheet.when("share_ways", sheet.each("share_ways", f"{way}: {url}\n") + "\n")
    )
    return html, text


def _quote(words: Words, value: Mapping[str, Any]) -> Look:
    said, who = str(value.get("text") or ""), str(value.get("who") or "")
    html, text = words.html(said), words.line(said)
    if who:
        html, text = f"{html}<br>— {words.html(who)}", f"{text}\n— {words.line(who)}"
    return f"<blockquote>{html}</blockquote>", f"{text}\n\n"


def _picture(words: Words, value: Mapping[str, Any]) -> Look:
    image, alt = value.get("image"), str(value.get("alt") or "")
    if image is None:
        return "", ""
    # Twice as wide as it is shown, for sharp screens.
    rendition = image.get_rendition("max-1088x1600")
    shown = min(rendition.width, 544)
    url = escape(words.absolute(rendition.url))
    html = f'<p><img class="picture" src="{url}" alt="{escape(alt)}" width="{shown}"></p>'
    return (html, f"[{alt}]\n\n") if url else ("", "")


_LOOKS: dict[str, Callable[[Words, Any], Look]] = {
    "text": _text,
    "button": _button,
    "coupon": _coupon,
    "score": _score,
    "lines": _lines,
    "share": _share,
    "quote": _quote,
    "picture": _picture,
}
