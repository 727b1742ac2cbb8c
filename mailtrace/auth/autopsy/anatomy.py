"""The message under examination, as it was on the wire: fields, lines of the body, and its parts."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from mailtrace.auth.autopsy.encoders import decoded
from mailtrace.auth.autopsy.mime import Part, structure
from mailtrace.auth.autopsy.text import split_lines
from mailtrace.auth.dkim_body import CRLF, LineReading, wire_chunks
from mailtrace.message.types import Body, HeaderField, LineEnding, Message

MAX_BODY = 4 * 1024 * 1024
"""Octets of a body that is taken apart; of a longer one only the end is looked at."""


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


@dataclass(frozen=True, kw_only=True)
class Anatomy:
    """One message in wire form."""

    message: Message
    """With CRLF at the end of every line of its fields."""
    octets: bytes
    """The body; empty where it is too long to be held."""
    body_line: int
    """Line of the file on which the body begins."""

    @cached_property
    def lines(self) -> list[bytes]:
        """The lines of the body."""
        return split_lines(self.octets)

    @cached_property
    def tree(self) -> Part:
        """The parts."""
        fields = {
            field.name.lower().encode("ascii", "replace"): field.raw
            for field in reversed(self.message.fields)
            if field.name.lower().startswith("content-")
        }
        return structure(self.lines, fields)

    @cached_property
    def leaves(self) -> tuple[Part, ...]:
        """The parts that hold text or files."""
        return tuple(self.tree.leaves())

    @property
    def work(self) -> int:
        """What it costs to take the body apart, in octets of the budget: each line costs about what sixty octets do."""
        return 3 * len(self.octets) + 60 * self.octets.count(CRLF)

    @property
    def is_held(self) -> bool:
        """False for a body that is too long to be taken apart."""
        return isinstance(self.message.body, HeldBody)

    def place(self, part: Part) -> str:
        """Name a part."""
        return "body" if part is self.tree else f"body part {self.leaves.index(part) + 1}"

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
        fields = tuple(replace(field, raw=_wire(field.raw)) for field in fields)
    last = message.fields[-1] if message.fields else None
    held = message.body.size <= MAX_BODY
    octets = b"".join(wire_chunks(message.body, reading)) if held else b""
    body = HeldBody(octets) if held else WireBody(message.body, reading)
    return Anatomy(
        message=replace(message, fields=fields, body=body, line_ending=LineEnding.CRLF),
        octets=octets,
        body_line=last.line + last.raw.count(b"\n") + 1 if last else 1,
    )


def _wire(raw: bytes) -> bytes:
    return raw.replace(CRLF, b"\n").replace(b"\n", CRLF)


def altered(message: Message, edits: dict[int, bytes | None], added: tuple[bytes, ...], body: bytes | None) -> Message:
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
    return replace(message, fields=tuple(fields), body=message.body if body is None else HeldBody(body))


def _renamed(field: HeaderField, raw: bytes) -> HeaderField:
    name, _, value = raw.partition(b":")
    text = b" ".join(value.split()).decode("utf-8", "surrogateescape")
    return replace(field, raw=raw, name=name.rstrip(b" \t").decode("ascii", "replace"), value=text)
