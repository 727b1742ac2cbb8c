"""Encoded words, RFC 2047, read as well as they can be; never inside an address (§5 rule 3)."""

import binascii
import codecs
from collections.abc import Iterator

from mailtrace.patterns import lazy

# encoded-word = "=?" charset "?" encoding "?" encoded-text "?=" (RFC 2047 §2). The text should have no blanks and 75
# characters at the most; both happen in the wild. The bounds keep the search linear.
_WORD = lazy(r"=\?([!->@-~]{1,64})\?([bBqQ])\?([^?]{0,1024})\?=")

_QUOTED = lazy(rb"=([0-9A-Fa-f]{2})")

# Codecs that Python counts as text, and that no mail uses: slow on hostile input, or not a character set at all.
_REFUSED = frozenset({"idna", "punycode", "raw-unicode-escape", "unicode-escape", "undefined", "mbcs", "oem"})


def decode_words(value: str) -> str:
    """Decode the encoded words of an unstructured value; what does not decode stays as written.

    >>> decode_words("=?utf-8?q?caf=C3=A9?= =?utf-8?b?IQ==?= now")
    'café! now'
    """
    if "=?" not in value:
        return replace_surrogates(value)
    return replace_surrogates("".join(_decoded(value)))


def replace_surrogates(text: str) -> str:
    """Put U+FFFD for octets that were not valid in their charset."""
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _decoded(value: str) -> Iterator[str]:
    """Give the value in pieces; adjacent words of one charset are joined first, as a character may be split (§6.3)."""
    at, pending, charset = 0, b"", ""
    for match in _WORD.finditer(value):
        octets = _octets(match[2], match[3])
        between = value[at : match.start()]
        joined = pending and not between.strip(" \t")
        # RFC 2231 §5 appends a language to the charset: =?utf-8*en?q?...?=
        named = match[1].partition("*")[0].lower()
        if pending and not (joined and named == charset):
            yield _text(pending, charset)
            pending = b""
        if not joined:
            yield between
        pending, charset, at = pending + octets, named, match.end()
    if pending:
        yield _text(pending, charset)
    yield value[at:]


def _octets(encoding: str, text: str) -> bytes:
    octets = text.encode("utf-8", "surrogateescape")
    if encoding in "qQ":
        return _QUOTED.sub(lambda match: bytes([int(match[1], 16)]), octets.replace(b"_", b" "))
    try:
        return binascii.a2b_base64(octets + b"=" * (-len(octets) % 4))
    except binascii.Error:
        return octets


def _text(octets: bytes, charset: str) -> str:
    try:
        name = codecs.lookup(charset).name
        text = octets.decode("utf-8" if name in _REFUSED else name, "replace")
        # UTF-7 and the like can spell half of a pair, which is no character.
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    except (LookupError, ValueError):
        return octets.decode("utf-8", "replace")
