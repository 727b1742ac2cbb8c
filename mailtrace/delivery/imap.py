"""Mailboxes on servers: the same question as to those in files, asked of the header sections first.

The server searches where that cannot lose a match (`imap_criteria`); of what it names the header sections are read, and
the rest only of copies, bounces and receipts. What was not looked through is said: it is never taken for empty.
"""

import io
from collections.abc import Callable, Sequence
from contextlib import closing
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO, cast

from mailtrace.delivery import imap_criteria
from mailtrace.delivery.events import Line
from mailtrace.delivery.folders import Role, role_on_server
from mailtrace.delivery.mailboxes import (
    MAX_COPIES,
    Copy,
    Found,
    Unread,
    Wanted,
    author_of,
    event_of,
    keep,
    named_in,
    own_copy,
    was_received,
)
from mailtrace.delivery.query import Query
from mailtrace.delivery.report_types import Report
from mailtrace.delivery.reports import MAX_SIZE, header_says_report, read_report
from mailtrace.errors import MessageError
from mailtrace.message import Message, parse
from mailtrace.records import replace
from mailtrace.sources import Kind, RawMessage
from mailtrace.sources.imap.access import Access
from mailtrace.sources.imap.reading import MAX_MESSAGE, connect, examined, fetched, named
from mailtrace.sources.imap.types import Folder, Head, ImapError, Opened
from mailtrace.sources.imap.url import ImapUrl, member, message_url

if TYPE_CHECKING:
    from mailtrace.sources.imap.client import Connection

MAX_FOLDERS = 5_000
MAX_HEADS = 100_000
"""Header sections that are read from one server."""
MAX_OCTETS = 256 << 20
"""Octets of bodies that are read from one server."""
_LOOSE = 1 << 17
"""Octets that are read of a bounce without a machine-readable part."""
_VIEWS = frozenset({"\\flagged", "\\important"})
"""Folders that only show again what lies in others (RFC 6154 §2, RFC 8457 §3)."""

Progress = Callable[[str, int, int], None]


def search(
    urls: Sequence[ImapUrl],
    query: Query,
    message_ids: frozenset[str],
    access: Access | None,
    found: Found,
    progress: Progress | None = None,
) -> None:
    """Look through mailboxes on servers, and add to what was found. Raises nothing for what is wrong with one."""
    for url in urls:
        found.messages.setdefault(url.name, 0)
        try:
            with connect(url, access) as connection:
                _Search(url, connection, query, message_ids, found, progress).run()
        except ImapError as fault:
            found.unread.append(Unread(source=url.name, folder=None, why=str(fault)))


class _Search:
    """One question to one server."""

    def __init__(
        self,
        url: ImapUrl,
        connection: "Connection",
        query: Query,
        message_ids: frozenset[str],
        found: Found,
        progress: Progress | None,
    ) -> None:
        self._url = url
        self._connection = connection
        self._query = query
        self._ids = message_ids
        self._wanted = Wanted(query, message_ids)
        self._found = found
        self._progress = progress
        self._heads = MAX_HEADS
        self._octets = MAX_OCTETS
        self._copies: list[tuple[Copy, Folder]] = []

    def run(self) -> None:
        """Look through every folder that was asked for."""
        listed = self._connection.folders()
        if self._url.folder is not None:
            folders = [named(listed, self._url.folder)]
        else:
            folders = [one for one in listed if one.can_be_opened and not one.attributes & _VIEWS]
        if len(folders) > MAX_FOLDERS:
            why = f"more than {MAX_FOLDERS:,} folders: {len(folders) - MAX_FOLDERS:,} were not looked through"
            self._found.unread.append(Unread(source=self._url.name, folder=folders[MAX_FOLDERS].name, why=why))
        try:
            self._look_through_all(folders[:MAX_FOLDERS])
        finally:
            self._found.copies += self._judged()

    def _look_through_all(self, folders: Sequence[Folder]) -> None:
        for at, folder in enumerate(folders):
            if self._progress is not None:
                self._progress(f"{self._url.name} {folder.name}", at, len(folders))
            try:
                self._look_through(folder)
            except ImapError as fault:
                if fault.is_over:
                    raise
                self._unread(folder, str(fault), is_missing=self._url.folder is not None)

    def _unread(self, folder: Folder, why: str, *, is_missing: bool = False) -> None:
        unread = Unread(source=self._url.name, folder=folder.name, why=why, is_missing=is_missing)
        if unread not in self._found.unread[-1:]:
            self._found.unread.append(unread)

    def _look_through(self, folder: Folder) -> None:
        opened = examined(self._connection, folder, self._url)
        self._found.messages[self._url.name] += opened.messages
        if not opened.messages:
            return
        uids = {uid for criteria in self._criteria() for uid in self._searched(criteria)}
        if self._url.uid is not None:
            uids &= {self._url.uid}
        chosen = sorted(uids, reverse=True)[: self._heads]
        if len(chosen) < len(uids):
            self._unread(folder, f"only {len(chosen):,} of {len(uids):,} messages were looked at")
        self._heads -= len(chosen)
        seen = 0
        for head in self._connection.heads(chosen):
            seen += 1
            self._look(folder, opened, head)
        if seen < len(chosen):
            self._unread(folder, f"{len(chosen) - seen:,} of its messages were not given")

    def _criteria(self) -> tuple[imap_criteria.Criteria, ...]:
        return imap_criteria.of_copies(self._query, self._ids), imap_criteria.of_reports(self._query)

    def _searched(self, criteria: imap_criteria.Criteria) -> tuple[int, ...]:
        try:
            return self._connection.search(criteria)
        except ImapError as fault:
            if fault.is_over:
                raise
            return self._connection.search(["ALL"])  # a server that cannot search for it

    def _look(self, folder: Folder, opened: Opened, head: Head) -> None:
        url = message_url(self._url, folder.name, opened.uid_validity, head.uid)
        if len(self._copies) + len(self._found.copies) + len(self._found.reports) >= MAX_COPIES:
            self._found.is_too_wide = True
            return
        try:
            if header_says_report(head.octets):
                report = self._report(folder, head, url)
                if report is not None:
                    file = cast("BinaryIO", _OnServer(self._connection, head.uid))
                    raw = RawMessage(name=self._url.name, kind=Kind.IMAP, position=head.uid, file=file)
                    keep(report, raw, head.octets, self._wanted, self._found)
                    return
            message = parse(BytesIO(head.octets))
            if self._wanted.is_it(message) or not head.is_whole:
                copy = self._copy(folder, opened, head, message, url)
                self._copies += [(copy, folder)] if copy is not None else []
        except MessageError as fault:
            self._found.faults.append((url, str(fault)))

    def _report(self, folder: Folder, head: Head, url: str) -> Report | None:
        start = head.octets.lower()
        most = MAX_SIZE if b"multipart/" in start or b"x-failed-recipients" in start else _LOOSE
        if most > self._octets:
            self._unread(folder, f"more than {MAX_OCTETS >> 20} MiB may be bounces: say when it was sent (--around)")
            return None
        octets = b"".join(self._connection.octets(head.uid, most))
        self._octets -= len(octets)
        return read_report(BytesIO(octets), Line(name=url, line=None)) if octets else None

    def _copy(self, folder: Folder, opened: Opened, head: Head, message: Message, url: str) -> Copy | None:
        whole = self._whole(head)
        sha256 = None
        if whole is not None:
            with closing(whole):
                message = parse(whole)
                sha256 = message.sha256
                self._octets -= message.size
        if not self._wanted.is_it(message):
            if whole is None:
                self._unread(folder, "a message with a header that is too long was not read to its end")
            return None
        event = event_of(message, folder.name, url, head.time)
        role = role_on_server(folder.name, folder.attributes)
        return Copy(
            event=event if whole is not None else replace(event, size=head.size),
            role=role,
            to=named_in(message),
            was_received=was_received(message),
            source=self._url.name,
            member=member(folder.name, opened.uid_validity, head.uid),
            position=head.uid,
            kind=Kind.IMAP,
            flags=head.flags,
            sha256=sha256,
            date=message.date,
            author=author_of(message),
            url=url,
            sent=own_copy(message, role),
        )

    def _whole(self, head: Head) -> BinaryIO | None:
        """Fetch all of a message; None if it is too large, or not there any more."""
        most = min(MAX_MESSAGE, self._octets)
        if head.size is not None and head.size > most:
            return None
        try:
            return fetched(self._connection, head.uid, most)
        except ImapError as fault:
            if fault.is_over:
                raise
            return None

    def _judged(self) -> list[Copy]:
        """Return the copies. Where a server shows all mail in one folder, what its owner sent lies there as well."""
        sent = {copy.event.message_id for copy, _ in self._copies if copy.role is Role.SENT} - {None}
        return [
            replace(copy, role=Role.SENT) if "\\all" in folder.attributes and copy.event.message_id in sent else copy
            for copy, folder in self._copies
        ]


class _OnServer(io.RawIOBase):
    """A message that is fetched when it is read, from its beginning."""

    def __init__(self, connection: "Connection", uid: int) -> None:
        self._connection = connection
        self._uid = uid

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to the beginning; there is no other place."""
        assert offset == whence == 0
        return 0

    def read(self, size: int = -1, /) -> bytes:
        """Fetch as many octets."""
        return b"".join(self._connection.octets(self._uid, size))
