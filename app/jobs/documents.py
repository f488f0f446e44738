"""The file of a document is made."""

from app.queue import PAPERS, job
from app.services import documents


@job(queue=PAPERS, timeout=120)
def make(document_id: int) -> None:
    """Press one paper."""
    documents.make(document_id)
