"""From a name to messages: what the name is, what it holds, and one message at a time.

A file that is named and is no message is a fault; one that merely lies in a directory is passed over, and counted.
"""

import io
import os
import stat
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, BinaryIO, cast

from mailtrace.errors import MessageError
from mailtrace.records import Mutable, field, replace
from mailtrace.sources.kinds import HEAD, PACKED, Content, begins_like_mail, content_of, what_else
from mailtrace.sources.slices import Slice
from mailtrace.sources.spool import CHUNK, SPOOL_LIMIT, Readable, new_spool, spooled
from mailtrace.sources.types import Kind, Place, RawMessage, SourceFault

if TYPE_CHECKING:
    from mailtrace.sources.folders import Member
    from mailtrace.sources.imap.access import Access
    from mailtrace.sources.mbox import Extent

Item = RawMessage | SourceFault
_DEEPEST = 4
"""Packings within packings that are opened."""


class Reader(Mutable):
    """Reads one source. `passed_over` counts the files of directories that hold no message."""

    name: str
    stdin: BinaryIO | None = None
    access: "Access | None" = None
    """To mailboxes on servers; None: none is reached."""
    passed_over: int = 0
    _position: int = field(default=0)

    def __iter__(self) -> Generator[Item]:
        """Give the messages of the source in their order. The file of each is open until the next is asked for."""
        if _is_on_a_server(self.name):
            from mailtrace.sources.imap.reading import messages  # noqa: PLC0415 - for servers only

            yield from messages(self.name, self.access)
            return
        try:
            yield from self._source()
        except OSError as fault:
            yield self._fault(fault.strerror or str(fault), is_missing=True)

    def _source(self) -> Iterator[Item]:
        if self.name == "-" and self.stdin is not None:
            yield from self._piped(self.stdin)
            return
        mode = os.stat(self.name).st_mode  # noqa: PTH116 - pathlib is slow to import
        if stat.S_ISDIR(mode):
            yield from self._directory()
            return
        with open(self.name, "rb") as file:  # noqa: PTH123
            if stat.S_ISREG(mode):
                yield from self._file(file, self.name, None)
            else:
                yield from self._piped(file)

    def _piped(self, stream: BinaryIO) -> Iterator[Item]:
        """Give what a pipe holds: a mailbox of any length as it comes, one message from a copy."""
        try:
            yield from self._stream(stream, None, 0)
        except MessageError as fault:
            yield self._fault(str(fault))

    def _directory(self) -> Iterator[Item]:
        from pathlib import Path  # noqa: PLC0415

        from mailtrace.sources import folders  # noqa: PLC0415 - for directories only

        directory = Path(self.name)
        for member in folders.members(directory):
            shown = str(member.path.relative_to(directory))
            if member.fault is not None:
                yield self._fault(member.fault, member=shown, is_missing=True)
                continue
            try:
                with member.path.open("rb") as file:
                    yield from self._member(file, member, shown)
            except OSError as fault:
                yield self._fault(fault.strerror or str(fault), member=shown, is_missing=True)

    def _member(self, file: BinaryIO, member: "Member", shown: str) -> Iterator[Item]:
        if member.kind is None and not begins_like_mail(file.read(HEAD)):
            self.passed_over += 1
            return
        for item in self._file(file, str(member.path), shown):
            if isinstance(item, RawMessage) and member.kind is not None and item.kind is Kind.EML:
                yield replace(item, kind=member.kind, flags=member.flags)
            else:
                yield item

    def _file(self, file: BinaryIO, path: str | None, member: str | None, depth: int = 0) -> Iterator[Item]:
        """Give what a seekable file holds. `path`: where it is as it stands; None for what was unpacked or spooled."""
        file.seek(0)
        head = file.read(HEAD)
        content = content_of(head)
        try:
            if content in _REFUSED:
                yield self._fault(_refusal(content, head), member=member)
            elif content in PACKED:
                yield from self._packed(file, content, member, depth)
            elif content is Content.MBOX:
                yield from self._mailbox(file, path, member)
            elif content is Content.OUTLOOK:
                yield from self._outlook(file, member)
            else:
                yield self._one(file, content, path, member)
        except MessageError as fault:
            yield self._fault(str(fault), member=member)

    def _one(self, file: BinaryIO, content: Content, path: str | None, member: str | None) -> Item:
        if content is Content.EMLX:
            from mailtrace.sources import emlx  # noqa: PLC0415 - for files of Apple Mail only

            extent = emlx.message_of(file)
            place = Place(path=path, start=extent.start, end=extent.end) if path else None
            return self._message(Kind.EMLX, _part(file, extent), place, member)
        place = Place(path=path, start=0, end=None) if path else None
        return self._message(Kind.EML, file, place, member)

    def _outlook(self, file: BinaryIO, member: str | None) -> Iterator[Item]:
        from mailtrace.sources import outlook  # noqa: PLC0415 - for Outlook's files only

        with outlook.reconstructed(file) as made:
            yield replace(self._message(Kind.MSG, made, None, member), reconstructed=True)

    def _mailbox(self, file: BinaryIO, path: str | None, member: str | None) -> Iterator[Item]:
        """Give each message of a mailbox as a part of its file: nothing is copied, and little is held."""
        from mailtrace.sources import mbox  # noqa: PLC0415 - for mailboxes only

        splitter, at = mbox.Splitter(), 0
        while True:
            file.seek(at)
            chunk = file.read(_MAILBOX_CHUNK)
            at += len(chunk)
            for extent in splitter.feed(chunk) if chunk else splitter.finish():
                place = Place(path=path, start=extent.start, end=extent.end) if path else None
                yield self._message(Kind.MBOX, _part(file, extent), place, member)
            if not chunk:
                return

    def _packed(self, file: BinaryIO, content: Content, member: str | None, depth: int) -> Iterator[Item]:
        if depth >= _DEEPEST:
            raise MessageError(f"packed more than {_DEEPEST} times over")
        from mailtrace.sources import packed  # noqa: PLC0415 - for packed files only

        first = self._position
        try:
            if content is Content.ZIP:
                yield from self._archive(file, member, depth)
            else:
                with packed.unpacked(file, content) as stream:
                    yield from self._stream(stream, member, depth)
                    if stream.behind is not None:
                        raise stream.behind
        except packed.UNREADABLE as fault:
            # A read error of the file itself looks the same: what is read was opened before.
            raise MessageError(packed.in_words(content, fault, begun=self._position > first)) from fault

    def _archive(self, file: BinaryIO, member: str | None, depth: int) -> Iterator[Item]:
        from mailtrace.sources import packed  # noqa: PLC0415 - for packed files only

        with packed.archive(file) as opened:
            for info in packed.members(opened):
                shown, first = info.filename if member is None else f"{member}/{info.filename}", self._position
                try:
                    with opened.open(info) as stream:
                        yield from self._stream(packed.Stream(stream), shown, depth, lies_there=True)
                except MessageError as fault:
                    yield self._fault(str(fault), member=shown)
                except packed.UNREADABLE as fault:
                    begun = self._position > first
                    yield self._fault(packed.in_words(Content.ZIP, fault, begun=begun), member=shown)

    def _stream(self, stream: Readable, member: str | None, depth: int, *, lies_there: bool = False) -> Iterator[Item]:
        """Give what a stream holds that can be read once: a mailbox as it comes, anything else from a copy."""
        head = stream.read(HEAD)
        if lies_there and not begins_like_mail(head):
            self.passed_over += 1
            return
        if content_of(head) is Content.MBOX:
            yield from self._unrolled(head, stream, member)
            return
        with spooled(_Chained(head, stream)) as file:
            yield from self._file(file, None, member, depth + 1)

    def _unrolled(self, head: bytes, stream: Readable, member: str | None) -> Iterator[Item]:
        """Give the messages of a mailbox that comes as a stream; what is held is the message that is being read."""
        from mailtrace.sources import mbox  # noqa: PLC0415 - for mailboxes only

        splitter, spool, base, chunk = mbox.Splitter(), new_spool(), 0, head
        try:
            while True:
                spool.seek(0, io.SEEK_END)
                spool.write(chunk)
                for extent in splitter.feed(chunk) if chunk else splitter.finish():
                    yield self._message(Kind.MBOX, _part(spool, extent, base), None, member)
                if not chunk:
                    return
                if spool.seek(0, io.SEEK_END) > SPOOL_LIMIT and splitter.needed_from() <= base:
                    # A length that leads too far holds back what came behind it.
                    for extent in splitter.disbelieve():
                        yield self._message(Kind.MBOX, _part(spool, extent, base), None, member)
                keep = splitter.needed_from()
                if keep > base:
                    spool, base = _tail(spool, keep - base), keep
                elif spool.seek(0, io.SEEK_END) > SPOOL_LIMIT:
                    raise MessageError(f"a message of more than {SPOOL_LIMIT} octets in a packed mailbox")
                try:
                    chunk = stream.read(CHUNK)
                except Exception:
                    # Where it breaks off, the last message is not whole; those before it are.
                    for extent in list(splitter.finish())[:-1]:
                        yield self._message(Kind.MBOX, _part(spool, extent, base), None, member)
                    raise
        finally:
            spool.close()

    def _message(self, kind: Kind, file: BinaryIO, place: Place | None, member: str | None) -> RawMessage:
        message = RawMessage(name=self.name, kind=kind, position=self._position, file=file, place=place, member=member)
        self._position += 1
        return message

    def _fault(self, words: str, *, member: str | None = None, is_missing: bool = False) -> SourceFault:
        fault = SourceFault(
            name=self.name, position=self._position, message=words, member=member, is_missing=is_missing
        )
        self._position += 1
        return fault


def _is_on_a_server(name: str) -> bool:
    if "://" not in name[:8]:
        return False
    from mailtrace.sources.imap.access import is_imap  # noqa: PLC0415 - for servers only

    return is_imap(name)


_MAILBOX_CHUNK = 1 << 20
_REFUSED = frozenset({Content.NOTHING, Content.OTHER})


def _refusal(content: Content, head: bytes) -> str:
    return "the input is empty" if content is Content.NOTHING else f"not a mail message: {what_else(head)}"


def _part(file: BinaryIO, extent: "Extent", base: int = 0) -> BinaryIO:
    """Return a message of a mailbox, of whose stream the file begins at `base`, as a file."""
    return cast("BinaryIO", Slice(file, extent.start - base, extent.end - base))


def _tail(spool: BinaryIO, start: int) -> BinaryIO:
    """Return a new spool with what stands behind `start`, and close the old one."""
    fresh = new_spool()
    spool.seek(start)
    while octets := spool.read(CHUNK):
        fresh.write(octets)
    spool.close()
    return fresh


class _Chained:
    """Octets that were read already, and the rest of the stream they came from."""

    def __init__(self, head: bytes, stream: Readable) -> None:
        self._head = head
        self._stream = stream

    def read(self, size: int, /) -> bytes:
        """Read what was put back first."""
        if self._head:
            octets, self._head = self._head[:size], self._head[size:]
            return octets
        return self._stream.read(size)
