"""Exim's own files, mainlog and rejectlog: a time, and what `exim.py` reads; a rejectlog quotes the header as well."""

import re
from collections.abc import Sequence
from datetime import datetime

from mailtrace.delivery.events import Event, Line
from mailtrace.delivery.logs import Clock, LineReader, Writer
from mailtrace.delivery.logs.entries import Entry, decode, raw_text
from mailtrace.delivery.logs.exim import ID, LONGEST, STAMP, Exim
from mailtrace.delivery.logs.times import Times

_RECOGNISED = re.compile(r"(?:\[\d+(?:\.\d+)?\] )?" + ID + r" (?:<=|=>|->|\*\*|==|Completed)")
_REJECT_LINE = re.compile(
    r"(?:\[\d+(?:\.\d+)?\] )?(?:"
    + ID
    + r" )?(?:H=|U=)\S.* rejected |.*Start queue run: pid=|.*End queue run: pid=|.*exim \d+\.\d+ daemon started"
)
_QUOTED = re.compile(rb"\s*$|\s|[A-Z*] [\w-]+:|Envelope-(?:from|to): |-{5,}")


class EximReader:
    """Reads a mainlog or a rejectlog."""

    marks = (b" X=",)
    """See `SendingReader`."""

    def __init__(self, name: str, clock: Clock) -> None:
        self._name = name
        self._times = Times(clock)
        self._exim = Exim()
        self.year_inferred = False

    begins_with_time = True
    """See `LineReader`."""

    def is_line(self, line: bytes) -> bool:
        """See `LineReader`; a rejectlog quotes the envelope and the header."""
        return self._times.read(line[:64]) is not None or _QUOTED.match(line) is not None

    def breaks_off(self, line: bytes) -> bool:
        """See `LineReader`."""
        return self._exim.breaks_off(b"", line)

    def time_of(self, line: bytes) -> datetime | None:
        """See `LineReader`."""
        found = self._times.read(line[:64])
        return found[0] if found else None

    def read(self, line: bytes, number: int) -> tuple[Event, ...]:
        """See `LineReader`."""
        if not self._exim.wants(b"", line):
            return ()
        found = self._times.read(line[:64])
        if found is None:
            return ()
        time, end = found
        message = decode(line[end + 1 : LONGEST].rstrip(b"\r\n"))
        source = Line(name=self._name, line=number)
        entry = Entry(
            time=time, host=None, program="exim", pid=None, message=message, source=source, raw=raw_text(line)
        )
        return self._exim.events(entry, "exim")

    def writer(self, line: bytes) -> Writer | None:
        """See `SendingReader`."""
        del line
        return Writer(host=None, program="exim", kind=EximFormat.kind)

    def passes(self, line: bytes) -> bool:
        """See `SendingReader`: no line depends on another, but that it has `X=` counts."""
        return b" X=" not in line

    def knows(self, line: bytes) -> bool:
        """See `SendingReader`."""
        return self.is_line(line)

    def shows_tls(self, line: bytes, events: Sequence[Event]) -> bool:
        """See `SendingReader`."""
        del line
        return any(event.tls is not None for event in events)


class EximFormat:
    """Exim's own files."""

    kind = "exim-log"

    def recognises(self, sample: Sequence[bytes]) -> bool:
        """See `LogFormat`."""
        return any(_is_exim(line[:1000]) for line in sample)

    def reader(self, name: str, sample: Sequence[bytes], clock: Clock) -> LineReader:
        """See `LogFormat`."""
        del sample
        return EximReader(name, clock)


def _is_exim(line: bytes) -> bool:
    text = decode(line)
    stamp = STAMP.match(text)
    if stamp is None:
        return False
    rest = text[stamp.end() :]
    return _RECOGNISED.match(rest) is not None or _REJECT_LINE.match(rest) is not None
