"""Header fields as they may have been: what lists, forwarders and gateways write into them, taken out again.

Each function gives one group: ways of undoing one sort of change, the likeliest first. The search combines groups.
"""

import re
from collections.abc import Iterator

from mailtrace.auth.autopsy.steps import Edit, Kind
from mailtrace.auth.dkim_body import CRLF
from mailtrace.message.types import HeaderField
from mailtrace.records import Struct

MAX_VALUE = 8192
"""Octets of a field that is rewritten; longer ones are left as they are."""

_BRACKETS = re.compile(
    rb"\[[^\]\r\n]{1,80}\][ \t]*|\{[^}\r\n]{1,40}\}[ \t]*|\([^)\r\n]{1,40}\)[ \t]*|\*{2,8}[^*\r\n]{1,40}\*{2,8}[ \t]*"
)
_WORD = re.compile(rb"[^ \t]+[ \t]+")
_VIA = re.compile(rb"[ \t]{1,8}(?:via|on behalf of|at)[ \t][^<\"]{1,200}", re.IGNORECASE)
_ADDRESS = re.compile(rb"<([^<>@\s]{1,128}@[^<>@\s]{1,255})>|([^<>@\s,;:\"()]{1,128}@[^<>@\s,;:\"()]{1,255})")
# A quote that is never closed holds all that follows it: found out once, and not again at every quote in it.
PIECE = re.compile(rb'(?:[^",]|"(?:[^"\\]|\\(?:.|\Z))*+(?:"|\Z))++', re.DOTALL)
"""One mailbox of a list: up to a comma that is not quoted."""

ORIGINALS = {
    "from": (
        "x-original-from",
        "x-google-original-from",
        "original-from",
        "author",
        "x-from",
        "x-author",
        "resent-from",
    ),
    "reply-to": ("x-original-reply-to", "original-reply-to", "x-reply-to"),
    "to": ("x-original-to", "original-to", "x-to", "x-forwarded-to", "delivered-to", "resent-to"),
    "cc": ("x-original-cc", "original-cc", "resent-cc"),
    "subject": ("x-original-subject", "original-subject"),
    "message-id": ("x-original-message-id", "original-message-id", "x-message-id", "x-google-original-message-id"),
    "date": ("x-original-date", "original-date", "x-google-original-date"),
    "sender": ("x-original-sender", "original-sender"),
    "content-type": ("x-original-content-type",),
}
"""Fields in which programs keep what they replaced; none is registered but Author (RFC 9057) and Resent (RFC 5322)."""

KINDS = {
    "from": Kind.FROM_REWRITTEN,
    "reply-to": Kind.REPLY_TO_CHANGED,
    "to": Kind.RECIPIENTS_REWRITTEN,
    "cc": Kind.RECIPIENTS_REWRITTEN,
}


class Group(Struct, frozen=True, kw_only=True):
    """Ways of undoing one sort of change."""

    name: str
    """In words, for the list of what was tried."""
    options: tuple[tuple[Edit, ...], ...]
    hinted: bool
    """The message shows a trace of such a change: worth combining with others."""


class Fields:
    """The fields of a message by name, and which of them a signature covers."""

    def __init__(self, fields: tuple[HeaderField, ...], signed: tuple[str, ...], sdid: str) -> None:
        self.sdid = sdid
        self._by_name: dict[str, list[HeaderField]] = {}
        for field in fields:
            self._by_name.setdefault(field.name.lower(), []).append(field)
        self.signed = dict.fromkeys(signed)

    def all(self, name: str) -> list[HeaderField]:
        """Return every field of a name, topmost first."""
        return self._by_name.get(name, [])

    def has_prefix(self, beginnings: tuple[str, ...]) -> bool:
        """Tell whether the name of a field begins with one of these, lower case."""
        return any(name.startswith(beginnings) for name in self._by_name)

    @property
    def is_foreign(self) -> bool:
        """True where From does not name the signer's domain: it may have been another."""
        return all(self.sdid.encode() not in field.raw.lower() for field in self.all("from"))

    def covered(self, name: str) -> HeaderField | None:
        """Return the lowest field of a name if it is signed, and short enough to be rewritten."""
        found = self.all(name)
        return found[-1] if found and name in self.signed and len(found[-1].raw) <= MAX_VALUE else None


def value_of(field: HeaderField) -> bytes:
    """Return the unfolded value."""
    value = field.raw.partition(b":")[2].replace(CRLF, b"")
    return value.strip(b" \t\r\n")


def with_value(field: HeaderField, value: bytes) -> bytes:
    """Return the field with another value, the blank behind the colon as it is."""
    name, _, rest = field.raw.partition(b":")
    blank = rest[: len(rest) - len(rest.lstrip(b" \t"))]
    return name + b":" + blank + value + CRLF


def edit(kind: Kind, field: HeaderField, value: bytes | None) -> Edit:
    """Return an edit of a field that stands in the message."""
    raw = None if value is None else with_value(field, value)
    return Edit(kind=kind, name=field.name, index=field.index, raw=raw)


def _distinct(field: HeaderField, kind: Kind, values: Iterator[bytes]) -> tuple[tuple[Edit, ...], ...]:
    own = value_of(field)
    return tuple((edit(kind, field, value),) for value in dict.fromkeys(values) if value != own)


def subject(fields: Fields) -> Group | None:
    """Take a tag out of the Subject."""
    field = fields.covered("subject")
    if field is None:
        return None
    value = value_of(field)
    tagged = _BRACKETS.search(value[:200])
    return Group(
        name="a tag in the Subject",
        options=_distinct(field, Kind.SUBJECT_TAGGED, _subjects(fields, value)),
        hinted=tagged is not None,
    )


def _subjects(fields: Fields, value: bytes) -> Iterator[bytes]:
    yield from _kept(fields, "subject")
    yield from untagged(value)


def untagged(value: bytes) -> Iterator[bytes]:
    """Yield a text without what looks like a tag, then without its first and its last words."""
    for match in list(_BRACKETS.finditer(value[:400]))[:4]:
        yield value[: match.start()] + value[match.end() :]
    at = 0
    for match in list(_WORD.finditer(value[:400]))[:4]:
        at = match.end()
        yield value[at:]
    words = value.rsplit(b" ", 3)
    for count in range(1, len(words)):
        yield b" ".join(words[:-count]).rstrip()


def _kept(fields: Fields, name: str) -> Iterator[bytes]:
    """Yield what other fields say this one was."""
    for other in ORIGINALS.get(name, ()):
        for field in fields.all(other)[-2:]:
            if len(field.raw) <= MAX_VALUE:
                yield value_of(field)


def author(fields: Fields) -> Group | None:
    """Put the author back into From, out of the fields in which lists keep it."""
    field = fields.covered("from")
    if field is None:
        return None
    options = _distinct(field, Kind.FROM_REWRITTEN, _authors(fields, value_of(field)))
    return Group(name="a rewritten From", options=options[:40], hinted=fields.is_foreign)


def _authors(fields: Fields, value: bytes) -> Iterator[bytes]:
    yield from _kept(fields, "from")
    name = display_name(value)
    bare = _VIA.sub(b"", name).strip(b" \t'\"") or name
    for pieces in _addresses(fields):
        yield from pieces
    if match := _ADDRESS.search(value):
        address = match[1] or match[2]
        local = address.rpartition(b"@")[0]
        yield value.replace(address, local + b"@" + fields.sdid.encode())
    for pieces in _addresses(fields):
        for piece in pieces:
            if match := _ADDRESS.search(piece):
                yield from mailbox_forms(bare, match[1] or match[2])
    yield re.sub(rb"(?i)\.invalid\b", b"", value)


def _addresses(fields: Fields) -> Iterator[list[bytes]]:
    """Yield the mailboxes of fields in which an author may be kept: the last first, as lists append."""
    for name in ("reply-to", "cc", "sender", "x-original-sender", "x-sender", "x-envelope-from", "return-path"):
        for field in fields.all(name)[:1]:
            if len(field.raw) <= MAX_VALUE:
                pieces = [piece.strip() for piece in PIECE.findall(value_of(field))]
                yield list(dict.fromkeys([*pieces[:2], *pieces[-2:]]))


def display_name(value: bytes) -> bytes:
    """Return the display name of the first mailbox, without its quotes."""
    return value.partition(b"<")[0].strip(b" \t").strip(b'"') if b"<" in value else b""


def mailbox_forms(name: bytes, address: bytes) -> Iterator[bytes]:
    """Write a mailbox in the ways that programs write it."""
    if name:
        yield name + b" <" + address + b">"
        yield b'"' + name + b'" <' + address + b">"
    yield address
    yield b"<" + address + b">"


def reply_to(fields: Fields) -> Group | None:
    """Take a Reply-To away, or out of it what was added."""
    field = fields.covered("reply-to")
    if field is None:
        return None
    pieces = [piece.strip() for piece in PIECE.findall(value_of(field))]
    values = [*_kept(fields, "reply-to")]
    if 1 < len(pieces) <= 8:
        values += [b", ".join(pieces[:at] + pieces[at + 1 :]) for at in range(len(pieces))]
    removed = (edit(Kind.REPLY_TO_CHANGED, field, None),)
    options = (removed, *_distinct(field, Kind.REPLY_TO_CHANGED, iter(values)))
    return Group(name="a Reply-To added or changed", options=options, hinted=True)


def recipients(fields: Fields) -> Group:
    """Put recipients back, or take one out; lists that rewrite From may put the author into Cc."""
    options: list[tuple[Edit, ...]] = []
    for name in ("cc", "to"):
        if (field := fields.covered(name)) is not None:
            if name == "cc":
                without = PIECE.findall(value_of(field))[:-1]
                value = b",".join(without).strip() if without else None
                options += [(edit(Kind.RECIPIENTS_REWRITTEN, field, each),) for each in dict.fromkeys((value, None))]
            options += _distinct(field, Kind.RECIPIENTS_REWRITTEN, _recipients(fields, name, value_of(field)))
    foreign = fields.is_foreign and fields.covered("cc") is not None
    return Group(name="rewritten recipients", options=tuple(dict.fromkeys(options))[:24], hinted=foreign)


def _recipients(fields: Fields, name: str, value: bytes) -> Iterator[bytes]:
    for kept in _kept(fields, name):
        yield kept
        if match := _ADDRESS.search(kept):
            yield match[1] or match[2]
            yield b"<" + (match[1] or match[2]) + b">"
    pieces = [piece.strip() for piece in PIECE.findall(value)]
    if len(pieces) <= 6:
        for at in range(len(pieces) if len(pieces) > 1 else 0):
            yield b", ".join(pieces[:at] + pieces[at + 1 :])
    bare = [match[1] or match[2] for piece in pieces if (match := _ADDRESS.search(piece))]
    yield b", ".join(bare)
    yield b", ".join(b"<" + address + b">" for address in bare)


_LIST_FIELDS = ("list-", "precedence", "sender", "errors-to", "x-", "resent-", "auto-submitted")


def added(fields: Fields) -> Group:
    """Take fields away that the signature names, and that were perhaps not there: alone, and all of a list at once."""
    present = [field for name in fields.signed for field in _removable(fields, name)]
    of_list = [field for field in present if field.name.lower().startswith(_LIST_FIELDS)]
    options = [tuple(edit(Kind.FIELD_ADDED, field, None) for field in of_list)] if len(of_list) > 1 else []
    options += [(edit(Kind.FIELD_ADDED, field, None),) for field in (*of_list, *present)]
    return Group(name="fields added", options=tuple(dict.fromkeys(options))[:40], hinted=bool(of_list))


def _removable(fields: Fields, name: str) -> list[HeaderField]:
    """Return the fields of a name that could go: any but From, and of several the topmost and the lowest."""
    found = fields.all(name)
    if len(found) > 1:
        return [found[0], found[-1]]
    return [] if name in ("from", "subject", "date", "to", "dkim-signature") else found[:1]


def others(fields: Fields) -> Group:
    """Put back what other fields keep: Message-ID, Date, Sender."""
    options = [
        option
        for name in ("message-id", "date", "sender", "content-type")
        if (field := fields.covered(name)) is not None
        for option in _distinct(field, Kind.FIELD_CHANGED, _kept(fields, name))
    ]
    return Group(name="fields replaced, their originals kept", options=tuple(options), hinted=bool(options))
