"""Parse: from octets to a message, RFC 5322, without changing one of them.

Takes `bytes` or a seekable binary file; gives the header fields with their raw octets, the body as a re-readable
stream, and the few values that the stages ask for. What is malformed is read as well as it can be, and named as a
defect.
"""

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import BinaryIO

from mailtrace.digests import sha256
from mailtrace.errors import MessageError
from mailtrace.findings import excerpt
from mailtrace.message.address import read_addresses
from mailtrace.message.body import FileBody
from mailtrace.message.dates import usual_date
from mailtrace.message.encoded import decode_words
from mailtrace.message.header import MAX_SECTION, HeaderSection, split_header
from mailtrace.message.types import (
    Body,
    Defect,
    HeaderField,
    LineEnding,
    Mailbox,
    Message,
    by_name,
)
from mailtrace.patterns import lazy
from mailtrace.records import Struct

__all__ = ["Body", "Defect", "HeaderField", "LineEnding", "Mailbox", "Message", "parse"]

_CHUNK = 1 << 18
_MOST_SECTIONS = 1 << 14
"""Octets that hold most header sections: what is read beyond one is copied for nothing."""

# A file in which none of these stands is no mail message (RFC 5322 §3.6 and the fields every server writes).
_KNOWN = frozenset(
    {"from", "sender", "to", "cc", "bcc", "subject", "date", "message-id", "received", "return-path", "reply-to"}
    | {"delivered-to", "mime-version", "content-type", "dkim-signature", "authentication-results", "list-id"}
    | {"resent-from", "resent-date", "references", "in-reply-to"}
)


# What stands once at the most, RFC 5322 §3.6.
_ONCE = {name.lower(): name for name in ("From", "Sender", "Reply-To", "To", "Cc", "Subject", "Date", "Message-ID")}

# RFC 5321 §4.1.2, but for what is quoted, routed, or an address literal.
_USUAL_PATH = re.compile(r"<([A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,200}@[A-Za-z0-9.-]{1,200})>", re.ASCII)
# The standard library takes a missing zone for UTC.
_ZONED = lazy(r":\d\d\s*(?:[+-]\d|[A-Za-z])")


def parse(raw: bytes | BinaryIO) -> Message:
    """Read one message. A file must be seekable, and stay open as long as the body is read.

    Raises MessageError if the input is empty, is not a message, or has no end of the header section within 32 MiB.
    """
    file = io.BytesIO(raw) if isinstance(raw, bytes) else raw
    section = _read_section(file)
    named = _Named(by_name(section.fields))
    if _KNOWN.isdisjoint(named):
        raise MessageError("not a mail message: no header field that mail has")
    measured = _measure(file)
    body = FileBody(file, section.size, measured.size)
    return _message(section, named, measured, body)


def _read_section(file: BinaryIO) -> HeaderSection:
    """Read as far as the header section goes."""
    file.seek(0)
    octets = bytearray()
    while len(octets) <= MAX_SECTION:
        chunk = file.read(_CHUNK if octets else _MOST_SECTIONS)
        searched = max(0, len(octets) - 3)
        octets += chunk
        if not octets:
            raise MessageError("the input is empty")
        ended = not chunk
        if ended or octets.find(b"\n\n", searched) >= 0 or octets.find(b"\n\r\n", searched) >= 0:
            section = split_header(bytes(octets), ended=ended)
            # Empty lines before the first field are no end: go on unless something was read behind them.
            if section.fields or ended:
                return section
            if octets.lstrip(b"\r\n"):
                raise MessageError("not a mail message: it does not begin with a header field")
    raise MessageError(f"not a mail message: its header section has no end within {MAX_SECTION} octets")


class _Measured(Struct, frozen=True):
    size: int
    sha256: str
    line_ending: LineEnding


def _measure(file: BinaryIO) -> _Measured:
    """Hash the whole file and see how its lines end, in one pass."""
    file.seek(0)
    digest = sha256()
    size = 0
    # What the standard library has to read text files with also notes which line ends it saw; nothing is as fast.
    ends = io.IncrementalNewlineDecoder(None, translate=False)
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
        size += len(chunk)
        ends.decode(chunk.decode("latin-1"))
    ends.decode("", final=True)
    return _Measured(size, digest.finalize().hex(), _line_ending(ends.newlines))


def _line_ending(seen: str | tuple[str, ...] | None) -> LineEnding:
    """Name what was seen; a lone CR ends no line."""
    ends = (seen,) if isinstance(seen, str) else seen or ()
    crlf, lf = "\r\n" in ends, "\n" in ends
    if crlf and lf:
        return LineEnding.MIXED
    return LineEnding.CRLF if crlf else LineEnding.LF if lf else LineEnding.NONE


def _message(section: HeaderSection, named: "_Named", measured: _Measured, body: Body) -> Message:
    from_ = _addresses(named["from"])
    return Message(
        fields=section.fields,
        body=body,
        size=measured.size,
        sha256=measured.sha256,
        line_ending=measured.line_ending,
        defects=(*section.defects, *_defects(named, from_, measured.line_ending)),
        from_=from_,
        sender=_addresses(named["sender"]),
        to=_addresses(named["to"]),
        cc=_addresses(named["cc"]),
        reply_to=_addresses(named["reply-to"]),
        subject=_text(named["subject"]),
        date=_date(named["date"]),
        message_id=_text(named["message-id"]),
        return_path=_return_path(named["return-path"]),
        author_domain=_author_domain(named["from"], from_),
        by_name=named,
    )


_Fields = Sequence[HeaderField]


class _Named(dict[str, tuple[HeaderField, ...]]):
    """Fields by their names in lower case; none where there is none of that name."""

    def __missing__(self, name: str) -> tuple[HeaderField, ...]:
        return ()


def _addresses(fields: _Fields) -> tuple[Mailbox, ...]:
    if len(fields) == 1:
        return tuple(read_addresses(fields[0].value))
    return tuple(mailbox for field in fields for mailbox in read_addresses(field.value))


def _text(fields: _Fields) -> str | None:
    """Return the topmost field's value, decoded: the one that mail programs show."""
    return decode_words(fields[0].value) or None if fields else None


def _date(fields: _Fields) -> datetime | None:
    """Read the topmost Date, RFC 5322 §3.3. No zone, or one whose name is not known, gives None: never UTC by guess."""
    if not fields:
        return None
    try:
        return _instant(fields[0].value[:200])
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def _instant(text: str) -> datetime | None:
    """Read a date. Raises ValueError and its kin for one that the calendar does not have."""
    usual = usual_date(text)
    if usual is not None:
        return usual[0]
    return _instant_by_library(text) if _ZONED.search(text) else None


def _instant_by_library(text: str) -> datetime | None:
    """Read a date in an older or an odd form."""
    from email.utils import parsedate_tz  # noqa: PLC0415 - few messages have one

    parts = parsedate_tz(text)
    if parts is None or parts[9] is None:
        return None
    return datetime.fromtimestamp(datetime(*parts[:6], tzinfo=UTC).timestamp() - parts[9], tz=UTC)


def _return_path(fields: _Fields) -> str | None:
    """Return the reverse-path, RFC 5321 §4.4: without angle brackets, `<>` if null."""
    if not fields:
        return None
    value = fields[0].value.strip()
    if usual := _USUAL_PATH.fullmatch(value):
        return usual[1]
    if value.replace(" ", "") == "<>":
        return "<>"
    mailboxes = read_addresses(value)
    return mailboxes[0].address if mailboxes else None


def _author_domain(fields: _Fields, mailboxes: tuple[Mailbox, ...]) -> str | None:
    """Return the one domain of a single From field (RFC 9989 §5.3.1).

    A member without an address (`From: Shop, <a@example.com>`) names no author; receivers pass over it, and so do we.
    """
    domains = {mailbox.domain for mailbox in mailboxes if mailbox.address}
    return domains.pop() if len(fields) == 1 and len(domains) == 1 else None


def _defects(named: Mapping[str, _Fields], mailboxes: tuple[Mailbox, ...], line_ending: LineEnding) -> list[Defect]:
    """Name what RFC 5322 §3.6 forbids in the header as a whole."""
    found = []
    if line_ending is LineEnding.MIXED:
        found.append(Defect(code="mixed-line-endings", line=None, detail="some lines end in CRLF, some in LF alone"))
    for key, name in _ONCE.items():
        same = named.get(key, ())
        if len(same) > 1:
            detail = f"{len(same)} {name} fields, one allowed"
            found.append(Defect(code="repeated-field", line=same[1].line, detail=detail))
    from_fields = named["from"]
    if not from_fields:
        found.append(Defect(code="no-from", line=None, detail="there is no From field"))
    elif not mailboxes:
        found.append(Defect(code="empty-from", line=from_fields[0].line, detail="From names nobody"))
    else:
        found.extend(_author_defects(from_fields[0].line, mailboxes))
    return found


def _author_defects(line: int, mailboxes: tuple[Mailbox, ...]) -> Iterator[Defect]:
    """Name what makes the author of a message hard to tell."""
    addressed = [mailbox for mailbox in mailboxes if mailbox.address]
    if len(addressed) > 1:
        yield Defect(code="several-authors", line=line, detail=f"From names {len(addressed)} addresses")
    if len(addressed) < len(mailboxes):
        yield Defect(code="author-without-address", line=line, detail="a member of From has no address")
    for mailbox in addressed:
        shown = excerpt(mailbox.address or "")
        if mailbox.domain is None:
            yield Defect(code="author-domain-unreadable", line=line, detail=f"not an address at a domain name: {shown}")
        # Clients that show only the display name would show another address than the author's.
        if (
            mailbox.name
            and "@" in mailbox.name
            and mailbox.name.strip("'\"<> ").lower() != (mailbox.address or "").lower()
        ):
            detail = f"the display name looks like another address: {excerpt(mailbox.name)}"
            yield Defect(code="address-in-display-name", line=line, detail=detail)
