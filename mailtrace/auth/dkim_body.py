"""The body as a signature saw it: canonicalized (RFC 6376 §3.4.3, §3.4.4) and hashed as a stream.

A body is read once for all signatures that want it, never held, and the work grows with its length alone: a line of ten
million blanks costs what ten million letters cost.
"""

import re
from collections.abc import Iterable, Iterator
from enum import unique
from typing import NamedTuple

from mailtrace.auth.dkim_words import Canonicalization
from mailtrace.digests import Hash, digest_of, hash_named
from mailtrace.enums import StrEnum
from mailtrace.message.types import Body, LineEnding
from mailtrace.records import Struct

CRLF = b"\r\n"


@unique
class LineReading(StrEnum):
    """How the line ends of a file are taken for those on the wire."""

    AS_FOUND = "as-found"  # a line ends in CRLF; a lone LF is an octet of its line
    NORMALIZED = "normalized"  # every LF ends a line, and went over the wire as CRLF


def line_readings(line_ending: LineEnding) -> tuple[LineReading, ...]:
    """Return the readings that are legitimate for a file, the likelier first.

    Of a mixed file nobody can tell whether its lone LFs came over the wire or from an editor.
    """
    match line_ending:
        case LineEnding.LF:
            return (LineReading.NORMALIZED,)
        case LineEnding.MIXED:
            return (LineReading.AS_FOUND, LineReading.NORMALIZED)
        case _:
            return (LineReading.AS_FOUND,)


class BodyHash(NamedTuple):
    """What a signature wants to know of the body."""

    canonicalization: Canonicalization
    digest: str
    """`sha1` or `sha256`."""
    length: int | None
    """`l=`; None: the whole."""


class HashedBody(Struct, frozen=True, kw_only=True):
    """The answer."""

    digest: bytes
    octets: int
    """Length of the whole canonicalized body."""


class BodyHashes:
    """The body hashes of one message: wanted first, then computed in one pass over the body."""

    def __init__(self, body: Body) -> None:
        self._body = body
        self._wanted: dict[BodyHash, None] = {}
        self._known: dict[tuple[LineReading, BodyHash], HashedBody] = {}

    def want(self, *hashes: BodyHash) -> None:
        """Announce hashes that will be asked for."""
        self._wanted.update(dict.fromkeys(hashes))

    def remember(self, reading: LineReading, wanted: BodyHash, hashed: HashedBody) -> None:
        """Take a hash that is known already."""
        self._known[reading, wanted] = hashed

    def get(self, reading: LineReading, wanted: BodyHash) -> HashedBody:
        """Return a hash; the first call for a reading computes all that are wanted."""
        if (reading, wanted) not in self._known:
            self.want(wanted)
            missing = [each for each in self._wanted if (reading, each) not in self._known]
            for each, hashed in _hash(self._body, reading, missing):
                self._known[reading, each] = hashed
        return self._known[reading, wanted]


_SHORT = 1 << 16
"""Octets of a body that is held as a whole."""
_IN_PIECES = 1 << 18
"""Octets of a text that is taken to pieces."""


def _hash(body: Body, reading: LineReading, wanted: list[BodyHash]) -> Iterator[tuple[BodyHash, HashedBody]]:
    """Hash one reading of the body in all wanted ways: most bodies are short, a long one is read in one pass."""
    return (_hash_short if body.size <= _SHORT else _hash_long)(body, reading, wanted)


def _hash_short(body: Body, reading: LineReading, wanted: list[BodyHash]) -> Iterator[tuple[BodyHash, HashedBody]]:
    octets = b"".join(wire_chunks(body, reading))
    canonical: dict[Canonicalization, bytes] = {}
    for each in wanted:
        form = each.canonicalization
        if form not in canonical:
            canonical[form] = canonicalized(octets, form)
        digest = digest_of(each.digest, canonical[form][: each.length])
        yield each, HashedBody(digest=digest, octets=len(canonical[form]))


def _hash_long(body: Body, reading: LineReading, wanted: list[BodyHash]) -> Iterator[tuple[BodyHash, HashedBody]]:
    streams: dict[Canonicalization, _Canonicalizer] = {}
    taps: dict[tuple[Canonicalization, str], _Tap] = {}
    for each in wanted:
        streams.setdefault(each.canonicalization, _Canonicalizer(each.canonicalization))
        tap = taps.setdefault((each.canonicalization, each.digest), _Tap(each.digest))
        if each.length is not None:
            tap.cuts.append(each.length)
    for tap in taps.values():
        tap.cuts.sort(reverse=True)
    for lines in wire_chunks(body, reading):
        for canonicalization, stream in streams.items():
            _pour(stream.feed(lines), canonicalization, taps)
    for canonicalization, stream in streams.items():
        _pour(stream.close(), canonicalization, taps)
    for each in wanted:
        tap = taps[each.canonicalization, each.digest]
        yield each, HashedBody(digest=tap.digest(each.length), octets=tap.octets)


def _pour(
    pieces: Iterator[bytes], canonicalization: Canonicalization, taps: dict[tuple[Canonicalization, str], "_Tap"]
) -> None:
    for piece in pieces:
        for (wanted, _), tap in taps.items():
            if wanted is canonicalization:
                tap.update(piece)


class _Tap:
    """One running hash, of which the value at several lengths (`l=`) is kept."""

    def __init__(self, digest: str) -> None:
        self._hash = hash_named(digest)
        self._at: dict[int, bytes] = {}
        self.cuts: list[int] = []
        """Lengths still to come, the shortest last."""
        self.octets = 0

    def update(self, piece: bytes) -> None:
        rest = memoryview(piece)
        while self.cuts and self.cuts[-1] <= self.octets + len(rest):
            cut = self.cuts.pop()
            before, rest = rest[: cut - self.octets], rest[cut - self.octets :]
            self._hash.update(before)
            self.octets += len(before)
            self._at[cut] = self._hash.copy().finalize()
        self._hash.update(rest)
        self.octets += len(rest)

    def digest(self, length: int | None) -> bytes:
        """Return the hash of the first `length` octets; of all if there are fewer."""
        kept = None if length is None else self._at.get(length)
        return kept or self._hash.copy().finalize()


def wire_chunks(body: Body, reading: LineReading) -> Iterator[bytes]:
    """Yield the body as it was on the wire; no chunk ends between CR and LF."""
    held = b""
    for chunk in body.chunks():
        octets = held + chunk
        held = b"\r" if octets.endswith(b"\r") else b""
        octets = octets[: len(octets) - len(held)]
        if reading is LineReading.NORMALIZED:
            octets = octets.replace(CRLF, b"\n").replace(b"\n", CRLF)
        yield octets
    yield held


# CRLFs at the end of a chunk, found from behind so that the search is linear.
_LINE_ENDS_REVERSED = re.compile(rb"(?:\n\r)*")
_BLOCK = 1 << 15


def hash_of_lines(chunks: Iterable[bytes], canonicalization: Canonicalization, digest: str) -> Hash:
    """Return the running hash over canonicalized lines of which the last is not empty; more may follow.

    The chunks must not part CR from LF, and the last must end in CRLF.
    """
    running = hash_named(digest)
    stream = _Canonicalizer(canonicalization)
    for chunk in chunks:
        for piece in stream.feed(chunk):
            running.update(piece)
    running.update(CRLF)
    return running


def canonicalized(octets: bytes, canonicalization: Canonicalization) -> bytes:
    """Canonicalize a body as a whole, RFC 6376 §3.4.3 or §3.4.4."""
    is_relaxed = canonicalization is Canonicalization.RELAXED
    if is_relaxed and (b" " in octets or b"\t" in octets):
        octets = replaced(compressed(octets), b" \r\n", CRLF).removesuffix(b" ")
    held = len(_LINE_ENDS_REVERSED.match(_line_end_tail(octets))[0])  # type: ignore[index]  # it always matches
    content = octets[: len(octets) - held]
    # RFC 6376 §3.4.3 adds a CRLF even to an empty body, §3.4.4 leaves that empty.
    return content + CRLF if content or not is_relaxed else b""


class _Canonicalizer:
    """Feeds a body through RFC 6376 §3.4.3 or §3.4.4; chunks must not part CR from LF."""

    def __init__(self, canonicalization: Canonicalization) -> None:
        self._relaxed = canonicalization is Canonicalization.RELAXED
        self._blank = False
        """White space was seen, and it is not known yet whether its line goes on."""
        self._line_ends = 0
        """CRLFs held back: they count only if something follows."""
        self._empty = True

    def feed(self, lines: bytes) -> Iterator[bytes]:
        """Yield what is certain so far."""
        if self._relaxed:
            lines = self._reduce(lines)
        if not lines:
            return
        held = len(_LINE_ENDS_REVERSED.match(_line_end_tail(lines))[0]) // 2  # type: ignore[index]  # it always matches
        content = lines[: len(lines) - 2 * held]
        if content:
            yield from self._line_ends_before()
            yield content
            self._line_ends = 0
            self._empty = False
        self._line_ends += held

    def _line_ends_before(self) -> Iterator[bytes]:
        """Yield the CRLFs that were held back, in pieces."""
        whole, rest = divmod(self._line_ends, _BLOCK)
        for _ in range(whole):
            yield CRLF * _BLOCK
        yield CRLF * rest

    def _reduce(self, lines: bytes) -> bytes:
        """RFC 6376 §3.4.4(a): blanks at the end of a line go, all others become one."""
        # Most octets of mail are base64, which has none; to see that costs a tenth of what the rest does.
        if not self._blank and b" " not in lines and b"\t" not in lines:
            return lines
        lines = compressed(lines)
        if self._blank and lines:
            lines = lines if lines.startswith(b" ") else b" " + lines
            self._blank = False
        if lines.endswith(b" "):
            self._blank = True
            lines = lines[:-1]
        return replaced(lines, b" \r\n", CRLF)

    def close(self) -> Iterator[bytes]:
        """Yield the end: one CRLF, but nothing for a relaxed body without content."""
        # RFC 6376 §3.4.3 adds a CRLF even to an empty body, §3.4.4 leaves that empty.
        if not (self._relaxed and self._empty):
            yield CRLF


def compressed(lines: bytes) -> bytes:
    """Make one blank of every run of white space (RFC 6376 §3.4.4): fifty times as fast as by a pattern."""
    if b"\t" in lines:
        lines = lines.replace(b"\t", b" ")
    # Each turn halves the runs, so that all turns together cost about two.
    while b"  " in lines:
        lines = replaced(lines, b"  ", b" ")
    return lines


def replaced(octets: bytes, old: bytes, new: bytes) -> bytes:
    """Replace, where something may well be found: twice as fast as `bytes.replace`, which counts first."""
    # The pieces of a long text would take more memory than the text.
    return new.join(octets.split(old)) if len(octets) <= _IN_PIECES else octets.replace(old, new)


def _line_end_tail(lines: bytes) -> bytes:
    """Return the CRs and LFs at the end, last first."""
    return lines[len(lines.rstrip(CRLF)) :][::-1]
