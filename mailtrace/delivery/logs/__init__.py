"""Server logs: one module a dialect, each a `LogFormat`; which one a file is, its lines say.

A log may be of many gigabytes and is read more than once, so a reader never keeps anything of a line but what the next
lines need to be read at all (the header of a CSV file, the year that classic syslog leaves out).
"""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Protocol, runtime_checkable

from mailtrace.delivery.events import Event
from mailtrace.records import Struct

MAX_LINE = 1 << 16
"""Octets of a line that are read; what is longer is cut."""
SAMPLE = 200
"""Lines that are looked at to tell what a file is."""


class Clock(Struct, frozen=True, kw_only=True):
    """What a log leaves out of its times."""

    zone: tzinfo
    """Of times without one."""
    newest: datetime
    """The time of the file (or of the last line, where that is known): a time without a year is the last such time
    before it, with a day of slack."""


class LineReader(Protocol):
    """Reads the lines of one file, in their order. Stateless between lines, but for what `LogFormat.reader` took."""

    @property
    def begins_with_time(self) -> bool:
        """Whether all lines do."""

    def is_line(self, line: bytes) -> bool:
        """Tell whether a line begins as one of this log; an empty one does."""

    def breaks_off(self, line: bytes) -> bool:
        """Tell whether a line of this log lacks its end. Only where that is sure: many have no fixed end."""

    def time_of(self, line: bytes) -> datetime | None:
        """Return the time of a line (UTC); None for a line without one. Cheap: it is called for coverage."""

    def read(self, line: bytes, number: int) -> tuple[Event, ...]:
        """Return the events of a line, usually none or one. Never raises; a line that is broken gives nothing."""


@runtime_checkable
class SharedReader(Protocol):
    """A `LineReader` of logs in which programs write that have nothing to do with mail."""

    def speaks_at(self, line: bytes) -> datetime | None:
        """Return the time of a line of a program that takes or delivers mail; None for any other line. Cheap."""


class Writer(Struct, frozen=True, kw_only=True):
    """One program of one machine: what it writes at all, it writes of everything that it does."""

    host: str | None
    """None where the log is one machine's own."""
    program: str
    """`postfix/smtp`, `exim`."""
    kind: str
    """Whose program that is, in the words of `LogFormat.kind`."""


@runtime_checkable
class SendingReader(Protocol):
    """A `LineReader` of logs in which a server may say that it sent under TLS, and may be set up not to say it."""

    @property
    def marks(self) -> tuple[bytes, ...]:
        """What stands in the lines that have to be read, in order, for TLS to be joined to what was sent."""

    def writer(self, line: bytes) -> Writer | None:
        """Say who wrote a line; None where that is no server that sends, or not the part of it that does."""

    def passes(self, line: bytes) -> bool:
        """Take notice of a line that is not asked for, as far as the next ones need it; False: it has to be read."""

    def knows(self, line: bytes) -> bool:
        """Tell whether a line is of a form that its writer is known to write; what is not may be a broken one."""

    def shows_tls(self, line: bytes, events: Sequence[Event]) -> bool:
        """Tell whether the line shows that its writer writes of the TLS that it has; `events`: what the line gave."""


class LogFormat(Protocol):
    """A dialect of logs."""

    @property
    def kind(self) -> str:
        """`postfix-log`, `exim-log`, ...: as in `coverage[].kind`."""

    def recognises(self, sample: Sequence[bytes]) -> bool:
        """Tell whether the first lines of a file are of this dialect."""

    def reader(self, name: str, sample: Sequence[bytes], clock: Clock) -> LineReader:
        """Return a reader for one file; `sample`: its first lines, which are read again."""
