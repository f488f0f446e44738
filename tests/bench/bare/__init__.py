"""The bare baseline: psycopg, the same WHERE for the same person, one template without a frame. Nothing else.

`?me=` names the person, `own=` whose deals are as theirs, and `all=1` says that everything is seen. Run by gunicorn as
`tests.bench.bare:app`.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask, redirect, render_template, request
from psycopg.rows import dict_row

app = Flask("bare", root_path=str(Path(__file__).parent), template_folder=".")
held = threading.local()
CAP = 10_001

# The conditions are those of models/deals.py and models/clients.py for a manager, and for the head of a team.
GIVEN = """ANY (ARRAY (SELECT deal_id FROM task WHERE assignee_id = %(me)s AND done_at IS NULL
  AND deleted_at IS NULL AND deal_id IS NOT NULL))"""
OF_DEALS = "SELECT client_id FROM deal WHERE deleted_at IS NULL AND client_id IS NOT NULL"
SHOWN = """d.number, c.name AS client, d.title, s.names->>'ru' AS stage, d.amount,
  p.first_name || ' ' || p.last_name AS owner, d.stage_since, d.created_at"""
JOINED = """LEFT JOIN client c ON c.id = d.client_id JOIN stage s ON s.id = d.stage_id
  LEFT JOIN ab_user p ON p.id = d.owner_id"""


def ask(statement: str, **values: Any) -> list[dict[str, Any]]:
    """The rows of one statement, over this thread's own connection."""
    if not hasattr(held, "connection"):
        held.connection = psycopg.connect(os.environ["BARE_DSN"], autocommit=True, row_factory=dict_row)
    me = int(request.args["me"])
    return held.connection.execute(statement, {"me": me, **values}).fetchall()


def owned() -> str:
    """By one of these people: written out, so that each statement is planned for them."""
    return f"owner_id IN ({','.join(str(int(one)) for one in request.args['own'].split(','))})"


def reach() -> str:
    return "TRUE" if request.args.get("all") else f"(d.{owned()} OR d.id = {GIVEN})"


def clients_reach() -> str:
    if request.args.get("all"):
        return "TRUE"
    return f"""c.id IN (SELECT id FROM client WHERE {owned()}
      UNION {OF_DEALS} AND {owned()} UNION {OF_DEALS} AND id = {GIVEN})"""


def table(rows: list[dict[str, Any]], count: int) -> str:
    return render_template("table.html", rows=rows, count=count)


def deals(where: str, skip: int = 0, **values: Any) -> str:
    """A page of deals and the capped count."""
    inner = f"SELECT d.* FROM deal d WHERE d.deleted_at IS NULL AND {reach()} AND {where}"
    if skip:
        keys = f"""SELECT d.id FROM deal d WHERE d.deleted_at IS NULL AND {reach()} AND {where}
          ORDER BY d.number DESC LIMIT 50 OFFSET {skip}"""
        inner = f"SELECT d.* FROM deal d WHERE d.id IN ({keys}) ORDER BY d.number DESC"
    else:
        inner += " ORDER BY d.number DESC LIMIT 50"
    rows = ask(f"SELECT {SHOWN} FROM ({inner}) d {JOINED} ORDER BY d.number DESC", **values)
    counted = f"SELECT d.id FROM deal d WHERE d.deleted_at IS NULL AND {reach()} AND {where} LIMIT {CAP}"
    count = ask(f"SELECT count(*) AS n FROM ({counted}) x", **values)[0]["n"]
    return table(rows, count)


@app.get("/list")
def every() -> str:
    return deals("TRUE")


@app.get("/filtered")
def filtered() -> str:
    return deals("d.stage_id = %(stage)s", stage=int(request.args["stage"]))


@app.get("/deep")
def deep() -> str:
    return deals("TRUE", skip=int(request.args["skip"]))


@app.get("/clients")
def clients() -> str:
    """All, by the beginnings of a name's words, or by the last digits of a phone."""
    if request.args.get("digits"):
        # As one array: with a set the planner walks all clients in their order.
        where = """c.id = ANY (ARRAY (SELECT client_id FROM contact_point
          WHERE kind = 'phone' AND reverse(value) LIKE %(tail)s))"""
        values = {"tail": request.args["digits"][::-1] + "%"}
    elif "words" not in request.args:
        where, values = "TRUE", {}
    else:
        where, values = "c.words @@ to_tsquery('simple', %(words)s)", {"words": request.args["words"]}
    found = f"FROM client c WHERE c.deleted_at IS NULL AND {clients_reach()} AND {where}"
    contact = "(SELECT value FROM contact_point k WHERE k.client_id = c.id AND k.kind = '{}' ORDER BY k.id LIMIT 1)"
    rows = ask(
        f"""SELECT c.name, {contact.format("phone")} AS phone, {contact.format("email")} AS email, c.kind,
          p.first_name || ' ' || p.last_name AS owner, c.created_at
          FROM (SELECT c.* {found} ORDER BY c.created_at DESC, c.id DESC LIMIT 50) c
          LEFT JOIN ab_user p ON p.id = c.owner_id ORDER BY c.created_at DESC, c.id DESC""",
        **values,
    )
    return table(rows, ask(f"SELECT count(*) AS n FROM (SELECT c.id {found} LIMIT {CAP}) x", **values)[0]["n"])


@app.get("/board")
def board() -> str:
    """Counts and sums of the columns, and the first cards of each with the next task."""
    live = f"d.closed_at IS NULL AND d.deleted_at IS NULL AND d.funnel_id = 1 AND {reach()}"
    heads = ask(
        f"SELECT s.names->>'ru' AS stage, count(*) AS n, sum(d.amount) AS sum FROM deal d JOIN stage s"
        f" ON s.id = d.stage_id WHERE {live} GROUP BY s.id ORDER BY s.position"
    )
    placed = f"""SELECT d.*, row_number() OVER (PARTITION BY d.stage_id ORDER BY d.stage_since, d.id) AS place
      FROM deal d WHERE {live}"""
    cards = ask(
        f"""SELECT {SHOWN}, t.title AS task, t.due_at FROM ({placed}) d {JOINED}
          LEFT JOIN LATERAL (SELECT title, due_at FROM task t WHERE t.deal_id = d.id AND t.done_at IS NULL
            AND t.deleted_at IS NULL ORDER BY t.due_at, t.id LIMIT 1) t ON TRUE
          WHERE d.place <= 30 ORDER BY s.position, d.place"""
    )
    return render_template("table.html", rows=heads + cards, count=len(cards))


PARTS = {
    "contacts": "SELECT kind, value FROM contact_point WHERE client_id = %(client)s ORDER BY id",
    "stages": "SELECT names->>'ru' AS name, kind, norm_hours FROM stage WHERE funnel_id = %(funnel)s ORDER BY position",
    "playbook": "SELECT names->>'ru' AS name, kind FROM playbook WHERE stage_id = %(stage)s ORDER BY position",
    "gates": """SELECT g.kind, g.params FROM gate g JOIN stage s ON s.id = g.stage_id
      WHERE s.funnel_id = %(funnel)s ORDER BY s.position, g.position""",
    "tasks": """SELECT t.title, t.kind, t.due_at, t.done_at, p.first_name FROM task t
      LEFT JOIN ab_user p ON p.id = t.assignee_id WHERE t.deal_id = %(deal)s AND t.deleted_at IS NULL ORDER BY t.due_at""",
    "changes": """SELECT at, actor_name, field, old, new FROM change WHERE deal_id = %(deal)s
      ORDER BY at DESC LIMIT 50""",
    "events": "SELECT at, name, actor_name, data FROM event WHERE deal_id = %(deal)s ORDER BY at DESC LIMIT 50",
    "messages": "SELECT at, kind, author_name, words FROM message WHERE deal_id = %(deal)s ORDER BY at DESC LIMIT 50",
    "estimates": """SELECT revision, state, total, "full", cost FROM estimate WHERE deal_id = %(deal)s
      ORDER BY revision DESC""",
    "documents": "SELECT kind, number, amount, state FROM document WHERE deal_id = %(deal)s ORDER BY id",
    "payments": "SELECT amount, paid_on FROM payment WHERE deal_id = %(deal)s AND deleted_at IS NULL ORDER BY paid_on",
    "shipments": "SELECT amount, shipped_on FROM shipment WHERE deal_id = %(deal)s AND deleted_at IS NULL",
}


@app.get("/card")
def card() -> Any:
    number = int(request.args["number"])
    found = ask(
        f"""SELECT d.*, {SHOWN} FROM deal d {JOINED}
          WHERE d.number = %(number)s AND d.deleted_at IS NULL AND {reach()}""",
        number=number,
    )
    if not found:
        return "not found", 404
    deal = found[0]
    keys = {"deal": deal["id"], "client": deal["client_id"], "funnel": deal["funnel_id"], "stage": deal["stage_id"]}
    parts = {name: ask(statement, **keys) for name, statement in PARTS.items()}
    return render_template("card.html", deal=deal, parts=parts)


@app.post("/save")
def save() -> Any:
    """Change a field of a deal in reach, with its line of history."""
    number, words = int(request.args["number"]), request.form["comment"]
    rows = ask(
        f"SELECT d.id, d.comment, d.version FROM deal d WHERE d.number = %(number)s AND {reach()}", number=number
    )
    deal = rows[0]
    with held.connection.transaction():
        changed = ask(
            """UPDATE deal SET comment = %(words)s, version = version + 1, changed_at = now(), changed_by_id = %(me)s
              WHERE id = %(deal)s AND version = %(version)s RETURNING id""",
            words=words, deal=deal["id"], version=deal["version"],
        )  # fmt: skip
        assert changed
        ask(
            """INSERT INTO change (at, actor_id, actor_name, noun, row_id, deal_id, field, old, new)
              VALUES (now(), %(me)s, '', 'deal', %(deal)s, %(deal)s, 'comment', to_jsonb(%(was)s::text),
                to_jsonb(%(words)s::text)) RETURNING id""",
            deal=deal["id"], was=deal["comment"], words=words,
        )  # fmt: skip
    return redirect(f"/card?number={number}")
