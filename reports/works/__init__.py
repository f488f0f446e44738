"""Works: what one could not do, as a table for Excel."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _

from app.wording import told

# A cell that begins so would be taken for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def errors_as_csv(errors: Sequence[Mapping[str, Any]]) -> bytes:
    """What was not done and why; with the marks by which the Russian Excel opens it without asking."""
    text = io.StringIO()
    sheet = csv.writer(text, delimiter=";")
    sheet.writerow([_("What"), _("Why")])
    for error in errors:
        sheet.writerow([_plain(error.get("item")), _plain(told(str(error.get("words", ""))))])
    return text.getvalue().encode("utf-8-sig")


def _plain(value: Any) -> str:
    text = str(value if value is not None else "")
    return f"'{text}" if text.startswith(FORMULA) else text
