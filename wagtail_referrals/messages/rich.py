"""An editor's words with merge fields in them, as HTML for a mail and as plain text."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from django.utils.html import escape
from wagtail.rich_text import expand_db_html

from ..text import merge, merge_names
from .kinds import FLAG, LINK, LIST, MailKind
from .segments import Sheet, without_marks

# Everything else of an editor's HTML falls away, what stands in it stays.
_KEPT = {"p", "ul", "ol", "li", "b", "strong", "i", "em"}
_SKIPPED = {"script", "style"}
_SAFE = ("https://", "http://", "mailto:", "tel:")
_BLOCK = re.compile(r"<(?:p|ul|ol)\b", re.IGNORECASE)
_GAP = re.compile(r"\n{3,}")


class Words:
    """Writes words of a kind's mails: the fields it can name become places."""

    def __init__(self, kind: MailKind, sheet: Sheet, root_url: str = "") -> None:
        self.kind = kind
        self.sheet = sheet
        self.root_url = root_url

    def line(self, words: object) -> str:
        """Plain words as plain text."""
        return merge(str(words), self._put_plain, without_marks)

    def html(self, words: object) -> str:
        """Plain words as HTML; their lines stay lines."""
        written = merge(str(words), self.put_html, lambda text: escape(without_marks(text)))
        return written.replace("\n", "<br>")

    def rich(self, words: object) -> tuple[str, str]:
        """Words with markup, as HTML and as plain text."""
        source = str(words)
        if not _BLOCK.search(source):
            lines = source.replace("\n", "<br>")
            source = f"<p>{lines}</p>"
        if "linktype=" in source:
            source = expand_db_html(source)
        reader = _Reader(self)
        reader.feed(source)
        reader.close()
        text = _GAP.sub("\n\n", "".join(reader.text)).strip()
        return "".join(reader.found), text

    def address(self, written: str) -> tuple[str, str]:
        """Where a link leads: the field it needs, or "", and what stands in the address."""
        name = next(iter(merge_names(written)), written.strip())
        field = self.kind.named.get(name)
        if field and field.form == LINK:
            return name, self.sheet.put(name)
        return "", escape(without_marks(self.absolute(written)))

    def absolute(self, url: str) -> str:
        """An address that can be followed from a mailbox, or ""."""
        url = url.strip()
        if url.startswith("/") and not url.startswith("//") and self.root_url:
            url = f"{self.root_url}{url}"
        return url if url.lower().startswith(_SAFE) else ""

    def _put_plain(self, name: str, otherwise: str) -> str:
        field = self.kind.named.get(name)
        otherwise = without_marks(otherwise)
        if field is None or field.form in (FLAG, LIST):
            return otherwise
        return self.sheet.put(name, otherwise)

    def put_html(self, name: str, otherwise: str) -> str:
        """The place of a value in HTML: an address is a link."""
        field = self.kind.named.get(name)
        otherwise = escape(without_marks(otherwise))
        if field is None or field.form in (FLAG, LIST):
            return otherwise
        place = self.sheet.put(name, otherwise)
        if field.form != LINK:
            return place
        url = self.sheet.put(name)
        link = f'<a class="address" dir="ltr" href="{url}">{url}</a>'
        return self.sheet.when(name, link) + self.sheet.when(f"!{name}", otherwise)


class _Reader(HTMLParser):
    """Reads an editor's HTML into ``found`` (HTML) and ``text``."""

    def __init__(self, words: Words) -> None:
        super().__init__(convert_charrefs=True)
        self.words = words
        self.found: list[str] = []
        self.text: list[str] = []
        self._skipping = 0
        self._links: list[tuple[str, int]] = []
        self._lists: list[int | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SKIPPED:
            self._skipping += 1
        elif tag == "br":
            self.found.append("<br>")
            self.text.append("\n")
        elif tag == "a":
            self._begin_link(dict(attrs).get("href") or "")
        elif tag in _KEPT:
            self.found.append(f"<{tag}>")
            self._begin_text(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _SKIPPED:
            self._skipping = max(self._skipping - 1, 0)
        elif tag == "a":
            self._end_link()
        elif tag in _KEPT:
            self.found.append(f"</{tag}>")
            self._end_text(tag)

    def handle_data(self, data: str) -> None:
        if self._skipping:
            return
        literal = without_marks
        self.text.append(self.words.line(" ".join(data.split("\n"))))
        self.found.append(merge(data, self.words.put_html, lambda part: escape(literal(part))))

    def _begin_text(self, tag: str) -> None:
        if tag in ("ul", "ol"):
            self._lists.append(1 if tag == "ol" else None)
        elif tag == "li":
            number = self._lists[-1] if self._lists else None
            self.text.append("- " if number is None else f"{number}. ")
            if self._lists and number is not None:
                self._lists[-1] = number + 1

    def _end_text(self, tag: str) -> None:
        if tag in ("p", "ul", "ol"):
            self.text.append("\n\n")
        elif tag == "li":
            self.text.append("\n")
        if tag in ("ul", "ol") and self._lists:
            self._lists.pop()

    def _begin_link(self, href: str) -> None:
        needs, url = self.words.address(href)
        self._links.append((url, len(self.text)))
        if url:
            self.found.append(f'<a class="link" href="{url}">')

    def _end_link(self) -> None:
        if not self._links:
            return
        url, begin = self._links.pop()
        if not url:
            return
        self.found.append("</a>")
        if "".join(self.text[begin:]).strip() != url:
            self.text.append(f" ({url})")
