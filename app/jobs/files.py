"""Previews of pictures are drawn; bytes of files that are gone for good leave the disk."""

from app.queue import job
from app.services import files


@job(timeout=120)
def draw(file_id: int) -> None:
    """Draw the previews of one picture."""
    files.draw_previews(file_id)


@job(timeout=300)
def sweep_bytes() -> None:
    """Take off the disk what was noted as gone."""
    files.sweep_bytes()
