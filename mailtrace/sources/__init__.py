"""Where messages come from: a file or standard input, one message each, found from the content and not from the name.

The one place that may hold or spool a body. Mailboxes, archives and directories are recognised and refused in words.
"""

import re
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from mailtrace.errors import MessageError

SPOOL_LIMIT = 1 << 30
"""Octets taken at the most from what cannot be read twice (a pipe, a device)."""

_SPOOL_IN_MEMORY = 1 << 20
_CHUNK = 1 << 18

_MAGIC = (
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"\x89PNG\r\n", "a PNG image"),
    (b"GIF8", "a GIF image"),
    (b"%PDF-", "a PDF document"),
    (b"PK\x03\x04", "a zip archive; unpack it first"),
    (b"\x1f\x8b", "a gzip file; unpack it first"),
    (b"BZh", "a bzip2 file; unpack it first"),
    (b"\xfd7zXZ\0", "an xz file; unpack it first"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Outlook or Office file; export the message as .eml first"),
    (b"\x7fELF", "a program"),
)

# The separator that mailboxes of the mbox family put before each message (RFC 4155 appendix A), with a year at its end.
_SEPARATOR = re.compile(rb"\n\r?\n(From [^\r\n]{1,256} \d{4}[^\r\n]{0,16}\r?\n[A-Za-z0-9-]{1,64}:)")
_OVERLAP = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class RawMessage:
    """One message, as octets."""

    name: str
    """As given; `-` for standard input."""
    kind: str
    position: int
    """Which message of the source, 0 = first."""
    file: BinaryIO
    """Seekable, positioned anywhere; open as long as the source is."""


@contextmanager
def open_source(name: str, stdin: BinaryIO | None = None) -> Iterator[RawMessage]:
    """Open the one message of a source; `-` reads `stdin` to its end.

    Raises OSError if it cannot be opened or read, MessageError if it holds no single message.
    """
    with _open(name, stdin) as file:
        _refuse_others(file)
        yield RawMessage(name=name, kind="eml", position=0, file=file)


@contextmanager
def _open(name: str, stdin: BinaryIO | None) -> Iterator[BinaryIO]:
    if name == "-" and stdin is not None:
        with _spooled(stdin) as file:
            yield file
        return
    path = Path(name)
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise MessageError("a directory; name the messages in it")
    with path.open("rb") as file:
        if stat.S_ISREG(mode):
            yield file
        else:
            with _spooled(file) as copy:
                yield copy


@contextmanager
def _spooled(stream: BinaryIO) -> Iterator[BinaryIO]:
    """Copy what cannot be read twice, to memory or a private temporary file that is gone when closed."""
    with tempfile.SpooledTemporaryFile(_SPOOL_IN_MEMORY) as file:
        size = 0
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > SPOOL_LIMIT:
                raise MessageError(f"more than {SPOOL_LIMIT} octets on a pipe; save the message to a file")
            file.write(chunk)
        yield file  # type: ignore[misc]  # SpooledTemporaryFile has all of BinaryIO that is used


def _refuse_others(file: BinaryIO) -> None:
    """Raise MessageError for what is known not to be one message."""
    file.seek(0)
    head = file.read(_CHUNK)
    if not head:
        raise MessageError("the input is empty")
    for magic, what in _MAGIC:
        if head.startswith(magic):
            raise MessageError(f"not a mail message: {what}")
    if head.startswith(b"From ") and _holds_more(file, head):
        raise MessageError("a mailbox with several messages; take one message out of it")


def _holds_more(file: BinaryIO, window: bytes) -> bool:
    """Look for a second message behind an mbox separator."""
    while True:
        if _SEPARATOR.search(window):
            return True
        chunk = file.read(_CHUNK)
        if not chunk:
            return False
        window = window[-_OVERLAP:] + chunk
