"""A file of a table as people have it: CSV or TSV, utf-8 or windows-1251, whatever stands between the columns."""

import csv
import io
from dataclasses import dataclass

from flask_babel import gettext as _

from app.channels.bodies import clean
from models.ground.refused import Refused

BIGGEST = 10 * 1024 * 1024
MOST_ROWS, MOST_COLUMNS = 50_000, 100
LONGEST_CELL = 10_000
# A text has none; one that slipped in is left out.
MOST_NULS = 20
SEPARATORS = (";", ",", "\t", "|")
CODINGS = ("utf-8-sig", "cp1251")
# How files begin that are no text: old and new workbooks, PDF, pictures.
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
BINARY = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"\x1f\x8b")


@dataclass(frozen=True)
class Table:
    """The names of the columns and the rows under them, each as long as the head."""

    columns: list[str]
    rows: list[list[str]]
    coding: str
    separator: str


def read(body: bytes) -> Table:
    """Read a whole file. Refuses what is no table, in words that say what to do."""
    if len(body) > BIGGEST:
        raise Refused(_("The file is larger than 10 MB. Split it into parts."), "file")
    text, coding = _text(body)
    separator = _separator(text)
    lines = _lines(text, separator)
    if not lines:
        raise Refused(_("The file is empty. Choose another."), "file")
    columns = _columns(lines[0])
    rows = [_fitted(line, len(columns)) for line in lines[1:]]
    while rows and not any(rows[-1]):
        rows.pop()
    if not rows:
        raise Refused(_("There is only one line: the names of the columns. Add rows under it."), "file")
    if len(rows) > MOST_ROWS:
        words = _("There are %(n)s rows, at most %(limit)s. Split the file into parts.", n=len(rows), limit=MOST_ROWS)
        raise Refused(words, "file")
    return Table(columns, rows, coding.removesuffix("-sig"), separator)


def _text(body: bytes) -> tuple[str, str]:
    if body.startswith(WORKBOOKS):
        words = _("This is an Excel workbook. Save the sheet as CSV (File, Save as) and choose that file.")
        raise Refused(words, "file")
    if body.startswith(BINARY):
        raise Refused(_("This is not a table. Choose a CSV or TSV file."), "file")
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        # What Excel calls «Unicode text».
        return _decoded(body, "utf-16"), "utf-16"
    if body[:4096].count(0) > MOST_NULS:
        raise Refused(_("This is not a table. Choose a CSV or TSV file."), "file")
    for coding in CODINGS:
        try:
            return body.decode(coding), coding
        except UnicodeDecodeError:
            continue
    raise Refused(_("The letters of the file cannot be read. Save it as CSV UTF-8."), "file")


def _decoded(body: bytes, coding: str) -> str:
    try:
        return body.decode(coding)
    except UnicodeDecodeError:
        raise Refused(_("The letters of the file cannot be read. Save it as CSV UTF-8."), "file") from None


def _separator(text: str) -> str:
    """What splits the first lines into the same number of columns most often."""
    first = text[:20_000].splitlines()
    if first and first[0].lower().startswith("sep=") and len(first[0]) == 5:
        return first[0][4]
    head = next((line for line in first if line.strip()), "")
    return max(SEPARATORS, key=lambda one: (head.count(one), -SEPARATORS.index(one)))


def _lines(text: str, separator: str) -> list[list[str]]:
    source = io.StringIO(text, newline="")
    lines: list[list[str]] = []
    try:
        for line in csv.reader(source, delimiter=separator):
            if lines or any(cell.strip() for cell in line):
                lines.append(line)
            if len(lines) > MOST_ROWS + 2:
                break
    except csv.Error:
        words = _("The file is broken: a quote is not closed, or a cell is endless. Save it anew.")
        raise Refused(words, "file") from None
    return lines[1:] if lines and [cell.lower() for cell in lines[0]] == ["sep=", ""] else lines


def _columns(head: list[str]) -> list[str]:
    names = [clean(cell, 120).strip("\ufeff ") for cell in head]
    while names and not names[-1]:
        names.pop()
    if len(names) > MOST_COLUMNS:
        raise Refused(_("There are too many columns: at most %(limit)s.", limit=MOST_COLUMNS), "file")
    if not names:
        raise Refused(_("The first line must name the columns."), "file")
    return [name or _("Column %(number)s", number=at) for at, name in enumerate(names, 1)]


def _fitted(line: list[str], count: int) -> list[str]:
    cells = [unguarded(clean(cell, LONGEST_CELL)) for cell in line[:count]]
    return cells + [""] * (count - len(cells))


def unguarded(cell: str) -> str:
    """Without the mark by which our own files keep Excel from taking a cell for a formula."""
    return cell[1:] if cell.startswith("'") and cell[1:2] in ("=", "+", "-", "@") else cell
