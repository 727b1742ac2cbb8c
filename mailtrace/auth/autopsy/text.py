"""The body as lines, and the hashes of what it would be without some of them.

A body of n lines has n beginnings. Each is hashed as the one before it goes on: the running hash is copied where a cut
is to be tried (RFC 6376 §3.4.3, §3.4.4: canonicalization works line by line, but for the empty lines at the end).
"""

import io
import re
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from itertools import accumulate

from mailtrace.auth.autopsy.budget import Budget
from mailtrace.auth.dkim_body import CRLF, BodyHash, compressed, hash_of_lines, replaced
from mailtrace.auth.dkim_words import Canonicalization
from mailtrace.digests import Hash, digest_of, hash_named
from mailtrace.records import Struct

Piece = slice | bytes
"""Lines of the body as it stands, or octets in their place."""

Draft = tuple[Piece, ...]
"""A body as it may have been."""

Key = tuple[tuple[int, int] | bytes, ...]


def key_of(draft: Draft) -> Key:
    """Return a draft as something that can be remembered."""
    return tuple((piece.start, piece.stop) if isinstance(piece, slice) else piece for piece in draft)


_PIECES = 8
_MARKS = 400
"""Places in a body at which its running hash is kept, at the most."""
_STRIDE = 4096
"""Octets between two of them, at the least: they are hashed about as fast as a hash is copied and put away."""


def canonical_octets(octets: bytes, canonicalization: Canonicalization) -> bytes:
    """Canonicalize lines, all but the empty ones at the end of a body; every line ends in CRLF after it."""
    if octets and not octets.endswith(CRLF):
        octets += CRLF
    if canonicalization is Canonicalization.SIMPLE or (b" " not in octets and b"\t" not in octets):
        return octets
    return replaced(compressed(octets), b" \r\n", CRLF)


def has_whole_ends(octets: bytes) -> bool:
    """Tell whether no CR and no LF stands alone."""
    # What the standard library reads text files with notes which line ends it saw: four times as fast as to count them.
    ends = io.IncrementalNewlineDecoder(None, translate=False)
    ends.decode(octets.decode("latin-1"), final=True)
    return ends.newlines in (None, "\r\n")


def split_lines(octets: bytes, *, whole_ends: bool | None = None) -> list[bytes]:
    """Split at CRLF, which stays with its line; the last may lack it. `whole_ends`: where that is known already."""
    if has_whole_ends(octets) if whole_ends is None else whole_ends:
        return octets.splitlines(keepends=True)  # in C, and the same where no CR or LF stands alone
    *lines, last = octets.split(CRLF)
    whole = [line + CRLF for line in lines]
    return [*whole, last] if last else whole


class Lines(Struct, frozen=True, eq=False):
    """A text and its lines."""

    octets: bytes
    each: list[bytes]
    starts: list[int]
    """Where each begins, and the last ends."""


def lines_of(octets: bytes, *, whole_ends: bool) -> Lines:
    """Take a text apart."""
    each = split_lines(octets, whole_ends=whole_ends)
    return Lines(octets, each, [0, *accumulate(map(len, each))])


_RUN = 1024
"""Lines that are canonicalized at once."""


def _canonical(lines: Lines, canonicalization: Canonicalization) -> tuple[bytes, list[int]]:
    """Return a text canonicalized, and where each of its lines begins there.

    Most lines of a long body are base64, and stay as they are.
    """
    pieces, starts = list[bytes](), [0]
    for at in range(0, len(lines.each), _RUN):
        run = lines.starts[at : at + _RUN + 1]
        octets = lines.octets[run[0] : run[-1]]
        piece = canonical_octets(octets, canonicalization)
        if piece is not octets:
            starts += [starts[-1] + length for length in accumulate(map(len, split_lines(piece)))]
        elif (moved := starts[-1] - run[0]) == 0:
            starts += run[1:]
        else:
            starts += [start + moved for start in run[1:]]
        pieces.append(piece)
    return b"".join(pieces), starts


class BodyText:
    """The lines of a body with their canonical form, for one way of hashing it."""

    def __init__(self, lines: Lines, wanted: BodyHash, budget: Budget, head: Iterator[bytes] | None = None) -> None:
        """`head`: lines before these that are hashed as they are."""
        self.lines = lines.each
        self._has_head = head is not None
        self.wanted = wanted
        self._budget = budget
        self._octets, self._starts = _canonical(lines, wanted.canonicalization)
        self._empty: dict[int, int] = {}
        """Runs of empty lines that were met: how many lines are before the end of each, and before its beginning."""
        self._states: dict[int, Hash] = {0: hash_of_lines(head, wanted.canonicalization, wanted.digest)} if head else {}
        self._states.setdefault(0, hash_named(wanted.digest))
        self._at = [0]
        self._pieces: dict[bytes, bytes] = {}
        self._behind: dict[tuple[object, ...], Hash] = {}
        self._digests: dict[Key, bytes] = {}

    def _state(self, cut: int) -> Hash | None:
        """Return the running hash over the first `cut` lines."""
        if len(self._at) == 1:
            self._lay_marks()
        if cut not in self._states:
            near = self._at[bisect_right(self._at, cut) - 1]
            state = self._running(near, cut)
            if state is None:
                return None
            self._states[cut] = state
            insort(self._at, cut)
        return self._states[cut]

    def _lay_marks(self) -> None:
        """Keep the running hash here and there, in one pass: no beginning is far from one that is kept."""
        whole = len(self._octets)
        stride = max(_STRIDE, whole // _MARKS)
        at = 0
        for octets in range(stride, whole, stride):
            mark = bisect_left(self._starts, octets)
            state = self._running(at, mark)
            if state is None:
                return
            self._states[mark] = state
            at = mark
        self._at = sorted(self._states)

    def _content(self, cut: int) -> int:
        """Return how many of the first `cut` lines are left without the empty ones at their end."""
        known = next((begin for end, begin in self._empty.items() if begin <= cut <= end), None)
        if known is not None:
            return known
        begin = cut
        while begin and self._lines(begin - 1, begin) == CRLF:
            begin = self._empty.get(begin - 1, begin - 1)
        self._empty[cut] = begin
        return begin

    def _running(self, start: int, stop: int) -> Hash | None:
        octets = self._lines(start, stop)
        if not self._budget.work(len(octets)):
            return None
        state = self._states[start].copy()
        state.update(octets)
        return state

    def digest(self, draft: Draft, key: Key) -> bytes | None:
        """Hash a draft as the signature would, each once; None if the budget does not allow it."""
        if key not in self._digests:
            digest = self._digest(draft)
            if digest is None:
                return None
            self._digests[key] = digest
        return self._digests[key]

    def _digest(self, draft: Draft) -> bytes | None:
        first = draft[0] if draft else slice(0, 0)
        if self.wanted.length is None and isinstance(first, slice) and not first.start:
            return self._digest_from(first.stop, draft[1:])
        if not self._pay(draft):
            return None
        octets = _without_empty_end(self._join(draft), self.wanted.canonicalization)
        if not self._budget.hash(len(octets)):
            return None
        return digest_of(self.wanted.digest, octets[: self.wanted.length])

    def _pay(self, pieces: Draft) -> bool:
        """Pay for what was recoded: it has been read and written to get here."""
        return self._budget.work(3 * sum(len(piece) for piece in pieces if isinstance(piece, bytes)))

    def _digest_from(self, cut: int, pieces: Draft) -> bytes | None:
        """Hash the first `cut` lines and what follows them."""
        shared = _shared(pieces)
        if not self._pay(pieces[shared:]):
            return None
        if shared and (rest := _stripped(self._join(pieces[shared:]))):
            state = self._state_behind(cut, pieces[:shared])
            return None if state is None else self._ended(state, rest)
        rest = _stripped(self._join(pieces))
        cut = cut if rest else self._content(cut)
        if not rest and not cut and not self._has_head:
            # RFC 6376 §3.4.3 makes a CRLF of an empty body, §3.4.4 leaves it empty.
            rest = b"" if self.wanted.canonicalization is Canonicalization.RELAXED else CRLF
        state = self._state(cut)
        return None if state is None else self._ended(state, rest)

    def _ended(self, state: Hash, rest: bytes) -> bytes | None:
        if not self._budget.hash(len(rest)):
            return None
        state = state.copy()
        state.update(rest)
        return state.finalize()

    def _state_behind(self, cut: int, pieces: Draft) -> Hash | None:
        """Return the running hash over the first `cut` lines and pieces with which many drafts go on."""
        key = (cut, *key_of(pieces))
        if key not in self._behind:
            state = self._state(cut)
            octets = self._join(pieces)
            if state is None or not self._budget.work(4 * len(octets)):
                return None
            self._behind[key] = state.copy()
            self._behind[key].update(octets)
        return self._behind[key]

    def _join(self, draft: Draft) -> bytes:
        return b"".join(
            [
                self._lines(piece.start, piece.stop) if isinstance(piece, slice) else self._canonical_piece(piece)
                for piece in draft
            ]
        )

    def _lines(self, start: int, stop: int) -> bytes:
        """Return canonical lines."""
        return self._octets[self._starts[start] : self._starts[stop]]

    def _canonical_piece(self, piece: bytes) -> bytes:
        """Canonicalize a piece; of long ones the last few are kept, for they come again."""
        if len(piece) < _WORTH_SHARING:
            return canonical_octets(piece, self.wanted.canonicalization)
        if piece not in self._pieces:
            if len(self._pieces) >= _PIECES:
                del self._pieces[next(iter(self._pieces))]
            self._pieces[piece] = canonical_octets(piece, self.wanted.canonicalization)
        return self._pieces[piece]

    def octets(self, draft: Draft) -> bytes:
        """Return a draft as it would stand on the wire."""
        return b"".join(b"".join(self.lines[p]) if isinstance(p, slice) else p for p in draft)


_WORTH_SHARING = 1 << 12


def _shared(pieces: Draft) -> int:
    """Return how many pieces there are up to the long lines in which many drafts begin alike; 0 without any."""
    for number, piece in enumerate(pieces[:-1], 1):
        if not isinstance(piece, bytes):
            return 0
        if len(piece) >= _WORTH_SHARING and piece.endswith(CRLF):
            return number
    return 0


# CRLFs at the end, found from behind so that the search is linear.
_LINE_ENDS_REVERSED = re.compile(rb"(?:\n\r)*")


def _stripped(octets: bytes) -> bytes:
    """Take away the empty lines at the end, and leave the end of the last line."""
    if len(octets) > len(CRLF) and octets.endswith(CRLF) and not octets.endswith(CRLF + CRLF):
        return octets
    # Only whole CRLFs are empty lines: a lone CR or LF is an octet of its line.
    tail = octets[len(octets.rstrip(CRLF)) :][::-1]
    ends = _LINE_ENDS_REVERSED.match(tail)
    content = octets[: len(octets) - (ends.end() if ends else 0)]
    return content + CRLF if content else b""


def _without_empty_end(octets: bytes, canonicalization: Canonicalization) -> bytes:
    return _stripped(octets) or (b"" if canonicalization is Canonicalization.RELAXED else CRLF)
