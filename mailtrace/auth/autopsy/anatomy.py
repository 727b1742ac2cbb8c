"""The message under examination, as it was on the wire: fields, lines of the body, and its parts."""

from collections.abc import Iterator
from functools import cached_property
from itertools import chain

from mailtrace.auth.autopsy.encoders import decoded, on_the_wire
from mailtrace.auth.autopsy.mime import Part, structure
from mailtrace.auth.autopsy.text import Lines, has_whole_ends, lines_of
from mailtrace.auth.dkim_body import CRLF, LineReading, wire_chunks
from mailtrace.message.types import Body, HeaderField, LineEnding, Message
from mailtrace.records import Struct, replace

MAX_BODY = 4 * 1024 * 1024
"""Octets of a body that is taken apart; of a longer one only the end is looked at."""

TAIL = 256 * 1024
"""Octets of that end."""


class HeldBody:
    """A body in memory."""

    def __init__(self, octets: bytes) -> None:
        self.octets = octets

    @property
    def size(self) -> int:
        """Octets."""
        return len(self.octets)

    def chunks(self, size: int = 65536) -> Iterator[bytes]:
        """Read from the beginning."""
        for at in range(0, len(self.octets), size):
            yield self.octets[at : at + size]


class WireBody:
    """A body too long to be held, read as it was on the wire."""

    def __init__(self, body: Body, reading: LineReading) -> None:
        self._body = body
        self._reading = reading

    @property
    def size(self) -> int:
        """Octets, as they stand in the file."""
        return self._body.size

    def chunks(self, size: int = 65536) -> Iterator[bytes]:
        """Read from the beginning; the pieces may be larger than `size`."""
        del size
        return wire_chunks(self._body, self._reading)


class SplicedBody:
    """The beginning of one body, and other octets behind it."""

    def __init__(self, body: Body, head: int, tail: bytes) -> None:
        self._body = body
        self._head = head
        self._tail = tail

    @property
    def size(self) -> int:
        """Octets."""
        return self._head + len(self._tail)

    def chunks(self, size: int = 65536) -> Iterator[bytes]:
        """Read from the beginning; the pieces may be larger than `size`."""
        yield from beginning(self._body, self._head, size)
        yield self._tail


def beginning(body: Body, length: int, size: int = 65536) -> Iterator[bytes]:
    """Read the first octets of a body."""
    for chunk in body.chunks(size):
        yield chunk[:length]
        length -= len(chunk)
        if length <= 0:
            return


class Anatomy(Struct, frozen=True, kw_only=True, dict=True, gc=True):
    """One message in wire form."""

    message: Message
    """With CRLF at the end of every line of its fields."""
    head: int
    """Octets of the body that are too many to be taken apart: whole lines, the last not empty."""
    octets: bytes
    """The rest of the body, most often all of it."""
    body_line: int
    """Line of the file on which that rest begins."""

    @cached_property
    def text(self) -> Lines:
        """The body and its lines."""
        return lines_of(self.octets, whole_ends=self.whole_ends)

    @cached_property
    def whole_ends(self) -> bool:
        """No CR and no LF of the body stands alone."""
        return has_whole_ends(self.octets)

    @property
    def lines(self) -> list[bytes]:
        """The lines of the body."""
        return self.text.each

    @cached_property
    def tree(self) -> Part:
        """The parts."""
        fields = {
            field.name.lower().encode("ascii", "replace"): field.raw
            for field in reversed(self.message.fields)
            if field.name.lower().startswith("content-")
        }
        return structure(self.text, fields)

    @cached_property
    def leaves(self) -> tuple[Part, ...]:
        """The parts that hold text or files."""
        return tuple(self.tree.leaves())

    @property
    def work(self) -> int:
        """What it costs to take the body apart, in octets of the budget: each line costs about what sixty octets do."""
        ends = self.octets.count(b"\n" if self.whole_ends else CRLF)  # one octet is counted in half the time
        return self.head + 3 * len(self.octets) + 60 * ends

    @property
    def head_octets(self) -> Iterator[bytes]:
        """Read what is not taken apart."""
        return beginning(self.message.body, self.head)

    def place(self, part: Part) -> str:
        """Name a part; where the beginning is not known, parts cannot be counted."""
        return "body" if part is self.tree or self.head else f"body part {self.leaves.index(part) + 1}"

    def readable(self, lines: slice) -> bytes:
        """Return lines as a reader sees them: those of an encoded part decoded."""
        pieces, at = [], lines.start
        for leaf in self.leaves:
            begin, end = max(leaf.body.start, at), min(leaf.body.stop, lines.stop)
            if begin < end and leaf.encoding in (b"base64", b"quoted-printable"):
                coded = b"".join(self.lines[begin:end])
                pieces += [b"".join(self.lines[at:begin]), decoded(coded, leaf.encoding) or coded]
                at = end
        return b"".join([*pieces, b"".join(self.lines[at : lines.stop])])


def anatomy(message: Message, reading: LineReading) -> Anatomy:
    """Bring a message into the form it had on the wire."""
    fields = message.fields
    if reading is LineReading.NORMALIZED:
        fields = tuple(replace(field, raw=on_the_wire(field.raw)) for field in fields)
    last = message.fields[-1] if message.fields else None
    wire = WireBody(message.body, reading)
    head, lines, octets = (0, 0, b"".join(wire.chunks())) if message.body.size <= MAX_BODY else _tail(wire)
    body = wire if head else HeldBody(octets)
    return Anatomy(
        message=replace(message.with_fields(fields), body=body, line_ending=LineEnding.CRLF),
        head=head,
        octets=octets,
        body_line=(last.line + last.raw.count(b"\n") + 1 if last else 1) + lines,
    )


def _tail(body: Body) -> tuple[int, int, bytes]:
    """Return the end of a long body, from behind a line with content, and what was before: its octets and its lines.

    Where lines are so long, or so empty, that no place for the cut is near, the whole is left as it is.
    """
    head, lines, held, chunks = 0, 0, b"", body.chunks()
    for chunk in chunks:
        held += chunk
        if len(held) > 2 * TAIL and (cut := _behind_content(held, len(held) - TAIL)):
            head, lines, held = head + cut, lines + held.count(b"\n", 0, cut), held[cut:]
        elif len(held) > 4 * TAIL:
            rest = [(len(more), more.count(b"\n")) for more in chain((held,), chunks)]
            return head + sum(size for size, _ in rest), lines + sum(ends for _, ends in rest), b""
    return head, lines, held


def _behind_content(octets: bytes, end: int) -> int:
    """Return the place behind the last line before `end` that has content; 0 if there is none near by."""
    for _ in range(100):
        at = octets.rfind(CRLF, 0, end)
        if at < 0:
            return 0
        if octets[at - 1 : at].strip():
            return at + len(CRLF)
        end = at
    return 0


def altered(message: Message, edits: dict[int, bytes | None], added: tuple[bytes, ...], body: Body | None) -> Message:
    """Return the message with fields exchanged, taken away or put at the foot of the header, and another body."""
    fields = [
        field if field.index not in edits else _renamed(field, raw)
        for field in message.fields
        if (raw := edits.get(field.index, field.raw)) is not None
    ]
    foot = max((field.index for field in message.fields), default=0) + 1
    fields += [
        _renamed(HeaderField(name="", raw=raw, value="", index=foot + at, line=0), raw) for at, raw in enumerate(added)
    ]
    return replace(message.with_fields(tuple(fields)), body=body or message.body)


def _renamed(field: HeaderField, raw: bytes) -> HeaderField:
    name, _, value = raw.partition(b":")
    text = b" ".join(value.split()).decode("utf-8", "surrogateescape")
    return replace(field, raw=raw, name=name.rstrip(b" \t").decode("ascii", "replace"), value=text)
