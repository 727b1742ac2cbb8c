"""Messages on their way to whoever analyses them: where they stand, or their octets where they stand nowhere.

A worker is told the file and the range in it, and reads it itself. What is packed, or came through a pipe, is sent
along if it is small, else put into a private file that lives until the answer is there.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Self, cast

from mailtrace.records import Struct
from mailtrace.report import SourceReport
from mailtrace.sources import Kind, Place, RawMessage, SourceFault
from mailtrace.sources.imap.access import is_imap
from mailtrace.sources.slices import Slice

if TYPE_CHECKING:
    import tempfile

INLINE = 1 << 16
"""Octets of a message that go through a pipe at the most."""
_CHUNK = 1 << 18


class Fresh(Struct, frozen=True, kw_only=True):
    """A message as its source gives it: to be read before the next is asked for."""

    title: str
    """For people."""
    source: SourceReport
    raw: RawMessage

    @property
    def key(self) -> str:
        """What tells it from every other message of the run, and a changed mailbox from the same."""
        place = self.raw.place
        extent = "" if place is None else f"{place.start}-{place.end}"
        return _key(self.raw.name, self.raw.member, self.raw.position, extent)


class Parcel(Struct, frozen=True, kw_only=True):
    """A message that can be read at any time, by any process of this machine."""

    title: str
    source: SourceReport
    key: str
    place: Place | None
    octets: bytes | None = None
    """Set exactly where there is no place."""
    is_temporary: bool = False
    """The place is a private file, which is to be deleted."""

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """Open it. Raises OSError if it is not there any more."""
        if self.place is None:
            yield BytesIO(self.octets or b"")
            return
        with open(self.place.path, "rb") as file:  # noqa: PTH123 - pathlib is slow to import
            if self.place.end is None and self.place.start == 0:
                yield file
            else:
                end = self.place.end if self.place.end is not None else file.seek(0, 2)
                yield cast("BinaryIO", Slice(file, self.place.start, end))


class Packing:
    """Makes parcels, and keeps the private files of those that need one."""

    def __init__(self, inline: int = INLINE) -> None:
        """Take the octets that are sent along at the most."""
        self._inline = inline
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._made = 0

    def pack(self, fresh: Fresh) -> Parcel:
        """Make a parcel of a message. Raises OSError if it cannot be read, or put anywhere."""
        place, octets, temporary = fresh.raw.place, None, False
        if place is not None:
            path = os.path.join(os.getcwd(), place.path)  # noqa: PTH109, PTH118 - pathlib is slow to import
            place = Place(path=path, start=place.start, end=place.end)
        else:
            fresh.raw.file.seek(0)
            octets = fresh.raw.file.read(self._inline + 1)
            if len(octets) > self._inline:
                place, octets, temporary = self._kept(octets, fresh.raw.file), None, True
        return Parcel(
            title=fresh.title, source=fresh.source, key=fresh.key, place=place, octets=octets, is_temporary=temporary
        )

    def _kept(self, head: bytes, rest: BinaryIO) -> Place:
        if self._folder is None:
            import tempfile

            self._folder = tempfile.TemporaryDirectory(prefix="mailtrace-")
        self._made += 1
        path = os.path.join(self._folder.name, str(self._made))  # noqa: PTH118
        with open(path, "wb") as file:  # noqa: PTH123
            file.write(head)
            while chunk := rest.read(_CHUNK):
                file.write(chunk)
        return Place(path=path, start=0, end=None)

    @staticmethod
    def discard(parcel: Parcel) -> None:
        """Delete the private file of a parcel, if it has one."""
        if parcel.is_temporary and parcel.place is not None:
            with suppress(OSError):
                os.unlink(parcel.place.path)  # noqa: PTH108

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._folder is not None:
            self._folder.cleanup()


def key_of(item: Fresh | SourceFault) -> str:
    """Return what tells it from everything else in the run."""
    if isinstance(item, Fresh):
        return item.key
    return _key(item.name, item.member, item.position, "fault")


def _key(name: str, member: str | None, position: int, extent: str) -> str:
    return "\0".join((name, member or "", str(position), extent))


def fresh(raw: RawMessage) -> Fresh:
    """Label a message of a source."""
    return Fresh(
        title=title_of(raw.name, raw.member, raw.position, many=_is_one_of_many(raw)),
        source=SourceReport(
            name=None if raw.name == "-" else raw.name,
            kind=raw.kind,
            position=raw.position,
            size=None,
            sha256=None,
            member=raw.member,
            flags=raw.flags,
            reconstructed=raw.reconstructed,
        ),
        raw=raw,
    )


def _is_one_of_many(raw: RawMessage) -> bool:
    return raw.kind is Kind.MBOX or (raw.position > 0 and raw.kind is not Kind.IMAP)


def title_of_fault(fault: SourceFault) -> str:
    """Name what could not be read."""
    return title_of(fault.name, fault.member, fault.position, many=fault.position > 0 and not is_imap(fault.name))


def title_of(name: str, member: str | None, position: int, *, many: bool) -> str:
    """Name a message for people: the source, the file in it, and which message of a mailbox."""
    title = shown(name) if member is None else f"{shown(name)}: {member}"
    return f"{title} #{position}" if many and member is None else title


def shown(name: str) -> str:
    """Name a source for people."""
    return "standard input" if name == "-" else name
