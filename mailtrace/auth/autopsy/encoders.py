"""Transfer encodings (RFC 2045 §6) and encoded words (RFC 2047) as common programs write them.

To undo a recoding the first form has to be met to the octet, so each encoder here is one habit: where lines are cut,
what is encoded that need not be.
"""

import base64
import binascii
import quopri
import re
from collections.abc import Iterator
from functools import lru_cache

from mailtrace.auth.autopsy.text import has_whole_ends
from mailtrace.auth.dkim_body import CRLF, replaced

_ALL_PLAIN = re.compile(rb"[\t\x20-\x3c\x3e-\x7e]*\Z")
_QUOTED_OCTETS = [
    bytes([octet]) if octet == 9 or (0x20 <= octet <= 0x7E and octet != 0x3D) else b"=%02X" % octet
    for octet in range(256)
]


def decoded(octets: bytes, encoding: bytes) -> bytes | None:
    """Decode the content of a part; None for an encoding that is not known."""
    if encoding == b"quoted-printable":
        return quopri.decodestring(octets)
    if encoding == b"base64":
        try:
            return base64.b64decode(b"".join(octets.split()))
        except binascii.Error:
            return None
    return octets if encoding in (b"7bit", b"8bit", b"binary") else None


Coded = tuple[bytes, bytes]
"""Lines in which many forms begin, and those in which each goes on."""


def encodings(head: bytes, rest: bytes) -> Iterator[tuple[bytes, Coded]]:
    """Yield a content as it may have been encoded: the name of the encoding, and the lines.

    `head`: whole lines that are tried with many a `rest`, and are encoded once for each way of encoding.
    """
    wire = _known_wire(head), on_the_wire(rest)
    bare = _known_bare(head), wire[1].replace(CRLF, b"\n")
    yield b"8bit", wire
    for text in dict.fromkeys(((head, rest), wire, bare)):
        yield b"base64", _base64(*text, 76)
    for width, words in ((76, False), (76, True), (73, False)):
        yield b"quoted-printable", (_known_lines(wire[0], width, words), quoted_printable(wire[1], width, words=words))
    yield b"base64", _base64(*wire, 72)
    yield b"base64", _base64(*wire, 64)


def on_the_wire(text: bytes) -> bytes:
    """Return a text with every line end as CRLF."""
    return replaced(replaced(text, CRLF, b"\n"), b"\n", CRLF)


@lru_cache(maxsize=4)
def _known_wire(head: bytes) -> bytes:
    wire = on_the_wire(head)
    return head if wire == head else wire


@lru_cache(maxsize=4)
def _known_bare(head: bytes) -> bytes:
    return replaced(_known_wire(head), CRLF, b"\n")


def _base64(head: bytes, rest: bytes, width: int) -> Coded:
    """Encode so much of the head as fills its lines, and what is left of it with the rest."""
    whole = len(head) - len(head) % (width // 4 * 3)
    return _known_base64(head, whole, width), base64_lines(head[whole:] + rest, width)


@lru_cache(maxsize=16)
def _known_base64(head: bytes, whole: int, width: int) -> bytes:
    return base64_lines(head[:whole], width)


@lru_cache(maxsize=16)
def _known_lines(head: bytes, width: int, words: bool) -> bytes:
    return quoted_printable(head, width, words=words)


def base64_lines(octets: bytes, width: int) -> bytes:
    """Encode with lines of a width (RFC 2045 §6.8: 76 at the most)."""
    coded = base64.b64encode(octets)
    return CRLF.join([*[coded[at : at + width] for at in range(0, len(coded), width)], b""])


def quoted_printable(text: bytes, width: int, *, words: bool) -> bytes:
    """Encode lines, RFC 2045 §6.7: cut where they are full, or behind the last blank before that."""
    if not has_whole_ends(text):  # a CR or LF that ends no line is an octet of it
        # The same lines are encoded again and again: with each text that is cut off, once more.
        return CRLF.join([_known_line(line, width, words) for line in text.split(CRLF)])
    for octet in sorted(set(text.translate(None, _PLAIN_OR_END)), key=_after_equals):
        text = replaced(text, bytes((octet,)), _QUOTED_OCTETS[octet])
    # Rule 3: no blank at the end of a line.
    for blank, coded in ((b" ", b"=20"), (b"\t", b"=09")):
        text = replaced(text, blank + CRLF, coded + CRLF)
        text = text[:-1] + coded if text.endswith(blank) else text
    return CRLF.join([_cut_to(line, width, words) if len(line) > width else line for line in text.split(CRLF)])


_PLAIN_OR_END = bytes((9, 10, 13, *range(0x20, 0x3D), *range(0x3E, 0x7F)))


def _after_equals(octet: int) -> bool:
    return octet != 0x3D  # the others bring equals signs with them


def _quoted_line(line: bytes, width: int, words: bool) -> bytes:
    if not line:
        return line
    if not _ALL_PLAIN.match(line):
        line = b"".join(map(_QUOTED_OCTETS.__getitem__, line))
    # RFC 2045 §6.7 rule 3: no blank at the end of a line.
    if line[-1] in b" \t":
        line = line[:-1] + b"=%02X" % line[-1]
    return _cut_to(line, width, words)


def _cut_to(line: bytes, width: int, words: bool) -> bytes:
    """Cut a coded line where it is full; no cut goes through the three octets of one that is encoded."""
    pieces, start = [], 0
    while len(line) - start > width:
        cut = start + width - 1
        if words and (blank := line.rfind(b" ", start, cut)) > start:
            cut = blank + 1
        else:
            while line[cut - 1 : cut] == b"=" or line[cut - 2 : cut - 1] == b"=":
                cut -= 1
        pieces.append(line[start:cut] + b"=" + CRLF)
        start = cut
    return b"".join(pieces) + line[start:]


_SHORT = 998
_remembered = lru_cache(maxsize=2048)(_quoted_line)


def _known_line(line: bytes, width: int, words: bool) -> bytes:
    return (_remembered if len(line) <= _SHORT else _quoted_line)(line, width, words)


WORD_ENCODINGS = (("UTF-8", "B"), ("utf-8", "q"), ("UTF-8", "Q"), ("utf-8", "b"), ("utf-8", "Q"), ("utf-8", "B"))
"""Charset and encoding as programs write them, the commonest first."""

LATIN_ENCODINGS = (("iso-8859-1", "q"), ("ISO-8859-1", "Q"), ("iso-8859-1", "Q"), ("ISO-8859-1", "B"))

_SAFE_IN_Q = re.compile(rb"[^A-Za-z0-9!*+/-]")
_MAX_WORD = 75

MAX_TEXT = 1000
"""Characters of a text that is encoded otherwise."""


def encoded_words(text: str, charset: str, encoding: str) -> bytes:
    """Encode a text as RFC 2047 words of at most 75 characters, cut between characters (§2, §5)."""
    room = _MAX_WORD - len(f"=?{charset}?{encoding}??=")
    head = f"=?{charset}?{encoding}?".encode()
    words, pending, length = [], bytearray(), 0
    for char in text:
        octets = char.encode(charset, "replace")
        longer = 4 * ((len(pending) + len(octets) + 2) // 3) if encoding in "bB" else length + _q_length(octets)
        if pending and longer > room:
            words.append(bytes(pending))
            pending.clear()
            longer = 4 if encoding in "bB" else _q_length(octets)
        pending += octets
        length = longer
    words.append(bytes(pending))
    return b" ".join(head + _encode(word, encoding) + b"?=" for word in words)


_Q_OCTETS = [
    b"_" if octet == 0x20 else b"=%02X" % octet if _SAFE_IN_Q.match(bytes([octet])) else bytes([octet])
    for octet in range(256)
]


def _q_length(octets: bytes) -> int:
    return sum(len(_Q_OCTETS[octet]) for octet in octets)


def _encode(octets: bytes, encoding: str) -> bytes:
    return base64.b64encode(octets) if encoding in "bB" else b"".join(map(_Q_OCTETS.__getitem__, octets))


@lru_cache(maxsize=32)
def word_forms(text: str) -> tuple[bytes, ...]:
    """Return a text as it may have stood in a field; a text that is too long to have been in one word is left alone.

    Remembered, as every signature of a message asks the same.
    """
    return tuple(_word_forms(text)) if len(text) <= MAX_TEXT else ()


def _word_forms(text: str) -> Iterator[bytes]:
    """In words of one kind, as it is, or in words only where needed."""
    for charset, encoding in WORD_ENCODINGS[:4]:
        yield encoded_words(text, charset, encoding)
    yield text.encode("utf-8", "replace")
    for charset, encoding in WORD_ENCODINGS[:3]:
        yield _in_part(text, charset, encoding)
    for charset, encoding in WORD_ENCODINGS[4:]:
        yield encoded_words(text, charset, encoding)
    if _fits(text, "iso-8859-1"):
        for charset, encoding in LATIN_ENCODINGS:
            yield encoded_words(text, charset, encoding)


def _in_part(text: str, charset: str, encoding: str) -> bytes:
    """Encode only from the first word that needs it to the last."""
    words = text.split(" ")
    needed = [at for at, word in enumerate(words) if not word.isascii()] or [0]
    first, last = needed[0], needed[-1] + 1
    coded = encoded_words(" ".join(words[first:last]), charset, encoding)
    around = [" ".join(words[:first]).encode(), coded, " ".join(words[last:]).encode()]
    return b" ".join(piece for piece in around if piece)


def _fits(text: str, charset: str) -> bool:
    try:
        text.encode(charset)
    except UnicodeEncodeError:
        return False
    return True
