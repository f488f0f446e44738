"""Lists of words that a company uses: work types, sources, reasons; kept as settings, filled by its pack."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from models.ground.base import db
from models.settings import Setting

PREFIX = "choices."


@dataclass(frozen=True)
class Choice:
    """One word of a list: its code is stored on rows, its names are shown. `hue` colours its tag."""

    code: str
    names: tuple[tuple[str, str], ...]
    hue: str = "slate"

    def label(self, language: str) -> str:
        """The name in a language, or in the first one it was given in."""
        names = dict(self.names)
        return names.get(language) or next(iter(names.values()), self.code)


def choices(name: str) -> Sequence[Choice]:
    """The list called `name` (work_type, source, lost_reason, reject_reason), in the company's order."""
    return _lists().get(name, ())


def label(name: str, code: str, language: str) -> str:
    """The word behind a code; a code that is in no list is its own word."""
    found = find(name, code)
    return found.label(language) if found else code


def find(name: str, code: str) -> Choice | None:
    """The choice with this code."""
    return next((choice for choice in choices(name) if choice.code == code), None)


def _lists() -> dict[str, Sequence[Choice]]:
    """All lists with one statement a session: a page asks for several of them."""
    session = db.session()
    if "choices" not in session.info:
        rows = session.execute(select(Setting).where(Setting.key.startswith(PREFIX))).scalars()
        session.info["choices"] = {row.key.removeprefix(PREFIX): [_choice(item) for item in row.value] for row in rows}
    kept: dict[str, Sequence[Choice]] = session.info["choices"]
    return kept


def _choice(item: dict[str, object]) -> Choice:
    names = item.get("names")
    pairs = tuple((str(k), str(v)) for k, v in names.items()) if isinstance(names, dict) else ()
    return Choice(str(item["code"]), pairs, str(item.get("hue") or "slate"))
