"""Files: one is added, shown, removed, taken back; what hangs on a deal, a lead or a client."""

from __future__ import annotations

from typing import Any

from flask import abort, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from app import files as storage
from app.services import files as verbs
from app.troubles import wants_json
from models.clients import Client
from models.deals import Deal
from models.ground.access import WITH_DELETED
from models.ground.base import db
from models.ground.files import Preview, StoredFile
from models.ground.refused import Refused
from models.leads import Lead
from models.messages import Message, MessageKind
from reports import files as report
from views.base import CrmView, committing, expose, require, require_signed_in
from views.security import safe_next
from views.shell import say

BIGGEST = 2**63 - 1
# By what a place is called in an address: its table, and the column of its number there.
PLACES: dict[str, tuple[Any, Any]] = {
    "deal": (Deal, Deal.number),
    "lead": (Lead, Lead.id),
    "client": (Client, Client.id),
    "message": (Message, Message.id),
}


class Files(CrmView):
    """/files/…: who reaches the deal, lead, client or message reaches its files."""

    route_base = "/files"
    class_permission_name = "Files"

    @expose("/", methods=["POST"])
    @require("can_add")
    def add(self) -> Any:
        """Files are put on a place: `on=deal:1042`, the files as `file`."""
        place = place_or_404(request.form.get("on", ""))
        came = [one for one in request.files.getlist("file") if one.filename or one.content_length]
        if not came:
            raise Refused(_("No file has arrived. Choose one."), "file")
        if isinstance(place, Message) and place.kind != MessageKind.NOTE:
            raise Refused(_("What was said stays as it was said. Add the file to the deal, or write a new message."))
        with committing():
            for one in came:
                verbs.attach(storage.put(_bytes(one)), one.filename or "", place)
        if wants_json():
            return jsonify(html=_list(place_or_404(request.form["on"])))
        say(_("The file is added.") if len(came) == 1 else _("The files are added."))
        return redirect(_back())

    @expose("/of")
    @require_signed_in
    def of(self) -> Any:
        """What hangs on a place, as a fragment: asked for again while previews are drawn."""
        return _list(place_or_404(request.args.get("on", "")))

    @expose("/<int:pk>")
    @require_signed_in
    def show(self, pk: int) -> Any:
        """The file itself, always to be saved; hidden and missing answer alike."""
        return storage.give(file_or_404(pk))

    @expose("/<int:pk>/thumb")
    @require_signed_in
    def thumb(self, pk: int) -> Any:
        """A small picture of it, drawn by us."""
        row = _drawn_or_404(pk)
        return storage.show(row.thumb_key, f"{row.id}.jpg")

    @expose("/<int:pk>/view")
    @require_signed_in
    def view(self, pk: int) -> Any:
        """A large picture of it, drawn by us."""
        row = _drawn_or_404(pk)
        return storage.show(row.view_key, f"{row.id}.jpg")

    @expose("/<int:pk>/jpeg")
    @require_signed_in
    def jpeg(self, pk: int) -> Any:
        """The same picture as a JPEG file, for those whose machine reads no HEIC."""
        row = _drawn_or_404(pk)
        stem = row.name.rpartition(".")[0] or row.name
        return storage.show(row.view_key, f"{stem}.jpg", saved=True)

    @expose("/<int:pk>/remove", methods=["POST"])
    @require("can_delete")
    def remove(self, pk: int) -> Any:
        """To the trash, with a way back."""
        with committing():
            row = file_or_404(pk)
            verbs.remove(row)
            name = row.name
        undo = url_for("Files.restore", pk=pk, next=_back())
        if wants_json():
            return jsonify(words=_("Removed: %(name)s", name=name), undo=undo)
        say(_("Removed: %(name)s", name=name), undo=undo)
        return redirect(_back())

    @expose("/<int:pk>/restore", methods=["POST"])
    @require("can_delete")
    def restore(self, pk: int) -> Any:
        """Undo of the removal."""
        with committing():
            row = file_or_404(pk, with_deleted=True)
            verbs.restore(row)
            name = row.name
        say(_("Restored: %(name)s", name=name))
        return redirect(_back())


def place_or_404(text: str) -> Any:
    """The deal, lead, client or message that an upload names, if the actor reaches it."""
    noun, _colon, number = text.partition(":")
    if noun not in PLACES or not (number.isascii() and number.isdigit()) or len(number) > 18:
        abort(404)
    model, column = PLACES[noun]
    if noun == "deal" and int(number) >= 2**31:
        abort(404)
    row = db.session.execute(select(model).where(column == int(number))).unique().scalar_one_or_none()
    return row if row is not None else abort(404)


def file_or_404(pk: int, *, with_deleted: bool = False) -> StoredFile:
    """The file, if the actor reaches what it hangs on."""
    if pk > BIGGEST:
        abort(404)
    wanted = select(StoredFile).where(StoredFile.id == pk).execution_options(**{WITH_DELETED: with_deleted})
    row = db.session.execute(wanted).scalar_one_or_none()
    return row if row is not None else abort(404)


def _bytes(one: FileStorage) -> bytes:
    """What came, and nothing is left open: large uploads lie in a file of their own meanwhile."""
    try:
        return one.stream.read()
    finally:
        one.close()


def _drawn_or_404(pk: int) -> StoredFile:
    row = file_or_404(pk)
    return row if row.preview == Preview.READY else abort(404)


def _list(place: Any) -> str:
    if isinstance(place, Message):
        rows = report.of_messages([place.id]).get(place.id, [])
        return render_template("files/_strip.html", rows=rows)
    return render_template("files/_list.html", rows=report.of(place), on=report.on(place))


def _back() -> str:
    asked = request.form.get("next") or request.args.get("next")
    if asked:
        return safe_next(asked)
    referrer = request.referrer or ""
    return referrer if referrer.startswith(request.host_url) else "/"
