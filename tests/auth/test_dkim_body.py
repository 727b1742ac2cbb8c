"""The streamed body against a naive one, against dkimpy, and against bodies made to be slow."""

import hashlib
import itertools

import pytest
from dkim.canonicalization import Relaxed, Simple
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mailtrace.auth.dkim_body import BodyHash, BodyHashes, LineReading, line_readings, wire_chunks
from mailtrace.auth.dkim_words import Canonicalization
from mailtrace.message.types import LineEnding
from tests.auth.dkim_signing import _body

SIMPLE, RELAXED = Canonicalization.SIMPLE, Canonicalization.RELAXED


class Pieces:
    """A body that comes in given pieces, and counts how often it is read."""

    def __init__(self, *pieces):
        self.pieces = pieces
        self.read = 0

    @property
    def size(self):
        return sum(map(len, self.pieces))

    def chunks(self, _size=65536):
        self.read += 1
        yield from self.pieces


class Long:
    """The same, said to be too long to be held as a whole."""

    size = 1 << 30

    def __init__(self, body):
        self.chunks = body.chunks


def hashed(body, canonicalization, length=None, reading=LineReading.AS_FOUND):
    """Hash a body as a short one and as a stream: two ways to the same."""
    wanted = BodyHash(canonicalization, "sha256", length)
    whole, streamed = (BodyHashes(each).get(reading, wanted) for each in (body, Long(body)))
    assert whole == streamed
    return whole


def sha256(octets):
    return hashlib.sha256(octets).digest()


CASES = [
    # as found, simple (RFC 6376 §3.4.3), relaxed (§3.4.4)
    (b"", b"\r\n", b""),
    (b"\r\n", b"\r\n", b""),
    (b"\r\n\r\n\r\n", b"\r\n", b""),
    (b" ", b" \r\n", b""),
    (b" \t\r\n\t \r\n", b" \t\r\n\t \r\n", b""),
    (b"a", b"a\r\n", b"a\r\n"),
    (b"a\r\n\r\n", b"a\r\n", b"a\r\n"),
    (b" C \r\nD \t E\r\n\r\n\r\n", b" C \r\nD \t E\r\n", b" C\r\nD E\r\n"),  # the example of RFC 6376 §3.4.5
    (b"a\r\n\r\nb", b"a\r\n\r\nb\r\n", b"a\r\n\r\nb\r\n"),
    (b"a \r\n \r\n", b"a \r\n \r\n", b"a\r\n"),
    (b"a\r\n  ", b"a\r\n  \r\n", b"a\r\n"),
    (b"a\r", b"a\r\r\n", b"a\r\r\n"),
    (b"a\rb\nc\r\n", b"a\rb\nc\r\n", b"a\rb\nc\r\n"),
    (b"a \n\r\n", b"a \n\r\n", b"a \n\r\n"),
    (b"a\x0b \x0c\x00\r\n", b"a\x0b \x0c\x00\r\n", b"a\x0b \x0c\x00\r\n"),
    (b"a\r\n\r\r\n\n\r\n", b"a\r\n\r\r\n\n\r\n", b"a\r\n\r\r\n\n\r\n"),
]


@pytest.mark.parametrize(("body", "simple", "relaxed"), CASES)
def test_rfc6376_3_4_canonical_forms(body, simple, relaxed):
    for pieces in ((body,), tuple(bytes([octet]) for octet in body)):
        for canonicalization, expected in ((SIMPLE, simple), (RELAXED, relaxed)):
            found = hashed(Pieces(*pieces), canonicalization)
            assert (found.digest, found.octets) == (sha256(expected), len(expected))


bodies = st.lists(st.sampled_from([b"a", b" ", b"\t", b"\r", b"\n", b"\r\n", b"\r\n\r\n", b" \r\n", b"."]), max_size=24)


@settings(max_examples=150)
@given(bodies)
@example([b"a", b" ", b"\r", b"\n", b" "])
def test_the_pieces_it_comes_in_do_not_matter(pieces):
    whole = b"".join(pieces)
    for canonicalization in (SIMPLE, RELAXED):
        for reading in LineReading:
            assert hashed(Pieces(*pieces), canonicalization, reading=reading) == hashed(
                Pieces(whole), canonicalization, reading=reading
            )
        lines = whole.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        naive = _body(lines, canonicalization.value)
        assert hashed(Pieces(*pieces), canonicalization, reading=LineReading.NORMALIZED).digest == sha256(naive)


@settings(max_examples=150)
@given(bodies)
def test_dkimpy_agrees_but_for_blanks_before_a_missing_last_line_end(pieces):
    body = b"".join(pieces)
    assert hashed(Pieces(body), SIMPLE).digest == sha256(Simple.canonicalize_body(body) or b"\r\n")
    # RFC 6376 §3.4.4(a): blanks at the end of a line go even if no CRLF follows. dkimpy 1.1.8 keeps one.
    if not body.endswith((b" ", b"\t")):
        assert hashed(Pieces(body), RELAXED).digest == sha256(Relaxed.canonicalize_body(body))


@settings(max_examples=100)
@given(bodies, st.integers(0, 30))
def test_rfc6376_3_5_l_hashes_the_beginning(pieces, length):
    body = b"".join(pieces)
    whole = _body(body.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), "relaxed")
    found = hashed(Pieces(*pieces), RELAXED, length, LineReading.NORMALIZED)
    assert (found.digest, found.octets) == (sha256(whole[:length]), len(whole))


@pytest.mark.parametrize("seen", [lambda body: body, Long], ids=["short", "long"])
def test_the_body_is_read_once_for_all_that_is_wanted(seen):
    body = Pieces(b"a b\r\n", b"c  d\r\n")
    hashes = BodyHashes(seen(body))
    wanted = [BodyHash(c, d, n) for c in (SIMPLE, RELAXED) for d in ("sha1", "sha256") for n in (None, 0, 3, 7, 99)]
    hashes.want(*wanted)
    found = [hashes.get(LineReading.AS_FOUND, each) for each in wanted]
    assert body.read == 1
    assert [each.digest for each in found] == [
        hashlib.new(w.digest, _body(b"a b\r\nc  d\r\n", w.canonicalization.value)[: w.length]).digest() for w in wanted
    ]


@pytest.mark.parametrize(
    ("unit", "end"),
    [(b" ", b"x"), (b"\t ", b"\r\n"), (b"\r\n", b"x"), (b"\r", b"\n"), (b" \r\n", b""), (b"\n\r", b""), (b"a ", b"")],
)
@pytest.mark.parametrize("canonicalization", [SIMPLE, RELAXED])
def test_work_grows_with_the_length_alone(unit, end, canonicalization):
    """RFC 6376 §3.4.4 invites quadratic matching: ten million octets of it must simply come to an end."""
    piece = unit * 32768
    times = 10_000_000 // len(piece)

    class Slow(Pieces):
        def chunks(self, _size=65536):
            yield from (piece for _ in range(times))
            yield end

    assert hashed(Slow(), canonicalization).octets <= times * len(piece) + len(end) + 2


@pytest.mark.parametrize(
    ("ending", "readings"),
    [
        (LineEnding.CRLF, (LineReading.AS_FOUND,)),
        (LineEnding.NONE, (LineReading.AS_FOUND,)),
        (LineEnding.LF, (LineReading.NORMALIZED,)),
        (LineEnding.MIXED, (LineReading.AS_FOUND, LineReading.NORMALIZED)),
    ],
)
def test_readings_of_line_ends(ending, readings):
    assert line_readings(ending) == readings


def test_no_chunk_parts_cr_from_lf():
    body = Pieces(b"a\r", b"\nb\r", b"c", b"\r", b"\r", b"\n", b"\r")
    for reading in LineReading:
        chunks = list(wire_chunks(body, reading))
        assert b"".join(chunks) == b"a\r\nb\rc\r\r\n\r"
        assert not any(
            first.endswith(b"\r") and second.startswith(b"\n") for first, second in itertools.pairwise(chunks)
        )
