"""Mailboxes: the copies of a message that lie in them, and the bounces and receipts that speak of it.

Every message is looked at once, its beginning only; what may be asked for is then read as any message is.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from mailtrace.delivery.envelopes import stands_for
from mailtrace.delivery.events import Event, EventKind, Line
from mailtrace.delivery.folders import Role, file_folder, maildir_folder, role_of
from mailtrace.delivery.logs.entries import named
from mailtrace.delivery.matching import match
from mailtrace.delivery.opening import MailFile
from mailtrace.delivery.query import Query, folded, spellings
from mailtrace.delivery.report_types import NOT_ASKED, Kept, Match, Report
from mailtrace.delivery.reports import looks_like_a_report, read_report
from mailtrace.delivery.sent import Sent, sent_of
from mailtrace.errors import MessageError
from mailtrace.message import Message, parse
from mailtrace.path.dates import read_date
from mailtrace.records import Mutable, Struct, field, replace
from mailtrace.sources import Kind, RawMessage, Reader, SourceFault

HEAD = 1 << 16
"""Octets of a message that are looked at before it is read."""
MAX_COPIES = 10_000
MAX_OTHERS = 1000
MAX_SIGNED = 16 << 20
"""Octets of a signed report that is held."""
MAX_HELD = 64 << 20
"""Octets of all of them together."""


class Copy(Struct, frozen=True, kw_only=True):
    """A copy of a message in a mailbox."""

    event: Event
    role: Role
    """Of the folder."""
    to: tuple[str, ...]
    """Whom the message names as its recipients."""
    was_received: bool
    """It bears the marks of delivery (RFC 5321 §4.4); else it may be the sender's own."""
    source: str
    member: str | None
    position: int
    kind: Kind
    flags: str | None
    sha256: str | None
    """None where it was not read to its end."""
    date: datetime | None
    """As the message says."""
    author: str | None = None
    """The address in From."""
    url: str | None = None
    """Of a message on a server: by which it is read again."""
    sent: Sent | None = None
    """Of the sender's own copy: what bounces are compared with."""


class Unread(Struct, frozen=True, kw_only=True):
    """A mailbox, or a part of one, that was not looked through: what is in it is not known."""

    source: str
    folder: str | None
    """None: the whole."""
    why: str
    is_missing: bool = False
    """It was named, and is not there."""


class Found(Mutable):
    """What the mailboxes hold of the question."""

    copies: list[Copy] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)
    others: list[Report] = field(default_factory=list)
    """Reports on other messages, a bounded number of them."""
    held: int = 0
    """Octets of signed reports that are held until their signatures are checked."""
    messages: dict[str, int] = field(default_factory=dict)
    """How many messages each source holds."""
    faults: list[tuple[str, str]] = field(default_factory=list)
    unread: list["Unread"] = field(default_factory=list)
    is_too_wide: bool = False


def search(
    files: Sequence[MailFile],
    query: Query,
    message_ids: frozenset[str],
    progress: Callable[[str, int, int], None] | None = None,
) -> Found:
    """Look through the mailboxes for the messages that are asked for, or named by `message_ids`."""
    found = Found()
    wanted = Wanted(query, message_ids)
    for at, file in enumerate(sorted(files, key=lambda one: (one.name, one.member or ""))):
        if progress is not None:
            progress(file.name, at, len(files))
        found.messages.setdefault(file.name, 0)
        for raw in _messages(file, found):
            found.messages[file.name] += 1
            if len(found.copies) + len(found.reports) >= MAX_COPIES:
                found.is_too_wide = True
                return found
            _look(file, raw, wanted, found)
    return found


def _messages(file: MailFile, found: Found) -> Iterator[RawMessage]:
    for item in Reader(str(file.path)):
        if isinstance(item, SourceFault):
            found.faults.append((_label(file, None), item.message))
        elif file.in_folder is not None and file.in_folder.kind is not None:
            yield replace(item, kind=file.in_folder.kind, flags=file.in_folder.flags)
        else:
            yield item


def _look(file: MailFile, raw: RawMessage, wanted: "Wanted", found: Found) -> None:
    raw.file.seek(0)
    head = raw.file.read(HEAD)
    try:
        if looks_like_a_report(head):
            report = read_report(raw.file, Line(name=_label(file, raw), line=None))
            if report is not None:
                keep(report, raw, head, wanted, found)
                return
        if wanted.may_be_in(head):
            message = parse(raw.file)
            if wanted.is_it(message):
                found.copies.append(_copy(file, raw, message))
    except (MessageError, OSError) as fault:
        found.faults.append((_label(file, raw), str(fault)))


def _label(file: MailFile, raw: RawMessage | None) -> str:
    label = file.name if file.member is None else f"{file.name}: {file.member}"
    if raw is None or raw.kind in (Kind.EML, Kind.MAILDIR, Kind.MH, Kind.EMLX, Kind.MSG):
        return label
    return f"{label} #{raw.position}"


class Wanted:
    """Tells whether a message is asked for: from its octets (perhaps), then from its fields."""

    def __init__(self, query: Query, message_ids: frozenset[str]) -> None:
        """Take the question, and the Message-IDs that are known from elsewhere."""
        self._query = query
        self._ids = {*query.message_ids, *message_ids}
        self._needles = [one.strip("<>").encode("utf-8", "surrogateescape") for one in self._ids]
        people = (*query.senders, *query.recipients)
        self._people = [form.encode("utf-8", "surrogateescape") for one in people for form in spellings(one)]

    def may_be_in(self, head: bytes) -> bool:
        """Tell whether the octets name what is asked for."""
        if any(needle in head for needle in self._needles):
            return True
        if self._query.message_ids:
            return False
        if not self._people:
            return True
        lower = head.lower()
        return any(one in lower for one in self._people)

    def is_it(self, message: Message) -> bool:
        """Tell whether the fields say that it is the message, or one of those, that is asked for."""
        if named(message.message_id) in self._ids:
            return True
        query = self._query
        # An envelope id stands in no message: by that alone none is known, and reports are.
        if query.message_ids or not (query.senders or query.recipients or query.subject):
            return False
        authors = {folded(box.address) for box in (*message.from_, *message.sender) if box.address}
        if message.return_path:
            authors |= stands_for(message.return_path)
        people = {folded(box.address) for box in (*message.to, *message.cc) if box.address}
        people |= {form for one in _delivered_to(message) for form in stands_for(one)}
        return (
            (not query.senders or bool(authors.intersection(map(folded, query.senders))))
            and (not query.recipients or bool(people.intersection(map(folded, query.recipients))))
            and query.in_time(message.date)
            and (query.subject is None or (message.subject is not None and query.has_subject(message.subject)))
        )

    def match(self, report: Report) -> Match:
        """Tell whether a report is on what is asked for, and by what."""
        return match(report, self._query, self._ids)


_SIGNED = re.compile(rb"^DKIM-Signature[ \t]*:", re.IGNORECASE | re.MULTILINE)


def keep(report: Report, raw: RawMessage, head: bytes, wanted: Wanted, found: Found) -> None:
    """Keep a report with those on the message, or with the others; `raw` is read to its end where it is signed."""
    report = replace(report, match=wanted.match(report))
    if report.match.by is not None:
        found.reports.append(_sealed(report, raw, head, found))
    elif len(found.others) < MAX_OTHERS:
        found.others.append(replace(report, seal=NOT_ASKED) if _is_signed(head) else report)


def _is_signed(head: bytes) -> bool:
    ends = [at for at in (head.find(b"\n\n"), head.find(b"\n\r\n")) if at >= 0]
    return _SIGNED.search(head, 0, min(ends, default=len(head))) is not None


def _sealed(report: Report, raw: RawMessage, head: bytes, found: Found) -> Report:
    """Keep the octets of a signed report, for its signature to be checked once it is known that it counts."""
    if not _is_signed(head):
        return report
    raw.file.seek(0)
    octets = raw.file.read(MAX_SIGNED + 1)
    if len(octets) > MAX_SIGNED or found.held + len(octets) > MAX_HELD:
        why = "its signature was not checked: it is too large, or there are too many"
        return replace(report, seal=replace(NOT_ASKED, why=why))
    found.held += len(octets)
    kept = Kept(octets=octets, from_mbox=raw.kind is Kind.MBOX, reconstructed=raw.reconstructed)
    return replace(report, kept=kept, seal=NOT_ASKED)


_TO = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to", "x-rcpt-to")
_FOR = re.compile(r"\sfor\s{1,80}<?([^<>\s;]{1,320}@[^<>\s;]{1,255})>?")


def _delivered_to(message: Message) -> list[str]:
    """Name whose mailbox it was put into, as the fields say that delivery adds; the last server's first."""
    named = [part for field in message.fields if field.name.lower() in _TO for part in field.value[:2000].split(",")]
    received = message.all("Received")
    if not named and received and (match := _FOR.search(received[0].value[:4000])):
        named = [match[1]]
    return [one.strip().strip("<>") for one in named if "@" in one]


def _copy(file: MailFile, raw: RawMessage, message: Message) -> Copy:
    folder = maildir_folder(file.path) if raw.kind is Kind.MAILDIR else _plain_folder(file, raw)
    return Copy(
        event=event_of(message, folder, _label(file, raw)),
        role=role_of(folder),
        to=named_in(message),
        was_received=was_received(message),
        source=raw.name if file.member is None else file.name,
        member=file.member if file.member is not None else raw.member,
        position=raw.position,
        kind=raw.kind,
        flags=raw.flags,
        sha256=message.sha256,
        date=message.date,
        author=author_of(message),
        sent=own_copy(message, role_of(folder)),
    )


def own_copy(message: Message, role: Role) -> Sent | None:
    """Return what was sent, where this is the sender's own copy; None where it was received."""
    return None if was_received(message) and role is not Role.SENT else sent_of(message)


def event_of(message: Message, folder: str | None, label: str, put_there: datetime | None = None) -> Event:
    """Return what a copy says. `put_there`: when it was put into its folder, where that is kept beside it."""
    received = message.all("Received")
    time = read_date(received[0].value, last=True).at if received else None
    people = _delivered_to(message)
    shown = message.all("Message-ID") or message.all("Subject") or message.fields
    return Event(
        time=time or put_there or message.date,
        kind=EventKind.MAILBOX_COPY,
        sender=message.return_path,
        recipient=people[0] if people else None,
        original_recipient=people[1] if len(people) > 1 else None,
        message_id=named(message.message_id),
        folder=folder,
        subject=message.subject,
        size=message.size,
        source=Line(name=label, line=None),
        raw=f"{shown[0].name}: {shown[0].value}"[:1000] if shown else "",
    )


def named_in(message: Message) -> tuple[str, ...]:
    """Name whom a message is meant for, as it says."""
    return tuple(box.address for box in (*message.to, *message.cc) if box.address)


def author_of(message: Message) -> str | None:
    """Name the author, as the message says."""
    return next((box.address for box in message.from_ if box.address), None)


def was_received(message: Message) -> bool:
    """Tell whether it bears the marks of delivery (RFC 5321 §4.4)."""
    return any(message.all(name) for name in ("Received", "Return-Path", "Delivered-To"))


def _plain_folder(file: MailFile, raw: RawMessage) -> str | None:
    if raw.kind is Kind.MBOX:
        return file_folder(file.path)
    return file.path.parent.name if raw.kind is Kind.MH else None
