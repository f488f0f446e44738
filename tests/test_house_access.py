"""Nobody goes round the access of the session: what reads past it is named here, with its reason."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Reading tables themselves, or by text, knows no actor.
PAST_THE_SESSION = {
    "reports/deals/board.py": "the key of the newest event at all, no row of it",
    "reports/day/__init__.py": "the first phone of a client within a statement that access narrows to clients in reach",
    "reports/day/nearest.py": "sums of a deal's own papers within a statement that access narrows to deals in reach",
    "reports/day/todo.py": "the client of a deal that a live task of the actor's brings in reach, for his phone",
    "reports/day/pace.py": "how many and how much, of the people in the actor's reach; no rows",
    "reports/search/index.py": "ids alone: their rows are then asked for through the session",
    "views/crud/saving.py": "names of constraints, no rows",
    "views/health.py": "the version of the schema, for a door that knows nobody",
    "views/deals/table.py": "clients of deals that are in reach already, asked by key",
}
BEFORE_ANYBODY_IS_KNOWN = {"app/rights.py", "app/security.py", "app/sessions.py"}


def lines(*folders: str) -> Iterator[tuple[str, str]]:
    """Lines of our modules, by the module's name."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for line in path.read_text("utf-8").splitlines():
                yield str(path.relative_to(ROOT)), line


def modules_with(words: str, *folders: str) -> set[str]:
    pattern = re.compile(words)
    return {name for name, line in lines(*folders) if pattern.search(line)}


def test_doors_and_reports_read_through_the_session() -> None:
    past = r"__table__|(?<![a-z_])text\(|db\.engine|\.connection\(\)|get_bind\(|exec_driver_sql"
    assert modules_with(past, "views", "reports") == set(PAST_THE_SESSION)


def test_only_the_log_in_reads_before_anybody_is_known() -> None:
    found = modules_with(r"AT_THE_DOOR|at_the_door", "app", "views", "reports")
    assert found == BEFORE_ANYBODY_IS_KNOWN


def test_relations_are_loaded_in_ways_that_access_covers() -> None:
    assert (
        modules_with(r"subqueryload|bulk_save_objects|bulk_insert_mappings", "app", "views", "reports", "models")
        == set()
    )


def test_doors_never_act_as_the_system_for_what_they_show() -> None:
    """The system sees everything; a door may act as it for strangers, and a card for what has no deal to be read by."""
    allowed = {
        "views/security.py", "views/links.py", "views/hooks.py", "views/health.py", "views/public_form/__init__.py",
        "views/calendar/feed.py",
        # Corrections and consents of a lead or a client that the actor has opened, without the fields hidden from him.
        "reports/leads/card.py", "reports/clients/feed.py",
    }  # fmt: skip
    assert modules_with(r"acting_as\(SYSTEM\)", "views", "reports") <= allowed
