"""Gathers the texts of the product and merges their translations into app/translations/ru/LC_MESSAGES.

`python app/catalogue.py` writes messages.po and messages.mo; with --check it writes nothing and fails when
a text has no translation, two fragments disagree, or a translation has lost a placeholder. Message ids are
English sentences, so English needs no catalogue. A fragment, app/translations/fragments/*.po, has entries and
no header.
"""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
FRAGMENTS = ROOT / "app" / "translations" / "fragments"
TARGET = ROOT / "app" / "translations" / "ru" / "LC_MESSAGES"
SOURCES = ("app", "models", "reports", "views")
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None, "gettext": None, "lazy_gettext": None, "_l": None, "say_later": None, "kept": None,
    "_n": (1, 2), "ngettext": (1, 2), "lazy_ngettext": (1, 2), "_ln": (1, 2),
    "pgettext": ((1, "c"), 2), "_p": ((1, "c"), 2),
}  # fmt: skip
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}")

Key = tuple[str, str | None]


def main(arguments: list[str]) -> None:
    """Check, and write unless only the check was asked for."""
    wanted = texts()
    known, complaints = translations()
    complaints += lacking(wanted, known)
    if "--check" in arguments:
        if complaints:
            sys.exit("\n".join(complaints))
        return
    for complaint in complaints:
        sys.stderr.write(f"{complaint}\n")
    write(wanted, known)


def texts() -> dict[Key, tuple[str | tuple[str, ...], str]]:
    """Every text of our sources and of FAB's, by id and context, with the place where it stands."""
    found: dict[Key, tuple[str | tuple[str, ...], str]] = {}
    for file, place in files():
        method = "python" if file.suffix == ".py" else "jinja2"
        options = {} if method == "python" else {"newstyle_gettext": "true", "extensions": "jinja2.ext.i18n"}
        for line, text, _comments, context in extract_from_file(method, file, KEYWORDS, (), options):
            if text:
                first = text if isinstance(text, str) else text[0]
                found.setdefault((first, context), (text, f"{place}:{line}"))
    return found


def files() -> Iterator[tuple[Path, str]]:
    """Our modules and templates, then FAB's: what it says is said better than in its own catalogue."""
    for source in SOURCES:
        for file in sorted((ROOT / source).rglob("*")):
            if file.suffix in {".py", ".html", ".txt"} and not {"static", "migrations"} & set(file.parts):
                yield file, str(file.relative_to(ROOT))
    spec = importlib.util.find_spec("flask_appbuilder")
    for folder in spec.submodule_search_locations or [] if spec else []:
        for file in sorted(Path(folder).rglob("*")):
            if file.suffix in {".py", ".html"}:
                yield file, f"flask_appbuilder/{file.relative_to(folder)}"


def translations() -> tuple[dict[Key, Message], list[str]]:
    """What the fragments say, and where two of them disagree."""
    known: dict[Key, Message] = {}
    complaints = []
    for file in sorted(FRAGMENTS.glob("*.po")):
        with file.open("rb") as stream:
            catalog = read_po(stream, locale="ru", charset="utf-8")
        for message in catalog:
            if not message.id:
                continue
            key = key_of(message)
            if message.fuzzy:
                complaints.append(f"{file.name}: fuzzy: {key[0]!r}")
            if key in known and known[key].string != message.string:
                complaints.append(f"{file.name}: translated otherwise elsewhere: {key[0]!r}")
            known[key] = message
    return known, complaints


def key_of(message: Message) -> Key:
    """A plural is known by its first form."""
    first = message.id if isinstance(message.id, str) else message.id[0]
    return first, message.context


def lacking(wanted: dict[Key, tuple[str | tuple[str, ...], str]], known: dict[Key, Message]) -> list[str]:
    """Texts without a translation, plurals without three forms, placeholders lost or invented."""
    complaints = []
    for key, (text, place) in wanted.items():
        message = known.get(key)
        said = message.string if message else ""
        forms = (said,) if isinstance(said, str) else tuple(said)
        if not all(forms):
            complaints.append(f"{place}: not translated: {key[0]!r}")
        elif isinstance(text, tuple) and len(forms) != 3:
            complaints.append(f"{place}: needs three plural forms: {key[0]!r}")
        elif any(holes(form) - holes(*as_tuple(text)) for form in forms) or lost(text, forms):
            complaints.append(f"{place}: placeholders differ: {key[0]!r}")
    return complaints


def as_tuple(text: str | tuple[str, ...]) -> tuple[str, ...]:
    """One form or several."""
    return (text,) if isinstance(text, str) else text


def lost(text: str | tuple[str, ...], forms: tuple[str, ...]) -> bool:
    """Whether a placeholder of a plain text is missing; a plural may leave its number out."""
    return isinstance(text, str) and bool(holes(text) - holes(*forms))


def holes(*forms: str) -> set[str]:
    """Names of the placeholders in these texts."""
    return {first or second for form in forms for first, second in PLACEHOLDER.findall(form)}


def write(wanted: dict[Key, tuple[str | tuple[str, ...], str]], known: dict[Key, Message]) -> None:
    """Lay the catalogue out where Flask-Babel looks for it."""
    catalog = Catalog(locale="ru", project="Voronka", charset="utf-8")
    for key, (text, place) in sorted(wanted.items(), key=lambda item: (item[0][0], item[0][1] or "")):
        if key in known:
            file, _colon, line = place.rpartition(":")
            catalog.add(text, known[key].string, locations=[(file, int(line))], context=key[1])
    TARGET.mkdir(parents=True, exist_ok=True)
    # Whole or not at all: somebody may be starting pages at this moment.
    with (TARGET / "messages.po.new").open("wb") as stream:
        write_po(stream, catalog, width=110)
    with (TARGET / "messages.mo.new").open("wb") as stream:
        write_mo(stream, catalog)
    for name in ("messages.po", "messages.mo"):
        (TARGET / f"{name}.new").replace(TARGET / name)


if __name__ == "__main__":
    main(sys.argv[1:])
