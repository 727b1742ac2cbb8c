"""The parts of a body by their boundaries, RFC 2046 §5.1: which lines are whose. Nothing is decoded here.

Not a MIME parser: what cannot be told by the delimiter lines alone is left as one part.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import cached_property

from mailtrace.auth.autopsy.text import Lines
from mailtrace.records import Struct

MAX_DEPTH = 4
MAX_PARTS = 40
"""Parts of one multipart that are told apart."""
MAX_HEADER = 200
"""Lines of a part's header."""

_TYPE = re.compile(rb"[ \t\r\n]*([A-Za-z0-9.+-]{1,60})/([A-Za-z0-9.+-]{1,80})")
_BOUNDARY = re.compile(
    rb';[ \t\r\n]{0,80}boundary[ \t]{0,8}=[ \t]{0,8}(?:"([^"\r\n]{1,200})"|([^\s;"]{1,200}))', re.IGNORECASE
)
_FIELD = re.compile(rb"(content-[a-z-]{1,40}):", re.IGNORECASE)


class Part(Struct, frozen=True, kw_only=True, dict=True, gc=True):
    """A part: ranges of lines of the whole body."""

    first: int
    """Its delimiter line; 0 for the whole body."""
    body: slice
    """Its content, without delimiter lines."""
    fields: dict[bytes, bytes]
    """Its Content fields as they stand, by lower-case name."""
    parts: tuple["Part", ...] = ()
    close: int | None = None
    """The line of its closing delimiter, if it has parts and one was found."""

    @cached_property
    def type(self) -> bytes:
        """`text/plain`, lower case; what RFC 2045 §5.2 says where nothing does."""
        return media_type(self.fields.get(b"content-type", b""))

    @cached_property
    def encoding(self) -> bytes:
        """The transfer encoding, lower case (RFC 2045 §6.1)."""
        value = self.fields.get(b"content-transfer-encoding", b"").partition(b":")[2]
        return value.strip().lower() or b"7bit"

    def leaves(self) -> Iterator["Part"]:
        """Yield the parts that hold text or files, first to last."""
        if not self.parts:
            yield self
        for part in self.parts:
            yield from part.leaves()


def media_type(content_type: bytes) -> bytes:
    """Return the type that a Content-Type field names, lower case; without one the default of RFC 2045 §5.2."""
    match = _TYPE.match(content_type.partition(b":")[2])
    return b"/".join(match.groups()).lower() if match else b"text/plain"


def boundary_of(content_type: bytes) -> bytes | None:
    """Return the boundary that a Content-Type field names."""
    match = _BOUNDARY.search(content_type)
    return (match[1] or match[2]) if match else None


def structure(text: Lines, fields: dict[bytes, bytes]) -> Part:
    """Find the parts of a body whose own Content fields are given."""
    return _part(text, 0, slice(0, len(text.each)), fields, 0)


def _part(text: Lines, first: int, body: slice, fields: dict[bytes, bytes], depth: int) -> Part:
    part = Part(first=first, body=body, fields=fields)
    boundary = boundary_of(fields.get(b"content-type", b""))
    if boundary is None or depth >= MAX_DEPTH or not part.type.startswith(b"multipart/"):
        return part
    delimiters, close = _delimiters(text, body, boundary)
    if not delimiters:
        return part
    ends = [*delimiters[1:], body.stop if close is None else close]
    parts = tuple(_child(text, at, end, depth) for at, end in zip(delimiters, ends, strict=True))
    return Part(first=first, body=body, fields=fields, parts=parts, close=close)


def _delimiters(text: Lines, body: slice, boundary: bytes) -> tuple[list[int], int | None]:
    delimiter = b"--" + boundary
    found: list[int] = []
    for number in _beginning(text, body, delimiter):
        rest = text.each[number][len(delimiter) :].rstrip()
        if rest == b"--":
            return found, number
        if not rest and len(found) < MAX_PARTS:
            found.append(number)
    return found, None


def _beginning(text: Lines, body: slice, delimiter: bytes) -> Iterator[int]:
    """Yield the lines that begin with a delimiter: of the tens of thousands that a body has, a handful."""
    if body.start < body.stop and text.each[body.start].startswith(delimiter):
        yield body.start
    end = text.starts[body.stop]
    at = text.octets.find(b"\n" + delimiter, text.starts[body.start], end)
    while at >= 0:
        number = bisect_left(text.starts, at + 1)
        if text.starts[number] == at + 1:  # the LF ends a line, and no CR or LF stands alone there
            yield number
        at = text.octets.find(b"\n" + delimiter, at + 1, end)


def _child(text: Lines, at: int, end: int, depth: int) -> Part:
    lines, number, fields = text.each, at + 1, dict[bytes, bytes]()
    name = b""
    while number < min(end, at + MAX_HEADER) and lines[number].strip():
        line = lines[number]
        if line[:1] in b" \t" and name:
            fields[name] += line
        elif match := _FIELD.match(line):
            name = match[1].lower()
            fields.setdefault(name, line)
        else:
            name = b""
        number += 1
    begin = min(number + 1, end)
    return _part(text, at, slice(begin, end), fields, depth + 1)
