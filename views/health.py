"""GET /health: whether the CRM can do its work, for whoever watches it and for our own supervisor."""

from __future__ import annotations

import functools
import shutil
from pathlib import Path
from typing import Any

from alembic.script import ScriptDirectory
from flask import Response, current_app, jsonify
from flask_appbuilder import expose
from redis.exceptions import RedisError
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

import models
from app import worker
from app.queue import queue_state
from models.ground.actor import SYSTEM, acting_as
from models.ground.base import CrmSession, utcnow
from models.ground.history import Event
from models.settings import Setting
from views.base import CrmView, open_to_all

# Below this PostgreSQL and uploads are about to fail.
DISK_IS_FULL_BELOW_MB = 50
# The scheduler ticks every ten seconds.
SCHEDULER_IS_AWAY_AFTER_S = 45
SEEN = "scheduler_seen_at"


class Health(CrmView):
    """Open to all: it tells no secret, and a monitor has no account."""

    route_base = ""
    default_view = "health"

    @expose("/health")
    @open_to_all
    def health(self) -> tuple[Response, int]:
        """503 when nothing can be kept, "degraded" when only what runs later is held up."""
        found = database() | crew()
        found["disk_free_mb"] = shutil.disk_usage(current_app.config["VAR"]).free // 2**20
        found["version"] = current_app.config["VERSION"]
        if found["database"] != "ok" or found["disk_free_mb"] < DISK_IS_FULL_BELOW_MB:
            return jsonify({"status": "down"} | found), 503
        is_whole = found["queue"] == "ok" and found["workers"] and found["scheduler"] == "ok"
        return jsonify({"status": "ok" if is_whole else "degraded"} | found), 200


def database() -> dict[str, Any]:
    """Whether it answers and is migrated, and what of it waits: the scheduler and the oldest event."""
    try:
        with acting_as(SYSTEM) as session:
            version = session.execute(text("SELECT version_num FROM alembic_version")).scalar()
            if version != newest_migration():
                return unknown("migrations missing")
            waits = oldest_event(session)
            return {"database": "ok", "scheduler": scheduler(session), "oldest_event_s": waits}
    except SQLAlchemyError:
        return unknown("away")


def unknown(trouble: str) -> dict[str, Any]:
    """What can be said when the database cannot be asked."""
    return {"database": trouble, "scheduler": "away", "oldest_event_s": None}


def scheduler(session: CrmSession) -> str:
    """Whether it gave a sign of life lately."""
    age = session.execute(
        select(func.extract("epoch", func.now() - Setting.changed_at)).where(Setting.key == SEEN)
    ).scalar()
    return "ok" if age is not None and age < SCHEDULER_IS_AWAY_AFTER_S else "away"


def oldest_event(session: CrmSession) -> int:
    """Seconds that the oldest unhandled event has waited; 0 when none waits."""
    waiting = select(Event.at).where(Event.handled_at.is_(None)).order_by(Event.id).limit(1)
    at = session.execute(waiting).scalar()
    return max(0, int((utcnow() - at).total_seconds())) if at else 0


def crew() -> dict[str, Any]:
    """Whether the queue answers, and how many workers are alive."""
    try:
        queue_state().redis.ping()
    except RedisError:
        return {"queue": "away", "workers": 0}
    return {"queue": "ok", "workers": worker.alive() or 0}


@functools.cache
def newest_migration() -> str | None:
    """The migration at which this code expects the database."""
    return ScriptDirectory(str(Path(models.__file__).parent / "migrations")).get_current_head()
