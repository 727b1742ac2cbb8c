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
from typing import BinaryIO, cast

from mailtrace.errors import MessageError
from mailtrace.sources.kinds import Content

MAX_MEMBERS = 1_000_000
"""Files of an archive that are listed."""

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


@contextmanager
def unpacked(file: BinaryIO, content: Content) -> Iterator[BinaryIO]:
    """Open a stream of what is packed in a file."""
    file.seek(0)
    match content:
        case Content.GZIP:
            stream: object = gzip.GzipFile(fileobj=file, mode="rb")
        case Content.BZIP2:
            stream = bz2.BZ2File(file, "rb")
        case _:
            stream = lzma.LZMAFile(file, "rb")  # noqa: SIM115 - closed below
    opened = cast("BinaryIO", stream)
    try:
        yield opened
    finally:
        opened.close()


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


def in_words(content: Content, fault: Exception) -> str:
    """Say that a packed file cannot be read."""
    names = {Content.GZIP: "gzip", Content.BZIP2: "bzip2", Content.XZ: "xz", Content.ZIP: "zip"}
    return f"a {names[content]} file that cannot be unpacked: {_words(fault)}"


def _words(fault: Exception) -> str:
    text = " ".join(str(fault).split())[:200]
    return text or type(fault).__name__
