"""Packed sources: gzip, bzip2, xz streams and zip archives, unpacked as they are read.

Nothing is unpacked to disk but the one message that is worked on. A stream that expands without an end is stopped by
the limit for one message; a mailbox in it may be of any length.
"""

import bz2
import gzip
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedIOBase
from typing import IO, BinaryIO

from mailtrace.errors import MessageError
from mailtrace.sources.kinds import Content

MAX_MEMBERS = 1_000_000
"""Files of an archive that are listed."""

_PIECE = 1 << 14
"""Octets that are unpacked at once: a zip archive gives none of those with which a checksum is found wrong."""
UNREADABLE: tuple[type[Exception], ...] = (
    OSError,
    EOFError,
    zlib.error,
    lzma.LZMAError,
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
)
"""What the standard library raises for what is damaged, encrypted, or packed in a way that it does not know."""


class Stream:
    """What is unpacked, as far as it can be: a fault is raised behind the last octet that came before it.

    `behind`: what is wrong with that which stands behind whole and verified data, and is read no more.
    """

    def __init__(self, stream: BufferedIOBase | IO[bytes]) -> None:
        """Take a stream of the standard library's. Its own `read` loses with a fault what it had until then."""
        self.behind: Exception | None = None
        self._stream = stream
        self._fault: Exception | None = None

    def read(self, size: int) -> bytes:
        """Read so many octets, fewer at the end or in front of a fault. Raises what UNREADABLE names."""
        pieces: list[bytes] = []
        while size and (piece := self._piece(size)):
            pieces.append(piece)
            size -= len(piece)
        if self._fault is not None and not pieces:
            raise self._fault
        return b"".join(pieces)

    def _piece(self, size: int) -> bytes:
        if self._fault is not None or self.behind is not None:
            return b""
        try:
            piece: bytes = self._stream.read1(min(size, _PIECE))  # type: ignore[union-attr]  # all that unpack have it
        except gzip.BadGzipFile as fault:
            # RFC 1952 §2.2: members stand one behind the other. Each was whole, with its checksum, where none begins.
            if str(fault).startswith("Not a gzipped file"):
                self.behind = fault
            else:
                self._fault = fault
            return b""
        except UNREADABLE as fault:
            self._fault = fault
            return b""
        return piece


@contextmanager
def unpacked(file: BinaryIO, content: Content) -> Iterator[Stream]:
    """Open a stream of what is packed in a file."""
    file.seek(0)
    match content:
        case Content.GZIP:
            stream: BufferedIOBase = gzip.GzipFile(fileobj=file, mode="rb")
        case Content.BZIP2:
            stream = bz2.BZ2File(file, "rb")
        case _:
            stream = lzma.LZMAFile(file, "rb")  # noqa: SIM115 - closed below
    try:
        yield Stream(stream)
    finally:
        stream.close()


@contextmanager
def archive(file: BinaryIO) -> Iterator[zipfile.ZipFile]:
    """Open a zip archive. Raises MessageError if it is none."""
    try:
        opened = zipfile.ZipFile(file)
    except UNREADABLE as fault:
        raise MessageError(f"a zip archive that cannot be read: {_words(fault)}") from fault
    with opened:
        yield opened


def members(opened: zipfile.ZipFile) -> Iterator[zipfile.ZipInfo]:
    """Give the files of an archive, in its order."""
    for info in opened.infolist()[:MAX_MEMBERS]:
        if not info.is_dir():
            yield info


def in_words(content: Content, fault: Exception, *, begun: bool) -> str:
    """Say that a packed file cannot be read, or not to its end."""
    names = {Content.GZIP: "a gzip", Content.BZIP2: "a bzip2", Content.XZ: "an xz", Content.ZIP: "a zip"}
    return f"{names[content]} file that cannot be unpacked{' to its end' if begun else ''}: {_words(fault)}"


def _words(fault: Exception) -> str:
    text = " ".join(str(fault).split())[:200]
    return text or type(fault).__name__
