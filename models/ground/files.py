"""A stored file: what it is and where its bytes lie; the bytes themselves are app/files.py's."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from models.ground.base import BigId, Line, Model, Stamped
from models.ground.through_deal import ThroughDeal


class StoredFile(ThroughDeal, Stamped, Model):
    """Bytes kept under FILES_URL by `key`; served as an attachment only."""

    __tablename__ = "stored_file"
    noun = "file"
    scope_noun = "document"
    own_field = "created_by_id"

    id: Mapped[BigId]
    deal_id: Mapped[int | None] = mapped_column(ForeignKey("deal.id", ondelete="CASCADE"), index=True)
    name: Mapped[Line]
    content_type: Mapped[str] = mapped_column(String(120))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    key: Mapped[Line] = mapped_column(unique=True)
