"""A page of a letter becomes text in one walk from its beginning to its end, whatever it is made of.

Parsers that build a tree take minutes for a page of boxes inside boxes, and letters are written by anybody.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field

LONGEST_PAGE = 2_000_000
# Possessive: what does not end is not tried in shorter ways.
TAG = re.compile(r"""<(/?)([a-zA-Z][^\s/>]*+)(?:"[^"]*+"|'[^']*+'|[^"'>])*+>""")
# What is never shown, with everything inside it.
HIDDEN = {
    name: re.compile(f"</{name}", re.IGNORECASE)
    for name in ("script", "style", "title", "template", "noscript", "svg", "math")
}
BLOCKS = frozenset(("p", "div", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "li", "blockquote", "table"))
CELLS = ("td", "th")
QUOTE = "blockquote"
DEEPEST_QUOTE = 3
BLANKS = re.compile(r"\n[ \t]*\n(?:[ \t]*\n)+")


@dataclass
class _Lines:
    """Lines as they come, each marked with how deep it is quoted."""

    done: list[str] = field(default_factory=list)
    piece: list[str] = field(default_factory=list)
    depth: int = 0

    def end(self, *, always: bool) -> None:
        """The line is over; an empty one only where a blank one is meant."""
        words = " ".join(html.unescape("".join(self.piece)).replace("\xa0", " ").split())
        self.piece = []
        if words or always:
            self.done.append("> " * min(self.depth, DEEPEST_QUOTE) + words)

    def tag(self, name: str, *, is_end: bool) -> None:
        """A tag is a break, the beginning or end of a quotation, a space between cells, or nothing."""
        if name == "br" or name in BLOCKS:
            self.end(always=name == "br" or (is_end and name != QUOTE))
        elif name in CELLS:
            self.piece.append(" ")
        if name == QUOTE:
            self.depth = max(0, self.depth + (-1 if is_end else 1))


def from_html(page: str) -> str:
    """The words of a page: nothing that could run, no addresses of pictures; a quotation is marked as one."""
    page = page[:LONGEST_PAGE]
    lines, at = _Lines(), 0
    while at < len(page):
        start = page.find("<", at)
        if start < 0:
            start = len(page)
        lines.piece.append(page[at:start])
        at = _past(page, start, lines)
    lines.end(always=False)
    return BLANKS.sub("\n\n", "\n".join(lines.done)).strip()


def _past(page: str, start: int, lines: _Lines) -> int:
    """Behind what begins with this sign: a comment, a tag with what it hides, or a sign that begins nothing."""
    if page.startswith("<!--", start):
        return _behind(page, "-->", start + 4)
    if page.startswith(("<!", "<?"), start):
        return _behind(page, ">", start)
    found = TAG.match(page, start)
    if found is None:
        lines.piece.append(page[start : start + 1])
        # A tag without an end would be looked for from each of its signs again: the rest is words.
        is_open = page[start + 1 : start + 2].isalpha() or page.startswith("</", start)
        lines.piece.append(page[start + 1 :] if is_open else "")
        return len(page) if is_open else start + 1
    name = found[2].lower()
    if name in HIDDEN and not found[1]:
        end = HIDDEN[name].search(page, found.end())
        return _behind(page, ">", end.start()) if end else len(page)
    lines.tag(name, is_end=bool(found[1]))
    return found.end()


def _behind(page: str, mark: str, start: int) -> int:
    """Behind the next mark; the end of the page where there is none."""
    at = page.find(mark, start)
    return len(page) if at < 0 else at + len(mark)
