"""The words of the scripts in app/static/js: base.html hands them over as data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext as _n


def script_words() -> dict[str, Any]:
    """Every text that a script may show, in the language at hand."""
    return _buttons() | _troubles() | _forms_and_lists() | _board()


def _buttons() -> dict[str, Any]:
    return {
        "undo": _("Undo"),
        "close": _("Close"),
        "cancel": _("Cancel"),
        "sure": _("Continue"),
        "retry": _("Try again"),
        "leave": _("Leave"),
        "stay": _("Stay"),
        "clear": _("Clear"),
        "copied": _("Copied"),
        "done": _("Done"),
        "download": _("Download"),
        "previous": _("Previous"),
        "next": _("Next"),
    }


def _troubles() -> dict[str, Any]:
    return {
        "failed": _("The server did not answer as it should. Nothing typed is lost: try again in a minute."),
        "forbidden": _("You have no right to do this. Ask your administrator."),
        "gone": _("This record is no longer there, or you may not see it. Reload the page."),
        "too_often": _("Too many requests in a row. Wait a minute and try again."),
        "too_large": _("This is too large to be sent. Choose a smaller file."),
        "offline": _("No network. What you typed stays in this browser."),
        "online": _("The network is back."),
        "choose": _("Choose one of these."),
        "fill": _("Fill in this field."),
        "bad_date": _("This is not a date. Type it as 31.12.2026."),
    }


def _forms_and_lists() -> dict[str, Any]:
    return {
        "unsaved": _("What you typed here is not saved. Leave without it?"),
        "draft": _("There is an unsaved draft of %(when)s.", when="{when}"),
        "draft_restore": _("Put it back"),
        "draft_drop": _("Throw it away"),
        "take_off": _("Do not attach %(name)s", name="{name}"),
        "changes": _plural(lambda n: _n("%(num)s change", "%(num)s changes", n)),
        "selected": _plural(lambda n: _n("%(num)s selected", "%(num)s selected", n)),
        "nothing": _("Nothing found"),
        "type_more": _("Type the beginning of a name"),
        "minutes": _plural(lambda n: _n("%(num)s min", "%(num)s min", n)),
        "hours": _plural(lambda n: _n("%(num)s h", "%(num)s h", n)),
        "days": _plural(lambda n: _n("%(num)s d", "%(num)s d", n)),
    }


def _board() -> dict[str, Any]:
    """What a column says while a card hangs over it."""
    return {
        "board_drop": _("Let go to move it here"),
        "board_missing": _plural(
            lambda n: _n("Let go: %(num)s thing will be asked for", "Let go: %(num)s things will be asked for", n)
        ),
    }


def _plural(say: Callable[[int], str]) -> dict[str, str]:
    """The forms that Intl.PluralRules asks for: Russian has one, few and many, English one and other."""
    one, few, many = (say(n).replace(str(n), "{n}") for n in (1, 2, 5))
    return {"one": one, "few": few, "many": many, "other": many}
