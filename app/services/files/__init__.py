"""Verbs of a file: attach to a deal, a lead, a client or a message; remove, restore, draw its previews, forget."""

import logging
from collections.abc import Iterable, Sequence

from flask_babel import gettext as _
from sqlalchemy import and_, or_, select, update

from app import files
from app.channels.inbound import InFile, OutFile
from app.files.drawing import Drawn, Undrawable, draw
from app.files.kinds import PICTURES, served_type
from app.queue import enqueue_after_commit, outside
from models.clients import Client
from models.deals import Deal
from models.ground.access import WITH_DELETED
from models.ground.actor import Scope, current_actor
from models.ground.base import db, utcnow
from models.ground.files import GoneBytes, Preview, StoredFile
from models.ground.history import record
from models.ground.refused import Refused
from models.leads import Lead
from models.messages import Message

log = logging.getLogger(__name__)

Place = Deal | Lead | Client | Message
JOB = "app.jobs.files.draw"
MOST_WITH_MESSAGE = 50
SMALL_BYTES, SMALL_SIDE = 6 * 1024, 200
GONE_AT_ONCE = 1000


def attach(kept: files.Kept, name: str, on: Place, *, inline: bool = False) -> StoredFile:
    """Put kept bytes where they belong; whoever may write there may. The same bytes twice on one place are refused."""
    where = keys_of(on)
    twin = _same(kept, on)
    if twin is not None:
        raise Refused(_("This file is here already: “%(name)s”.", name=twin.name), "file")
    is_picture = kept.content_type in PICTURES
    row = StoredFile(
        **where,
        attached=True,
        inline=inline,
        name=files.clean_name(name),
        content_type=kept.content_type,
        size=kept.size,
        sha256=kept.sha256,
        key=kept.key,
        width=kept.width or None,
        height=kept.height or None,
        preview=Preview.WAITING if is_picture else Preview.NONE,
    )
    db.session.add(row)
    db.session.flush()
    if is_picture:
        enqueue_after_commit(JOB, row.id)
    if row.message_id is None:
        record("file.added", row, file=row.name, client_id=row.client_id)
    return row


def keys_of(on: Place) -> dict[str, int | None]:
    """The columns by which a file hangs on a place; a message's files hang on what the message does."""
    if isinstance(on, Message):
        return {"message_id": on.id, "deal_id": on.deal_id, "lead_id": on.lead_id, "client_id": on.client_id}
    column = {Deal: "deal_id", Lead: "lead_id", Client: "client_id"}[type(on)]
    found: dict[str, int | None] = {column: on.id}
    if isinstance(on, Lead) and on.deal_id is not None and on.duplicate_of_id is None:
        found["deal_id"] = on.deal_id
    return found


def _same(kept: files.Kept, on: Place) -> StoredFile | None:
    column = {Deal: StoredFile.deal_id, Lead: StoredFile.lead_id, Client: StoredFile.client_id}.get(type(on))
    here = StoredFile.message_id == on.id if column is None else and_(column == on.id, StoredFile.message_id.is_(None))
    rows = select(StoredFile).where(here, StoredFile.attached, StoredFile.sha256 == kept.sha256)
    return db.session.execute(rows.limit(1)).scalar_one_or_none()


def keep_all(message: Message, came: Sequence[InFile]) -> list[dict[str, str]]:
    """Keep the files that came with a message; what could not be kept comes back with its reason.

    A reason is a sentence; the bytes are still in the raw body as it came.
    """
    lost = []
    for number, one in enumerate(came):
        try:
            _keep(message, one, number)
        except Refused as refusal:
            lost.append({"name": files.clean_name(one.name), "why": refusal.words})
    return lost


def _keep(message: Message, one: InFile, number: int) -> None:
    if number >= MOST_WITH_MESSAGE:
        raise Refused(_("There are too many files in one message: at most %(n)s.", n=MOST_WITH_MESSAGE))
    files.check_size(max(one.size, len(one.data or b"")))
    kept = files.put(one.data or b"")
    if _same(kept, message) is not None:
        files.drop(kept)
        return
    attach(kept, one.name, message, inline=one.inline and _is_ornament(kept))


def _is_ornament(kept: files.Kept) -> bool:
    """Logos and marks of a signature, and not the photos that a phone puts between the words."""
    return kept.size < SMALL_BYTES or 0 < kept.width < SMALL_SIDE or 0 < kept.height < SMALL_SIDE


def leaving(rows: Iterable[StoredFile]) -> tuple[OutFile, ...]:
    """The files as a provider gets them. Raises OSError when the disk has lost one."""
    return tuple(OutFile(row.name, served_type(row.content_type), files.read(row)) for row in rows)


def remove(row: StoredFile) -> None:
    """To the trash. Papers of ours are cancelled with their document; who was given a deal removes his own only."""
    if not row.attached:
        raise Refused(_("This paper belongs to a document. Cancel the document instead."))
    actor = current_actor()
    is_own = row.created_by_id == actor.person_id
    if not is_own and row.deal_id is not None and StoredFile.writing_scope(actor) is Scope.GIVEN:
        raise Refused(_("Only who added this file, or the owner of the deal, removes it."))
    row.deleted_at, row.deleted_by_id = utcnow(), actor.person_id
    record("file.removed", row, file=row.name)
    db.session.flush()


def restore(row: StoredFile) -> None:
    """Out of the trash again."""
    if row.deleted_at is None:
        return
    row.deleted_at = row.deleted_by_id = None
    record("file.restored", row, file=row.name)
    db.session.flush()


def follow(lead: Lead, deal: Deal) -> None:
    """What hangs on a lead hangs on its deal too when the lead becomes one."""
    loose = update(StoredFile).where(StoredFile.lead_id == lead.id, StoredFile.deal_id.is_(None))
    db.session.execute(loose.values(deal_id=deal.id))


def follow_message(message: Message) -> None:
    """The files of a message go where it goes."""
    held = update(StoredFile).where(StoredFile.message_id == message.id)
    db.session.execute(held.values(**keys_of(message)))


# ── jobs: previews, and bytes that are no longer needed ──────────────────────


def draw_previews(file_id: int) -> None:
    """Draw the JPEGs of a picture, in a job: safe to run twice and to be killed at any moment."""
    row = db.session.get(StoredFile, file_id, execution_options={WITH_DELETED: True})
    if row is None or row.preview != Preview.WAITING:
        return
    key = row.key
    with outside():
        done = _drawn(key)
    row = db.session.get(
        StoredFile, file_id, with_for_update=True, populate_existing=True, execution_options={WITH_DELETED: True}
    )
    if row is None or row.preview != Preview.WAITING:
        for kept in done:
            files.drop(kept)
        return
    if done:
        row.thumb_key, row.view_key = (kept.key for kept in done)
    row.preview = Preview.READY if done else Preview.FAILED
    db.session.flush()


def _drawn(key: str) -> tuple[files.Kept, ...]:
    try:
        drawn: Drawn = draw(files.read_key(key))
    except Undrawable as error:
        log.info("the picture %s cannot be shown: %s", key, error)
        return ()
    except OSError as error:
        log.warning("the bytes %s are away: %s", key, type(error).__name__)
        return ()
    return files.put(drawn.thumb), files.put(drawn.view)


def forget(column: str, row_id: int) -> None:
    """Before a row is deleted for good: the bytes of what goes with it are noted. `column` names it in files."""
    found = select(StoredFile).where(getattr(StoredFile, column) == row_id)
    if column in ("lead_id", "client_id"):
        # What came to a deal stays with the deal.
        found = found.where(StoredFile.deal_id.is_(None))
    for row in db.session.execute(found.execution_options(**{WITH_DELETED: True})).scalars():
        db.session.add_all(GoneBytes(key=key) for key in (row.key, row.thumb_key, row.view_key) if key)
        db.session.delete(row)
    db.session.flush()


def sweep_bytes() -> int:
    """Take noted bytes off the disk; returns how many."""
    gone = db.session.execute(select(GoneBytes).order_by(GoneBytes.id).limit(GONE_AT_ONCE)).scalars().all()
    for row in gone:
        needed = or_(StoredFile.key == row.key, StoredFile.thumb_key == row.key, StoredFile.view_key == row.key)
        still = select(StoredFile.id).where(needed).execution_options(**{WITH_DELETED: True})
        if db.session.execute(still.limit(1)).first() is None:
            (files.folder() / row.key).unlink(missing_ok=True)
        db.session.delete(row)
    return len(gone)
