"""Mailboxes of the mbox family, RFC 4155 appendix A: many messages in one file, each behind a `From ` line.

Four dialects differ in how a line of a body that begins with `From ` is kept apart: mboxo and mboxrd put a `>` before
it, mboxcl and mboxcl2 say in Content-Length how far the body goes. A length is believed where a separator, or the end,
stands where it leads; else separators are looked for. Octets are never changed: a `>` stays where it was put.

One pass, forward only, so that it works on a pipe as well; what is kept is a few hundred octets and, while a length
waits to be confirmed, the places of the separators passed on the way.
"""

import re
from collections.abc import Iterator

from mailtrace.patterns import lazy
from mailtrace.records import Mutable, Struct, field
from mailtrace.sources.kinds import OPENING, SEPARATOR

LOOK_AHEAD = 512
"""Octets that a separator takes up at the most."""
MAX_PENDING = 100_000
"""Separators remembered while a Content-Length waits to be confirmed; one that passes over more is not believed."""
_HEADER_LIMIT = 1 << 16
"""Octets of a header section in which Content-Length is looked for."""
_LENGTH = lazy(rb"\nContent-Length:[ \t]{0,8}(\d{1,15})[ \t]{0,8}\r?\n", re.IGNORECASE)
_LINE_END = lazy(rb"\r?\n")
_GAP = lazy(rb"(?:\r?\n){0,4}")
"""What may stand between the end that a Content-Length names and the separator."""


class Extent(Struct, frozen=True):
    """Where a message stands in the stream: behind its `From ` line, to the blank line before the next."""

    start: int
    end: int


class Splitter(Mutable):
    """Finds the messages of a mailbox that is fed to it chunk by chunk."""

    _window: bytes = b""
    _offset: int = 0
    """Where in the stream the window begins."""
    _start: int | None = None
    """Where the message begins that is being read; None before the first."""
    _searched: int = 0
    """Up to where separators were looked for."""
    _header: bytearray | None = None
    """The header section so far, while its end is looked for."""
    _claimed: int | None = None
    """Where the message ends by its Content-Length, which is not confirmed yet."""
    _pending: list[Extent] = field(default_factory=list)
    """Separators passed on the way there: the end of a message, and the start of the next."""

    def feed(self, chunk: bytes) -> Iterator[Extent]:
        """Give the messages that are known to end in what was fed so far."""
        self._window += chunk
        yield from self._scan(last=False)
        self._forget(self._offset + len(self._window) - LOOK_AHEAD)

    def finish(self) -> Iterator[Extent]:
        """Give what is left when the stream has ended."""
        yield from self._scan(last=True)
        end = self._offset + len(self._window)
        claimed, self._claimed = self._claimed, None
        # A length that leads to the very end, but for the blank line that mailboxes add, is confirmed by it.
        if claimed is not None and claimed <= end and not self._at(claimed, end).strip(b"\r\n"):
            self._pending.clear()
            end = claimed
        else:
            yield from self._release()
            end -= self._blank_line(end)
        if self._start is not None:
            yield Extent(self._start, max(self._start, end))
            self._start = None

    def needed_from(self) -> int:
        """Return where in the stream the message begins that is being read."""
        return self._offset if self._start is None else self._start

    def _scan(self, *, last: bool) -> Iterator[Extent]:
        if self._start is None and not self._begin(last=last):
            return
        limit = self._offset + len(self._window) - (0 if last else LOOK_AHEAD)
        while True:
            self._read_header()
            begun = self._start
            yield from self._confirm(limit, last=last)
            if self._start != begun:
                continue  # the next message may have a length of its own
            found = self._next_separator(limit)
            if found is None:
                return
            if self._claimed is not None and found.end < self._claimed:
                self._pending.append(found)
                if len(self._pending) >= MAX_PENDING:
                    yield from self.disbelieve()
                continue
            yield from self._end_at(found)

    def disbelieve(self) -> Iterator[Extent]:
        """Give the messages that a Content-Length holds back which is not confirmed: it may lead anywhere."""
        self._claimed = None
        yield from self._release()

    def _begin(self, *, last: bool) -> bool:
        """Read the first line of the mailbox; where it is destroyed, the first message begins with what is left."""
        if len(self._window) < LOOK_AHEAD and not last:
            return False
        line = OPENING.match(self._window)
        self._open(line.end() if line is not None else 0)
        return True

    def _open(self, start: int) -> None:
        self._start, self._searched = start, max(0, start - 1)
        self._header, self._claimed = bytearray(b"\n"), None

    def _end_at(self, found: Extent) -> Iterator[Extent]:
        assert self._start is not None
        yield Extent(self._start, found.end)
        self._open(found.start)

    def _next_separator(self, limit: int) -> Extent | None:
        """Return the next separator behind a blank line: where the message before it ends, and the next begins."""
        while (at := self._window.find(b"\nFrom ", self._searched - self._offset)) >= 0:
            if self._offset + at >= limit:
                self._searched = self._offset + at
                return None
            self._searched = self._offset + at + 1
            blank = self._blank_line(self._searched)
            if blank and SEPARATOR.match(self._window, at + 1):
                line = _LINE_END.search(self._window, at + 1)
                assert line is not None
                return Extent(self._offset + line.end(), self._searched - blank)
        self._searched = max(self._searched, min(limit, self._offset + len(self._window)) - len(b"\nFrom "))
        return None

    def _blank_line(self, end: int) -> int:
        """Return the octets of the blank line that ends here; 0 if none does."""
        before = self._window[max(0, end - self._offset - 4) : end - self._offset]
        if before.endswith(b"\r\n\r\n"):
            return 2
        return 1 if before.endswith(b"\n\n") else 0

    def _read_header(self) -> None:
        """Look for Content-Length, once the header section is there."""
        if self._header is None or self._start is None:
            return
        have = self._start + len(self._header) - 1
        self._header += self._at(have, self._start + _HEADER_LIMIT)
        end = re.search(rb"\n\r?\n", self._header)
        if end is None:
            if len(self._header) >= _HEADER_LIMIT:
                self._header = None
            return
        length = _LENGTH.search(self._header, 0, end.start() + 1)
        if length is not None:
            self._claimed = self._start + end.end() - 1 + int(length[1])
        self._header = None

    def _confirm(self, limit: int, *, last: bool) -> Iterator[Extent]:
        """Believe a Content-Length, or not, once what it leads to is there."""
        claimed = self._claimed
        if claimed is None or claimed >= limit or (last and not self._at(claimed, limit).strip(b"\r\n")):
            return
        self._claimed = None
        if claimed >= self._offset:
            ahead = self._window[claimed - self._offset : claimed - self._offset + LOOK_AHEAD]
            gap = _GAP.match(ahead)
            behind = gap.end() if gap else 0
            if SEPARATOR.match(ahead, behind):
                line = _LINE_END.search(ahead, behind)
                assert line is not None
                self._pending.clear()
                yield from self._end_at(Extent(claimed + line.end(), claimed))
                return
        yield from self._release()

    def _release(self) -> Iterator[Extent]:
        """Take the separators that were passed for separators after all."""
        pending, self._pending = self._pending, []
        searched = self._searched
        for found in pending:
            yield from self._end_at(found)
            self._header = None  # its length, if it had one, is not looked at: the mailbox's lengths are wrong
        self._searched = max(self._searched, searched)

    def _at(self, start: int, end: int) -> bytes:
        return self._window[max(0, start - self._offset) : max(0, end - self._offset)]

    def _forget(self, limit: int) -> None:
        """Drop what was searched, but for what a separator or a length could still need."""
        keep = min(self._searched, limit) - 8
        if self._header is not None and self._start is not None:
            keep = min(keep, self._start + len(self._header) - 1)
        cut = max(0, min(keep - self._offset, len(self._window)))
        self._window = self._window[cut:]
        self._offset += cut
