"""What every provider has in common: the body as it came, what was understood, and how it says no."""

import datetime as dt
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


class ChannelError(Exception):
    """A provider or what it sent cannot be used; `permanent` says that trying again is of no use.

    `doubtful`: the connection broke after everything was handed over, so it may have arrived.
    `pause`: seconds after which the provider asks to come again.
    """

    def __init__(
        self, words: str, *, permanent: bool = False, doubtful: bool = False, pause: float | None = None
    ) -> None:
        super().__init__(words)
        self.words = words
        self.permanent = permanent
        self.doubtful = doubtful
        self.pause = pause


class Aside(ChannelError):
    """A body that is whole and known but no request: a group, an automatic answer; it is kept with the reason."""

    def __init__(self, words: str) -> None:
        super().__init__(words, permanent=True)


class Unreachable(ChannelError):
    """This client cannot be reached in this conversation any more: the bot was blocked, the address is gone."""

    def __init__(self, words: str) -> None:
        super().__init__(words, permanent=True)


@dataclass(frozen=True)
class Raw:
    """A body as it came, with its content type, and the sender's own number of it where the body tells none."""

    body: bytes
    content_type: str = ""
    external_id: str | None = None


@dataclass(frozen=True)
class Agreed:
    """A consent to the processing of personal data that came with the request."""

    text_version: str
    address: str = ""
    words: str = ""


@dataclass(frozen=True)
class Ring:
    """What an exchange told of one call: `entry` is its number of the conversation, `seq` the order of its news.

    `state`: ringing, talking, answered, missed, or ended when nobody told whether it was answered; the last three
    are the end. Moments are aware.
    """

    entry: str
    state: str
    number: str = ""
    line: str = ""
    extension: str = ""
    direction: str = "in"
    seq: int = 0
    started_at: dt.datetime | None = None
    answered_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None


@dataclass(frozen=True)
class InFile:
    """A file that came along: its bytes, or the `ref` by which the provider gives them out (`fetch`).

    `size` in bytes as the sender says it, 0 when it does not. `inline`: a picture inside the text of a letter.
    """

    name: str
    content_type: str = ""
    data: bytes | None = None
    ref: str = ""
    size: int = 0
    inline: bool = False


@dataclass(frozen=True)
class Signal:
    """What came and is no message: `kind` is start (the conversation was opened), link (an employee's one-time
    code), press (a button of an alert), left or back (the client shut the conversation or opened it again), returned (a
    letter of ours came back).

    `data` is the code, the button, or the names of the letter; `ref` the provider's number to answer it by, or what
    the server said.
    """

    kind: str
    data: str = ""
    ref: str = ""


@dataclass(frozen=True)
class Inbound:
    """A request as it was understood: texts as they were typed, without anything a database cannot keep.

    `conversation` is the provider's name of the chat or thread, `message_id` its number of the message there;
    `is_edit` says that the message replaces one that has come before. `partner` is a promo code. Funnel,
    stage and owner are codes, keys or names of the channel's settings, kept as they stand there.
    """

    name: str = ""
    phone: str = ""
    email: str = ""
    handle: str = ""
    words: str = ""
    source: str = ""
    page: str = ""
    first_page: str = ""
    referrer: str = ""
    utm: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, str] = field(default_factory=dict)
    consent: Agreed | None = None
    is_test: bool = False
    conversation: str = ""
    # Other names under which the conversation may be known: the letters that a letter answers.
    threads: tuple[str, ...] = ()
    message_id: str = ""
    is_edit: bool = False
    title: str = ""
    subject: str = ""
    # What a letter repeats of those before it.
    quoted: str = ""
    at: dt.datetime | None = None
    files: tuple[InFile, ...] = ()
    funnel: str = ""
    stage: str = ""
    owner: str = ""
    partner: str = ""
    # Why the door itself takes it for spam, in a kept sentence; and a call instead of a request.
    spam: str = ""
    call: Ring | None = None
    # A phone that stands in the words: nobody has proved that it is the sender's. And what is no message at all.
    said_phone: str = ""
    signal: Signal | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was understood at all."""
        said = (self.name, self.phone, self.email, self.handle, self.words)
        return not any((*said, self.extra, self.files, self.signal, self.is_test))


@dataclass(frozen=True)
class Setting:
    """One line of the form of a provider. `kind`: text, email, zone, secret, number, choice, flag, lines.

    `choices` are pairs of value and label. Values of the kind secret are sealed and never shown again.
    """

    code: str
    label: Any
    kind: str = "text"
    help: Any = ""
    choices: tuple[tuple[str, Any], ...] = ()
    default: Any = None


@dataclass(frozen=True)
class Pulled:
    """What a provider gave when it was asked: bodies as they came, and where to go on."""

    bodies: tuple[Raw, ...] = ()
    cursor: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class OutFile:
    """A file that leaves with a message."""

    name: str
    content_type: str
    data: bytes


@dataclass(frozen=True)
class Outbound:
    """One message to a client, as a provider gets it. `conversation` is the provider's name of the chat or thread.

    `key` is the same at every attempt. `reply_to` is the provider's number of the client's last message,
    `extra` what the provider itself keeps about the conversation.
    """

    key: str
    conversation: str
    words: str = ""
    subject: str = ""
    address: str = ""
    reply_to: str = ""
    files: tuple[OutFile, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Field:
    """One line of a channel's settings form. `kind`: names (a list of the sender's field names) or text."""

    code: str
    label: Any
    kind: str = "names"
    hint: Any = ""


class Provider(Protocol):
    """What a file of this folder offers; `settings` are the channel's own together with its opened secrets."""

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


class Signs(Protocol):
    """What a provider has besides, whose deliveries are signed: `verify` has compared the sign."""

    def signed(self, raw: Raw, settings: Mapping[str, Any]) -> bytes | None:
        """What the sign covers: the same again is the same delivery. None where these settings sign nothing."""


class Pulls(Protocol):
    """What a provider has besides, whose channels ask for what came instead of being told."""

    def pulls(self, settings: Mapping[str, Any]) -> bool:
        """Whether a channel with these settings asks."""

    def pull(self, settings: Mapping[str, Any], cursor: Mapping[str, Any], wait: "Wait") -> Pulled:
        """Ask once; return when something came or when the wait is over. Raises ChannelError.

        The bodies are kept before the cursor is: what is asked for twice is kept once.
        """


class Speaks(Protocol):
    """What a provider has besides, whose channels answer."""

    def send(self, settings: Mapping[str, Any], message: Outbound) -> str:
        """Hand one message over; the provider's number of it. Raises ChannelError."""


class Wait:
    """How long to wait for something to come, and whether it is time to end: `over` is set at shutdown."""

    def __init__(self, seconds: float, over: threading.Event) -> None:
        self.seconds = seconds
        self.over = over
        self._closers: list[Any] = []

    def closes(self, closer: Any) -> None:
        """Say what to call when the end comes in the middle: a way to cut the connection."""
        self._closers.append(closer)

    def cut(self) -> None:
        """End the waiting: called from another thread."""
        self.over.set()
        for closer in self._closers:
            closer()


def optional(provider: Provider, name: str) -> Any:
    """A part that not every provider has: SETTINGS, pull, pulls, send, check, fetch; None where it is missing."""
    return getattr(provider, name, None)
