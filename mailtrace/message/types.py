"""What `parse` gives: the message as it was found, and what is wrong with it."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from enum import unique
from typing import Protocol

from mailtrace.enums import StrEnum
from mailtrace.records import Struct, replace


@unique
class LineEnding(StrEnum):
    """How the lines of the file end (RFC 5322 §2.1 knows only CRLF)."""

    CRLF = "crlf"
    LF = "lf"
    MIXED = "mixed"
    NONE = "none"  # one line without an end


class HeaderField(Struct, frozen=True, kw_only=True):
    """One header field, RFC 5322 §2.2."""

    name: str
    """As written, without trailing white space before the colon."""
    raw: bytes
    """All octets of the field, with its line ends, as they stand in the file."""
    value: str
    """Unfolded and stripped at both ends; octets that are not UTF-8 as surrogates (PEP 383). Not RFC 2047 decoded."""
    index: int
    """Position among all fields, 0 = topmost."""
    line: int
    """Line of the file on which it starts, 1 = first."""


class Defect(Struct, frozen=True, kw_only=True):
    """Something in the message that its RFC forbids, and that was read all the same."""

    code: str
    """Kebab-case."""
    line: int | None
    detail: str


class Mailbox(Struct, frozen=True, kw_only=True):
    """RFC 5322 §3.4: one address of an address list."""

    name: str | None
    """The display name, RFC 2047 decoded; None if absent."""
    address: str | None
    """`local@domain` as written, without comments and folding; None where no address could be read."""
    domain: str | None
    """The domain in lower-case A-labels, without the final dot; None where it is not a domain name."""


class Body(Protocol):
    """A re-readable stream of octets; never held whole."""

    @property
    def size(self) -> int:
        """Octets, as they stand in the file."""

    def chunks(self, size: int = 65536) -> Iterator[bytes]:
        """Read from the beginning, at most `size` octets at a time, as they stand in the file."""


def by_name(fields: Iterable[HeaderField]) -> dict[str, tuple[HeaderField, ...]]:
    """Return the fields by their names in lower case, topmost first."""
    named: dict[str, list[HeaderField]] = {}
    for each in fields:
        named.setdefault(each.name.lower(), []).append(each)
    return {name: tuple(found) for name, found in named.items()}


class Message(Struct, frozen=True, kw_only=True):
    """A message, unchanged. `b"".join(f.raw for f in fields)` is the header section but for what `defects` names."""

    fields: tuple[HeaderField, ...]
    """Topmost first."""
    body: Body
    size: int
    """Octets of the whole file."""
    sha256: str
    """Of the whole file, hexadecimal."""
    line_ending: LineEnding
    defects: tuple[Defect, ...]
    from_: tuple[Mailbox, ...]
    """The mailboxes of all From fields, in order."""
    sender: tuple[Mailbox, ...]
    to: tuple[Mailbox, ...]
    cc: tuple[Mailbox, ...]
    reply_to: tuple[Mailbox, ...]
    subject: str | None
    """RFC 2047 decoded."""
    date: datetime | None
    """UTC; None if absent or unreadable, or if its zone is not known."""
    message_id: str | None
    """With its angle brackets."""
    return_path: str | None
    """The topmost Return-Path, without angle brackets; `<>` for the null reverse-path; None if absent."""
    author_domain: str | None
    """The one domain of From, in A-labels (RFC 9989 §5.3.1); None with no From, several domains, or an unreadable one.
    """

    by_name: Mapping[str, tuple[HeaderField, ...]]
    """The fields by their names in lower case, topmost first: made once, for the stages ask for fifty names."""

    def with_fields(self, fields: tuple[HeaderField, ...]) -> "Message":
        """Return the message with other octets in its fields; what was read of them stays."""
        return replace(self, fields=fields, by_name=by_name(fields))

    def all(self, *names: str) -> tuple[HeaderField, ...]:
        """Return every field of that name, or of these names, topmost first; case does not matter."""
        if len(names) == 1:
            return self.by_name.get(names[0].lower(), ())
        found = (each for name in {name.lower() for name in names} for each in self.by_name.get(name, ()))
        return tuple(sorted(found, key=lambda each: each.index))
