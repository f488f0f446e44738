"""The mailbox is asked what is new, which is told by UID and never by flags; kept letters are put away.

A letter is kept by its own bytes: when the server counts anew (another UIDVALIDITY), nothing is read twice or lost.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from imaplib import IMAP4, Time2Internaldate
from typing import Any

from imap_tools.utils import encode_folder

from app.channels.email.line import TROUBLES, Line, command, cut, hang_up, line_of, said
from app.channels.email.places import Place
from app.channels.inbound import Pulled, Raw, Wait

# A letter that the server forgot to announce is found by asking anew after so many seconds.
LOOK_AGAIN = 25.0
BATCH, BATCH_BYTES = 20, 32 * 1024 * 1024
LARGEST = 40 * 1024 * 1024
LETTER = "message/rfc822"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

# ── asking ───────────────────────────────────────────────────────────────────


def pull(place: Place, cursor: Mapping[str, Any], wait: Wait) -> Pulled:
    """What came since the cursor; waits for something to come. Raises ChannelError."""
    try:
        line, is_fresh = line_of(place)
        try:
            return _asked(line, cursor, wait)
        except TROUBLES:
            hang_up()
            if is_fresh or wait.over.is_set():
                raise
            # The server has hung up on a line that was kept too long: once more on a new one.
            return _asked(line_of(place)[0], cursor, wait)
    except TROUBLES as error:
        hang_up()
        if wait.over.is_set():
            return Pulled()
        raise said(error) from error


def look(place: Place) -> dict[str, Any]:
    """Whether the mailbox can be opened, and where its counting stands, for the channel's state.

    Raises ChannelError.
    """
    try:
        line, _is_fresh = line_of(place)
        state = {"box": place.name, "validity": line.validity, "next": line.next_uid, "idle": line.can_idle}
    except TROUBLES as error:
        raise said(error) from error
    finally:
        hang_up()
    return state


def keep_copy(place: Place, folder: str, data: bytes) -> None:
    """Put a letter that has left into a folder, marked as read. Raises ChannelError."""
    try:
        line, _is_fresh = line_of(place)
        status, answer = line.box.client.append(_quoted(folder), r"(\Seen)", Time2Internaldate(time.time()), data)
        if status != "OK":
            raise IMAP4.error(f"APPEND: {answer}"[:300])
    except TROUBLES as error:
        raise said(error) from error
    finally:
        hang_up()


def _asked(line: Line, cursor: Mapping[str, Any], wait: Wait) -> Pulled:
    _put_away(line, cursor)
    at = _start(line, cursor)
    if at != {key: cursor.get(key) for key in at}:
        # Where to begin is noted before anything is read.
        return Pulled((), at)
    wait.closes(lambda: cut(line))
    left = wait.seconds
    while True:
        uids = _new(line, at)
        if uids:
            return _fetched(line, uids, at)
        if left <= 0 or wait.over.is_set():
            return Pulled((), at)
        pause = min(left, LOOK_AGAIN)
        _sleep(line, pause, wait)
        left -= pause


def _start(line: Line, cursor: Mapping[str, Any]) -> dict[str, Any]:
    """Where to go on: after the last letter that was kept, or from a day on where the server counts anew."""
    today = dt.datetime.now(dt.UTC).date()
    at = {
        "box": line.place.name, "validity": line.validity, "uid": 0, "since": "", "put_away": [],
        "day": today.isoformat(),
    }  # fmt: skip
    if cursor.get("box") == line.place.name:
        if cursor.get("validity") == line.validity:
            return at | {"uid": int(cursor.get("uid") or 0), "since": str(cursor.get("since") or "")}
        last = dt.date.fromisoformat(str(cursor.get("day") or today.isoformat()))
        return at | {"since": _day(last - dt.timedelta(days=2))}
    if line.place.history:
        return at | {"since": _day(today - dt.timedelta(days=line.place.history))}
    state = cursor.get("state") or {}
    is_known = state.get("box") == line.place.name and state.get("validity") == line.validity
    return at | {"uid": int(state["next"] if is_known else line.next_uid) - 1}


def _day(day: dt.date) -> str:
    """A day as IMAP writes it, in English whatever the machine speaks."""
    return f"{day.day}-{MONTHS[day.month - 1]}-{day.year}"


def _new(line: Line, at: Mapping[str, Any]) -> list[int]:
    """The UIDs after the last one; `n:*` names the newest letter even when it is older than n."""
    # Some servers look into the folder anew only when they are asked for nothing.
    line.box.client.noop()
    criteria = f"UID {at['uid'] + 1}:*" + (f" SINCE {at['since']}" if at["since"] else "")
    answer = command(line, "SEARCH", criteria)
    found = {int(one) for part in answer if isinstance(part, bytes) for one in part.split() if one.isdigit()}
    return sorted(uid for uid in found if uid > at["uid"])


def _fetched(line: Line, uids: Sequence[int], at: Mapping[str, Any]) -> Pulled:
    bodies: list[Raw] = []
    read: list[int] = []
    total = 0
    for uid, size in _sizes(line, uids[:BATCH]):
        if bodies and total + size > BATCH_BYTES:
            break
        body = _letter(line, uid, size)
        total += size
        read.append(uid)
        if body is not None:
            bodies.append(body)
    if not read:
        # Thrown away between two questions: there is nothing to come back for.
        read = list(uids[:BATCH])
    put_away = read if line.place.after != "leave" else []
    return Pulled(tuple(bodies), {**at, "uid": read[-1], "put_away": put_away})


def _sizes(line: Line, uids: Sequence[int]) -> Iterator[tuple[int, int]]:
    found = {}
    for part in command(line, "FETCH", ",".join(map(str, uids)), "(UID RFC822.SIZE)"):
        text = part[0] if isinstance(part, tuple) else part
        uid, size = re.search(rb"UID (\d+)", text or b""), re.search(rb"RFC822\.SIZE (\d+)", text or b"")
        if uid and size:
            found[int(uid[1])] = int(size[1])
    return iter(sorted(found.items()))


def _letter(line: Line, uid: int, size: int) -> Raw | None:
    """The letter whole, without being marked as read; of one beyond all measure the header, and its size is said."""
    part = "BODY.PEEK[]" if size <= LARGEST else "BODY.PEEK[HEADER]"
    answer = command(line, "FETCH", str(uid), f"({part})")
    body = next((bytes(one[1]) for one in answer if isinstance(one, tuple) and len(one) > 1), None)
    if body is None:
        return None
    kind = LETTER if size <= LARGEST else f"{LETTER}; cut={size}"
    return Raw(body, kind, mark_of(body))


def mark_of(body: bytes) -> str:
    """What makes a letter the same letter: its bytes."""
    return f"letter-{hashlib.sha256(body).hexdigest()[:40]}"


def _sleep(line: Line, seconds: float, wait: Wait) -> None:
    """Until the server says that something came, or the time is over."""
    if not line.can_idle:
        wait.over.wait(seconds)
        return
    line.box.idle.start()
    line.box.idle.poll(seconds)
    line.box.idle.stop()


# ── after a letter was kept ──────────────────────────────────────────────────


def _put_away(line: Line, cursor: Mapping[str, Any]) -> None:
    """Letters that are kept by now are marked as read or moved, as the settings say; others are not touched."""
    uids = [int(uid) for uid in cursor.get("put_away") or ()]
    is_same = cursor.get("box") == line.place.name and cursor.get("validity") == line.validity
    if not uids or not is_same or line.place.after == "leave":
        return
    names = ",".join(map(str, uids))
    if line.place.after == "seen":
        command(line, "STORE", names, "+FLAGS", r"(\Seen)")
        return
    if "MOVE" in line.box.client.capabilities:
        command(line, "MOVE", names, _quoted(line.place.target))
        return
    command(line, "COPY", names, _quoted(line.place.target))
    command(line, "STORE", names, "+FLAGS", r"(\Deleted)")
    if "UIDPLUS" in line.box.client.capabilities:
        command(line, "EXPUNGE", names)


def _quoted(folder: str) -> str:
    return bytes(encode_folder(folder)).decode("ascii")
