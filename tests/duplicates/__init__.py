"""Everything of a base, to be held against what it was."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from models.ground.base import Model

# What tells of the merge itself, and marks of a save that say nothing of what was saved.
TELLERS = {"change", "event", "handler_run", "merge", "setting", "rights_epoch", "work", "notice", "delivery"}
MARKS = {"version", "changed_at", "changed_by_id"}


def everything(session: Any) -> dict[str, dict[int, dict[str, Any]]]:
    """Every row of every table, by its key, as the database has it."""
    session.flush()
    found = {}
    for table in Model.metadata.sorted_tables:
        if table.name in TELLERS or "id" not in table.c or table.name.startswith("ab_"):
            continue
        rows = session.connection().execute(select(table)).mappings()
        found[table.name] = {row["id"]: {name: row[name] for name in row if name not in MARKS} for row in rows}
    return found


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, int, Any, Any]]:
    """Which rows are not the same."""
    found = []
    for table, rows in before.items():
        for key in sorted({*rows, *after[table]}):
            was, now = rows.get(key), after[table].get(key)
            if was != now:
                parts = [name for name in (was or now) if (was or {}).get(name) != (now or {}).get(name)]
                found.append((table, key, {n: (was or {}).get(n) for n in parts}, {n: (now or {}).get(n) for n in parts}))
    return found
