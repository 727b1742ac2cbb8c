"""One line of a log, taken apart as far as every program's lines are alike. Types and small readers only."""

import re
from datetime import datetime
from typing import Protocol, TypedDict, Unpack

from mailtrace.delivery.events import MAX_RAW, Event, EventKind, Line, ServerTrust
from mailtrace.records import Struct
from mailtrace.transport.types import TLSInfo


class SaidOfTransport(TypedDict, total=False):
    """What a line, or one that belongs to it, says of TLS: fields of `Event`."""

    tls: TLSInfo | None
    encrypted: bool | None
    tls_line: int | None
    server_trust: ServerTrust | None


class Said(SaidOfTransport, total=False):
    """What a line says beyond its time and its place: fields of `Event`."""

    sender: str | None
    recipient: str | None
    original_recipient: str | None
    control: str | None
    queue_id: str | None
    next_queue_id: str | None
    previous_queue_id: str | None
    message_id: str | None
    peer: str | None
    of_client: bool
    of_all: bool
    folder: str | None
    status: str | None
    reply: str | None
    delay_seconds: float | None
    delays: tuple[float, float, float, float] | None
    subject: str | None
    size: int | None
    taken_for: int | None


class Entry(Struct, frozen=True, kw_only=True):
    """A line: when, which machine, which program, and what it says."""

    time: datetime | None
    host: str | None
    program: str
    """`postfix/smtp`, `dovecot`."""
    pid: str | None
    message: str
    source: Line
    raw: str

    def event(self, kind: EventKind, **fields: Unpack[Said]) -> Event:
        """Make an event of this line."""
        return Event(kind=kind, time=self.time, host=self.host, source=self.source, raw=self.raw, **fields)


class Program(Protocol):
    """Reads what one program writes into syslog. May remember a little of a process from one line to the next."""

    def wants(self, service: bytes, message: bytes) -> bool:
        """Tell cheaply whether the line may say something; `service`: the last part of the program's name."""

    def events(self, entry: Entry, service: str) -> tuple[Event, ...]:
        """Return the events of a line."""

    def breaks_off(self, service: bytes, message: bytes) -> bool:
        """See `LineReader`."""


def decode(line: bytes) -> str:
    """Read a line as text; octets that are no UTF-8 become U+FFFD."""
    return line.decode("utf-8", "replace")


def raw_text(line: bytes) -> str:
    """Return what is kept of a line."""
    return decode(line[: MAX_RAW * 4].rstrip(b"\r\n"))[:MAX_RAW]


def mailbox(text: str) -> str:
    """Return an address as `Event.sender` has it: without its brackets; the null sender is `<>`.

    >>> mailbox("<ann@example.com>"), mailbox("<>"), mailbox("bob")
    ('ann@example.com', '<>', 'bob')
    """
    if text.startswith("<") and text.endswith(">") and len(text) > 2:
        return text[1:-1]
    return text or "<>"


_NAMED = re.compile(r"<[^<>]+>")


def named(message_id: str | None) -> str | None:
    """Return a Message-ID as it is compared, with its brackets; None for an empty one.

    Logs copy the field as it came: some programs send it without brackets, others with a comment behind.

    >>> named("AbC@example.com"), named("<AbC@example.com> (added by relay)"), named("<>")
    ('<AbC@example.com>', '<AbC@example.com>', None)
    """
    text = (message_id or "").strip()
    if found := _NAMED.search(text):
        return found[0]
    bare = text.removeprefix("<").removesuffix(">").strip()
    if not bare:
        return None
    return f"<{bare}>" if len(bare.split()) == 1 else text  # as written, where nothing tells what it should be


def number(text: str | None) -> float | None:
    """Read a decimal number; None where it is none.

    >>> number("0.07"), number("1e9"), number("")
    (0.07, None, None)
    """
    if not text or len(text) > 15 or not text.isascii() or not text.replace(".", "", 1).isdigit():
        return None
    return float(text)


def whole(text: str | None) -> int | None:
    """Read a whole number; None where it is none."""
    return int(text) if text and len(text) <= 15 and text.isascii() and text.isdigit() else None
