"""Scan: the lines of a log that hold one of a few needles, read in blocks and never kept.

As fast as `grep -F` would be, within a small factor: a block is searched as octets, and only the lines
that hold a needle are ever split off. Whoever wants to know what time the log covers is shown the blocks as they pass.
"""

import codecs
import re
from collections.abc import Callable, Iterable, Iterator

from mailtrace.delivery.logs import MAX_LINE
from mailtrace.delivery.opening import LogFile, octets
from mailtrace.records import Struct

BLOCK = 1 << 17
"""Octets that are read at once: few enough to stay in a processor's cache, and in what malloc has at hand."""
CONTEXT = 1 << 16
"""Octets before a line in which earlier lines of its process are looked for."""
MAX_BEFORE = 6
MAX_CARRY = 4 << 20
"""Octets without a line end that are held; a line that is longer is cut."""
_FEW = 48
"""Needles that are searched one by one; more are looked up among the words of the block."""
_PROCESS = re.compile(rb"\[\d{1,10}\]: ")
_WORDS = re.compile(rb"[0-9A-Za-z-]{5,64}")

Watcher = Callable[[bytes], int]
"""Is shown each block of whole lines, and returns how many line ends it has."""


class Needles(Struct, frozen=True):
    """What is looked for."""

    exact: tuple[bytes, ...] = ()
    folded: tuple[bytes, ...] = ()
    """In lower case: case does not matter."""

    @classmethod
    def of(cls, exact: Iterator[str] | tuple[str, ...], folded: tuple[str, ...] = ()) -> "Needles":
        """Make needles of texts."""
        return cls(
            tuple(sorted({text.encode("utf-8", "surrogateescape") for text in exact if text})),
            tuple(sorted({text.casefold().encode("utf-8", "surrogateescape") for text in folded if text})),
        )

    def __bool__(self) -> bool:
        return bool(self.exact or self.folded)


class Hit(Struct, frozen=True):
    """A line that holds a needle."""

    number: int
    """1 = first."""
    line: bytes
    before: tuple[bytes, ...]
    """The last lines that the same process wrote before it, oldest first: what they say of TLS belongs to this one."""


def hits(
    log: LogFile, needles: Needles, watcher: Watcher | None = None, counts: list[int] | None = None
) -> Iterator[Hit]:
    """Give the lines that hold a needle. Raises what reading the file raises.

    `counts`: the lines of each block, filled by the first reading of a log, and used by the next ones.
    """
    number, earlier = 1, b""
    counts = [] if counts is None else counts
    for at, block in enumerate(_blocks(log)):
        seen = watcher(block) if watcher is not None else None
        if at == len(counts):
            counts.append(block.count(b"\n") if seen is None else seen)
        for counted, start in _numbered(block, _starts(block, needles), number):
            line = _line(block, start)
            yield Hit(counted, line, _before(earlier, block, start, line))
        number += counts[at]
        earlier = block


class Seen(Struct, frozen=True):
    """A line, in its place."""

    number: int
    """1 = first."""
    line: bytes
    start: int
    """Where it begins in its block."""
    block: bytes
    earlier: bytes
    """The block before."""

    def before(self) -> tuple[bytes, ...]:
        """Return the last lines that the same process wrote before it, oldest first."""
        return _before(self.earlier, self.block, self.start, self.line)


def lines(log: LogFile, starts: Callable[[bytes], Iterable[int]], watcher: Watcher) -> Iterator[Seen]:
    """Give the lines of each block that `starts` names by where they begin, in order.

    Raises what reading the file raises.
    """
    number, earlier = 1, b""
    for block in _blocks(log):
        ends = watcher(block)
        for counted, start in _numbered(block, sorted(starts(block)), number):
            yield Seen(counted, _line(block, start), start, block, earlier)
        number += ends
        earlier = block


def show(log: LogFile, watcher: Callable[[bytes], object]) -> None:
    """Show every block of a log, and look for nothing. Raises what reading the file raises."""
    for block in _blocks(log):
        watcher(block)


def every(log: LogFile) -> Iterator[bytes]:
    """Give every line of a log. Raises what reading the file raises."""
    for block in _blocks(log):
        yield from (line[:MAX_LINE] for line in block.split(b"\n"))


def _numbered(block: bytes, starts: Iterable[int], number: int) -> Iterator[tuple[int, int]]:
    """Give the number of the line that begins at each place; `number`: of the block's first."""
    place = 0
    for start in starts:
        number += block.count(b"\n", place, start)
        place = start
        yield number, start


def _line(block: bytes, start: int) -> bytes:
    end = block.find(b"\n", start)
    end = end if end >= 0 else len(block)
    if block[start : start + 1] == b"\0":
        # What a crash leaves: octets that were never written, and the next line behind them.
        start = end - len(block[start:end].lstrip(b"\0"))
    return block[start : min(end, start + MAX_LINE)].rstrip(b"\r")


def _before(earlier: bytes, block: bytes, start: int, line: bytes) -> tuple[bytes, ...]:
    """Find the last lines of the same process (`postfix/smtp[123]:`)."""
    tag = _PROCESS.search(line[:200])
    if tag is None:
        return ()
    text = block[max(0, start - CONTEXT) : start]
    if start < CONTEXT:
        text = earlier[-CONTEXT:] + text
    found: list[bytes] = []
    at = len(text)
    while len(found) < MAX_BEFORE and (at := text.rfind(tag[0], 0, at)) >= 0:
        found.append(_line(text, text.rfind(b"\n", 0, at) + 1))
    return tuple(reversed(found))


def _starts(block: bytes, needles: Needles) -> list[int]:
    """Find where the lines begin that hold a needle, in order."""
    starts: set[int] = set()
    exact = needles.exact
    if len(exact) > _FEW:
        plain = [needle for needle in exact if _WORDS.fullmatch(needle)]
        present = set(plain).intersection(_WORDS.findall(block))
        exact = (*sorted(present), *(needle for needle in exact if not _WORDS.fullmatch(needle)))
    for needle in exact:
        find_lines(block, block, needle, starts)
    if needles.folded:
        lower = block.lower()
        for needle in needles.folded:
            find_lines(lower, block, needle, starts)
    return sorted(starts)


def find_lines(searched: bytes, block: bytes, needle: bytes, starts: set[int]) -> None:
    """Add the places where lines begin that hold a needle; `searched`: the block, or the block in lower case."""
    at = searched.find(needle)
    while at >= 0:
        starts.add(block.rfind(b"\n", 0, at) + 1)
        end = block.find(b"\n", at)
        if end < 0:
            return
        at = searched.find(needle, end)


def _blocks(log: LogFile) -> Iterator[bytes]:
    """Give the log as blocks of whole lines, decoded to UTF-8 where it is something else."""
    with octets(log) as file:
        decoder = codecs.getincrementaldecoder(log.encoding)("replace") if log.encoding else None
        carry = b""
        while True:
            chunk = file.read(BLOCK)
            ended = not chunk
            if decoder is not None:
                chunk = decoder.decode(chunk, final=ended).encode()
            if ended:
                yield carry + chunk
                return
            cut = chunk.rfind(b"\n") + 1
            if cut:
                # Copied once: at this speed it is felt.
                yield b"".join((carry, memoryview(chunk)[:cut]))
                carry = chunk[cut:]
            elif len(carry) < MAX_CARRY:
                carry += chunk
            # Of a line longer than that, only the beginning is of use.
