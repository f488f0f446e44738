"""What every provider has in common: the body as it came, what was understood, and how it says no."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


class ChannelError(Exception):
    """A provider or what it sent cannot be used; `permanent` says that trying again is of no use.

    `doubtful`: the connection broke after everything was handed over, so it may have arrived.
    """

    def __init__(self, words: str, *, permanent: bool = False, doubtful: bool = False) -> None:
        super().__init__(words)
        self.words = words
        self.permanent = permanent
        self.doubtful = doubtful


@dataclass(frozen=True)
class Raw:
    """A body as it came, with its content type."""

    body: bytes
    content_type: str = ""


@dataclass(frozen=True)
class Agreed:
    """A consent to the processing of personal data that came with the request."""

    text_version: str
    address: str = ""


@dataclass(frozen=True)
class Inbound:
    """A request as it was understood: texts as they were typed, without anything a database cannot keep."""

    name: str = ""
    phone: str = ""
    email: str = ""
    handle: str = ""
    words: str = ""
    source: str = ""
    page: str = ""
    referrer: str = ""
    utm: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, str] = field(default_factory=dict)
    consent: Agreed | None = None
    is_test: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing was understood at all."""
        said = (self.name, self.phone, self.email, self.handle, self.words)
        return not any(said) and not self.extra and not self.is_test


@dataclass(frozen=True)
class Field:
    """One line of a channel's settings form. `kind`: names (a list of the sender's field names) or text."""

    code: str
    label: Any
    kind: str = "names"
    hint: Any = ""


class Provider(Protocol):
    """What a file of this folder offers."""

    LABEL: Any
    FIELDS: tuple[Field, ...]

    def verify(self, raw: Raw, headers: Mapping[str, str], settings: Mapping[str, Any]) -> None:
        """Make sure the sender is who it says. Raises ChannelError."""

    def external_id(self, raw: Raw) -> str | None:
        """The sender's own number of this delivery, if it gives one."""

    def parse(self, raw: Raw, settings: Mapping[str, Any]) -> Inbound:
        """Understand a body. Raises ChannelError."""

    def sample(self, settings: Mapping[str, Any]) -> Raw:
        """A body such as the provider would send, for the test button."""
