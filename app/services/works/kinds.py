"""What works there are: the job that does one, and its icon. A new kind is a line here."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """`job` is called with the key of the work, again and again until the work has ended."""

    job: str
    icon: str = "refresh"


KINDS: dict[str, Kind] = {}
