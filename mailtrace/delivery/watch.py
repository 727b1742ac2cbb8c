"""Watch: what is learnt of a log as its blocks pass by: which time it covers, and how many of its lines are broken.

A line is broken if it does not begin as those of its log do: garbled, overwritten, glued, or from another log. Nearly
all lines of a block begin with the same few octets of the time, which are counted; the others are looked at one by
one. Of lines that begin well and break off, those are counted that name what is asked for (`breaks_off`).
"""

from collections.abc import Callable
from datetime import datetime

from mailtrace.delivery.coverage import SMALL, Sampler
from mailtrace.delivery.logs import LineReader, SharedReader
from mailtrace.delivery.opening import LogFile

_SHARED = 16
"""Octets of a time that lines of a block may have in common."""
MIN_SHARED = 3

_TEXT = bytes((*b"\t\n\r", *range(0x20, 0x7F), *range(0x80, 0x100)))
"""Octets of text; the controls are what is left."""

SHORT = 100
"""Octets within which the name of the program ends, and what it says begins."""

Noted = Callable[[datetime], None]
"""Is told about when a line was broken."""


def _is_text(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not line.translate(None, _TEXT)


def speaking(reader: LineReader) -> Callable[[bytes], datetime | None]:
    """Return what tells at which times a log speaks of mail: other programs' lines cover nothing."""
    return reader.speaks_at if isinstance(reader, SharedReader) else reader.time_of


class Watch:
    """Looks at the blocks of one log."""

    def __init__(self, log: LogFile, noted: Noted | None = None) -> None:
        """Take the log; nothing is read."""
        self.sampler = Sampler(speaking(log.reader), log.size, any_time_of=log.reader.time_of)
        self._reader = log.reader
        # The rows of a table begin with anything: of a large one, only those that are looked at anyhow can be told.
        self._looks = log.reader.begins_with_time or log.size <= SMALL
        self._noted = noted
        self._broken = 0
        self._off: set[int] = set()

    @property
    def broken_lines(self) -> int:
        """Return how many lines are broken, as far as is known."""
        return self._broken + len(self._off)

    def __call__(self, block: bytes) -> int:
        """Look at a block of whole lines; return how many line ends it has."""
        self.sampler(block)
        ends = block.count(b"\n")
        if self._looks:
            shared = self._shared(block)
            begun = block.count(b"\n" + shared) + 1 if shared is not None else 0
            if begun != ends + (not block.endswith(b"\n")):
                self._each(block, shared)
            if self._noted is not None:
                within = shared if shared is not None and block.count(shared) > begun else None
                self._tell(block, within, self._noted)
        return ends

    def off(self, line: bytes, number: int) -> None:
        """Take note of a line that names what is asked for and says nothing: it may break off."""
        is_line = self._reader.is_line(line)
        is_counted = self._looks and not is_line
        if is_counted or (is_line and not self._reader.breaks_off(line)):
            return
        self._off.add(number)
        if self._noted is not None and (time := self._reader.time_of(line)) is not None:
            self._noted(time)

    def _shared(self, block: bytes) -> bytes | None:
        """Return what the first and the last line have in common, where that is part of their time."""
        if not self._reader.begins_with_time:
            return None
        first = block[: block.find(b"\n") + 1]
        end = len(block) - block.endswith(b"\n")
        last = block[block.rfind(b"\n", 0, end) + 1 : end]
        if not self._reader.is_line(first) or self._reader.time_of(last) is None:
            return None
        length = next((at for at in range(_SHARED) if first[at : at + 1] != last[at : at + 1]), _SHARED)
        return first[:length] if length >= MIN_SHARED else None

    def _tell(self, block: bytes, within: bytes | None, noted: Noted) -> None:
        """Tell about lines that begin well and are broken: with octets that are no text, cut early, or two in one.

        `within`: how a line begins, where that stands within lines as well.
        """
        is_text = block.isascii() and not block.translate(None, _TEXT)
        before = b""
        for line in block.split(b"\n"):
            is_short = len(line) < SHORT and b": " not in line[15:] and line
            may_be_two = within is not None and line.find(within, 1) > 0
            is_broken = not (is_text or _is_text(line)) or ((is_short or may_be_two) and self._reader.breaks_off(line))
            if is_broken and (time := self._reader.time_of(line) or self._reader.time_of(before)) is not None:
                noted(time)
            before = line or before

    def _each(self, block: bytes, shared: bytes | None) -> None:
        before: bytes | None = None
        for line in block.split(b"\n"):
            if (shared is not None and line.startswith(shared)) or self._reader.is_line(line):
                before = line
                continue
            self._broken += 1
            if self._noted is not None and before is not None and (time := self._reader.time_of(before)) is not None:
                self._noted(time)
